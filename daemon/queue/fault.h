#pragma once
/*
 * queue/fault: what is to be done about an error, by what Redis says first (FAULTS R5).
 *
 * Never blocks, no state. A table, since the words are Redis's own and part of its protocol.
 */
#include <stddef.h>

enum fault {
	FAULT_NONE,
	FAULT_LATER, /* not just now: the same once more, later (OOM, LOADING, BUSY …) */
	FAULT_ELSEWHERE, /* not this server, as it is now (READONLY, MASTERDOWN): a new connection, which may lead elsewhere */
	FAULT_SETTINGS,   /* a person has to mend it, here or there (WRONGPASS, NOPERM, WRONGTYPE …) */
	FAULT_CLUSTER,    /* MOVED, ASK: a cluster, which is not spoken */
	FAULT_NOT_LARGER, /* the id of an entry is not above the stream's last: a copy, or a stranger's */
	FAULT_NO_KEY,     /* the stream is not there yet, or no more */
	FAULT_ABORTED,    /* the group was dropped for an error that came before */
	FAULT_LOST,       /* no error of Redis: the connection failed, or ended */
	FAULT_UNREACHED,  /* no connection in time */
	FAULT_LATE,       /* no answer in time (R2) */
	FAULT_STRANGE,    /* an answer that makes no sense, or an error that is not in the table */
};

enum fault fault_of(const char *error, size_t len); /* of an error reply, without its '-' */
