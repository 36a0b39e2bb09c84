#include "match/prefilter.h"

#include <string.h>

#include "base/arena.h"
#include "match/literals.h"
#include "match/lookout.h"
#include "match/pattern.h"

enum { ARENA_MAX_BYTES = 256 * 1024 * 1024 }; /* of the literals of one pattern: never reached */

/* The literals of one form of text. */
struct form {
	struct lookout *lookout; /* NULL: nothing to look for */
	uint32_t *starts;        /* of each literal, and one more: where in owners its patterns begin */
	uint32_t *owners;        /* patterns */
	size_t n;                /* literals */
};

struct prefilter {
	struct form forms[2]; /* of original, of folded text */
	bool *told;           /* of each pattern */
	size_t n_patterns;
};

struct prefilter_room {
	const struct prefilter *f;
	uint8_t *fields; /* of each pattern; 0 but for the candidates */
	uint32_t *candidates;
	size_t n_candidates;
	char *lower; /* original text in the scanned form */
	size_t lower_cap;
	uint32_t *seen[2]; /* of each literal: the last scan that found it */
	/* the scan at hand */
	bool folded;
	uint32_t number;
	uint8_t field;
};

/* --- making --- */

struct wanted {
	const char *s; /* in the arena */
	uint32_t len, pattern;
};

struct making {
	struct arena *arena;
	struct wanted *v[2];
	size_t n[2], cap[2];
};

static void pattern_add(struct making *m, struct prefilter *f, const struct pattern *p, uint32_t number)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	bool folded = pattern_fold(p);
	struct literal_set set;
	size_t i;

	pattern_literals(p, a, &set);
	f->told[number] = set.n > 0;
	for (i = 0; i < set.n; i++) {
		m->v[folded] = GROW(m->v[folded], m->n[folded], &m->cap[folded]);
		m->v[folded][m->n[folded]++] = (struct wanted){.s = arena_memdup0(m->arena, set.v[i].s, set.v[i].len),
							       .len = (uint32_t)set.v[i].len,
							       .pattern = number};
	}
}

static int by_bytes(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;
	int order = memcmp(x->s, y->s, x->len < y->len ? x->len : y->len);

	if (order)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->pattern < y->pattern ? -1 : x->pattern > y->pattern;
}

static bool same_bytes(const struct wanted *x, const struct wanted *y)
{
	return x->len == y->len && !memcmp(x->s, y->s, x->len);
}

/* One entry a literal, with the patterns that want it. */
static void owners_list(struct form *l, const struct wanted *v, size_t n)
{
	size_t i, k = 0;

	l->starts = xcalloc(n + 1, sizeof(*l->starts));
	l->owners = xcalloc(n + 1, sizeof(*l->owners));
	for (i = 0; i < n; i++) {
		if (i && same_bytes(&v[i], &v[i - 1])) {
			if (v[i].pattern == v[i - 1].pattern)
				continue;
		} else {
			l->starts[l->n++] = (uint32_t)k;
		}
		l->owners[k++] = v[i].pattern;
	}
	l->starts[l->n] = (uint32_t)k;
}

static void form_make(struct form *l, struct wanted *v, size_t n)
{
	struct literal *literals = xcalloc(n + 1, sizeof(*literals));
	size_t i, k = 0;

	if (n) {
		qsort(v, n, sizeof(*v), by_bytes);
		owners_list(l, v, n);
		for (i = 0; i < n; i++)
			if (!i || !same_bytes(&v[i], &v[i - 1]))
				literals[k++] = (struct literal){v[i].s, v[i].len};
		l->lookout = lookout_new(literals, l->n);
	}
	free(literals);
}

struct prefilter *prefilter_new(const struct pattern *const v[], size_t n)
{
	struct prefilter *f = NEW(struct prefilter);
	struct making m = {.arena = arena_new(SIZE_MAX)};
	size_t i;

	f->n_patterns = n;
	f->told = xcalloc(n + 1, sizeof(*f->told));
	for (i = 0; i < n; i++)
		if (v[i])
			pattern_add(&m, f, v[i], (uint32_t)i);
	for (i = 0; i < 2; i++) {
		form_make(&f->forms[i], m.v[i], m.n[i]);
		free(m.v[i]);
	}
	arena_free(m.arena);
	return f;
}

struct prefilter *prefilter_free(struct prefilter *f)
{
	size_t i;

	if (!f)
		return NULL;
	for (i = 0; i < 2; i++) {
		lookout_free(f->forms[i].lookout);
		free(f->forms[i].starts);
		free(f->forms[i].owners);
	}
	free(f->told);
	free(f);
	return NULL;
}

bool prefilter_tells(const struct prefilter *f, uint32_t pattern)
{
	return f->told[pattern];
}

/* --- scanning --- */

struct prefilter_room *prefilter_room_new(const struct prefilter *f)
{
	struct prefilter_room *room = NEW(struct prefilter_room);
	size_t i;

	room->f = f;
	room->fields = xcalloc(f->n_patterns + 1, sizeof(*room->fields));
	room->candidates = xcalloc(f->n_patterns + 1, sizeof(*room->candidates));
	for (i = 0; i < 2; i++)
		room->seen[i] = xcalloc(f->forms[i].n + 1, sizeof(*room->seen[i]));
	return room;
}

struct prefilter_room *prefilter_room_free(struct prefilter_room *room)
{
	if (!room)
		return NULL;
	free(room->seen[0]);
	free(room->seen[1]);
	free(room->fields);
	free(room->candidates);
	free(room->lower);
	free(room);
	return NULL;
}

void prefilter_begin(struct prefilter_room *room)
{
	while (room->n_candidates)
		room->fields[room->candidates[--room->n_candidates]] = 0;
}

static void on_literal(void *arg, uint32_t literal)
{
	struct prefilter_room *room = arg;
	const struct form *l = &room->f->forms[room->folded];
	uint32_t i;

	if (room->seen[room->folded][literal] == room->number)
		return;
	room->seen[room->folded][literal] = room->number;
	for (i = l->starts[literal]; i < l->starts[literal + 1]; i++) {
		uint32_t pattern = l->owners[i];

		if (!room->fields[pattern])
			room->candidates[room->n_candidates++] = pattern;
		room->fields[pattern] |= room->field;
	}
}

/* A to Z as small letters, ſ and the Kelvin sign as s and k; never longer than the original. */
static const char *scanned_form(struct prefilter_room *room, const char *s, size_t *len)
{
	static const char long_s[] = "\xC5\xBF", kelvin[] = "\xE2\x84\xAA";
	const char *end = s + *len;
	char *to;

	if (room->lower_cap < *len) {
		room->lower_cap = *len;
		room->lower = xreallocarray(room->lower, *len, 1);
	}
	for (to = room->lower; s < end; s++) {
		if (end - s >= 2 && !memcmp(s, long_s, 2)) {
			*to++ = 's';
			s += 1;
		} else if (end - s >= 3 && !memcmp(s, kelvin, 3)) {
			*to++ = 'k';
			s += 2;
		} else {
			*to++ = *s >= 'A' && *s <= 'Z' ? (char)(*s | 0x20) : *s;
		}
	}
	*len = (size_t)(to - room->lower);
	return room->lower;
}

/* A scan has a number of its own, so that nothing has to be wiped. */
static void scan_begin(struct prefilter_room *room, bool folded, uint8_t field)
{
	size_t i;

	if (room->number == UINT32_MAX) {
		for (i = 0; i < 2; i++)
			memset(room->seen[i], 0, room->f->forms[i].n * sizeof(*room->seen[i]));
		room->number = 0;
	}
	room->number++;
	room->folded = folded;
	room->field = field;
}

void prefilter_scan(struct prefilter_room *room, bool folded, const char *text, size_t len, uint8_t field)
{
	const struct lookout *l = room->f->forms[folded].lookout;

	if (!l || !len)
		return;
	scan_begin(room, folded, field);
	if (!folded)
		text = scanned_form(room, text, &len);
	lookout_scan(l, text, len, on_literal, room);
}

uint8_t prefilter_fields(const struct prefilter_room *room, uint32_t pattern)
{
	return room->fields[pattern];
}

size_t prefilter_candidates(const struct prefilter_room *room, const uint32_t **ret)
{
	*ret = room->candidates;
	return room->n_candidates;
}
