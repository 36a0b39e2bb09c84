#pragma once
/*
 * alert/examples: the last mentions of a topic, of which the most telling ones stand in a message: that of the largest reach,
 * that which is like most of the others, and the first. Negative ones stay longest, since it is they that are asked for. Pure.
 *
 * Owner:  whoever called examples_new(). Blocks: never.
 * Bounds: EXAMPLES_MAX mentions, their texts cut at EXAMPLE_TEXT_MAX_BYTES. What is older than EXAMPLES_AGE_MS is not picked.
 */
#include <stddef.h>
#include <stdint.h>

#include "alert/incident_text.h"
#include "base/mem.h"

struct examples;
struct mention;

enum { EXAMPLES_MAX = 24, EXAMPLE_TEXT_MAX_BYTES = 500 };
#define EXAMPLES_AGE_MS (24 * INT64_C(3600000))

struct examples *examples_new(void) must_use;
struct examples *examples_free(struct examples *e); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct examples, examples_free)

void examples_add(struct examples *e, const struct mention *m); /* copied */

/* Each once, negative ones where there are any; borrowed until the next examples_add(). Returns how many. */
size_t examples_pick(const struct examples *e, int64_t now_ms, struct incident_example ret[INCIDENT_EXAMPLES]);

/* Of those that are there, how many come from sources of which is() says so, and how many there are. */
size_t examples_from(const struct examples *e, bool (*is)(void *arg, const char *source), void *arg, size_t *ret_all);
