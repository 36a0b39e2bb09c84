#pragma once
/*
 * reader/sandbox: closes a reader off, for good: no files, no network, no new processes, no executable memory, little
 * memory. What is left is work on what it holds, and one socket.
 *
 * File calls give EPERM, since libraries try them in passing (iconv, jq; killing would kill them). Any other
 * call that is not needed ends the process with SIGSYS; so does executable memory. Every charset and pattern must be
 * ready before: iconv_open() of one not yet opened fails from here on, and so does pcre2_jit_compile().
 */
#include <stdint.h>

#include "base/err.h"

enum {
	SANDBOX_FD = 3, /* the one socket, by which jobs come and answers go; the filter names it */
	SANDBOX_FILES_MAX = 16,
	SANDBOX_JOB_CPU_S = 120,
};
#define SANDBOX_MEMORY_BYTES (UINT64_C(512) << 20)

/* memory_bytes bounds the address space (not in sanitizer builds); 0: SANDBOX_MEMORY_BYTES. -errno: it does not stand,
 * and the process must not see foreign bytes. */
int sandbox_enter(uint64_t memory_bytes) must_use;

/* A job begins: the kernel ends the process (SIGXCPU) once this one took cpu_s more seconds; 0: SANDBOX_JOB_CPU_S. The
 * net below escuchad's own deadline, for when escuchad itself stands still. */
int sandbox_job(uint32_t cpu_s) must_use;
