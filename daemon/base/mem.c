#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void memory_out(void)
{
	static const char word[] = "event=memory.out why=\"there is no memory left\"\n";

	(void)!write(STDERR_FILENO, word, sizeof(word) - 1); /* not by the log, which asks for memory */
	abort();
}

static void *checked(void *p)
{
	if (!p)
		memory_out();
	return p;
}

void *xmalloc(size_t size_bytes)
{
	return checked(malloc(size_bytes ? size_bytes : 1));
}

void *xcalloc(size_t n, size_t size_bytes)
{
	return checked(calloc(n ? n : 1, size_bytes ? size_bytes : 1));
}

void *xreallocarray(void *p, size_t n, size_t size_bytes)
{
	return checked(reallocarray(p, n ? n : 1, size_bytes));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

char *xstrndup(const char *s, size_t len)
{
	return checked(strndup(s, len));
}

char *xasprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		memory_out();
	va_end(ap);
	return checked(s);
}

void *array_grow(void *v, size_t n, size_t *cap, size_t size_bytes)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 8;
	if (*cap <= n)
		*cap = n + 1;
	return xreallocarray(v, *cap, size_bytes);
}
