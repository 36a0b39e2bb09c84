#pragma once
/*
 * store/lock: one process a state folder. The lock goes with the process, however it ends; the file stays, and holds the
 * pid of the last owner.
 */
#include "base/err.h"

enum { LOCK_E_HELD = 1 };
/* 0: held, *ret_fd is to be closed to let go. LOCK_E_HELD: by another; *ret_pid is its pid, 0 if it hasn't said yet. */
int lock_take(const char *path, int *ret_fd, long *ret_pid) must_use;
