#include "reader/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/sanitized.h"

/* Calls without an argument that could do harm. */
static const int allowed[] = {
	/* malloc */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* locks */
	SCMP_SYS(futex), SCMP_SYS(sched_yield),
	/* the time, where the vDSO has none of it */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	/* seeds of hash tables */
	SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
	/* qsort() and malloc ask how large the machine is */
	SCMP_SYS(sysinfo), SCMP_SYS(sched_getaffinity), SCMP_SYS(getrusage),
	/* abort() */
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack),
	/* what it holds already */
	SCMP_SYS(close), SCMP_SYS(fstat),
	/* going on, and the end */
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group)};

/* Tried by libraries in passing: refused, not deadly. lseek() would move standard error for all who share it. */
static const int refused[] = {SCMP_SYS(open),       SCMP_SYS(openat),    SCMP_SYS(openat2),    SCMP_SYS(creat),
			      SCMP_SYS(stat),       SCMP_SYS(lstat),     SCMP_SYS(newfstatat), SCMP_SYS(statx),
			      SCMP_SYS(access),     SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
			      SCMP_SYS(readlinkat), SCMP_SYS(getcwd),    SCMP_SYS(unlink),     SCMP_SYS(ioctl),
			      SCMP_SYS(lseek)};

static int limit(__rlimit_resource_t what, uint64_t soft, uint64_t hard)
{
	const struct rlimit l = {.rlim_cur = soft, .rlim_max = hard};

	return setrlimit(what, &l) < 0 ? -errno : 0;
}

static int limits_set(uint64_t memory_bytes)
{
	int r;

	r = limit(RLIMIT_CORE, 0, 0);
	if (r < 0)
		return r;
	r = limit(RLIMIT_NOFILE, SANDBOX_FILES_MAX, SANDBOX_FILES_MAX);
	if (r < 0 || BUILT_SANITIZED)
		return r; /* the shadow needs terabytes of address space, and a report may go to a file */
	r = limit(RLIMIT_FSIZE, 0, 0);
	if (r < 0)
		return r;
	if (!memory_bytes)
		memory_bytes = SANDBOX_MEMORY_BYTES;
	return limit(RLIMIT_AS, memory_bytes, memory_bytes);
}

/* Frames on the socket alone, as mention/frame_io sends and receives them, and last words on standard error. No other
 * flag: MSG_OOB has let a process out of such a sandbox (CVE-2025-38236). */
static int rules_for_descriptors(scmp_filter_ctx f)
{
	static const int last_words[] = {SCMP_SYS(write), SCMP_SYS(writev)};
	size_t i;
	int r;

	r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), 2, SCMP_A0_32(SCMP_CMP_EQ, SANDBOX_FD),
			     SCMP_A2_32(SCMP_CMP_EQ, MSG_CMSG_CLOEXEC));
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 2, SCMP_A0_32(SCMP_CMP_EQ, SANDBOX_FD),
				     SCMP_A2_32(SCMP_CMP_EQ, MSG_NOSIGNAL));
	for (i = 0; r == 0 && i < ARRAY_LEN(last_words); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, last_words[i], 1, SCMP_A0_32(SCMP_CMP_EQ, STDERR_FILENO));
	return r;
}

/* Calls that are harmless with some arguments: memory that can't run, a signal to oneself, the CPU limit. */
static int rules_for_arguments(scmp_filter_ctx f)
{
	static const int mapping[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ARRAY_LEN(mapping); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, mapping[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				     SCMP_A0_32(SCMP_CMP_EQ, (unsigned)getpid()));
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_A0_32(SCMP_CMP_EQ, 0),
				     SCMP_A1_32(SCMP_CMP_EQ, RLIMIT_CPU));
	return r;
}

static int filter_fill(scmp_filter_ctx f)
{
	size_t i;
	int r;

	r = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE,
				     2); /* a tree: a call costs the same wherever it stands */
	for (i = 0; r == 0 && i < ARRAY_LEN(allowed); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	for (i = 0; r == 0 && i < ARRAY_LEN(refused); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	if (r == 0)
		r = rules_for_descriptors(f);
	if (r == 0)
		r = rules_for_arguments(f);
	return r;
}

int sandbox_enter(uint64_t memory_bytes)
{
	scmp_filter_ctx f;
	int r;

	r = limits_set(memory_bytes);
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!f)
		return -ENOMEM;
	r = filter_fill(f);
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	return r;
}

int sandbox_job(uint32_t cpu_s)
{
	struct timespec used;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) < 0)
		return -errno;
	return limit(RLIMIT_CPU, (uint64_t)used.tv_sec + (cpu_s ? cpu_s : SANDBOX_JOB_CPU_S), RLIM_INFINITY);
}
