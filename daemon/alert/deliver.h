#pragma once
/*
 * alert/deliver: mentions to people, without an incident (DESIGN §4 `deliver`): which of them go to whom, when, and in how many
 * messages. Pure: (state, a hit or a look at the clock, now) → (state, what is to be sent). Times are wall time, since all that
 * is waited for is an hour of somebody's day.
 *
 * As they come: what comes within `gather` is one message of cards, one a story; what is said again of a story that was told is
 * counted. At most `cap` cards an hour; what comes beyond, and what comes in quiet hours or while nobody is there, waits, and goes
 * as one message with its most telling ones by name and the rest by number. Who is away is stood in for (alert/rota).
 *
 * A digest: at hours of the person's own day. It says what was since the last one; of what it is made is not known here.
 *
 * What was there before a start and sources' first polls, own posts and ignored authors are no news.
 *
 * Owner:  whoever called deliver_new(). Blocks: deliver_configure() reads files of time zones.
 * Bounds: below. Past DELIVER_LANES_MAX (a delivery to a person) further ones get nothing, which the configuration refuses first.
 * What must survive a restart: deliver_put(), with what is sent, in one transaction.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/config.h"
#include "base/mem.h"
#include "mention/mention.h"

struct buf;
struct deliver;
struct filter;
struct rotas;
struct wire_in;

enum {
	DELIVERIES_MAX = 50,
	DELIVER_TO_MAX = 50, /* people of one delivery */
	DELIVER_LANES_MAX = 1000,
	DELIVER_TIMES_MAX = 6,  /* of a day */
	DELIVER_ITEMS_MAX = 30, /* that wait, by name; the rest is counted */
	DELIVER_CARDS_MAX = 10, /* of one message */
	DELIVER_HELD_CARDS = 5, /* of one that waited */
	DELIVER_TOLD_MAX = 128, /* stories of a lane that were told, the newest */
	DELIVER_CAP_MAX = 100,
	DELIVER_NAME_SIZE = 100 + 1,
};
#define DELIVER_DIGEST_MAX_MS (7 * INT64_C(86400000)) /* a digest looks no further back, … */
#define DELIVER_WAIT_MAX_MS   (8 * INT64_C(86400000)) /* … and waits no longer: the clock was set */
#define DELIVER_DEFAULT       "@daily"                /* what everybody gets where nothing is written */

enum deliver_every { DELIVER_NOW, DELIVER_DAILY };

struct deliver_config {
	struct diag_pos pos, when_pos;
	const char *name;
	const struct filter *when;   /* NULL: every hit */
	const struct who_config *to; /* those on call, too, of cards */
	size_t n_to;
	int every;         /* enum deliver_every */
	const int *at_min; /* minutes of the day, ascending */
	size_t n_at;
	uint8_t days; /* bit 0: Sunday */
	int64_t cap;  /* cards an hour */
	int64_t gather_ms;
};

struct deliver *deliver_new(void) must_use;
struct deliver *deliver_free(struct deliver *d); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct deliver, deliver_free)

struct deliver_setup {
	const struct deliver_config *v;
	size_t n;
	const struct rotas *rotas;
	const struct person_config *people;
	size_t n_people;
	const char *timezone; /* of who has none of their own */
};
/* Borrowed until the next call. What waits for somebody who is gone is gone. */
void deliver_configure(struct deliver *d, const struct deliver_setup *setup, int64_t now_ms);

bool deliver_is_news(const struct mention *m); /* it may go to somebody */
/* A hit of it that the delivery is about; NULL: there is none. */
const struct hit *deliver_matches(const struct deliver_config *v, const struct mention *m);

bool deliver_hit(struct deliver *d, const struct mention *m,
		 int64_t now_ms);              /* something waits that did not, or more of it */
int64_t deliver_next(const struct deliver *d); /* when something may be due; TIME_NONE: nothing waits */

enum deliver_kind { DELIVER_CARDS, DELIVER_HELD, DELIVER_DIGEST };
enum { DELIVER_BY_CAP = 1, DELIVER_BY_QUIET = 2, DELIVER_BY_AWAY = 4 }; /* why it waited */

struct deliver_item {
	uint8_t id[MENTION_ID_BYTES];
	uint64_t story; /* or what stands for it */
	double reach;   /* 0: not known */
	uint32_t times; /* it was said, in what is told now */
};

struct deliver_send {
	enum deliver_kind kind;
	const struct deliver_config *delivery;
	const struct person_config *person; /* who gets it */
	uint32_t held;                      /* DELIVER_BY_… bits */
	struct deliver_item items[DELIVER_CARDS_MAX];
	size_t n;
	uint64_t more;          /* stories that have no card here */
	uint64_t again;         /* mentions of stories told before */
	int64_t from_ms, to_ms; /* of a digest */
};
/* One thing that is due now; false: nothing is. */
bool deliver_due(struct deliver *d, int64_t now_ms, struct deliver_send *ret);

void deliver_put(const struct deliver *d, struct buf *b);
enum { DELIVER_E_FORMAT = 1 };
/* Into a configured one, once. DELIVER_E_FORMAT: nothing was taken. */
int deliver_get(struct deliver *d, struct wire_in *in, int64_t now_ms) must_use;
