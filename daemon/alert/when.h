#pragma once
/*
 * alert/when: the condition of an alert (DESIGN §4): compiled, judged over what was measured, explained.
 *
 *   percent_rise >= 10% and matching >= 20 and authors >= 10
 *   unusual and not (quiet_for > 6h)
 *
 * How parts are joined is alert/condition's; signs are == != >= > <= <. A part takes its %, a duration its unit;
 * `unusual` stands alone. A comparison with an absent fact is false, so `not (growth > 100)` holds where growth is unknown.
 *
 * Owner:  the arena given, which keeps a copy of the text. Blocks: never. What is judged allocates nothing.
 * Bounds: those of alert/condition.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/condition.h"
#include "alert/measure.h"
#include "base/err.h"
#include "base/text.h"

struct arena;
struct buf;
struct when;

/* CONDITION_E_INVALID: *ret_fault says why. */
int when_parse(const char *text, struct arena *a, struct condition_fault *ret_fault, struct when **ret) must_use;

bool when_holds(const struct when *w, const struct measured *m);
uint32_t when_measures(const struct when *w); /* that it speaks of: bits 1 << enum measure */
const char *when_text(const struct when *w);  /* as it was written */

/* Each part in the order of the text, a whole before what it is made of. */
struct when_part {
	enum condition_kind kind;
	int depth; /* 0: the whole */
	bool holds;
	enum measure measure; /* LEAF: … */
	bool known;
	double value;
	const char *condition; /* ">= 10%", as written; "" of unusual */
	size_t condition_len;
};
void when_each(const struct when *w, const struct measured *m, void (*on_part)(void *arg, const struct when_part *part),
	       void *arg);
/* Lines as "percent_rise 14 % >= 10%: yes", indented below "and:", "or:", "not:". */
void when_explain(const struct when *w, const struct measured *m, enum text_lang lang, struct buf *b);
