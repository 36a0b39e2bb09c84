#pragma once
/*
 * queue/outbox: what the queue does next, as a pure step: an event and the time in, actions out. No sockets, no log, no
 * clock, so that a simulator can drive years of it.
 *
 *   link:  away → connecting → greeting (AUTH, SELECT, the stream's last id) → ready → away …
 *   work:  rewind → read → send a group → (check what was refused) → (new ids for what isn't its own there) → read …
 *          when all is sent, now and then: trim
 *   erase: what somebody who is forgotten has in the stream: ask the log → look whose it is, delete → note it in the log;
 *          before rows, so that no flood of them holds it up; all of late once more over each new link, since a server may
 *          come back from an older copy of itself
 *   marks: what is in the stream is noted in the log beside it, several groups at once where they come quickly
 *
 * One piece of work at a time, so one group in flight. What the log owes goes on whatever becomes of the link; what Redis
 * owed when the link went is unknown: the rows are still unsent in the log and are read again, and Redis itself refuses
 * the copies of those that it had taken (DESIGN §5).
 *
 * Behind a full group of which all was taken, more is read before the log has noted it, from its last row on: the log would
 * have to sync between any two groups else. After at most OUTBOX_UNMARKED_MAX rows, and behind any other group, the marks
 * come first, and the log is read from its own mark again: there may be rows that wait further back.
 *
 * Owner:  the caller, by value. Actions point into it and are valid until the next outbox_step().
 * Time:   milliseconds of the steady clock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/outbox_row.h"
#include "queue/fault.h"

enum {
	OUTBOX_GROUP_MAX = 128,                      /* rows of one group */
	OUTBOX_UNMARKED_MAX = 64 * OUTBOX_GROUP_MAX, /* rows in the stream that the log has not noted yet */
	OUTBOX_CONNECT_MS = 5000,                    /* names, connection and all */
	OUTBOX_REPLY_MS = 2000,                      /* for an answer … */
	OUTBOX_BYTES_A_SECOND = 256 * 1024,          /* … and a second more for each so many bytes sent: slow lines */
	OUTBOX_BACKOFF_MIN_MS = 100, /* doubled at each failure in a row, and up to a quarter more by chance */
	OUTBOX_BACKOFF_MAX_MS = 30 * 1000,
	OUTBOX_LOG_MS = 1000,            /* before the log is asked again for what it could not do */
	OUTBOX_ACTIONS_MAX = 8,          /* of one step */
	OUTBOX_TRIM_MS = 10 * 60 * 1000, /* from one look at what may be trimmed to the next … */
	OUTBOX_TRIM_MORE_MS = 1000,      /* … and where one has left some for the next */
	OUTBOX_ERASE_MS = 60 * 1000,     /* before Redis is asked again to delete what it refused to */
};

enum outbox_event_kind {
	OUTBOX_TICK,    /* outbox_due() has come: deadlines are looked at in this event alone */
	OUTBOX_POKE,    /* rows were committed */
	OUTBOX_RETRY,   /* something was changed that may have mended it: no more waiting */
	OUTBOX_UP,      /* connected */
	OUTBOX_DOWN,    /* not connected, or no more; fault */
	OUTBOX_GREETED, /* id: the stream's last, {0, 0} without one */
	OUTBOX_FAULT,   /* fault: an error in place of the answer that was due */
	OUTBOX_TAKEN,   /* fates of the group's n rows; fault: why some FAILED */
	OUTBOX_CHECKED, /* fates (TAKEN or FOREIGN) of the n rows asked about; id: the stream's last by now */
	OUTBOX_READ,    /* from the log: n rows, ids, as many bytes when sent; failed */
	OUTBOX_MARKED,  /* from the log: failed */
	OUTBOX_RENAMED, /* from the log, for each row: id, the new one ({0, 0}: there is no such row any more); failed */
	OUTBOX_REWOUND,      /* from the log: failed */
	OUTBOX_TRIMMED,      /* a round of it is done; more: what comes then */
	OUTBOX_ERASE_ASKED,  /* the log may have entries that are to go */
	OUTBOX_ERASE_READ,   /* from the log: n of them, the last is id; failed */
	OUTBOX_ERASED,       /* a round of it is done; more: what comes then; failed: Redis won't, not now */
	OUTBOX_ERASE_MARKED, /* from the log: failed */
};

enum outbox_fate {
	OUTBOX_PENDING,  /* its fate is not known */
	OUTBOX_TAKEN_IN, /* it is in the stream */
	OUTBOX_REFUSED,  /* its id is not above the stream's last */
	OUTBOX_FOREIGN,  /* refused, and its id isn't its own in the stream: it needs a new one */
	OUTBOX_FAILED,   /* not in the stream; to be sent again */
	OUTBOX_SETTLED,  /* nothing is left to do */
};

struct outbox_event {
	enum outbox_event_kind kind;
	enum fault fault;
	struct stream_id id;
	const struct stream_id *ids;
	const enum outbox_fate *fates;
	size_t n, bytes;
	bool failed;
	enum outbox_more { OUTBOX_DONE, OUTBOX_ANOTHER_ROUND, OUTBOX_MORE_SOON } more;
	uint32_t random; /* spreads the waits */
};

enum outbox_action_kind {
	OUTBOX_CONNECT,
	OUTBOX_CLOSE,
	OUTBOX_GREET,
	OUTBOX_REWIND, /* id: to where */
	OUTBOX_GET,    /* read up to OUTBOX_GROUP_MAX rows; id: behind it */
	OUTBOX_SEND,   /* the rows that the event brought */
	OUTBOX_CHECK,  /* ids, n: refused */
	OUTBOX_MARK,   /* ids, n: in the stream; one is under way at a time, of up to OUTBOX_UNMARKED_MAX */
	OUTBOX_RENAME, /* ids, n; id: the stream's last */
	OUTBOX_TRIM,   /* begin: the first round of it, else the next */
	OUTBOX_ERASE_GET, /* read up to OUTBOX_GROUP_MAX entries that are to go; id: behind it; begin: those of late as well */
	OUTBOX_ERASE, /* delete them; begin: the first round of it, else the next */
	OUTBOX_ERASE_MARK,
	OUTBOX_TELL, /* told, fault, wait_ms */
};
enum outbox_told {
	OUTBOX_AWAY,  /* the connection failed or was given up; wait_ms until the next */
	OUTBOX_HELD,  /* Redis takes nothing just now; asked again after wait_ms */
	OUTBOX_AHEAD, /* the stream's last id is beyond any that can be given; asked again after wait_ms */
	OUTBOX_WELL,  /* connected, and the stream takes what is sent */
};

struct outbox_action {
	enum outbox_action_kind kind;
	struct stream_id id;
	const struct stream_id *ids;
	size_t n;
	enum outbox_told told;
	enum fault fault;
	int64_t wait_ms;
	bool begin;
};

struct outbox {
	enum outbox_link { LINK_AWAY, LINK_CONNECTING, LINK_GREETING, LINK_READY } link;
	enum outbox_work {
		WORK_NONE,
		WORK_REWIND,
		WORK_READ,
		WORK_SEND,
		WORK_CHECK,
		WORK_RENAME,
		WORK_TRIM,
		WORK_ERASE_READ,
		WORK_ERASE,
		WORK_ERASE_MARK
	} work;
	int64_t deadline_ms;    /* of what Redis owes; TIME_NONE: nothing */
	int64_t redis_ms;       /* not before: a connection while away, a group while ready */
	int64_t log_ms;         /* not before: the next question to the log */
	int64_t backoff_max_ms; /* of waits for a server that may soon be there, or elsewhere */
	int64_t trim_ms;        /* not before: the next look at what may be trimmed; TIME_NONE: never */
	bool erases;            /* entries are deleted, too */
	bool erase_asked;       /* since the log was last asked */
	bool erase_late;        /* those of late are looked at again */
	int64_t erase_ms; /* not before: the next question for entries that are to go; TIME_NONE: there are none */
	struct stream_id erase_after; /* so far they are done */
	struct stream_id erase_last;  /* of those under way */
	unsigned failures;            /* in a row */
	bool well;                    /* told so last */
	bool rewind;                  /* greeted, and the log not yet set back to top */
	bool rows;                    /* the log may have unsent rows */
	struct stream_id top;         /* the stream's last id, as far as known */

	struct stream_id unmarked[OUTBOX_UNMARKED_MAX]; /* in the stream: the first are marked, the next being marked */
	size_t n_unmarked, n_marked, n_marking;
	bool marks_first; /* nothing more is read before they are all marked */

	size_t n; /* the group */
	struct stream_id ids[OUTBOX_GROUP_MAX];
	enum outbox_fate fates[OUTBOX_GROUP_MAX];
	struct stream_id asked[OUTBOX_GROUP_MAX]; /* those that the action under way is about */
	size_t n_asked, owed;                     /* owed: answers to a rename */
	bool rename_failed, ahead;

	struct outbox_action actions[OUTBOX_ACTIONS_MAX];
	size_t n_actions;
};

struct outbox_actions {
	const struct outbox_action *v;
	size_t n;
};

void outbox_init(
	struct outbox *o); /* trim_ms (without, nothing is trimmed), erases and backoff_max_ms may be set then */
/* An event that nothing waits for any more (an answer over a link that was given up) is ignored. */
struct outbox_actions outbox_step(struct outbox *o, const struct outbox_event *e, int64_t now_ms);
int64_t outbox_due(const struct outbox *o); /* when the next OUTBOX_TICK is due; TIME_NONE: never */
bool outbox_idle(const struct outbox *o);   /* the stream has all rows that the log is known to have */
