#include "alert/when.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "base/units.h"

struct part {
	enum measure measure;
	enum sign sign;
	double number;
	uint16_t at, len; /* of the condition behind a measure's name */
};

struct when {
	struct condition condition;
	struct part parts[CONDITION_NODES_MAX]; /* of leaves, by their numbers */
};

/* --- reading --- */

/* 20, 2.5 */
static bool read_number(const char *text, double *ret)
{
	size_t whole = strspn(text, "0123456789"),
	       rest = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

	if (!whole || whole > 12 || rest > 6 || (text[whole] == '.' && !rest) ||
	    text[whole + (rest ? rest + 1 : 0)] != '\0')
		return false;
	*ret = strtod(text, NULL);
	return true;
}

static bool read_value(enum measure m, const char *text, double *ret)
{
	bool minus = m == MEASURE_PERCENT_RISE && *text == '-';
	int64_t ms;

	switch (measure_unit(m)) {
	case MEASURE_PART:
		if (units_part(text + minus, ret) != 0)
			return false;
		*ret = minus ? -*ret : *ret;
		return true;
	case MEASURE_DURATION:
		if (units_duration(text, &ms) != 0)
			return false;
		*ret = (double)ms;
		return true;
	default:
		return read_number(text, ret);
	}
}

static enum text_id want_value(enum measure m)
{
	return measure_unit(m) == MEASURE_PART       ? TEXT_WHEN_WANT_PART
	       : measure_unit(m) == MEASURE_DURATION ? TEXT_WHEN_WANT_DURATION
						     : TEXT_WHEN_WANT_NUMBER;
}

static bool comparison(struct condition_reader *r, struct part *part)
{
	const char *from = r->p;
	char *value;
	size_t len;

	if (!condition_take_sign(r, &part->sign))
		return condition_fail(r, r->p, TEXT_WHEN_WANT_SIGN, NULL);
	condition_blanks(r);
	len = strspn(r->p, "0123456789.%-abcdefghijklmnopqrstuvwxyz_");
	value = arena_memdup0(r->arena, r->p, len);
	if (!read_value(part->measure, value, &part->number)) {
		condition_fail(r, r->p, want_value(part->measure), NULL);
		if (len)
			r->fault->found = value;
		return false;
	}
	r->p += len;
	part->at = (uint16_t)(from - r->text);
	part->len = (uint16_t)(r->p - from);
	return true;
}

static bool read_part(struct condition_reader *r, uint16_t number, void *arg)
{
	struct when *w = arg;
	struct part *part = &w->parts[number];
	const char *from = r->p, *name;
	size_t len = condition_token(from), i;

	if (!len)
		return condition_fail(r, from, TEXT_WHEN_ENDS, NULL);
	name = arena_memdup0(r->arena, from, len);
	for (i = 0; i < MEASURES && strcmp(measure_names[i], name) != 0; i++)
		;
	if (condition_is_joint(name))
		return condition_fail(r, from, TEXT_WHEN_WANT_MEASURE, NULL);
	if (i == MEASURES)
		return condition_fail(r, from, condition_is_word(*from) ? TEXT_WHEN_NO_MEASURE : TEXT_WHEN_WANT_MEASURE,
				      suggest(name, measure_names, MEASURES, sizeof(*measure_names)));
	*part = (struct part){.measure = (enum measure)i};
	r->p += len;
	condition_blanks(r);
	if (measure_unit(part->measure) == MEASURE_YES_NO)
		return !(*r->p && strchr("=<>!", *r->p)) || condition_fail(r, r->p, TEXT_WHEN_ALONE, NULL);
	return comparison(r, part);
}

int when_parse(const char *text, struct arena *a, struct condition_fault *ret_fault, struct when **ret)
{
	struct when *w = ARENA_NEW(a, struct when);
	int r = condition_parse(text, a, read_part, w, ret_fault, &w->condition);

	if (r == 0)
		*ret = w;
	return r;
}

/* --- judging --- */

struct judged {
	const struct when *w;
	const struct measured *m;
};

static bool part_holds(uint16_t number, const void *arg)
{
	const struct judged *j = arg;
	const struct part *part = &j->w->parts[number];
	double value = j->m->v[part->measure];

	if (!measure_known(j->m, part->measure) || isnan(value))
		return false;
	return measure_unit(part->measure) == MEASURE_YES_NO ? value > 0 : sign_holds(value, part->sign, part->number);
}

static bool holds(const struct when *w, uint16_t number, const struct measured *m)
{
	return condition_holds(&w->condition, number, part_holds, &(struct judged){w, m});
}

bool when_holds(const struct when *w, const struct measured *m)
{
	return holds(w, w->condition.root, m);
}

uint32_t when_measures(const struct when *w)
{
	uint32_t bits = 0;
	size_t i;

	for (i = 1; i < w->condition.n; i++)
		if (w->condition.nodes[i].kind == CONDITION_LEAF)
			bits |= UINT32_C(1) << w->parts[i].measure;
	return bits;
}

const char *when_text(const struct when *w)
{
	return w->condition.text;
}

/* --- explaining --- */

static void each(const struct when *w, uint16_t number, int depth, const struct measured *m,
		 void (*on_part)(void *arg, const struct when_part *part), void *arg)
{
	const struct condition_node *node = &w->condition.nodes[number];
	const struct part *leaf = node->kind == CONDITION_LEAF ? &w->parts[number] : NULL;
	struct when_part part = {.kind = node->kind, .depth = depth, .holds = holds(w, number, m)};
	uint16_t child;

	if (leaf) {
		part.measure = leaf->measure;
		part.value = m->v[leaf->measure];
		part.known = measure_known(m, leaf->measure) && !isnan(part.value);
		part.condition = w->condition.text + leaf->at;
		part.condition_len = leaf->len;
	}
	on_part(arg, &part);
	for (child = node->child; child; child = w->condition.nodes[child].next)
		each(w, child, depth + 1, m, on_part, arg);
}

void when_each(const struct when *w, const struct measured *m, void (*on_part)(void *arg, const struct when_part *part),
	       void *arg)
{
	each(w, w->condition.root, 0, m, on_part, arg);
}

struct explanation {
	enum text_lang lang;
	struct buf *b;
};

static void explain(void *arg, const struct when_part *part)
{
	static const enum text_id joints[] = {
		[CONDITION_AND] = TEXT_WHEN_ALL, [CONDITION_OR] = TEXT_WHEN_ANY, [CONDITION_NOT] = TEXT_WHEN_NONE};
	const struct explanation *e = arg;
	const char *verdict = text_raw(e->lang, part->holds ? TEXT_WHEN_YES : TEXT_WHEN_NO);
	char value[MEASURE_TEXT_SIZE];

	buf_printf(e->b, "%*s", 2 * part->depth, "");
	if (part->kind != CONDITION_LEAF) {
		buf_printf(e->b, "%s: %s\n", text_raw(e->lang, joints[part->kind]), verdict);
		return;
	}
	buf_puts(e->b, measure_names[part->measure]);
	if (part->condition_len || !part->known)
		buf_printf(e->b, " %s",
			   part->known ? measure_text(part->measure, part->value, e->lang, value)
				       : text_raw(e->lang, TEXT_WHEN_ABSENT));
	if (part->condition_len)
		buf_printf(e->b, " %.*s", (int)part->condition_len, part->condition);
	buf_printf(e->b, ": %s\n", verdict);
}

void when_explain(const struct when *w, const struct measured *m, enum text_lang lang, struct buf *b)
{
	struct explanation e = {lang, b};

	when_each(w, m, explain, &e);
}
