/*
 * Preloaded into a program: memory that is out once, or from some moment on.
 *
 * FAIL_MALLOC_AT=N    the N-th time that this process asks for memory, it gets none; N+: nor ever after
 * FAIL_MALLOC_TOLD=F  a line is added to the file F when that happens, so that a sweep knows where to end
 *
 * A process forked by this one counts on from where it stands.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, by the names under which it exports them for this */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

static atomic_long asked;
static long fail_at;
static bool for_good;

/* No allocation: getenv() and strtol() make none. */
__attribute__((constructor)) static void prepare(void)
{
	const char *at = getenv("FAIL_MALLOC_AT");
	char *end = NULL;

	if (!at)
		return;
	fail_at = strtol(at, &end, 10);
	for_good = *end == '+';
}

static void tell(void)
{
	const char *path = getenv("FAIL_MALLOC_TOLD");
	int saved = errno, fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

	if (fd >= 0) {
		(void)!write(fd, "x\n", 2);
		close(fd);
	}
	errno = saved;
}

static bool fails(void)
{
	long n;

	if (!fail_at)
		return false;
	n = atomic_fetch_add(&asked, 1) + 1;
	if (n < fail_at || (n > fail_at && !for_good))
		return false;
	if (n == fail_at)
		tell();
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return fails() ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **ret, size_t align, size_t size)
{
	void *p = fails() ? NULL : __libc_memalign(align, size);

	if (!p)
		return ENOMEM;
	*ret = p;
	return 0;
}
