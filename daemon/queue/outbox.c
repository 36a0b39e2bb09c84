#include "queue/outbox.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

void outbox_init(struct outbox *o)
{
	*o = (struct outbox){.deadline_ms = TIME_NONE,
			     .trim_ms = TIME_NONE,
			     .erase_ms = TIME_NONE,
			     .backoff_max_ms = OUTBOX_BACKOFF_MAX_MS,
			     .rows = true};
}

static void act(struct outbox *o, struct outbox_action action)
{
	assert(o->n_actions < OUTBOX_ACTIONS_MAX);
	o->actions[o->n_actions++] = action;
}

/* --- what goes wrong --- */

static int64_t backoff_ms(struct outbox *o, enum fault fault, uint32_t random)
{
	bool slow = fault == FAULT_SETTINGS || fault == FAULT_CLUSTER || fault == FAULT_STRANGE;
	int64_t ms = OUTBOX_BACKOFF_MIN_MS;
	unsigned i;

	for (i = 0; i < o->failures && ms < o->backoff_max_ms; i++)
		ms *= 2;
	if (ms > o->backoff_max_ms)
		ms = o->backoff_max_ms;
	if (slow)
		ms = OUTBOX_BACKOFF_MAX_MS;
	if (o->failures < UINT32_MAX)
		o->failures++;
	return ms + (int64_t)(random % (uint32_t)(ms / 4));
}

/* The group is forgotten: its rows are unsent in the log as before. */
static void drop_group(struct outbox *o)
{
	o->n = o->n_asked = 0;
	o->rows = true;
}

/* What Redis owes an answer to. */
static void drop_question(struct outbox *o)
{
	if (o->work == WORK_SEND || o->work == WORK_CHECK)
		drop_group(o);
	else if (o->work != WORK_TRIM && o->work != WORK_ERASE)
		return;
	o->work = WORK_NONE;
}

static void lose(struct outbox *o, enum fault fault, uint32_t random, int64_t now)
{
	int64_t wait = backoff_ms(o, fault, random);

	o->link = LINK_AWAY;
	o->deadline_ms = TIME_NONE;
	o->redis_ms = now + wait;
	o->rewind = o->well = false;
	drop_question(o);
	act(o, (struct outbox_action){.kind = OUTBOX_TELL, .told = OUTBOX_AWAY, .fault = fault, .wait_ms = wait});
}

static void give_up(struct outbox *o, enum fault fault, uint32_t random, int64_t now)
{
	if (o->link == LINK_AWAY)
		return;
	act(o, (struct outbox_action){.kind = OUTBOX_CLOSE});
	lose(o, fault, random, now);
}

static void hold(struct outbox *o, enum outbox_told told, enum fault fault, uint32_t random, int64_t now)
{
	int64_t wait = backoff_ms(o, fault, random);

	o->redis_ms = now + wait;
	o->well = false;
	act(o, (struct outbox_action){.kind = OUTBOX_TELL, .told = told, .fault = fault, .wait_ms = wait});
}

static void on_fault(struct outbox *o, enum fault fault, uint32_t random, int64_t now)
{
	if (o->link == LINK_READY && fault == FAULT_LATER)
		hold(o, OUTBOX_HELD, fault, random, now);
	else
		give_up(o, fault, random, now);
}

/* --- what Redis answers --- */

static void on_up(struct outbox *o, int64_t now)
{
	if (o->link != LINK_CONNECTING)
		return;
	o->link = LINK_GREETING;
	o->deadline_ms = now + OUTBOX_REPLY_MS;
	act(o, (struct outbox_action){.kind = OUTBOX_GREET});
}

/* Whatever we remember of the stream, it may be another by now: restarted from an old copy, a replica become master,
 * emptied. What the log thinks sent is compared with what is there, each time. */
static void on_greeted(struct outbox *o, const struct outbox_event *e)
{
	if (o->link != LINK_GREETING)
		return;
	o->link = LINK_READY;
	o->deadline_ms = TIME_NONE;
	o->top = e->id;
	o->rewind = true;
	if (!o->erases)
		return;
	o->erase_late = true;
	o->erase_ms = 0;
	o->erase_after = (struct stream_id){.ms = 0};
}

static void ask_about_refused(struct outbox *o, int64_t now)
{
	size_t i;

	o->n_asked = 0;
	for (i = 0; i < o->n; i++) {
		if (o->fates[i] == OUTBOX_REFUSED)
			o->asked[o->n_asked++] = o->ids[i];
	}
	if (!o->n_asked)
		return;
	o->work = WORK_CHECK;
	o->deadline_ms = now + OUTBOX_REPLY_MS;
	act(o, (struct outbox_action){.kind = OUTBOX_CHECK, .ids = o->asked, .n = o->n_asked});
}

static void say_well(struct outbox *o)
{
	o->failures = 0;
	if (o->well)
		return;
	o->well = true;
	act(o, (struct outbox_action){.kind = OUTBOX_TELL, .told = OUTBOX_WELL});
}

static void on_taken(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	size_t i, taken = 0;

	if (o->work != WORK_SEND || e->n != o->n)
		return;
	o->work = WORK_NONE;
	o->deadline_ms = TIME_NONE;
	o->rows = true;
	for (i = 0; i < o->n; i++) {
		o->fates[i] = e->fates[i] == OUTBOX_FAILED ? OUTBOX_SETTLED : e->fates[i];
		taken += o->fates[i] == OUTBOX_TAKEN_IN;
	}
	if (e->fault) { /* those in question are sent again, and found out then */
		for (i = 0; i < o->n; i++)
			o->fates[i] = o->fates[i] == OUTBOX_REFUSED ? OUTBOX_SETTLED : o->fates[i];
		on_fault(o, e->fault, e->random, now);
		return;
	}
	if (taken)
		say_well(o);
	ask_about_refused(o, now);
}

static void on_checked(struct outbox *o, const struct outbox_event *e)
{
	size_t i, k = 0;

	if (o->work != WORK_CHECK || e->n != o->n_asked)
		return;
	o->work = WORK_NONE;
	o->deadline_ms = TIME_NONE;
	o->top = e->id;
	for (i = 0; i < o->n; i++) {
		if (o->fates[i] == OUTBOX_REFUSED)
			o->fates[i] = e->fates[k++];
	}
}

static void on_error(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->deadline_ms == TIME_NONE)
		return; /* nothing was due */
	o->deadline_ms = TIME_NONE;
	drop_question(o);
	on_fault(o, e->fault, e->random, now);
}

/* --- what the log answers --- */

static void on_read(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->work != WORK_READ)
		return;
	o->work = WORK_NONE;
	if (e->failed)
		o->log_ms = now + OUTBOX_LOG_MS;
	if (e->failed || e->n)
		o->rows = true; /* set back when asked; whoever poked since has set it again */
	if (e->failed || o->link != LINK_READY || o->rewind)
		return;
	if (!e->n) {
		say_well(o);
		o->rows |= o->n_unmarked > 0; /* only what lies behind them was looked at */
		o->marks_first = true;
		return;
	}
	assert(e->n <= OUTBOX_GROUP_MAX);
	o->marks_first |= e->n < OUTBOX_GROUP_MAX;
	o->work = WORK_SEND;
	o->n = e->n;
	memcpy(o->ids, e->ids, e->n * sizeof(*o->ids));
	memset(o->fates, 0, sizeof(o->fates));
	o->deadline_ms = now + OUTBOX_REPLY_MS + (int64_t)(e->bytes / OUTBOX_BYTES_A_SECOND) * SECOND_MS;
	act(o, (struct outbox_action){.kind = OUTBOX_SEND, .n = e->n});
}

static void on_marked(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (e->failed)
		o->log_ms = now + OUTBOX_LOG_MS; /* they are in the stream: to be marked before anything else */
	else
		o->n_marked += o->n_marking;
	o->n_marking = 0;
	if (o->n_marked < o->n_unmarked)
		return;
	o->n_marked = o->n_unmarked = 0;
	o->marks_first = false;
}

static void on_renamed(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->work != WORK_RENAME)
		return;
	o->rename_failed |= e->failed;
	o->ahead |= !e->failed && (e->id.ms || e->id.seq) && stream_id_cmp(e->id, o->top) <= 0;
	if (--o->owed)
		return;
	o->work = WORK_NONE;
	o->n = o->n_asked = 0; /* one that failed will be refused again, and so come back here */
	o->rows = true;
	if (o->rename_failed)
		o->log_ms = now + OUTBOX_LOG_MS;
	if (o->ahead && o->link == LINK_READY)
		hold(o, OUTBOX_AHEAD, FAULT_SETTINGS, e->random, now);
}

static void on_rewound(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->work != WORK_REWIND)
		return;
	o->work = WORK_NONE;
	o->rows = true;
	if (!e->failed)
		return;
	o->log_ms = now + OUTBOX_LOG_MS;
	o->rewind = o->link == LINK_READY;
}

/* --- what may go --- */

static void trim(struct outbox *o, bool begin, int64_t now)
{
	o->work = WORK_TRIM;
	o->deadline_ms = now + OUTBOX_REPLY_MS;
	act(o, (struct outbox_action){.kind = OUTBOX_TRIM, .begin = begin});
}

static void on_trimmed(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->work != WORK_TRIM)
		return;
	o->work = WORK_NONE;
	o->deadline_ms = TIME_NONE;
	if (e->more == OUTBOX_ANOTHER_ROUND)
		trim(o, false, now);
	else if (e->more == OUTBOX_MORE_SOON)
		o->trim_ms = now + OUTBOX_TRIM_MORE_MS;
}

/* --- what is to go --- */

static void on_erase_asked(struct outbox *o)
{
	if (!o->erases)
		return;
	o->erase_asked = true;
	if (o->erase_ms == TIME_NONE)
		o->erase_ms = 0;
}

static void erase(struct outbox *o, bool begin, int64_t now)
{
	o->work = WORK_ERASE;
	o->deadline_ms = now + OUTBOX_REPLY_MS;
	act(o, (struct outbox_action){.kind = OUTBOX_ERASE, .begin = begin});
}

/* A new one may lie before those that are done: with none left, it is looked from the start if any was asked for meanwhile. */
static void on_erase_read(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->work != WORK_ERASE_READ)
		return;
	o->work = WORK_NONE;
	if (e->failed) {
		o->log_ms = now + OUTBOX_LOG_MS;
	} else if (!e->n) {
		o->erase_after = (struct stream_id){.ms = 0};
		if (!o->erase_asked)
			o->erase_ms = TIME_NONE;
		o->erase_late = false;
	} else if (o->link == LINK_READY) {
		o->erase_last = e->id;
		erase(o, true, now);
	}
}

static void on_erased(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->work != WORK_ERASE)
		return;
	o->work = WORK_NONE;
	o->deadline_ms = TIME_NONE;
	if (e->failed) {
		o->erase_ms = now + OUTBOX_ERASE_MS;
	} else if (e->more == OUTBOX_ANOTHER_ROUND) {
		erase(o, false, now);
	} else {
		o->work = WORK_ERASE_MARK;
		act(o, (struct outbox_action){.kind = OUTBOX_ERASE_MARK});
	}
}

/* Not noted: they are read and looked for once more. Over a link that is new by now, all of them are, in any case. */
static void on_erase_marked(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->work != WORK_ERASE_MARK)
		return;
	o->work = WORK_NONE;
	if (e->failed)
		o->log_ms = now + OUTBOX_LOG_MS;
	else if (!o->rewind)
		o->erase_after = o->erase_last;
}

static bool is_erase_due(const struct outbox *o)
{
	return !o->rewind && o->erase_ms != TIME_NONE;
}

static void ask_what_to_erase(struct outbox *o)
{
	if (!o->erase_after.ms && !o->erase_after.seq)
		o->erase_asked = false;
	o->work = WORK_ERASE_READ;
	act(o, (struct outbox_action){.kind = OUTBOX_ERASE_GET, .id = o->erase_after, .begin = o->erase_late});
}

/* --- what comes next --- */

/* Of the present group, what is in the stream is to be marked. What is not must be found again: from the log's mark. */
static void settle_group(struct outbox *o)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		o->marks_first |= o->fates[i] == OUTBOX_FOREIGN || o->fates[i] == OUTBOX_SETTLED;
		if (o->fates[i] != OUTBOX_TAKEN_IN)
			continue;
		assert(o->n_unmarked < OUTBOX_UNMARKED_MAX);
		o->unmarked[o->n_unmarked++] = o->ids[i];
		o->fates[i] = OUTBOX_SETTLED;
	}
}

static void go_on_marking(struct outbox *o, int64_t now)
{
	if (o->n_marking || o->n_marked == o->n_unmarked || now < o->log_ms)
		return;
	o->n_marking = o->n_unmarked - o->n_marked;
	act(o, (struct outbox_action){.kind = OUTBOX_MARK, .ids = o->unmarked + o->n_marked, .n = o->n_marking});
}

/* New ids for those of the present group that need them, once the others are marked. */
static bool rename_foreign(struct outbox *o)
{
	size_t i;

	o->n_asked = 0;
	for (i = 0; i < o->n; i++) {
		if (o->fates[i] == OUTBOX_FOREIGN)
			o->asked[o->n_asked++] = o->ids[i];
	}
	if (!o->n_asked) {
		o->n = 0;
		return false;
	}
	if (o->n_unmarked)
		return true;
	o->work = WORK_RENAME;
	o->owed = o->n_asked;
	o->rename_failed = o->ahead = false;
	act(o, (struct outbox_action){.kind = OUTBOX_RENAME, .ids = o->asked, .n = o->n_asked, .id = o->top});
	return true;
}

/* Is there something to be asked of the log, for Redis? Not before marks that must come first. */
static bool may_ask_log(const struct outbox *o)
{
	if (o->rewind)
		return !o->n_unmarked;
	return o->rows &&
	       (!o->n_unmarked || (!o->marks_first && o->n_unmarked + OUTBOX_GROUP_MAX <= OUTBOX_UNMARKED_MAX));
}

static void ask_log(struct outbox *o)
{
	if (o->rewind) {
		o->rewind = false;
		o->work = WORK_REWIND;
		act(o, (struct outbox_action){.kind = OUTBOX_REWIND, .id = o->top});
		return;
	}
	o->rows = false;
	o->work = WORK_READ;
	act(o,
	    (struct outbox_action){.kind = OUTBOX_GET,
				   .id = o->n_unmarked ? o->unmarked[o->n_unmarked - 1] : (struct stream_id){.ms = 0}});
}

static bool is_trim_due(const struct outbox *o)
{
	return !o->rewind && !o->rows && !o->n_unmarked && o->trim_ms != TIME_NONE;
}

static void go_on(struct outbox *o, int64_t now)
{
	if (o->link == LINK_AWAY && now >= o->redis_ms) {
		o->link = LINK_CONNECTING;
		o->deadline_ms = now + OUTBOX_CONNECT_MS;
		act(o, (struct outbox_action){.kind = OUTBOX_CONNECT});
	}
	if (o->work == WORK_NONE)
		settle_group(o);
	go_on_marking(o, now);
	if (o->work != WORK_NONE || now < o->log_ms || rename_foreign(o))
		return;
	if (o->link != LINK_READY || now < o->redis_ms)
		return;
	if (is_erase_due(o) && now >= o->erase_ms) {
		ask_what_to_erase(o);
	} else if (may_ask_log(o)) {
		ask_log(o);
	} else if (is_trim_due(o) && now >= o->trim_ms) {
		o->trim_ms =
			now +
			OUTBOX_TRIM_MS; /* first: should the connection end over it, it is not asked at once again */
		trim(o, true, now);
	}
}

static void on_tick(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	if (o->deadline_ms != TIME_NONE && now >= o->deadline_ms)
		give_up(o, o->link == LINK_CONNECTING ? FAULT_UNREACHED : FAULT_LATE, e->random, now);
}

static void on_event(struct outbox *o, const struct outbox_event *e, int64_t now)
{
	switch (e->kind) {
	case OUTBOX_TICK:
		on_tick(o, e, now);
		break;
	case OUTBOX_POKE:
		o->rows = true;
		break;
	case OUTBOX_RETRY:
		o->redis_ms = 0;
		break;
	case OUTBOX_UP:
		on_up(o, now);
		break;
	case OUTBOX_DOWN:
		if (o->link != LINK_AWAY)
			lose(o, e->fault, e->random, now);
		break;
	case OUTBOX_GREETED:
		on_greeted(o, e);
		break;
	case OUTBOX_FAULT:
		on_error(o, e, now);
		break;
	case OUTBOX_TAKEN:
		on_taken(o, e, now);
		break;
	case OUTBOX_CHECKED:
		on_checked(o, e);
		break;
	case OUTBOX_READ:
		on_read(o, e, now);
		break;
	case OUTBOX_MARKED:
		on_marked(o, e, now);
		break;
	case OUTBOX_RENAMED:
		on_renamed(o, e, now);
		break;
	case OUTBOX_REWOUND:
		on_rewound(o, e, now);
		break;
	case OUTBOX_TRIMMED:
		on_trimmed(o, e, now);
		break;
	case OUTBOX_ERASE_ASKED:
		on_erase_asked(o);
		break;
	case OUTBOX_ERASE_READ:
		on_erase_read(o, e, now);
		break;
	case OUTBOX_ERASED:
		on_erased(o, e, now);
		break;
	case OUTBOX_ERASE_MARKED:
		on_erase_marked(o, e, now);
		break;
	}
}

struct outbox_actions outbox_step(struct outbox *o, const struct outbox_event *e, int64_t now_ms)
{
	o->n_actions = 0;
	on_event(o, e, now_ms);
	go_on(o, now_ms);
	return (struct outbox_actions){o->actions, o->n_actions};
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void sooner(int64_t *due, int64_t at)
{
	if (*due == TIME_NONE || at < *due)
		*due = at;
}

int64_t outbox_due(const struct outbox *o)
{
	int64_t due = o->deadline_ms;

	if (o->link == LINK_AWAY)
		sooner(&due, o->redis_ms);
	if (o->n_marked < o->n_unmarked && !o->n_marking)
		sooner(&due, o->log_ms);
	if (o->work != WORK_NONE)
		return due;
	if (o->n && !o->n_unmarked)
		sooner(&due, o->log_ms);
	else if (o->n)
		return due; /* the marks come first */
	else if (o->link == LINK_READY && may_ask_log(o))
		sooner(&due, later(o->redis_ms, o->log_ms));
	else if (o->link == LINK_READY && is_trim_due(o))
		sooner(&due, later(o->trim_ms, later(o->redis_ms, o->log_ms)));
	if (!o->n && o->link == LINK_READY && is_erase_due(o))
		sooner(&due, later(o->erase_ms, later(o->redis_ms, o->log_ms)));
	return due;
}

bool outbox_idle(const struct outbox *o)
{
	return o->link == LINK_READY && o->work == WORK_NONE && !o->rewind && !o->rows && !o->n && !o->n_unmarked;
}
