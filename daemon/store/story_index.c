#include "store/story_index.h"

#include <string.h>

enum {
	KEY_EXACT = STORY_BANDS, /* behind the bands */
	KEY_LINK,
	KEYS,
	FIRST_CAP = 64,
	GROWS_BY = 4, /* times: all that is there is linked anew each time; room that is not used takes no memory */
	SHARED = 2,   /* leaders a slot */
	NUMBER_BITS = 20,
	NUMBER_MASK = (1 << NUMBER_BITS) - 1,
};
_Static_assert(STORIES_MAX <= NUMBER_MASK / 4, "a link that is older than the ring shows it");
_Static_assert(STORIES_MAX == FIRST_CAP * GROWS_BY * GROWS_BY * GROWS_BY * GROWS_BY * GROWS_BY, "it grows to that");
_Static_assert(STORY_BANDS * 2 == PRINT_MINS, "two mins a band");

/* Leaders lie in a ring by their number, which is how many came before. Those of one slot of the table are chained from the
 * newest to the oldest; a link to one that has gone is the end, since all behind it have gone, too. A link is the number's
 * lowest bits, of which a ring needs far fewer, and bits of the key that the leader has there: most that share a slot are
 * passed over without a look at them. 0 is none, and numbers begin with 1: one leader in four thousand millions is not found. */
struct entry {
	uint32_t before[KEYS];
	uint32_t asked; /* by which question it was looked at last */
	struct story_leader leader;
};

struct story_index {
	struct entry *v;
	uint32_t *heads; /* KEYS tables of cap / SHARED slots */
	size_t cap;
	uint64_t first, end; /* numbers of those that are there */
	uint32_t questions;
};

/* Where leaders with a key are found; head NULL: there is no such key. */
struct slot {
	uint32_t *head;
	uint64_t value;
	uint32_t tag; /* as it stands in links, above the number */
};

static struct entry *at(const struct story_index *x, uint64_t number)
{
	return &x->v[number & (x->cap - 1)];
}

/* The number that a link means; 0: none, or one that has gone. One that has gone very long ago may look like another's, with
 * which the key is then compared. */
static uint64_t linked(const struct story_index *x, uint32_t link)
{
	uint64_t back = (x->end - link) & NUMBER_MASK;

	return link && back && back <= x->end - x->first ? x->end - back : 0;
}

static uint64_t mixed(uint64_t x)
{
	x = (x ^ x >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

/* 0: it has no such key. */
static uint64_t value_of(const struct print *p, unsigned key)
{
	if (key == KEY_EXACT)
		return p->exact;
	if (key == KEY_LINK)
		return p->link;
	return print_has_mins(p) ? (uint64_t)p->min[2 * key] << 32 | p->min[2 * key + 1] : 0;
}

static struct slot slot_of(const struct story_index *x, const struct print *p, unsigned key)
{
	const uint64_t value = value_of(p, key), spread = mixed(value);
	const size_t slots = x->cap / SHARED;

	if (!value)
		return (struct slot){.head = NULL};
	return (struct slot){&x->heads[slots * key + (spread & (slots - 1))], value,
			     (uint32_t)(spread >> 32) & ~(uint32_t)NUMBER_MASK};
}

static void link_in(struct story_index *x, uint64_t number)
{
	struct entry *e = at(x, number);
	unsigned key;

	for (key = 0; key < KEYS; key++) {
		const struct slot s = slot_of(x, &e->leader.print, key);

		if (s.head) {
			e->before[key] = *s.head;
			*s.head = s.tag | (number & NUMBER_MASK);
		}
	}
}

static void link_out(struct story_index *x, uint64_t number)
{
	struct entry *e = at(x, number);
	unsigned key;

	for (key = 0; key < KEYS; key++) {
		const struct slot s = slot_of(x, &e->leader.print, key);

		if (s.head)
			*s.head = e->before[key];
	}
}

struct story_index *story_index_new(void)
{
	struct story_index *x = NEW(struct story_index);

	story_index_clear(x);
	return x;
}

struct story_index *story_index_free(struct story_index *x)
{
	if (!x)
		return NULL;
	free(x->v);
	free(x->heads);
	free(x);
	return NULL;
}

void story_index_clear(struct story_index *x)
{
	free(x->v);
	free(x->heads);
	*x = (struct story_index){.first = 1, .end = 1};
}

size_t story_index_len(const struct story_index *x)
{
	return (size_t)(x->end - x->first);
}

static void grow(struct story_index *x)
{
	struct story_index old = *x;
	uint64_t i;

	x->cap = old.cap ? GROWS_BY * old.cap : FIRST_CAP;
	x->v = xmalloc(x->cap * sizeof(*x->v));
	x->heads = xcalloc(KEYS * x->cap / SHARED, sizeof(*x->heads));
	for (i = old.first; i < old.end; i++) {
		*at(x, i) = (struct entry){.leader = at(&old, i)->leader};
		link_in(x, i);
	}
	free(old.v);
	free(old.heads);
}

void story_index_add(struct story_index *x, const struct story_leader *leader)
{
	struct entry *e;

	if (story_index_len(x) == x->cap) {
		if (x->cap < STORIES_MAX)
			grow(x);
		else
			x->first++;
	}
	e = at(x, x->end);
	*e = (struct entry){.leader = *leader};
	link_in(x, x->end++);
}

uint64_t story_index_mark(const struct story_index *x)
{
	return x->end;
}

void story_index_undo(struct story_index *x, uint64_t mark)
{
	while (x->end > mark && x->end > x->first)
		link_out(x, --x->end);
	if (x->end > mark) /* more was added since than there is room for */
		story_index_clear(x);
}

/* --- looking --- */

struct question {
	const struct print *print;
	const struct story_topics *topics;
	int64_t now_ms;
};

struct best {
	const struct story_leader *leader;
	double alike;
	uint64_t number;
};

static bool share_a_topic(const struct story_topics *a, const struct story_topics *b)
{
	uint32_t i, k;

	for (i = 0; i < a->n; i++)
		for (k = 0; k < b->n; k++)
			if (a->v[i] == b->v[k])
				return true;
	return !a->n || !b->n;
}

/* A leader that may be of the story, once. */
static void look_at(struct story_index *x, uint64_t number, const struct question *q, struct best *best)
{
	struct entry *e = at(x, number);
	double alike;

	if (e->asked == x->questions || q->now_ms - e->leader.first_ms > STORY_MS)
		return;
	e->asked = x->questions;
	if (!share_a_topic(&e->leader.topics, q->topics))
		return;
	alike = print_alike(&e->leader.print, q->print);
	if (alike > best->alike || (alike > 0 && alike == best->alike && number < best->number))
		*best = (struct best){&e->leader, alike, number};
}

/* Those of one key, the newest first. */
static void look_in(struct story_index *x, const struct slot *s, unsigned key, const struct question *q,
		    struct best *best)
{
	uint32_t link = *s->head;
	uint64_t number = linked(x, link);
	unsigned steps;

	for (steps = 0; number && steps < STORY_BAND_STEPS; steps++) {
		uint64_t next;

		/* others share its slot: to compare them whole would cost most of a question */
		if ((link & ~(uint32_t)NUMBER_MASK) == s->tag &&
		    value_of(&at(x, number)->leader.print, key) == s->value)
			look_at(x, number, q, best);
		link = at(x, number)->before[key];
		next = linked(x, link);
		number = next < number ? next : 0;
	}
}

/* What is looked for lies scattered over more memory than is near: all of it is sent for before any is waited for. */
const struct story_leader *story_index_find(struct story_index *x, const struct print *p,
					    const struct story_topics *topics, int64_t now_ms)
{
	const struct question q = {p, topics, now_ms};
	struct best best = {NULL, 0, 0};
	struct slot slots[KEYS];
	unsigned key;

	if (!x->cap)
		return NULL;
	x->questions++;
	for (key = 0; key < KEYS; key++) {
		slots[key] = slot_of(x, p, key);
		__builtin_prefetch(slots[key].head);
	}
	for (key = 0; key < KEYS; key++) {
		uint64_t number = slots[key].head ? linked(x, *slots[key].head) : 0;

		if (number)
			__builtin_prefetch(&at(x, number)->before[key]);
	}
	for (key = 0; key < KEYS; key++) {
		if (slots[key].head)
			look_in(x, &slots[key], key, &q, &best);
	}
	return best.leader;
}
