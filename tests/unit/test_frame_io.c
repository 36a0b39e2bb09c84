/* Frames over a real socket pair: whole or not at all, in time or not at all, with a descriptor or without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "mention/frame_io.h"

struct pair {
	int ours, theirs;
};

static int set_up(void **state)
{
	static struct pair p;
	int v[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, v) < 0)
		return -1;
	p = (struct pair){v[0], v[1]};
	*state = &p;
	return 0;
}

static int tear_down(void **state)
{
	const struct pair *p = *state;

	closep(&p->ours);
	closep(&p->theirs);
	return 0;
}

static void frames_keep_their_order_and_their_bytes(void **state)
{
	const struct pair *p = *state;
	struct buf b = BUF_INIT(1024);
	struct frame f;

	assert_int_equal(frame_send(p->ours, FRAME_FEED, 1, "one", 3, -1), 0);
	assert_int_equal(frame_send(p->ours, FRAME_OPML, 2, NULL, 0, -1), 0);
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), 0);
	assert_int_equal(f.type, FRAME_FEED);
	assert_int_equal(f.len, 3);
	assert_memory_equal(f.bytes, "one", 3);
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), 0);
	assert_int_equal(f.number, 2);
	assert_int_equal(f.len, 0);
	buf_done(&b);
}

/* The largest there is, through a socket that holds a fraction of it. */
static void the_largest_frame_goes_through_and_a_larger_one_does_not(void **state)
{
	const struct pair *p = *state;
	struct buf b = BUF_INIT(FRAME_HEADER_BYTES + FRAME_MAX_BYTES);
	char *bytes = xcalloc(FRAME_MAX_BYTES + 1, 1);
	struct frame f;
	pid_t child;
	int status;

	assert_int_equal(frame_send(p->ours, FRAME_OPML, 1, bytes, FRAME_MAX_BYTES + 1, -1), -EMSGSIZE);
	bytes[FRAME_MAX_BYTES - 1] = 'z';
	child = fork();
	if (child == 0)
		_exit(frame_send(p->ours, FRAME_OPML, 1, bytes, FRAME_MAX_BYTES, -1) == 0 ? 0 : 1);
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(f.len, FRAME_MAX_BYTES);
	assert_int_equal(f.bytes[FRAME_MAX_BYTES - 1], 'z');
	free(bytes);
	buf_done(&b);
}

static void a_length_above_the_bound_is_broken(void **state)
{
	const struct pair *p = *state;
	struct buf b = BUF_INIT(FRAME_HEADER_BYTES + 10);
	char header[FRAME_HEADER_BYTES];
	struct frame f;

	assert_int_equal(frame_send(p->ours, FRAME_FEED, 1, "elevenbytes", 11, -1), 0);
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), FRAME_E_BROKEN);
	buf_done(&b);
	assert_int_equal(read(p->theirs, header, 11), 11);
	buf_init(&b, 2 * FRAME_MAX_BYTES);
	frame_header(header, FRAME_FEED, 1, FRAME_MAX_BYTES + 1);
	assert_int_equal(write(p->ours, header, sizeof(header)), sizeof(header));
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), FRAME_E_BROKEN);
	buf_done(&b);
}

static void a_descriptor_comes_with_its_frame_or_not_at_all(void **state)
{
	const struct pair *p = *state;
	struct buf b = BUF_INIT(1024);
	struct stat sent, came;
	struct frame f;
	int fd = -1, i;

	for (i = 0; i < 3; i++) /* the frame without one comes before, in the same read if it could */
		assert_int_equal(frame_send(p->ours, FRAME_FORK, (unsigned)i, NULL, 0, i == 1 ? p->ours : -1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, &fd), 0);
		assert_int_equal(f.number, i);
		assert_int_equal(fd >= 0, i == 1);
		if (fd < 0)
			continue;
		assert_int_equal(fstat(p->ours, &sent), 0);
		assert_int_equal(fstat(fd, &came), 0);
		assert_int_equal(sent.st_ino, came.st_ino);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
	}
	assert_int_equal(frame_send(p->ours, FRAME_FORK, 9, NULL, 0, p->ours), 0);
	fd = dup(0);
	close(fd);
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), 0); /* none is wanted here */
	i = dup(0);
	assert_int_equal(i, fd); /* so none has come */
	close(i);
	buf_done(&b);
}

static void an_end_between_frames_is_an_end_and_within_one_is_broken(void **state)
{
	struct pair *p = *state;
	struct buf b = BUF_INIT(1024);
	struct frame f;

	assert_int_equal(frame_send(p->ours, FRAME_FEED, 1, "one", 3, -1), 0);
	assert_int_equal(write(p->ours, "half", 4), 4);
	close(p->ours);
	p->ours = -1;
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), 0);
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), FRAME_E_BROKEN);
	assert_int_equal(frame_recv(p->theirs, &b, TIME_NONE, &f, NULL), FRAME_E_END);
	assert_int_equal(frame_send(p->theirs, FRAME_FEED, 1, NULL, 0, -1), -EPIPE); /* and no signal */
	buf_done(&b);
}

static void what_does_not_come_whole_in_time_is_late(void **state)
{
	const struct pair *p = *state;
	struct buf b = BUF_INIT(1024);
	const int64_t now_ms = clock_steady_ms();
	struct frame f;

	assert_int_equal(frame_recv(p->theirs, &b, now_ms + 20, &f, NULL), FRAME_E_LATE);
	assert_int_equal(write(p->ours, "half a header", 13), 13);
	assert_int_equal(frame_recv(p->theirs, &b, now_ms + 40, &f, NULL), FRAME_E_LATE);
	assert_true(clock_steady_ms() >= now_ms + 40);
	buf_done(&b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(frames_keep_their_order_and_their_bytes),
		TEST(the_largest_frame_goes_through_and_a_larger_one_does_not),
		TEST(a_length_above_the_bound_is_broken),
		TEST(a_descriptor_comes_with_its_frame_or_not_at_all),
		TEST(an_end_between_frames_is_an_end_and_within_one_is_broken),
		TEST(what_does_not_come_whole_in_time_is_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
