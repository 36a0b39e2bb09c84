/* Who is named by people's absences, rotas and escalations, and when nobody is on call. */
#include "main/config_oncall.h"

#include <string.h>

#include "alert/rota.h"
#include "base/schema.h"
#include "base/suggest.h"
#include "main/config.h"
#include "main/config_people.h"

#define ROTA_MARK "oncall:"

static bool no_person(struct schema_run *run, const struct config *c, struct diag_pos pos, const char *key,
		      const char *name)
{
	const char *guess = c->n_people ? suggest(name, &c->people[0].name, c->n_people, sizeof(*c->people)) : NULL;

	return schema_fail_at(run, pos, key, guess, TEXT_PEOPLE_NO_PERSON, TEXT_ARGS(name));
}

static bool find_rota(struct schema_run *run, const struct config *c, struct who_config *who, const char *key)
{
	const char *name = who->name + strlen(ROTA_MARK), *guess;
	size_t i;

	for (i = 0; i < c->n_rotas; i++)
		if (strcmp(c->rotas[i].name, name) == 0)
			who->rota = &c->rotas[i];
	if (who->rota)
		return true;
	guess = c->n_rotas ? suggest(name, &c->rotas[0].name, c->n_rotas, sizeof(*c->rotas)) : NULL;
	return schema_fail_at(run, who->pos, key, guess, TEXT_ONCALL_NO_ROTA, TEXT_ARGS(name));
}

/* What was decoded into our own arena is still being made: so these may be written. */
bool config_who_find(struct schema_run *run, const struct config *c, const struct who_config *v, size_t n,
		     bool rota_may_be, const char *below)
{
	struct who_config *who = (struct who_config *)v;
	bool right = true;
	size_t i;

	for (i = 0; i < n; i++) {
		cleanup(freep) char *key = xasprintf("%s[%zu]", below, i);

		if (strncmp(who[i].name, ROTA_MARK, strlen(ROTA_MARK)) == 0) {
			right = (rota_may_be ? find_rota(run, c, &who[i], key)
					     : schema_fail_at(run, who[i].pos, key, NULL, TEXT_ONCALL_ROTA_HERE,
							      TEXT_ARGS(who[i].name))) &&
				right;
			continue;
		}
		who[i].person = config_person(c, who[i].name);
		if (!who[i].person)
			right = no_person(run, c, who[i].pos, key, who[i].name);
	}
	return right;
}

static bool check_absences(struct schema_run *run, const struct config *c, size_t person)
{
	struct away_config *away = (struct away_config *)c->people[person].away;
	bool right = true;
	size_t i;

	for (i = 0; i < c->people[person].n_away; i++) {
		cleanup(freep) char *key = xasprintf("people[%zu].away[%zu].instead", person, i);

		if (!away[i].instead)
			continue;
		away[i].stand_in = config_person(c, away[i].instead);
		if (!away[i].stand_in)
			right = no_person(run, c, away[i].pos, key, away[i].instead);
		else if (away[i].stand_in == &c->people[person])
			right = schema_fail_at(run, away[i].pos, key, NULL, TEXT_ONCALL_INSTEAD_SELF,
					       TEXT_ARGS(away[i].instead));
	}
	return right;
}

static bool check_rota_who(struct schema_run *run, const struct config *c, size_t number)
{
	const struct rota_config *rota = &c->rotas[number];
	cleanup(freep) char *otherwise = xasprintf("oncall[%zu].otherwise", number);
	bool right = config_who_find(run, c, rota->otherwise, rota->n_otherwise, false, otherwise);
	size_t i;

	for (i = 0; i < rota->n_shifts; i++) {
		cleanup(freep) char *key = xasprintf("oncall[%zu].shifts[%zu].who", number, i);

		right = config_who_find(run, c, rota->shifts[i].who, rota->shifts[i].n_who, false, key) && right;
	}
	return right;
}

static bool check_escalation_who(struct schema_run *run, const struct config *c, size_t number)
{
	bool right = true;
	size_t level, i;

	for (level = 0; level < SEVERITIES; level++)
		for (i = 0; i < c->escalations[number].levels[level].n; i++) {
			const struct step_config *step = &c->escalations[number].levels[level].steps[i];
			cleanup(freep) char *key =
				xasprintf("escalations[%zu].%s[%zu].notify", number, severity_names[level], i);

			right = config_who_find(run, c, step->notify, step->n_notify, true, key) && right;
		}
	return right;
}

bool config_oncall_check(struct schema_run *run, struct config *c)
{
	bool right = true;
	size_t i;

	for (i = 0; i < c->n_people; i++)
		right = check_absences(run, c, i) && right;
	for (i = 0; i < c->n_rotas; i++)
		right = check_rota_who(run, c, i) && right;
	for (i = 0; i < c->n_escalations; i++)
		right = check_escalation_who(run, c, i) && right;
	return right;
}

/* --- gaps --- */

struct rotas *config_rotas(const struct config *c)
{
	return rotas_new(&(struct rotas_setup){c->people, c->n_people, c->rotas, c->n_rotas, c->timezone});
}

char *config_time(const struct config *c, const char *timezone, int64_t wall_ms)
{
	cleanup(zone_freep) struct zone *zone = NULL;
	struct zone_time t;

	if (zone_load(timezone ? timezone : c->timezone, &zone) != 0)
		zone = NULL;
	zone_local(zone, wall_ms, &t);
	return xasprintf("%04lld-%02d-%02d %02d:%02d", (long long)t.year, t.month, t.day, t.hour, t.minute);
}

void config_oncall_tell(const struct config *c, struct diag *d, int64_t wall_ms)
{
	cleanup(rotas_freep) struct rotas *r = config_rotas(c);
	int64_t until_ms = wall_ms + ONCALL_AHEAD_DAYS * DAY_MS;
	struct rota_set set;
	size_t i;

	for (i = 0; i < c->n_rotas; i++) {
		const struct rota_config *rota = &c->rotas[i];
		cleanup(freep) char *from = NULL, *to = NULL;
		int64_t at_ms = wall_ms;

		rota_at(r, rota, at_ms, &set);
		while (set.n && at_ms < until_ms) {
			at_ms = rota_next(r, rota, at_ms, until_ms);
			rota_at(r, rota, at_ms, &set);
		}
		if (rota->nobody || at_ms >= until_ms)
			continue;
		from = config_time(c, rota->timezone, at_ms);
		to = config_time(c, rota->timezone, rota_next(r, rota, at_ms, until_ms));
		diag_warning(d, rota->pos, "oncall", NULL, TEXT_ONCALL_GAP, rota->name, from, to);
	}
}
