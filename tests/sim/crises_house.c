#include "crises_house.h"

#include "alert/rota.h"

enum { H = 60, MON_FRI = 0x3E, SAT_SUN = 0x41 };

struct house_parts {
	struct hours quiet[HOUSE_PEOPLE][2];
	struct away_config away[HOUSE_PEOPLE];
	struct who_config people[HOUSE_PEOPLE], on_call[HOUSE_ROTAS];
	struct shift_config shifts[HOUSE_ROTAS][3];
	struct step_config steps[HOUSE_POLICIES][SEVERITIES][3];
};

static const struct reach_config mail[] = {{.name = "correo", .address = "x@example.com"}};
static const char *const names[HOUSE_PEOPLE] = {"ana", "luis", "eva", "teo", "atencion", "sin-correo"};
static const char *const zones[HOUSES] = {"America/Santiago", "Europe/Madrid", "America/New_York"};

/* All of them but the group sleep; two are away in March and in September, when clocks are set, and stand in for each other at
 * other times; the last one can't be reached at all. */
static void move_in(struct house *h)
{
	struct house_parts *p = h->parts;
	int64_t spring = clock_days_from_civil(2026, 3, 1), autumn = clock_days_from_civil(2026, 9, 1);
	size_t i;

	for (i = 0; i < HOUSE_PEOPLE; i++) {
		p->quiet[i][0] = (struct hours){HOURS_EVERY_DAY, 22 * H, 7 * H};
		p->quiet[i][1] = (struct hours){SAT_SUN, 0, 10 * H};
		h->people[i] = (struct person_config){.name = names[i], .reach = mail, .n_reach = i + 1 < HOUSE_PEOPLE};
		if (i != 4) {
			h->people[i].quiet = p->quiet[i];
			h->people[i].n_quiet = 1 + i % 2;
		}
		p->people[i].person = &h->people[i];
	}
	h->people[4].group = true;
	h->people[2].timezone = "Asia/Kathmandu";
	p->away[0] = (struct away_config){.from_day = spring, .to_day = spring + 30, .stand_in = &h->people[1]};
	p->away[1] = (struct away_config){.from_day = autumn, .to_day = autumn + 60, .stand_in = &h->people[0]};
	for (i = 0; i < 2; i++) {
		h->people[i].away = &p->away[i];
		h->people[i].n_away = 1;
	}
}

static void give_shifts(struct house *h)
{
	struct house_parts *p = h->parts;

	p->shifts[0][0] = (struct shift_config){.hours = {MON_FRI, 7 * H, 15 * H}, .who = &p->people[0], .n_who = 1};
	p->shifts[0][1] = (struct shift_config){.hours = {MON_FRI, 15 * H, 23 * H}, .who = &p->people[1], .n_who = 1};
	p->shifts[0][2] = (struct shift_config){.hours = {SAT_SUN, 9 * H, 21 * H},
						.who = p->people,
						.n_who = 3,
						.rotate = ROTATE_WEEKLY,
						.since_day = 4};
	p->shifts[1][0] = (struct shift_config){
		.hours = {HOURS_EVERY_DAY, 20 * H, 8 * H}, .who = p->people + 2, .n_who = 2, .rotate = ROTATE_DAILY};
	h->rota[0] = (struct rota_config){
		.name = "cm", .shifts = p->shifts[0], .n_shifts = 3, .otherwise = &p->people[3], .n_otherwise = 1};
	h->rota[1] = (struct rota_config){.name = "noche", .shifts = p->shifts[1], .n_shifts = 1, .nobody = true};
	p->on_call[0].rota = &h->rota[0];
	p->on_call[1].rota = &h->rota[1];
}

static void add_step(struct house *h, size_t policy, enum severity severity, int64_t after_ms,
		     const struct who_config *who, size_t n)
{
	struct level_config *level = &h->policies[policy].levels[severity];
	struct step_config *steps = h->parts->steps[policy][severity];

	steps[level->n++] = (struct step_config){.after_ms = after_ms, .notify = who, .n_notify = n};
	level->steps = steps;
}

static void give_steps(struct house *h)
{
	const struct who_config *people = h->parts->people, *cm = &h->parts->on_call[0], *noche = &h->parts->on_call[1];
	size_t i;

	for (i = 0; i < HOUSE_POLICIES; i++)
		h->policies[i].repeat_ms = (int64_t)i * 20 * MINUTE_MS; /* the first repeats nothing */
	add_step(h, 0, SEVERITY_INFO, 0, people, 1);
	add_step(h, 0, SEVERITY_WARNING, 0, cm, 1);
	add_step(h, 0, SEVERITY_WARNING, 30 * MINUTE_MS, people + 1, 1);
	add_step(h, 0, SEVERITY_CRITICAL, 0, h->parts->on_call, 2);
	add_step(h, 0, SEVERITY_CRITICAL, 15 * MINUTE_MS, people, 4);
	add_step(h, 1, SEVERITY_WARNING, 5 * MINUTE_MS, noche, 1); /* info reaches nobody, and nobody is meant */
	add_step(h, 1, SEVERITY_WARNING, 5 * MINUTE_MS, people + 4, 1);
	add_step(h, 1, SEVERITY_CRITICAL, 0, noche, 1);
	add_step(h, 1, SEVERITY_CRITICAL, 10 * MINUTE_MS, people + 4, 1);
	add_step(h, 1, SEVERITY_CRITICAL, 10 * MINUTE_MS, cm, 1);
	add_step(h, 2, SEVERITY_INFO, 0, people + 5, 1); /* nobody can be reached at all */
	add_step(h, 2, SEVERITY_WARNING, 0, people + 5, 1);
	add_step(h, 2, SEVERITY_CRITICAL, 0, people + 5, 1);
	add_step(h, 3, SEVERITY_INFO, 0, cm, 1);
	add_step(h, 3, SEVERITY_WARNING, 0, people, HOUSE_PEOPLE);
	add_step(h, 3, SEVERITY_CRITICAL, 0, people, HOUSE_PEOPLE);
}

struct house *houses_open(void)
{
	struct house *houses = xcalloc(HOUSES, sizeof(*houses));
	size_t i;

	for (i = 0; i < HOUSES; i++) {
		struct house *h = &houses[i];

		h->parts = NEW(struct house_parts);
		move_in(h);
		give_shifts(h);
		give_steps(h);
		h->rotas = rotas_new(&(struct rotas_setup){h->people, HOUSE_PEOPLE, h->rota, HOUSE_ROTAS, zones[i]});
	}
	return houses;
}

void houses_close(struct house *houses)
{
	size_t i;

	for (i = 0; i < HOUSES; i++) {
		rotas_free(houses[i].rotas);
		free(houses[i].parts);
	}
	free(houses);
}
