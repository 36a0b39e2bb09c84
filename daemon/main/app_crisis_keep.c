/* What a step of a crisis changed: the line of events, the messages, and both of them in the log before anything leaves. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alert/drill.h"
#include "alert/examples.h"
#include "alert/lately.h"
#include "alert/notices.h"
#include "alert/rose.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wire.h"
#include "main/app_answers.h"
#include "main/app_crisis_inside.h"
#include "main/app_series.h"
#include "main/config_alerts.h"
#include "main/telling.h"
#include "stats/topic.h"
#include "store/incident.h"

enum {
	LINES_MAX = 4 * ESCALATION_PEOPLE_MAX,
	KEPT_MAX_BYTES = STORE_INCIDENT_KEPT_MAX_BYTES,
	NEWS_MAX_BYTES = 64 * 1024,
	ARENA_MAX_BYTES = 64 << 20,
	MATTER_SIZE = 24 + INCIDENT_NAME_SIZE,
};

/* --- what a message says --- */

static void put_why(const struct one_crisis *x, struct incident_news *n)
{
	const struct incident *in = &x->crisis.incident;
	size_t i, r;

	for (i = 0; i < in->n_facets; i++) {
		const struct facet *f = &in->facets[i];

		if ((f->unmet_ms != TIME_NONE && in->state < INCIDENT_RECEDING) || strchr(f->alert, ':'))
			continue; /* over, or another brand's */
		if (strcmp(f->alert, CRISIS_DEFAULT_ALERT) != 0 && n->n_why < INCIDENT_WHY_MAX)
			n->why[n->n_why++] = f->alert;
		for (r = JUDGE_REASONS; strcmp(f->alert, CRISIS_DEFAULT_ALERT) == 0 && r-- > 0;) /* the worst first */
			if (x->reasons >> r & 1 && n->n_why < INCIDENT_WHY_MAX)
				n->why[n->n_why++] = judge_reason_names[r];
	}
	if (n->n_why)
		return;
	if (strcmp(x->alert, CRISIS_DEFAULT_ALERT) != 0 && !x->late.from_ms) /* nothing of it is met now: what was */
		n->why[n->n_why++] = x->alert;
	for (r = n->n_why ? 0 : JUDGE_REASONS; r-- > 0;)
		if (x->reasons >> r & 1 && n->n_why < INCIDENT_WHY_MAX)
			n->why[n->n_why++] = judge_reason_names[r];
	if (!n->n_why && strcmp(x->alert, CRISIS_DEFAULT_ALERT) != 0)
		n->why[n->n_why++] = x->alert;
}

/* late: the last hour says nothing of it. */
static void put_numbers(const struct app_crisis *k, struct incident_news *n, bool late)
{
	int hour = 0;
	struct topic *t = k->app->series ? app_series_topic(k->app->series, n->topic, &hour) : NULL;
	struct topic_window w;

	n->hour = n->usual = n->negative = n->percent = n->percent_usual = n->authors = n->stories = -1;
	if (!t || late)
		return;
	topic_window(t, SERIES_ALL, NULL, clock_wall_ms(), HOUR_MS, hour, &w);
	n->hour = (double)w.count.matching;
	n->usual = w.usual;
	n->authors = (double)w.count.authors;
	n->stories = (double)w.count.stories;
	topic_window(t, SERIES_NEGATIVE, NULL, clock_wall_ms(), HOUR_MS, hour, &w);
	n->negative = (double)w.count.matching;
	n->percent = w.percent;
	n->percent_usual = w.percent_usual;
}

static void put_people(const struct app_crisis *k, const struct one_crisis *x, const char *person,
		       struct incident_news *n)
{
	const struct escalation *s = &x->crisis.escalation;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->told[i].state < TOLD_SENT || s->told[i].state > TOLD_HAS ||
		    strcmp(s->told[i].person, person) == 0)
			continue;
		if (n->n_told < INCIDENT_NAMES_MAX)
			n->told[n->n_told] = s->told[i].person;
		n->n_told++;
	}
	for (i = 0; i < k->n_deaf && i < INCIDENT_NAMES_MAX; i++)
		n->deaf[i] = k->deaf[i];
	n->n_deaf = k->n_deaf;
}

/* Who is told that it passes, or that somebody has it, has nothing to do. */
static void put_steps(const struct app_crisis *k, const struct one_crisis *x, struct incident_news *n)
{
	const struct playbook *p = config_playbook(k->app->config, x->alert);
	size_t next[INCIDENT_STEPS_MAX], i;

	if (n->reason == INCIDENT_RECEDES || n->reason == INCIDENT_ENDS || n->reason == INCIDENT_TAKEN_BY)
		return;
	n->n_steps = playbook_next(p, &x->done, next, INCIDENT_STEPS_MAX);
	for (i = 0; i < n->n_steps; i++)
		n->steps[i] = (struct incident_todo){next[i] + 1, p->steps[next[i]].text};
}

/* What all messages of one step say alike. */
struct spoken {
	uint32_t hours[INCIDENT_HOURS], negative[INCIDENT_HOURS];
	bool counted;
	const struct examples *examples; /* NULL: no such topic */
	struct rose *rose;
	const char *words[ROSE_MAX];
	size_t n_words;
};

static void hear(struct app_crisis *k, const struct one_crisis *x, struct spoken *s)
{
	const struct said_of *of = crisis_said_of(k, x->crisis.incident.topic);
	int64_t now_ms = clock_wall_ms();
	int hour;
	const struct topic *t =
		k->app->series ? app_series_topic(k->app->series, x->crisis.incident.topic, &hour) : NULL;

	*s = (struct spoken){.counted = t};
	if (t)
		topic_hours(t, now_ms, INCIDENT_HOURS, s->hours, s->negative);
	if (!of)
		return;
	s->examples = of->examples;
	s->rose = lately_rose(of->lately, x->late.from_ms ? x->late.from_ms : now_ms - LATELY_NOW_MS);
	s->n_words = rose_pick(s->rose, s->words);
}

static void put_spoken(const struct spoken *s, struct incident_news *n)
{
	n->hours = s->counted ? s->hours : NULL;
	n->hours_negative = s->counted ? s->negative : NULL;
	n->n_examples = s->examples ? examples_pick(s->examples, clock_wall_ms(), n->examples) : 0;
	for (; n->n_rose < s->n_words && n->n_rose < INCIDENT_ROSE_MAX; n->n_rose++)
		n->rose[n->n_rose] = s->words[n->n_rose];
}

static char *news_for(struct app_crisis *k, const struct one_crisis *x, const struct escalation_action *a,
		      const char *person, const struct spoken *spoken, struct arena *arena)
{
	const struct incident *in = &x->crisis.incident;
	struct incident_news n = {.id = in->id,
				  .topic = in->topic,
				  .owner = in->owner,
				  .reason = a->reason,
				  .severity = a->severity,
				  .end = in->end,
				  .drill = crisis_is_drill(x),
				  .opened_ms = x->opened_ms,
				  .late_from_ms = x->late.from_ms,
				  .late_to_ms = x->late.to_ms,
				  .late_sources = x->late.sources};
	cleanup(buf_done) struct buf b = BUF_INIT(NEWS_MAX_BYTES);

	put_why(x, &n);
	put_numbers(k, &n, x->late.from_ms != 0 || n.drill);
	put_people(k, x, person, &n);
	if (!n.drill)
		crisis_put_others(k, in->topic, &n);
	put_steps(k, x, &n);
	if (!n.drill)
		put_spoken(spoken, &n);
	app_answers_offer(k->app, person, arena, &n);
	incident_news_json(&n, &b);
	return arena_strdup(arena, buf_str(&b));
}

/* --- lines and messages --- */

const struct store_incident_line *crisis_step_line(const char *words, const struct store_incident_line *lines, size_t n)
{
	while (n-- > 0) {
		const struct store_incident_line *l = &lines[n];
		bool done = strcmp(l->what, CRISIS_LINE_STEP) == 0, undone = strcmp(l->what, CRISIS_LINE_UNSTEP) == 0;

		if ((done || undone) && l->text && strcmp(l->text, words) == 0)
			return done ? l : NULL;
	}
	return NULL;
}

struct kept {
	struct arena *arena;
	struct store_incident_line lines[LINES_MAX];
	struct notice_row notices[2 * ESCALATION_PEOPLE_MAX];
	struct store_incident_change changes[LINES_MAX];
	size_t n_lines, n_notices, n_changes;
	bool over;     /* it ends, and was none by mistake */
	bool evidence; /* it opens, or got worse: what stands behind that is kept */
};

static void add_line(struct kept *c, const char *what, const char *who, const char *text)
{
	if (c->n_lines < LINES_MAX)
		c->lines[c->n_lines++] =
			(struct store_incident_line){.at_ms = clock_wall_ms(), .what = what, .who = who, .text = text};
}

static void add_message(struct app_crisis *k, struct one_crisis *x, const struct escalation_action *a,
			const struct spoken *spoken, struct kept *c)
{
	const char *person = x->crisis.escalation.told[a->told].person;
	char key[NOTICE_KEY_SIZE], matter[MATTER_SIZE];
	struct notice_row *n = &c->notices[c->n_notices++];

	notices_key(key);
	snprintf(matter, sizeof(matter), "%" PRIu64 " %s", x->crisis.incident.id, person);
	*n = (struct notice_row){.key = arena_strdup(c->arena, key),
				 .kind = NOTICES_TO_PERSON,
				 .matter = arena_strdup(c->arena, matter),
				 .facts = news_for(k, x, a, person, spoken, c->arena),
				 .person = person,
				 .state = NOTICE_NEW,
				 .created_ms = clock_wall_ms(),
				 .next_ms = clock_wall_ms(),
				 .ended_ms = TIME_NONE};
	add_line(c, "told", person, incident_reason_names[a->reason]);
	LOG_INFO("incident.tell", LOG_I("incident", (int64_t)x->crisis.incident.id), LOG_S("person", person),
		 LOG_S("severity", severity_names[a->severity]), LOG_S("reason", incident_reason_names[a->reason]),
		 LOG_S("key", n->key));
}

static void tell_nobody(struct app_crisis *k, const struct one_crisis *x)
{
	cleanup(freep) char *number = xasprintf("%" PRIu64, x->crisis.incident.id);
	const struct telling t = {.kind = "incident_nobody",
				  .subject = number,
				  .state = TELLING_HAPPENED,
				  .since_ms = clock_wall_ms(),
				  .until_ms = TIME_NONE,
				  .text = TEXT_TELL_INCIDENT_NOBODY,
				  .args = TEXT_ARGS(number, x->crisis.incident.topic)};

	LOG_ERROR("incident.nobody", LOG_I("incident", (int64_t)x->crisis.incident.id),
		  LOG_S("topic", x->crisis.incident.topic));
	app_tell_operators(k->app, &t);
}

static void add_actions(struct app_crisis *k, struct one_crisis *x, const struct escalation_actions *actions,
			struct kept *c)
{
	struct spoken spoken;
	size_t i;

	if (!actions->n)
		return;
	hear(k, x, &spoken);
	for (i = 0; i < actions->n; i++) {
		if (actions->v[i].kind == ESCALATION_NOBODY) {
			add_line(c, "nobody", NULL, NULL);
			tell_nobody(k, x);
		} else if (c->n_notices < ARRAY_LEN(c->notices)) {
			add_message(k, x, &actions->v[i], &spoken, c);
		}
	}
	rose_free(spoken.rose);
}

static void add_changes(const struct one_crisis *x, const struct crisis_before *before, struct kept *c)
{
	static const char *const ends[] = {[INCIDENT_NOT_ENDED] = "closed",
					   [INCIDENT_OVER] = "over",
					   [INCIDENT_BY_HAND] = "closed",
					   [INCIDENT_FALSE_ALARM] = "false_alarm",
					   [INCIDENT_MERGED] = "merged"};
	const struct incident *in = &x->crisis.incident;
	size_t i;

	c->over = before->state != INCIDENT_CLOSED && in->state == INCIDENT_CLOSED &&
		  (in->end == INCIDENT_OVER || in->end == INCIDENT_BY_HAND) && !crisis_is_drill(x);
	c->evidence = (before->is_new || in->severity > before->severity) && !crisis_is_drill(x);
	if (before->is_new)
		return;
	for (i = before->n_facets; i < in->n_facets; i++)
		add_line(c, "joins", NULL, in->facets[i].alert);
	if (in->severity != before->severity)
		add_line(c, in->severity > before->severity ? "rises" : "falls", NULL, severity_names[in->severity]);
	if (*before->owner && !*in->owner) /* asked whether they are still on it, they did not answer */
		add_line(c, "lapsed", arena_strdup(c->arena, before->owner), NULL);
	else if (strcmp(in->owner, before->owner) != 0 ||
		 (in->state == INCIDENT_ACKNOWLEDGED && before->state == INCIDENT_OPEN))
		add_line(c, "taken", in->owner, severity_names[in->owned]);
	if (in->state == before->state)
		return;
	if (in->state == INCIDENT_RECEDING)
		add_line(c, "recedes", NULL, NULL);
	else if (in->state == INCIDENT_CLOSED)
		add_line(c, ends[in->end], NULL, NULL);
	else if (before->state == INCIDENT_RECEDING)
		add_line(c, "back", NULL, NULL);
	LOG_INFO("incident.state", LOG_I("incident", (int64_t)in->id), LOG_S("topic", in->topic),
		 LOG_S("state", incident_state_names[in->state]), LOG_S("owner", in->owner));
}

/* --- the log --- */

struct owed {
	struct app *app;
	uint64_t id;
	struct crisis_waiter waiter; /* who said something, and … */
	char *answer;                /* … how it stood by that; NULL: nobody waits */
	const char *state;
	char topic[INCIDENT_NAME_SIZE], owner[INCIDENT_NAME_SIZE];
	bool over; /* with this: who was told gets the dossier */
};

static struct owed *owe(struct app_crisis *k, const struct one_crisis *x)
{
	const struct incident *in = &x->crisis.incident;
	struct owed *o = NEW(struct owed);

	*o = (struct owed){.app = k->app, .id = in->id, .waiter = k->waiter, .state = incident_state_names[in->state]};
	k->waiter = (struct crisis_waiter){NULL};
	o->answer = o->waiter.cb ? crisis_answer(x) : NULL;
	memcpy(o->topic, in->topic, sizeof(o->topic));
	memcpy(o->owner, in->owner, sizeof(o->owner));
	return o;
}

static void answer(struct owed *o, int r)
{
	if (o->waiter.cb)
		o->waiter.cb(o->waiter.arg,
			     &(struct crisis_said){.outcome = r < 0 ? CRISIS_SAID_FAILED : CRISIS_SAID_DONE,
						   .error = r,
						   .id = o->id,
						   .json = o->answer,
						   .topic = o->topic,
						   .owner = o->owner,
						   .state = o->state});
	free(o->answer);
}

static void on_kept(void *arg, int r, const struct notice_row *notices, size_t n)
{
	cleanup(freep) struct owed *o = arg;
	struct app *a = o->app;
	struct one_crisis *x = a->crisis ? crisis_of_id(a->crisis, o->id) : NULL;
	size_t i;

	if (r < 0)
		app_log_failed(a, "incident.keep", r);
	if (r < 0 && x)
		x->kept_ms = TIME_NONE;
	for (i = 0; i < n && a->notices && r != -ECANCELED; i++)
		if (!notices_post(a->notices, &notices[i]) &&
		    a->crisis) /* else they keep it themselves before it leaves */
			app_crisis_person(a->crisis, notices[i].matter, notices[i].person, NULL);
	if (r == 0)
		app_queue_poke(a, OUTBOX_INCIDENTS);
	if (r == 0 && o->over)
		app_dossier_send(a, o->id);
	answer(o, r);
}

/* Behind the crisis, since older logs have none: what was ticked off, and how long a drill lasts. */
static void put_more(const struct one_crisis *x, struct buf *b)
{
	const struct playbook_done *done = &x->done;
	size_t i;

	wire_put_u32(b, (uint32_t)done->n);
	for (i = 0; i < done->n; i++)
		wire_put_u64(b, done->ids[i]);
	wire_put_i64(b, x->drill_ms);
	wire_put_u32(b, x->opened_by);
}

static void get_more(struct wire_in *in, struct one_crisis *ret)
{
	size_t n = wire_get_count(in, sizeof(uint64_t)), i;

	if (n > PLAYBOOK_DONE_MAX)
		in->bad = true;
	for (i = 0; i < n && !in->bad; i++)
		ret->done.ids[i] = wire_get_u64(in);
	ret->done.n = in->bad ? 0 : n;
	ret->drill_ms = in->p < in->end ? wire_get_i64(in) : 0;
	if (ret->drill_ms < 0 || ret->drill_ms > DRILL_MAX_MS)
		in->bad = true;
	ret->opened_by = in->p < in->end ? wire_get_u32(in) : ret->reasons;
}

/* The lines that say what changed, for the stream of incidents: whoever said something has done what follows from it. */
static void list_changes(struct kept *c)
{
	static const char *const no_changes[] = {"said", "told", "nobody", "delivered", "undelivered"};
	static const char *const doings[] = {"opened", "said", "note", CRISIS_LINE_STEP, CRISIS_LINE_UNSTEP};
	const struct store_incident_line *first = c->n_lines && c->lines[0].who ? &c->lines[0] : NULL;
	const char *by = CRISIS_BY_ITSELF;
	size_t i, k;

	for (i = 0; first && i < ARRAY_LEN(doings); i++)
		if (strcmp(first->what, doings[i]) == 0)
			by = first->who;
	for (i = 0; i < c->n_lines; i++) {
		const struct store_incident_line *l = &c->lines[i];

		for (k = 0; k < ARRAY_LEN(no_changes) && strcmp(l->what, no_changes[k]) != 0; k++)
			;
		if (k == ARRAY_LEN(no_changes))
			c->changes[c->n_changes++] = (struct store_incident_change){
				.at_ms = l->at_ms, .what = l->what, .who = l->who, .text = l->text, .by = by};
	}
}

static void put(struct app_crisis *k, struct one_crisis *x, const struct kept *c)
{
	const struct incident *in = &x->crisis.incident;
	cleanup(buf_done) struct buf b = BUF_INIT(KEPT_MAX_BYTES);
	cleanup(freep) char *json = NULL;
	struct owed *o = owe(k, x);
	struct store_incident_put p = {.row = {.id = (int64_t)in->id,
					       .topic = in->topic,
					       .alert = x->alert,
					       .state = in->state,
					       .severity = in->severity,
					       .peak = in->peak,
					       .end = in->end,
					       .live = !crisis_ended(&x->crisis),
					       .opened_ms = x->opened_ms,
					       .closed_ms = in->state == INCIDENT_CLOSED ? clock_wall_ms() : TIME_NONE,
					       .owner = *in->owner ? in->owner : NULL},
				       .lines = c->lines,
				       .n_lines = c->n_lines,
				       .notices = c->notices,
				       .n_notices = c->n_notices,
				       .evidence = c->evidence,
				       .changes = c->changes,
				       .n_changes = c->n_changes,
				       .severity = severity_names[in->severity],
				       .stage = incident_state_names[in->state],
				       .drill = crisis_is_drill(x)};

	o->over = c->over;
	wire_put_u32(&b, x->reasons);
	crisis_put(&x->crisis, k->ahead_ms, &b);
	put_more(x, &b);
	x->kept_ms = clock_steady_ms();
	x->kept_due_ms = crisis_due(&x->crisis);
	p.row.kept = buf_str(&b);
	p.row.len = b.len;
	json = c->n_changes ? crisis_row_json(k->app, &p.row) : NULL;
	p.json = json;
	store_incident_put(k->app->store, &p, on_kept, o);
}

struct crisis_before crisis_before(const struct one_crisis *x)
{
	const struct incident *in = &x->crisis.incident;
	struct crisis_before b = {.state = in->state, .severity = in->severity, .n_facets = in->n_facets};

	memcpy(b.owner, in->owner, sizeof(b.owner));
	return b;
}

void crisis_keep(struct app_crisis *k, struct one_crisis *x, const struct crisis_before *before,
		 const struct crisis_actions *actions, const struct store_incident_line *line)
{
	cleanup(arena_freep) struct arena *arena = arena_new(ARENA_MAX_BYTES);
	cleanup(freep) struct kept *c = NEW(struct kept);

	c->arena = arena;
	if (line)
		c->lines[c->n_lines++] = *line;
	add_changes(x, before, c);
	list_changes(c);
	add_actions(k, x, &actions->tell, c);
	/* what is measured anew each second need not be kept each second; a wait that began must be */
	if (c->n_lines || before->is_new || x->kept_ms == TIME_NONE || crisis_due(&x->crisis) != x->kept_due_ms ||
	    clock_steady_ms() - x->kept_ms >= CRISIS_KEEP_MS)
		put(k, x, c);
}

int crisis_unkeep(struct one_crisis *x, const void *kept, size_t len, int64_t ahead_ms, int64_t now_ms, int64_t down_ms)
{
	struct wire_in in = WIRE_IN((const char *)kept, len);

	x->reasons = x->opened_by = wire_get_u32(&in); /* before opened_by was kept: what is known */
	if (crisis_get_from(&in, ahead_ms, now_ms, down_ms, &x->crisis) != 0)
		return CRISIS_E_FORMAT;
	if (in.p < in.end)
		get_more(&in, x);
	return wire_done(&in) ? 0 : CRISIS_E_FORMAT;
}
