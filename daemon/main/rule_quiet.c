#include "main/rule_quiet.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"
#include "source/rhythm.h"

enum { FORMAT = 1, LEAST_BYTES = 4 + 8 * 5 + 4 * 5 + 2 };

struct watched {
	char name[RULE_QUIET_NAME_BYTES];
	struct rhythm rhythm;
	int64_t first_ms, last_ms;            /* finds */
	int64_t told_ms;                      /* last that it is quiet; 0: it isn't, or nobody knows yet */
	int64_t begun_ms;                     /* … and first */
	int64_t quiet_ms;                     /* … since when it was: last_ms moves on once it finds something */
	uint32_t finds, days;                 /* from first_ms to last_ms; fades with that span */
	uint32_t texts, since;                /* mentions of its sources: up to last_ms, which fade alike, and since */
	uint64_t sources[RULE_QUIET_SOURCES]; /* the latest last */
	uint8_t n_sources;
};

struct rule_quiet {
	struct watched *v;
	size_t n, cap;
};

struct rule_quiet *rule_quiet_new(void)
{
	return NEW(struct rule_quiet);
}

struct rule_quiet *rule_quiet_free(struct rule_quiet *q)
{
	if (!q)
		return NULL;
	free(q->v);
	free(q);
	return NULL;
}

/* --- what happens --- */

static struct watched *find(const struct rule_quiet *q, const char *rule)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (!strcmp(q->v[i].name, rule))
			return &q->v[i];
	return NULL;
}

static struct watched *find_or_add(struct rule_quiet *q, const char *rule)
{
	struct watched *x = find(q, rule);

	if (x || q->n >= RULE_QUIET_RULES_MAX || strlen(rule) >= RULE_QUIET_NAME_BYTES)
		return x;
	q->v = GROW(q->v, q->n, &q->cap);
	x = &q->v[q->n++];
	*x = (struct watched){.first_ms = 0};
	snprintf(x->name, sizeof(x->name), "%s", rule);
	return x;
}

static size_t place_of(const struct watched *x, uint64_t source)
{
	size_t i;

	for (i = 0; i < x->n_sources && x->sources[i] != source; i++)
		;
	return i;
}

/* The latest goes last; where there is no room, what it found nothing in for longest goes. */
static void source_seen(struct watched *x, uint64_t source)
{
	size_t at = place_of(x, source);

	if (at == x->n_sources && x->n_sources < RULE_QUIET_SOURCES)
		x->n_sources++;
	else if (at == x->n_sources)
		at = 0;
	memmove(&x->sources[at], &x->sources[at + 1], (x->n_sources - at - 1) * sizeof(x->sources[0]));
	x->sources[x->n_sources - 1] = source;
}

static uint32_t plus(uint32_t a, size_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + (uint32_t)b;
}

void rule_quiet_texts(struct rule_quiet *q, uint64_t source, size_t n)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (place_of(&q->v[i], source) < q->v[i].n_sources)
			q->v[i].since = plus(q->v[i].since, n);
}

/* What lies long back counts for half: what is usual is what was so in the last weeks. */
static void fade(struct watched *x)
{
	int64_t span = x->last_ms - x->first_ms;

	if (span < 2 * RHYTHM_MEMORY_MS)
		return;
	x->first_ms += span / 2;
	x->finds = x->finds / 2 + 1;
	x->days = x->days / 2 + 1;
	x->texts /= 2;
}

void rule_quiet_found(struct rule_quiet *q, const char *rule, uint64_t source, int64_t now_ms)
{
	struct watched *x = find_or_add(q, rule);

	if (!x)
		return;
	if (!x->finds)
		x->first_ms = now_ms;
	else if (now_ms > x->last_ms)
		rhythm_learn(&x->rhythm, now_ms - x->last_ms);
	x->days += !x->finds || now_ms / DAY_MS != x->last_ms / DAY_MS;
	x->finds = plus(x->finds, 1);
	x->texts = plus(x->texts, x->since);
	x->since = 0;
	x->last_ms = now_ms;
	source_seen(x, source);
	fade(x);
}

/* --- what is to be told --- */

static bool has_rhythm(const struct watched *x)
{
	return x->days >= RULE_QUIET_DAYS && x->last_ms - x->first_ms >= RULE_QUIET_LEARN_MS;
}

static bool is_quiet(const struct watched *x, int64_t now_ms)
{
	return has_rhythm(x) && rhythm_broken(&x->rhythm, now_ms - x->last_ms, RULE_QUIET_LEAST_MS) &&
	       x->since >= RULE_QUIET_TEXTS && (uint64_t)x->since * x->finds >= RULE_QUIET_TIMES * (uint64_t)x->texts;
}

static struct rule_quiet_one one_of(const struct watched *x)
{
	int64_t span = x->last_ms - x->first_ms;

	return (struct rule_quiet_one){.rule = x->name,
				       .since_ms = x->quiet_ms,
				       .usual_a_day = span > 0 ? (double)x->finds * DAY_MS / (double)span : 0};
}

static void drop(struct rule_quiet *q, size_t i)
{
	q->v[i] = q->v[--q->n];
}

/* False: it is forgotten. */
static bool step(struct watched *x, int64_t now_ms, rule_quiet_cb *on_say, void *arg)
{
	struct rule_quiet_one one;

	if (x->last_ms > now_ms) /* the clock was set back */
		x->last_ms = now_ms;
	if (x->told_ms > now_ms)
		x->told_ms = now_ms;
	if (!x->told_ms && !is_quiet(x, now_ms))
		return now_ms - x->last_ms < 3 * RHYTHM_MEMORY_MS;
	if (!x->told_ms) {
		x->told_ms = x->begun_ms = now_ms;
		x->quiet_ms = x->last_ms;
		one = one_of(x);
		on_say(arg, RULE_QUIET_BEGINS, &one);
		return true;
	}
	one = one_of(x);
	if (x->last_ms > x->quiet_ms) {
		x->told_ms = 0;
		on_say(arg, RULE_QUIET_FINDS, &one);
	} else if (now_ms - x->begun_ms >= RULE_QUIET_FORGET_MS) {
		on_say(arg, RULE_QUIET_ENDED, &one);
		return false;
	} else if (now_ms - x->told_ms >= RULE_QUIET_AGAIN_MS) {
		x->told_ms = now_ms;
		on_say(arg, RULE_QUIET_LASTS, &one);
	}
	return true;
}

void rule_quiet_look(struct rule_quiet *q, int64_t now_ms, rule_quiet_cb *on_say, void *arg)
{
	size_t i = 0;

	while (i < q->n) {
		if (step(&q->v[i], now_ms, on_say, arg))
			i++;
		else
			drop(q, i);
	}
}

static bool named(const char *name, const char *const *rules, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(rules[i], name))
			return true;
	return false;
}

void rule_quiet_keep(struct rule_quiet *q, const char *const *rules, size_t n, rule_quiet_cb *on_say, void *arg)
{
	size_t i = 0;

	while (i < q->n) {
		struct rule_quiet_one one = one_of(&q->v[i]);

		if (named(q->v[i].name, rules, n)) {
			i++;
			continue;
		}
		if (q->v[i].told_ms)
			on_say(arg, RULE_QUIET_ENDED, &one);
		drop(q, i);
	}
}

void rule_quiet_each(const struct rule_quiet *q, void (*on_one)(void *arg, const struct rule_quiet_one *one), void *arg)
{
	size_t i;

	for (i = 0; i < q->n; i++) {
		struct rule_quiet_one one = one_of(&q->v[i]);

		if (q->v[i].told_ms)
			on_one(arg, &one);
	}
}

/* --- kept --- */

void rule_quiet_put(const struct rule_quiet *q, struct buf *b)
{
	size_t i, k;

	wire_put_u8(b, FORMAT);
	wire_put_u32(b, (uint32_t)q->n);
	for (i = 0; i < q->n; i++) {
		const struct watched *x = &q->v[i];

		wire_put_bytes(b, x->name, strlen(x->name));
		wire_put_i64(b, x->first_ms);
		wire_put_i64(b, x->last_ms);
		wire_put_i64(b, x->told_ms);
		wire_put_i64(b, x->begun_ms);
		wire_put_i64(b, x->quiet_ms);
		wire_put_u32(b, x->rhythm.longest_s);
		wire_put_u32(b, x->finds);
		wire_put_u32(b, x->days);
		wire_put_u32(b, x->texts);
		wire_put_u32(b, x->since);
		wire_put_u8(b, x->rhythm.gaps);
		wire_put_u8(b, x->n_sources);
		for (k = 0; k < x->n_sources; k++)
			wire_put_u64(b, x->sources[k]);
	}
}

static bool get_one(struct wire_in *in, struct watched *x)
{
	size_t len, k;
	const char *name = wire_get_bytes(in, &len);

	if (in->bad || !len || len >= sizeof(x->name))
		return false;
	memcpy(x->name, name, len);
	x->name[len] = '\0';
	x->first_ms = wire_get_i64(in);
	x->last_ms = wire_get_i64(in);
	x->told_ms = wire_get_i64(in);
	x->begun_ms = wire_get_i64(in);
	x->quiet_ms = wire_get_i64(in);
	x->rhythm.longest_s = wire_get_u32(in);
	x->finds = wire_get_u32(in);
	x->days = wire_get_u32(in);
	x->texts = wire_get_u32(in);
	x->since = wire_get_u32(in);
	x->rhythm.gaps = wire_get_u8(in);
	x->n_sources = wire_get_u8(in);
	if (in->bad || x->n_sources > RULE_QUIET_SOURCES)
		return false;
	for (k = 0; k < x->n_sources; k++)
		x->sources[k] = wire_get_u64(in);
	return !in->bad;
}

int rule_quiet_get(struct rule_quiet *q, struct wire_in *in)
{
	uint8_t format = wire_get_u8(in);
	size_t n = wire_get_count(in, LEAST_BYTES), i;

	if (in->bad || format != FORMAT || n > RULE_QUIET_RULES_MAX)
		return RULE_QUIET_E_FORMAT;
	for (i = 0; i < n; i++) {
		struct watched x = {.first_ms = 0};

		if (!get_one(in, &x)) {
			q->n = 0;
			return RULE_QUIET_E_FORMAT;
		}
		q->v = GROW(q->v, q->n, &q->cap);
		q->v[q->n++] = x;
	}
	return 0;
}
