/*
 * Preloaded into escuchad: a machine whose wall clock is set, or that sleeps, while the test runs on.
 *
 * SHIFT_CLOCK names a folder with two files. "shift" holds two int64_t, in ms: what is added to the wall clock and what to
 * CLOCK_BOOTTIME; CLOCK_MONOTONIC stays, as it does while a machine sleeps. "set" is a FIFO: a byte in it is what the
 * kernel says to a timer with TFD_TIMER_CANCEL_ON_SET when the clock was set or the machine woke.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { WALL, BOOT };

static const volatile int64_t *shift_ms;
static char set_path[4096];
static int set_fd = -1;

__attribute__((constructor)) static void prepare(void)
{
	const char *folder = getenv("SHIFT_CLOCK");
	char path[sizeof(set_path)];
	void *map;
	int fd;

	if (!folder)
		return;
	snprintf(path, sizeof(path), "%s/shift", folder);
	snprintf(set_path, sizeof(set_path), "%s/set", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	map = fd < 0 ? MAP_FAILED : mmap(NULL, 2 * sizeof(*shift_ms), PROT_READ, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (map != MAP_FAILED)
		shift_ms = map;
}

static void shift(struct timespec *ts, int which)
{
	int64_t ms = shift_ms ? shift_ms[which] : 0;

	ts->tv_sec += ms / 1000;
	ts->tv_nsec += ms % 1000 * 1000000;
	if (ts->tv_nsec >= 1000000000 || ts->tv_nsec < 0) {
		int carry = ts->tv_nsec < 0 ? -1 : 1;

		ts->tv_sec += carry;
		ts->tv_nsec -= carry * 1000000000;
	}
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int r;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	r = real(id, ts);
	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		shift(ts, WALL);
	else if (r == 0 && id == CLOCK_BOOTTIME)
		shift(ts, BOOT);
	return r;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	*tv = (struct timeval){.tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (ret)
		*ret = ts.tv_sec;
	return ts.tv_sec;
}

int timerfd_create(int id, int flags)
{
	static int (*real)(int, int);

	if (!real)
		real = (int (*)(int, int))dlsym(RTLD_NEXT, "timerfd_create");
	if (!shift_ms || id != CLOCK_REALTIME || set_fd >= 0)
		return real(id, flags);
	set_fd = open(set_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return set_fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
	static int (*real)(int, int, const struct itimerspec *, struct itimerspec *);

	if (!real)
		real = (int (*)(int, int, const struct itimerspec *, struct itimerspec *))dlsym(RTLD_NEXT,
												"timerfd_settime");
	return fd >= 0 && fd == set_fd ? 0 : real(fd, flags, new, old);
}

ssize_t read(int fd, void *to, size_t len)
{
	static ssize_t (*real)(int, void *, size_t);
	ssize_t n;

	if (!real)
		real = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	n = real(fd, to, len);
	if (n > 0 && fd == set_fd) {
		errno = ECANCELED;
		return -1;
	}
	return n;
}
