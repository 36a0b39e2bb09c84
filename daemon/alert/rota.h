#pragma once
/*
 * alert/rota: who is on call at an instant, who stands in for whom, and who is not to be woken. Pure, but for rotas_new().
 *
 *   shifts     those that hold at the time, together; a rotating one means one of its people: the turn is counted in days of
 *              the rota's clock, and a night belongs to the day on which it begins, so that nobody is relieved at midnight
 *   away       from the first day's beginning to the last one's end, by the person's own clock. Whoever stands `instead` may
 *              be away, too: then who stands in for them. Where that ends nowhere, or in a circle, a rotating shift goes to
 *              the next of its people, and else nobody has it
 *   otherwise  whoever is on call where no shift gives anybody
 *   quiet      by the person's own clock, and not while they are on shift (for another one, too); otherwise is no shift
 *
 * Owner:  whoever called rotas_new(); it borrows the configuration. Blocks: rotas_new() reads the files of time zones; a zone
 *         that can't be read is UTC (main tells of it when the configuration is read).
 * Bounds: ROTA_SET_MAX people at once, the rest is left out; ROTA_AHEAD_MS for what looks ahead.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/config.h"
#include "base/clock.h"
#include "base/mem.h"

struct rotas;

enum { ROTA_SET_MAX = 50, ROTA_CHAIN_MAX = 20 /* who stands in for whom */ };
#define ROTA_QUIET_MAX_MS (7 * DAY_MS) /* quiet hours without an end are over then */

struct rotas_setup {
	const struct person_config *people;
	size_t n_people;
	const struct rota_config *rotas;
	size_t n_rotas;
	const char *timezone; /* of who has none of their own */
};
struct rotas *rotas_new(const struct rotas_setup *setup) must_use;
struct rotas *rotas_free(struct rotas *r); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct rotas, rotas_free)

/* Who does what this person is to do: they themselves, or who stands in; NULL: nobody. */
const struct person_config *rotas_stand_in(const struct rotas *r, const struct person_config *p, int64_t wall_ms);

enum rota_by { ROTA_BY_NOBODY, ROTA_BY_SHIFT, ROTA_BY_OTHERWISE };
struct rota_set {
	const struct person_config *v[ROTA_SET_MAX]; /* each once, in the configuration's order */
	size_t n;
	enum rota_by by;
};
void rota_at(const struct rotas *r, const struct rota_config *rota, int64_t wall_ms, struct rota_set *ret);
/* The first instant behind wall_ms at which rota_at() says something else; until_ms if there is none before. */
int64_t rota_next(const struct rotas *r, const struct rota_config *rota, int64_t wall_ms, int64_t until_ms);

bool rotas_on_shift(const struct rotas *r, const struct person_config *p, int64_t wall_ms);
/* When the quiet hours that hold now end; TIME_NONE: none hold. */
int64_t rotas_quiet_until(const struct rotas *r, const struct person_config *p, int64_t wall_ms);

/* The people whom a step means now, away ones replaced, each once. by is the shift's where any is there by shift. */
void rotas_resolve(const struct rotas *r, const struct who_config *who, size_t n_who, int64_t wall_ms,
		   struct rota_set *ret);

/* The first span in [from_ms, until_ms) in which none of an escalation's steps of a level reaches anybody who can be reached
 * at all. False: there is none. */
struct rota_gap {
	int64_t from_ms, to_ms; /* to_ms: at most until_ms */
};
bool rotas_gap(const struct rotas *r, const struct level_config *level, int64_t from_ms, int64_t until_ms,
	       struct rota_gap *ret);
