/* What a reader can't do any more once its sandbox is closed, and what it still can: each in a child of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/sanitized.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "mention/job.h"
#include "parse/feed.h"
#include "parse/parse.h"
#include "reader/jobs.h"
#include "reader/sandbox.h"

enum { RIGHT = 0, WRONG = 1, NOT_CLOSED = 2 };

/* What a child does inside; true: as it should. Those that should not live to say so return false. */
typedef bool inside_fn(void);

static int status_of(inside_fn *fn, uint64_t memory_bytes)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		int v[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, v) < 0 || dup2(v[0], SANDBOX_FD) < 0 ||
		    sandbox_enter(memory_bytes) < 0 || sandbox_job(0) < 0)
			_exit(NOT_CLOSED);
		_exit(fn() ? RIGHT : WRONG);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool refused(long r)
{
	return r < 0 && errno == EPERM;
}

static bool opens(void)
{
	return refused(open("/etc/passwd", O_RDONLY)) && refused(open("x", O_WRONLY | O_CREAT, 0600)) &&
	       refused(syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY)) && !fopen("/proc/self/environ", "r") &&
	       errno == EPERM;
}

static bool looks(void)
{
	struct stat st;
	char link[16];

	return refused(stat("/", &st)) && refused(access("/", F_OK)) &&
	       refused(readlink("/proc/self/exe", link, sizeof(link))) && refused(unlink("x"));
}

static bool socket_made(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
	return false;
}

static bool connected(void)
{
	(void)syscall(SYS_connect, SANDBOX_FD, NULL, 0);
	return false;
}

static bool process_made(void)
{
	(void)fork();
	return false;
}

static bool program_run(void)
{
	char *const none[] = {NULL};

	(void)execve("/bin/true", none, none);
	return false;
}

static bool memory_that_runs(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return false;
}

static bool memory_made_to_run(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)mprotect(p, 4096, PROT_READ | PROT_EXEC);
	return false;
}

static bool parent_killed(void)
{
	(void)kill(getppid(), SIGTERM);
	return false;
}

static bool parent_traced(void)
{
	(void)ptrace(PTRACE_ATTACH, 1, NULL, NULL);
	return false;
}

static bool other_descriptor_written(void)
{
	(void)!write(STDOUT_FILENO, "x", 1);
	return false;
}

static bool sent_out_of_band(void)
{
	struct iovec v = {(char[]){'x'}, 1};
	const struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};

	(void)!sendmsg(SANDBOX_FD, &m, MSG_OOB);
	return false;
}

static bool received_out_of_band(void)
{
	struct iovec v = {(char[]){'x'}, 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};

	(void)!recvmsg(SANDBOX_FD, &m, MSG_OOB | MSG_DONTWAIT);
	return false;
}

/* Standard error is the daemon's own open file. */
static bool moves_what_others_write(void)
{
	return refused(lseek(STDERR_FILENO, 0, SEEK_SET));
}

static bool limit_raised(void)
{
	const struct rlimit much = {RLIM_INFINITY, RLIM_INFINITY};

	(void)setrlimit(RLIMIT_AS, &much);
	return false;
}

static bool aborts(void)
{
	abort();
}

static bool works_for_ever(void)
{
	volatile unsigned n = 0;

	if (sandbox_job(1) < 0)
		return false;
	for (;;)
		n++;
}

static bool has_last_words(void)
{
	return write(STDERR_FILENO, "", 0) == 0;
}

static bool memory_within_its_bound(void)
{
	char *small = malloc(16 << 20), *large = malloc(1 << 30);
	bool right = small && (BUILT_SANITIZED || !large);

	if (small)
		memset(small, 1, 16 << 20);
	free(small);
	free(large);
	return right;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* glibc asks for the size of the machine before it sorts much. */
static bool sorts(void)
{
	static int v[100000];
	int i;

	for (i = 0; i < 100000; i++)
		v[i] = 100000 - i;
	qsort(v, 100000, sizeof(*v), by_number);
	return v[0] == 1;
}

static void what_is_done_inside(void **state)
{
	static const struct {
		const char *name;
		inside_fn *fn;
		int signal; /* that ends it; 0: it lives and is right */
	} cases[] = {
		{"files are refused", opens, 0}, /* FAULTS, head: killing on openat would kill libjq */
		{"names are refused", looks, 0},
		{"a socket", socket_made, SIGSYS},
		{"a connection", connected, SIGSYS},
		{"a process", process_made, SIGSYS},
		{"a program", program_run, SIGSYS},
		{"memory that runs", memory_that_runs, SIGSYS},
		{"memory made to run", memory_made_to_run, SIGSYS},
		{"a signal to another", parent_killed, SIGSYS},
		{"tracing another", parent_traced, SIGSYS},
		{"a descriptor not its own", other_descriptor_written, SIGSYS},
		{"sending out of band", sent_out_of_band, SIGSYS},
		{"receiving out of band", received_out_of_band, SIGSYS},
		{"where standard error stands", moves_what_others_write, 0},
		{"a limit raised", limit_raised, SIGSYS},
		{"abort", aborts, SIGABRT},
		{"work without end", works_for_ever, SIGXCPU},
		{"last words", has_last_words, 0},
		{"memory", memory_within_its_bound, 0},
		{"sorting", sorts, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		int status = status_of(cases[i].fn, 0);
		bool right = cases[i].signal ? WIFSIGNALED(status) && WTERMSIG(status) == cases[i].signal
					     : WIFEXITED(status) && WEXITSTATUS(status) == RIGHT;

		if (!right)
			fail_msg("%s: wait status 0x%x", cases[i].name, (unsigned)status);
	}
}

/* --- the whole work of a reader --- */

static struct ruleset *rules;

/* "сейчас" and "estafa" in the text; the body is KOI8-R, which iconv must have opened before. */
static const char feed[] =
	"<?xml version=\"1.0\" encoding=\"koi8-r\"?><rss version=\"2.0\"><channel><title>T</title>"
	"<item><title>Acme: estafa \xd3\xc5\xca\xde\xc1\xd3</title><guid>https://example.com/1</guid>"
	"<description>&lt;p&gt;Uno &amp;amp; dos&lt;/p&gt;</description>"
	"<pubDate>Thu, 29 Feb 2024 09:00:00 GMT</pubDate></item></channel></rss>";

static bool job_right(const struct answer *a)
{
	return a->status == ANSWER_OK && a->n_mentions == 1 && a->mentions[0].n_hits == 1 &&
	       strcmp(a->mentions[0].title, "Acme: estafa сейчас") == 0 &&
	       a->mentions[0].published_ms == 1709197200000 && strcmp(a->mentions[0].hits[0].rules[0], "queja") == 0;
}

static bool does_its_work(void)
{
	const struct job_feed job = {
		.source = "prensa",
		.platform = "feed",
		.address = "https://example.com/feed",
		.format = "auto",
		.seen_ms = 1709208000000,
		.not_before_ms = TIME_NONE,
		.body = feed,
		.body_len = sizeof(feed) - 1,
	};
	struct matcher *matcher = matcher_new(rules);
	struct arena *a = arena_new(1 << 20);
	struct buf in = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct frame f = {.type = FRAME_FEED};
	enum frame_type type;
	struct answer answer;
	bool right;

	job_feed_put(&in, &job);
	f.bytes = in.data;
	f.len = in.len;
	right = job_do(matcher, NULL, NULL, &f, a, &type, &out) == 0 && type == FRAME_ANSWER &&
		answer_get(out.data, out.len, a, &answer) == 0 && job_right(&answer);
	matcher_free(matcher);
	arena_free(a);
	buf_done(&in);
	buf_done(&out);
	return right;
}

static void write_rules(const char *path)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs("topic: acme\nrole: brand\npatterns:\n  name: '\\bacme\\b'\n  bad: '(estafa|fraude)\\w*'\n"
			  "rules:\n  - {name: queja, when: 'name and bad'}\n",
			  f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void the_whole_work_is_done_inside(void **state)
{
	char path[] = "/tmp/escuchad-sandbox-XXXXXX.yaml";
	const char *const paths[] = {path};
	cleanup(diag_freep) struct diag *diag = diag_new();
	int fd = mkstemps(path, 5), status;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_rules(path);
	parse_init();
	if (ruleset_load(paths, 1, diag, &rules) != 0) {
		diag_print(diag, stderr, text_lang_of("en"));
		fail_msg("%s", "the rules do not load");
	}
	(void)unlink(path);
	status = status_of(does_its_work, 0);
	rules = ruleset_free(rules);
	assert_int_equal(status, RIGHT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_done_inside),
		cmocka_unit_test(the_whole_work_is_done_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
