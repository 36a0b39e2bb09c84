/* serve/unix_socket: who may listen at a path, and what is left there after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/mem.h"
#include "serve/unix_socket.h"

static char *in_folder(const char *folder, const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static int make_folder(void **state)
{
	*state = xstrdup("/tmp/escuchad-test-XXXXXX");
	return mkdtemp(*state) ? 0 : -1;
}

static int remove_folder(void **state)
{
	int r = rmdir(*state); /* fails where a test left something: that is the test */

	free(*state);
	return r;
}

static void mode_is_exact_whatever_the_umask(void **state)
{
	cleanup(freep) char *path = in_folder(*state, "s");
	mode_t masks[] = {0, 0077, 0777};
	struct unix_socket s;
	struct stat st;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_LEN(masks); i++) {
		mode_t before = umask(masks[i]);

		assert_int_equal(unix_socket_listen(path, 0660, &s, &fd), 0);
		umask(before);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0660);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
		close(fd);
		unix_socket_remove(&s);
		assert_int_equal(access(path, F_OK), -1);
	}
}

static void a_live_one_is_left_alone_and_a_stale_one_replaced(void **state)
{
	cleanup(freep) char *path = in_folder(*state, "s");
	struct unix_socket first, second;
	int fd, other = -7;

	assert_int_equal(unix_socket_listen(path, 0660, &first, &fd), 0);
	assert_int_equal(unix_socket_listen(path, 0660, &second, &other), UNIX_SOCKET_E_BUSY);
	assert_int_equal(other, -7);
	close(fd); /* its process died: the file stays */
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unix_socket_listen(path, 0660, &second, &other), 0);
	unix_socket_remove(&first); /* is not its file any more */
	assert_int_equal(access(path, F_OK), 0);
	close(other);
	unix_socket_remove(&second);
	unix_socket_remove(&second);
}

/* A daemon that hangs with a full queue is alive too, and asking it must not hang. */
static void a_full_queue_is_a_live_one(void **state)
{
	cleanup(freep) char *path = in_folder(*state, "s");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), clients[8], other, i;
	struct unix_socket s;

	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 0), 0);
	for (i = 0; i < 8; i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(clients[i], (struct sockaddr *)&address, sizeof(address));
	}
	assert_int_equal(unix_socket_listen(path, 0660, &s, &other), UNIX_SOCKET_E_BUSY);
	for (i = 0; i < 8; i++)
		close(clients[i]);
	close(fd);
	unlink(path);
}

static void what_is_no_socket_stays(void **state)
{
	cleanup(freep) char *path = in_folder(*state, "file"), *missing = in_folder(*state, "no/such/s");
	struct unix_socket s;
	char long_path[UNIX_SOCKET_PATH_MAX + 2];
	int fd;

	close(creat(path, 0600));
	assert_int_equal(unix_socket_listen(path, 0660, &s, &fd), UNIX_SOCKET_E_PATH);
	assert_int_equal(unlink(path), 0);
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(unix_socket_listen(long_path, 0660, &s, &fd), UNIX_SOCKET_E_PATH);
	assert_int_equal(unix_socket_listen("", 0660, &s, &fd), UNIX_SOCKET_E_PATH);
	assert_true(unix_socket_listen(missing, 0660, &s, &fd) < 0);
}

/* As systemd would: a socket of its own, listening. */
static int listening_at(const char *path, int type, bool listens)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (listens)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void systemd_s_is_taken_and_its_file_left_alone(void **state)
{
	cleanup(freep) char *path = in_folder(*state, "s");
	int fd = listening_at(path, SOCK_STREAM, true);
	struct unix_socket s;

	assert_int_equal(unix_socket_adopt(fd, path, &s), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	unix_socket_remove(&s);
	assert_int_equal(access(path, F_OK), 0);
	close(fd);
	unlink(path);
}

static void what_is_not_that_socket_is_not_taken(void **state)
{
	cleanup(freep) char *path = in_folder(*state, "s"), *other = in_folder(*state, "o");
	static const struct {
		int type;
		bool listens, elsewhere;
	} cases[] = {{SOCK_STREAM, true, true}, {SOCK_STREAM, false, false}, {SOCK_DGRAM, false, false}};
	struct unix_socket s = {.path = path};
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		fd = listening_at(cases[i].elsewhere ? other : path, cases[i].type, cases[i].listens);
		assert_int_equal(unix_socket_adopt(fd, path, &s), UNIX_SOCKET_E_PATH);
		assert_ptr_equal(s.path, path);
		close(fd);
		unlink(path);
		unlink(other);
	}
	fd = open("/dev/null", O_RDWR);
	assert_int_equal(unix_socket_adopt(fd, path, &s), UNIX_SOCKET_E_PATH);
	close(fd);
	assert_int_equal(unix_socket_adopt(-1, path, &s), -EBADF);
	assert_int_equal(unix_socket_adopt(0, "", &s), UNIX_SOCKET_E_PATH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mode_is_exact_whatever_the_umask, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_live_one_is_left_alone_and_a_stale_one_replaced, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_full_queue_is_a_live_one, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_is_no_socket_stays, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(systemd_s_is_taken_and_its_file_left_alone, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_is_not_that_socket_is_not_taken, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
