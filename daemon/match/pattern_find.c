#include <stdint.h>
#include <time.h>

#include "match/pattern_inside.h"

/*
 * PCRE2's limit counts steps from one place on, and a step may read the whole text: on a long text a look from all its places
 * can take minutes and stay below. So a long text is looked through from a few places at a time, with few steps, while the
 * clock is watched; both grow as long as that is quick. Where a place is known to cost little (match/regex_ways), that is soon
 * all of the text. Nothing is found otherwise than at once.
 */
enum {
	JIT_STACK_START = 32 * 1024,
	JIT_STACK_MAX = 512 * 1024,
	SHORT_BYTES = 1024, /* a shorter text is looked through at once */
	PLACES_FIRST = 16,
	PLACES_BYTES = 8 * 1024 * 1024, /* places at a time, times what is read from each, at most */
	STEPS_BYTES = 25 * 1000 * 1000, /* steps from a place at first, times the text's length */
	STEPS_MORE = 4,
	QUICK_NS = 500 * 1000,
	MEASURED_NS = 200 * 1000, /* what seems to take so long is measured in CPU time */
};

struct pattern_room {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	bool metered;
	int64_t left_ns, spent_ns;
	int64_t until_ns, least_ns;
	int64_t cpu_ns; /* the thread's, when it was read last */
};

struct pattern_room *pattern_room_new(void)
{
	struct pattern_room *room = NEW(struct pattern_room);

	room->until_ns = INT64_MAX;
	room->data = pcre2_match_data_create(1, NULL);
	room->context = pcre2_match_context_create(NULL);
	if (!room->data || !room->context)
		memory_out();
	pcre2_set_match_limit(room->context, PATTERN_MATCH_LIMIT);
	pcre2_set_depth_limit(room->context, PATTERN_DEPTH_LIMIT);
	pcre2_set_heap_limit(room->context, PATTERN_HEAP_KIB);
	room->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
	if (room->stack) /* none without JIT */
		pcre2_jit_stack_assign(room->context, NULL, room->stack);
	return room;
}

struct pattern_room *pattern_room_free(struct pattern_room *room)
{
	if (!room)
		return NULL;
	pcre2_match_data_free(room->data);
	pcre2_match_context_free(room->context);
	pcre2_jit_stack_free(room->stack);
	free(room);
	return NULL;
}

/* --- time --- */

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void pattern_room_budget(struct pattern_room *room, int64_t ns)
{
	room->metered = true;
	room->left_ns = ns;
	room->spent_ns = 0;
}

void pattern_room_until(struct pattern_room *room, int64_t moment_ns, int64_t least_ns)
{
	room->until_ns = moment_ns;
	room->least_ns = least_ns;
}

int64_t pattern_room_spent(const struct pattern_room *room)
{
	return room->spent_ns;
}

/* Charges what was done since began_ns. The cheap clock goes on while another process has the processor, so that what it calls
 * long is measured again, by the one that does not. */
static int64_t charge(struct pattern_room *room, int64_t began_ns)
{
	int64_t ended_ns = clock_ns(CLOCK_MONOTONIC), took = ended_ns - began_ns;

	if (took >= MEASURED_NS) {
		int64_t now = clock_ns(CLOCK_THREAD_CPUTIME_ID), cpu = now - room->cpu_ns;

		room->cpu_ns = now;
		took = cpu < took ? cpu : took;
	}
	room->spent_ns += took;
	room->left_ns -= took;
	if (ended_ns >= room->until_ns && room->left_ns > room->least_ns - room->spent_ns)
		room->left_ns = room->least_ns - room->spent_ns;
	return took;
}

/* --- finding --- */

struct look {
	const struct pattern *p;
	struct pattern_room *room;
	const char *s;
	size_t len;
};

/* What PCRE2 says of all places from start to last; SIZE_MAX: to the end. */
static int look(const struct look *l, size_t start, size_t last)
{
	uint32_t options = l->p->fold ? PCRE2_NO_UTF_CHECK : 0;
	PCRE2_SPTR s = (PCRE2_SPTR)l->s;
	int r;

	pcre2_set_offset_limit(l->room->context, last == SIZE_MAX ? PCRE2_UNSET : last);
	r = pcre2_match(l->p->code, s, l->len, start, options, l->room->data, l->room->context);
	if (r == PCRE2_ERROR_JIT_STACKLIMIT) /* the interpreter has the heap instead (FAULTS P12) */
		r = pcre2_match(l->p->code, s, l->len, start, options | PCRE2_NO_JIT, l->room->data, l->room->context);
	return r;
}

/* The places from start to last, with more steps from each as long as there is time for them. */
static int look_patiently(const struct look *l, size_t start, size_t last, int64_t *ret_took)
{
	uint32_t steps = (uint32_t)(STEPS_BYTES / l->len);
	int64_t before = l->room->spent_ns;
	int r;

	for (;; steps *= STEPS_MORE) {
		int64_t began = clock_ns(CLOCK_MONOTONIC), took;

		if (steps > PATTERN_MATCH_LIMIT)
			steps = PATTERN_MATCH_LIMIT;
		pcre2_set_match_limit(l->room->context, steps);
		r = look(l, start, last);
		took = charge(l->room, began);
		if (r != PCRE2_ERROR_MATCHLIMIT || steps == PATTERN_MATCH_LIMIT || took * STEPS_MORE > l->room->left_ns)
			break;
	}
	pcre2_set_match_limit(l->room->context, PATTERN_MATCH_LIMIT);
	*ret_took = l->room->spent_ns - before;
	return r;
}

static size_t next_place(const struct look *l, size_t at)
{
	while (++at < l->len && ((unsigned char)l->s[at] & 0xC0) == 0x80)
		;
	return at;
}

/* PCRE2's answer, or PATTERN_E_TIME. */
static int look_through(const struct look *l, size_t start)
{
	size_t places = PLACES_FIRST, most = PLACES_BYTES / (l->p->at_most < l->len ? l->p->at_most : l->len);

	l->room->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (;;) {
		bool whole = !l->p->in_parts || l->len - start <= places;
		int64_t took;
		int r = look_patiently(l, start, whole ? SIZE_MAX : start + places, &took);

		if (whole || r != PCRE2_ERROR_NOMATCH)
			return r;
		if (l->room->left_ns <= 0)
			return PATTERN_E_TIME;
		start = next_place(l, start + places);
		if (took > QUICK_NS)
			places = PLACES_FIRST;
		else if (places < most)
			places *= 2;
	}
}

static int answer(const struct look *l, size_t start)
{
	int64_t began;
	int r;

	if (!l->room->metered)
		return look(l, start, SIZE_MAX);
	if (l->room->left_ns <= 0)
		return PATTERN_E_TIME;
	if (l->len > SHORT_BYTES)
		return look_through(l, start);
	began = clock_ns(CLOCK_MONOTONIC);
	r = look(l, start, SIZE_MAX);
	charge(l->room, began);
	return r;
}

int pattern_find(const struct pattern *p, struct pattern_room *room, const char *s, size_t len, size_t start,
		 size_t *ret_from, size_t *ret_to)
{
	const struct look l = {p, room, s, len};
	const PCRE2_SIZE *at;
	int r = answer(&l, start);

	if (r == PATTERN_E_TIME)
		return r;
	if (r == PCRE2_ERROR_NOMATCH)
		return PATTERN_E_NONE;
	if (r < 0)
		return PATTERN_E_LIMIT;
	at = pcre2_get_ovector_pointer(room->data);
	*ret_from = at[0] < at[1] ? at[0] : at[1]; /* \K in a look-ahead can put the start behind the end */
	*ret_to = at[1];
	return 0;
}
