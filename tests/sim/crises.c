/*
 * crises [--trace] [SEEDS [FIRST]]: so many incidents, each alone in a world: alerts that come and go, people who sleep, are away,
 * answer late, wrongly or never, channels that fail, sources that fall silent, a clock that is set, a daemon that is killed. One
 * number decides all of it. What is promised of each:
 *
 *   someone is told, or operators are told that nobody can be
 *   nobody is told twice without a reason
 *   every wait ends, and so does the incident
 *   whoever took it is left alone, unless it grows
 *   kept and found again it goes on as if nothing had been
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "alert/crisis.h"
#include "alert/rota.h"
#include "base/buf.h"
#include "crises_house.h"

enum { SEEDS = 20000, MESSAGES_MAX = 64, WORLD_STEPS_MAX = 20000, KILL_ONE_IN = 8 };
#define YEAR_FROM_MS INT64_C(1767225600000) /* 2026-01-01 */
#define AFTERMATH_MS (12 * DAY_MS)          /* a day by hand, a week of quiet hours, and what follows */

struct message {
	size_t person;
	int64_t at_ms;
	bool taken;
};

struct world {
	uint64_t seed, dice, steps, kills, tells;
	bool tracing, calm;
	int64_t now_ms, ahead_ms, down_ms;
	const struct house *house;
	struct escalation_by by;
	struct crisis c;
	struct message messages[MESSAGES_MAX];
	size_t n_messages;
	bool dead[HOUSE_PEOPLE]; /* no channel of theirs works */
	/* what was seen */
	bool opened_by_hand, ended, took, asked_for, went_down;
	size_t nobody, told[HOUSE_PEOPLE], ends[HOUSE_PEOPLE];
	bool has[HOUSE_PEOPLE]; /* the last message arrived */
	uint32_t round_of[HOUSE_PEOPLE];
	int64_t told_ms[HOUSE_PEOPLE], shift_ms[HOUSE_PEOPLE];
	uint64_t shifts; /* changes of shift of which somebody was told */
	double size_before;
	struct buf kept, again;
};

static void broken(const struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
static void broken(const struct world *w, const char *format, ...)
{
	va_list args;

	printf("seed %llu, %.3f h: ", (unsigned long long)w->seed, (double)w->now_ms / (double)HOUR_MS);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\nreplay: tests/crises --trace 1 %llu\n", (unsigned long long)w->seed);
	exit(1);
}
#define PROMISE(w, condition, ...) ((condition) ? (void)0 : broken((w), __VA_ARGS__))

static void trace(const struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void trace(const struct world *w, const char *format, ...)
{
	va_list args;

	if (!w->tracing)
		return;
	printf("%10.3f h ", (double)(w->now_ms) / (double)HOUR_MS);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static uint64_t roll(struct world *w, uint64_t below)
{
	w->dice = w->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (w->dice >> 33) % below;
}

static bool one_in(struct world *w, uint64_t n)
{
	return roll(w, n) == 0;
}

/* --- what must hold of a message --- */

static size_t number_of(const struct world *w, const char *person)
{
	size_t i;

	for (i = 0; i < HOUSE_PEOPLE; i++)
		if (strcmp(w->house->people[i].name, person) == 0)
			return i;
	broken(w, "there is nobody called %s", person);
}

static bool is_of_a_round(enum incident_reason reason)
{
	return reason == INCIDENT_BEGINS || reason == INCIDENT_RISES || reason == INCIDENT_REPEATS ||
	       reason == INCIDENT_LAPSED;
}

static void check_tell(struct world *w, const struct escalation_action *a, const struct incident_event *e)
{
	const struct incident *i = &w->c.incident;
	const char *name = w->c.escalation.told[a->told].person, *reason = incident_reason_names[a->reason];
	size_t p = number_of(w, name);
	bool owner = strcmp(i->owner, name) == 0;
	int64_t pause = w->by.policy->repeat_ms ? w->by.policy->repeat_ms : ESCALATION_RETRY_MS;

	trace(w, "%s is told: %s, %s", name, reason, severity_names[a->severity]);
	if (is_of_a_round(a->reason) || (a->reason == INCIDENT_BACK && i->state == INCIDENT_OPEN)) {
		PROMISE(w, i->state == INCIDENT_OPEN || w->steps == 0, "%s is told (%s) in state %d", name, reason,
			i->state);
		PROMISE(w, w->round_of[p] != w->c.escalation.round, "%s is told twice in a round (%s)", name, reason);
		w->round_of[p] = w->c.escalation.round;
	}
	if (a->reason == INCIDENT_REPEATS && w->has[p])
		PROMISE(w, w->now_ms - w->told_ms[p] >= pause / 2, "%s is told again too soon", name);
	if (a->reason == INCIDENT_GREW || (a->reason == INCIDENT_BACK && i->state == INCIDENT_ACKNOWLEDGED))
		PROMISE(w, owner && e && e->kind == INCIDENT_EV_JUDGED && e->met, "%s is told of growth that is none",
			name);
	if (a->reason == INCIDENT_GREW && e)
		PROMISE(w, e->size >= 2 * w->size_before || e->severity > SEVERITY_INFO, "growth without growing");
	if (a->reason == INCIDENT_TAKEN_BY)
		PROMISE(w, e && (owner ? e->kind == INCIDENT_EV_PASSED : e->kind == INCIDENT_EV_TAKEN),
			"%s is told that it was taken, and nobody did, or they themselves", name);
	if (a->reason == INCIDENT_SHIFT) {
		PROMISE(w, !owner && !e && (i->state == INCIDENT_ACKNOWLEDGED || i->state == INCIDENT_RECEDING),
			"%s is told at the change of shift, and needs not know", name);
		PROMISE(w, w->shift_ms[p] != w->now_ms, "%s is told twice of one change of shift", name);
		w->shift_ms[p] = w->now_ms;
		w->shifts++;
	}
	if (a->reason == INCIDENT_ASKED)
		PROMISE(w, owner && i->answer_ms != TIME_NONE, "%s is asked, and no answer is awaited", name);
	if (a->reason == INCIDENT_ENDS)
		PROMISE(w, !w->ends[p]++ && i->state == INCIDENT_CLOSED, "%s is told twice that it ended", name);
	if (a->reason == INCIDENT_RECEDES)
		PROMISE(w, i->state == INCIDENT_RECEDING || i->state == INCIDENT_CLOSED, "%s: it does not recede",
			name);
	if (a->severity < SEVERITY_CRITICAL && a->reason != INCIDENT_ASKED)
		PROMISE(w, rotas_quiet_until(w->by.rotas, &w->house->people[p], w->by.wall_ms) == TIME_NONE,
			"%s is woken for what is not critical (%s)", name, reason);
	w->told[p]++;
	w->told_ms[p] = w->now_ms;
	w->has[p] = false;
	w->tells++;
}

/* Whether any of a level's steps means somebody who could be told. */
static bool anybody(const struct world *w)
{
	const struct level_config *level = &w->by.policy->levels[w->c.escalation.severity];
	const struct told *t;
	struct rota_set set;
	size_t i, k;

	for (i = 0; i < level->n; i++) {
		rotas_resolve(w->by.rotas, level->steps[i].notify, level->steps[i].n_notify, w->by.wall_ms, &set);
		for (k = 0; k < set.n; k++) {
			t = escalation_told(&w->c.escalation, set.v[k]->name);
			if (set.v[k]->n_reach && !w->dead[set.v[k] - w->house->people] && !(t && t->state == TOLD_NOT))
				return true;
		}
	}
	return false;
}

static void send(struct world *w, size_t person)
{
	size_t i;

	for (i = 0; i < w->n_messages; i++) /* a newer one takes its place: what becomes of it speaks for both */
		if (w->messages[i].person == person)
			return;
	PROMISE(w, w->n_messages < MESSAGES_MAX, "too many messages");
	w->messages[w->n_messages++] = (struct message){
		.person = person,
		.at_ms = w->now_ms + 1000 + (int64_t)roll(w, one_in(w, 10) ? 2 * HOUR_MS : MINUTE_MS),
		.taken = !w->dead[person] && !one_in(w, 12),
	};
}

static void check(struct world *w, const struct crisis_actions *a, const struct incident_event *e)
{
	size_t k;

	for (k = 0; k < a->tell.n; k++) {
		const struct escalation_action *one = &a->tell.v[k];

		if (one->kind == ESCALATION_NOBODY) {
			trace(w, "nobody can be told");
			PROMISE(w, !anybody(w), "nobody, it says, and there is somebody");
			w->nobody++;
			continue;
		}
		check_tell(w, one, e);
		send(w, number_of(w, w->c.escalation.told[one->told].person));
	}
	if (w->c.incident.state == INCIDENT_ACKNOWLEDGED)
		PROMISE(w, w->c.escalation.state != ESCALATION_RUNNING, "it was taken, and the steps go on");
	if (w->c.incident.state == INCIDENT_CLOSED)
		PROMISE(w, w->c.escalation.state != ESCALATION_RUNNING, "it is over, and the steps go on");
	if (w->c.incident.state == INCIDENT_OPEN)
		PROMISE(w, w->c.escalation.state == ESCALATION_RUNNING, "it is open, and nobody is being told");
	PROMISE(w, a->rearm == (w->c.incident.state == INCIDENT_CLOSED && !w->ended),
		"the detector is not armed again");
	w->ended = w->c.incident.state == INCIDENT_CLOSED;
}

/* --- steps, with a kill now and then --- */

static void keep(struct world *w, const struct crisis *c, struct buf *to)
{
	buf_reset(to);
	crisis_put(c, w->ahead_ms, to);
	PROMISE(w, !to->full, "it takes more room than there is");
}

static double told_size(const struct world *w, const char *alert)
{
	size_t k;

	for (k = 0; alert && k < w->c.incident.n_facets; k++)
		if (strcmp(w->c.incident.facets[k].alert, alert) == 0)
			return w->c.incident.facets[k].told_size;
	return 0;
}

/* The same step by what was kept and found again: the same comes of it. */
static void step(struct world *w, const struct crisis_event *e)
{
	static struct crisis found;
	static struct crisis_actions actions, as_found;
	const struct incident_event *incident = e->kind == CRISIS_EV_INCIDENT ? &e->incident : NULL;
	bool kill = one_in(w, KILL_ONE_IN);

	PROMISE(w, w->steps++ < WORLD_STEPS_MAX, "it does not come to rest");
	w->size_before = incident ? told_size(w, incident->alert) : 0;
	w->by.wall_ms = w->now_ms + w->ahead_ms;
	if (kill) {
		keep(w, &w->c, &w->kept);
		PROMISE(w, crisis_get(buf_str(&w->kept), w->kept.len, w->ahead_ms, w->now_ms, 0, &found) == 0,
			"what was kept can't be read");
		crisis_step(&found, e, &w->by, w->now_ms, &as_found);
	}
	crisis_step(&w->c, e, &w->by, w->now_ms, &actions);
	if (kill) {
		w->kills++;
		keep(w, &w->c, &w->kept);
		keep(w, &found, &w->again);
		PROMISE(w,
			w->kept.len == w->again.len &&
				memcmp(buf_str(&w->kept), buf_str(&w->again), w->kept.len) == 0 &&
				actions.tell.n == as_found.tell.n && actions.rearm == as_found.rearm &&
				memcmp(actions.tell.v, as_found.tell.v, actions.tell.n * sizeof(*actions.tell.v)) == 0,
			"killed and started again it goes on otherwise");
		w->c = found;
	}
	check(w, &actions, incident);
}

static void step_incident(struct world *w, struct incident_event e)
{
	struct crisis_event event = {.kind = CRISIS_EV_INCIDENT, .incident = e};

	step(w, &event);
}

/* --- what happens --- */

static const char *const alerts[] = {"share", "words", "volume", "own-1"};

static void judged(struct world *w, bool calm)
{
	size_t n = roll(w, ARRAY_LEN(alerts));
	bool met = !calm && !one_in(w, 3);
	double size = (double)roll(w, one_in(w, 6) ? 400 : 40);

	step_incident(w, (struct incident_event){
				 .kind = INCIDENT_EV_JUDGED,
				 .alert = alerts[n],
				 .severity = n == 2 ? SEVERITY_INFO : (enum severity)roll(w, SEVERITIES),
				 .met = met,
				 .settled = !met && (calm || !one_in(w, 4)),
				 .late = !calm && one_in(w, 20),
				 .settle_ms = n == 3 ? 30 * MINUTE_MS : 0,
				 .size = size,
				 .window = size + (double)roll(w, 30),
			 });
}

static void answer(struct world *w)
{
	const char *who = w->house->people[roll(w, HOUSE_PEOPLE)].name;
	const struct told *t = escalation_told(&w->c.escalation, who);
	uint64_t what = roll(w, 40);

	if (what < 4)
		step_incident(w, (struct incident_event){.kind = INCIDENT_EV_PASSED, .who = who});
	else if (what == 4)
		step_incident(w, (struct incident_event){.kind = INCIDENT_EV_CLOSED, .who = who});
	else if (what == 5)
		step_incident(w, (struct incident_event){.kind = INCIDENT_EV_FALSE_ALARM, .who = who});
	else
		step_incident(w, (struct incident_event){.kind = INCIDENT_EV_TAKEN,
							 .who = who,
							 .severity = t ? t->severity : w->c.incident.severity});
}

static void fault(struct world *w)
{
	static const int64_t jumps[] = {-2 * HOUR_MS, 2 * DAY_MS, MINUTE_MS, -DAY_MS};
	static const struct crisis_event set = {.kind = CRISIS_EV_CLOCK};

	switch (roll(w, 3)) {
	case 0:
		w->ahead_ms += jumps[roll(w, ARRAY_LEN(jumps))];
		trace(w, "the clock is set");
		step(w, &set);
		break;
	case 1:
		w->dead[roll(w, HOUSE_PEOPLE)] ^= true;
		break;
	default:
		step_incident(w, (struct incident_event){.kind = INCIDENT_EV_HEARD, .met = one_in(w, 2)});
		break;
	}
}

static void arrive(struct world *w, size_t k)
{
	struct message m = w->messages[k];
	struct crisis_event e = {.kind = m.taken ? CRISIS_EV_HAS : CRISIS_EV_NOT,
				 .person = w->house->people[m.person].name};

	w->messages[k] = w->messages[--w->n_messages];
	w->has[m.person] = m.taken;
	trace(w, "%s %s", e.person, m.taken ? "has it" : "does not get it");
	step(w, &e);
}

/* Until then: messages and waits, each at its time. */
static void pass(struct world *w, int64_t until_ms)
{
	static const struct crisis_event wait_is_over = {.kind = CRISIS_EV_DUE};

	for (;;) {
		int64_t at_ms = crisis_due(&w->c);
		size_t k, first = w->n_messages;

		if (at_ms == TIME_NONE || at_ms > until_ms)
			at_ms = until_ms;
		for (k = 0; k < w->n_messages; k++)
			if (w->messages[k].at_ms <= at_ms) {
				at_ms = w->messages[k].at_ms;
				first = k;
			}
		w->now_ms = at_ms > w->now_ms ? at_ms : w->now_ms;
		if (first < w->n_messages) {
			arrive(w, first);
			continue;
		}
		if (crisis_due(&w->c) == TIME_NONE || crisis_due(&w->c) > w->now_ms)
			return;
		step(w, &wait_is_over);
		PROMISE(w, crisis_due(&w->c) == TIME_NONE || crisis_due(&w->c) > w->now_ms,
			"a wait is over, and waits still");
	}
}

static void begin(struct world *w)
{
	static struct crisis_actions actions;
	struct incident_event first = {.kind = one_in(w, 20) ? INCIDENT_EV_TAKEN : INCIDENT_EV_JUDGED,
				       .alert = alerts[roll(w, ARRAY_LEN(alerts))],
				       .severity = (enum severity)roll(w, SEVERITIES),
				       .met = true,
				       .late = one_in(w, 20),
				       .size = 1 + (double)roll(w, 40)};

	w->opened_by_hand = first.kind == INCIDENT_EV_TAKEN;
	if (w->opened_by_hand && one_in(w, 2))
		first.who = w->house->people[0].name;
	trace(w, "it begins: %s, %s", first.alert, severity_names[first.severity]);
	w->by.wall_ms = w->now_ms + w->ahead_ms;
	crisis_open(&w->c, w->seed, "acme", &first, &w->by, w->now_ms, &actions);
	check(w, &actions, &first);
}

static bool works(void *arg, const struct person_config *p)
{
	const struct world *w = arg;

	return !w->dead[p - w->house->people];
}

static void settle(struct world *w)
{
	int64_t end_ms = w->now_ms + AFTERMATH_MS;
	size_t k;

	trace(w, "all is calm");
	step_incident(w, (struct incident_event){.kind = INCIDENT_EV_HEARD, .met = true});
	for (k = 0; k < ARRAY_LEN(alerts); k++)
		step_incident(w,
			      (struct incident_event){
				      .kind = INCIDENT_EV_JUDGED, .alert = alerts[k], .settled = true, .window = 30});
	pass(w, end_ms);
	PROMISE(w, crisis_ended(&w->c), "it never ends: state %d", w->c.incident.state);
}

static void simulate(struct world *w, const struct house *houses, uint64_t seed, bool tracing)
{
	struct buf kept = w->kept, again = w->again;
	size_t k, told = 0, held = 0;
	uint64_t events;

	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->dice = seed * UINT64_C(0x9E3779B97F4A7C15);
	w->tracing = tracing;
	w->kept = kept;
	w->again = again;
	w->now_ms = DAY_MS;
	w->ahead_ms = YEAR_FROM_MS + (int64_t)roll(w, 365) * DAY_MS + (int64_t)roll(w, DAY_MS);
	w->house = &houses[roll(w, HOUSES)];
	w->by = (struct escalation_by){.policy = &w->house->policies[roll(w, HOUSE_POLICIES)],
				       .rotas = w->house->rotas,
				       .people = w->house->people,
				       .n_people = HOUSE_PEOPLE,
				       .reachable = works,
				       .arg = w};
	for (k = 0; k < HOUSE_PEOPLE; k++)
		w->dead[k] = one_in(w, 5);
	begin(w);
	for (events = roll(w, 40); events && !w->ended; events--) {
		uint64_t what = roll(w, 10);

		pass(w, w->now_ms + (int64_t)roll(w, one_in(w, 8) ? 5 * HOUR_MS : 20 * MINUTE_MS));
		if (w->ended)
			break;
		if (what < 6)
			judged(w, false);
		else if (what < 8)
			answer(w);
		else if (one_in(w, 3))
			fault(w);
	}
	settle(w);
	for (k = 0; k < HOUSE_PEOPLE; k++)
		told += w->told[k];
	for (k = 0; k < w->c.escalation.n; k++)
		held += w->c.escalation.told[k].state == TOLD_NOT; /* dropped by a false alarm, or no longer there */
	PROMISE(w,
		told || w->nobody || held || !w->by.policy->levels[w->c.incident.peak].n ||
			w->c.incident.end == INCIDENT_BY_HAND || w->c.incident.end == INCIDENT_FALSE_ALARM ||
			*w->c.incident.owner,
		"nobody was ever told");
}

int main(int argc, char **argv)
{
	bool tracing = argc > 1 && strcmp(argv[1], "--trace") == 0;
	struct world *w = NEW(struct world);
	struct house *houses = houses_open();
	uint64_t seeds, first, i, steps = 0, kills = 0, tells = 0, nobody = 0, shifts = 0;

	argc -= tracing;
	argv += tracing;
	seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : SEEDS;
	first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	if (!seeds || argc > 3) {
		fprintf(stderr, "usage: crises [--trace] [SEEDS [FIRST]]\n");
		return 2;
	}
	buf_init(&w->kept, CRISIS_MAX_BYTES);
	buf_init(&w->again, CRISIS_MAX_BYTES);
	for (i = first; i < first + seeds; i++) {
		simulate(w, houses, i, tracing);
		steps += w->steps;
		kills += w->kills;
		tells += w->tells;
		nobody += w->nobody > 0;
		shifts += w->shifts;
	}
	printf("incidents=%llu steps=%llu kills=%llu messages=%llu unreachable=%llu shifts=%llu cpu_s=%.1f broken=0\n",
	       (unsigned long long)seeds, (unsigned long long)steps, (unsigned long long)kills,
	       (unsigned long long)tells, (unsigned long long)nobody, (unsigned long long)shifts,
	       (double)clock() / CLOCKS_PER_SEC);
	buf_done(&w->kept);
	buf_done(&w->again);
	houses_close(houses);
	free(w);
	return 0;
}
