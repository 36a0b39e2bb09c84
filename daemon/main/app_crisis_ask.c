/* What is asked of crises, and said to them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alert/drill.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/suggest.h"
#include "main/app_crisis_inside.h"
#include "main/config_alerts.h"
#include "main/config_people.h"
#include "store/incident.h"

enum { ANSWER_MAX_BYTES = 2 * 1024 * 1024, LINE_MAX_BYTES = 16 * 1024 };

struct asked {
	struct app *app;
	struct reply *reply;
	uint64_t id;
};

static struct asked *ask(struct app *a, struct reply *reply, uint64_t id)
{
	struct asked *q = NEW(struct asked);

	*q = (struct asked){a, reply, id};
	return q;
}

static void refuse(const struct app *a, struct reply *reply, int status, const char *code, enum text_id id,
		   const char *const args[])
{
	cleanup(freep) char *message = text_make(app_lang(a), id, args);

	reply_error(reply, status, code, message);
}

static void refuse_number(const struct app *a, struct reply *reply, uint64_t id, bool closed)
{
	cleanup(freep) char *number = xasprintf("%" PRIu64, id);

	if (closed)
		refuse(a, reply, 409, "closed", TEXT_INCIDENT_CLOSED, TEXT_ARGS(number));
	else
		refuse(a, reply, 404, "not_found", TEXT_INCIDENT_UNKNOWN, TEXT_ARGS(number));
}

/* --- what there is --- */

static const char *named(const char *const *names, int n, int i)
{
	return i >= 0 && i < n ? names[i] : NULL;
}

static void put_row(struct json *j, const struct store_incident *row)
{
	json_int(j, "incident", row->id);
	json_text(j, "topic", row->topic);
	json_text(j, "state", named(incident_state_names, INCIDENT_STATES, row->state));
	json_text(j, "severity", named(severity_names, SEVERITIES, row->severity));
	json_text(j, "peak", named(severity_names, SEVERITIES, row->peak));
	json_bool(j, "false_alarm", row->end == INCIDENT_FALSE_ALARM);
	if (strcmp(row->alert, DRILL_ALERT) == 0)
		json_bool(j, "drill", true);
	json_text(j, "alert", row->alert[0] == '@' ? NULL : row->alert);
	json_text(j, "owner", row->owner);
	json_time(j, "opened", row->opened_ms, false);
	json_time(j, "closed", row->closed_ms, false);
}

char *crisis_row_json(const struct app *a, const struct store_incident *row)
{
	const char *url = a->config->http ? a->config->http->public_url : NULL;
	cleanup(buf_done) struct buf b = BUF_INIT(LINE_MAX_BYTES);
	cleanup(freep) char *page = url ? xasprintf("%s/v1/incidents/%" PRId64, url, row->id) : NULL;
	struct json j = JSON_OUT(&b);

	json_begin_object(&j, NULL);
	put_row(&j, row);
	json_text(&j, "url", page);
	json_end_object(&j);
	return xstrdup(buf_str(&b));
}

/* What is to be done, and who did it: of each step the last line that names it. */
static void put_steps(struct json *j, const struct playbook *p, const struct store_incident_line *lines, size_t n)
{
	size_t i;

	if (!p)
		return;
	json_begin_array(j, "steps");
	for (i = 0; i < p->n; i++) {
		const struct store_incident_line *last = crisis_step_line(p->steps[i].text, lines, n);

		json_begin_object(j, NULL);
		json_int(j, "step", (int64_t)i + 1);
		json_text(j, "text", p->steps[i].text);
		json_bool(j, "done", last != NULL);
		json_text(j, "who", last ? last->who : NULL);
		json_time(j, "at", last ? last->at_ms : TIME_NONE, false);
		json_end_object(j);
	}
	json_end_array(j);
}

/* Of a drill: how long each person took. */
static void put_people(struct json *j, const struct store_incidents *found)
{
	struct drill_person v[DRILL_PEOPLE_MAX];
	struct drill_line *lines = xcalloc(found->n_lines + 1, sizeof(*lines));
	size_t i, n;

	for (i = 0; i < found->n_lines; i++)
		lines[i] = (struct drill_line){found->lines[i].at_ms, found->lines[i].what, found->lines[i].who};
	n = drill_people(lines, found->n_lines, v);
	json_begin_array(j, "people");
	for (i = 0; i < n; i++) {
		json_begin_object(j, NULL);
		json_text(j, "who", v[i].name);
		json_time(j, "told", v[i].told_ms, true);
		json_time(j, "arrived", v[i].arrived_ms, true);
		json_time(j, "answered", v[i].answered_ms, true);
		if (v[i].answered_ms != TIME_NONE)
			json_int(j, "seconds", (v[i].answered_ms - v[i].told_ms) / SECOND_MS);
		json_end_object(j);
	}
	json_end_array(j);
	free(lines);
}

static void fail(struct asked *q, int r)
{
	app_log_failed(q->app, "api", r);
	reply_error(q->reply, 500, "log", strerror(-r));
}

static void on_rows(void *arg, int r, const struct store_incidents *found)
{
	cleanup(freep) struct asked *q = arg;
	bool room = true;
	size_t i;

	if (r < 0) {
		fail(q, r);
		return;
	}
	for (i = 0; room && i < found->n; i++) {
		cleanup(buf_done) struct buf b = BUF_INIT(LINE_MAX_BYTES);
		struct json j = JSON_OUT(&b);

		if (q->id && found->rows[i].state == INCIDENT_CLOSED) /* only a last message is due */
			continue;
		json_begin_object(&j, NULL);
		put_row(&j, &found->rows[i]);
		json_end_object(&j);
		room = reply_line(q->reply, buf_str(&b), b.len);
	}
	reply_end(q->reply);
}

void app_crisis_list(void *arg, bool open, size_t limit, struct reply *reply)
{
	struct app *a = arg;

	store_incidents(a->store, &(struct store_incidents_ask){.live = open, .limit = limit}, on_rows,
			ask(a, reply, open));
}

static void on_one(void *arg, int r, const struct store_incidents *found)
{
	cleanup(freep) struct asked *q = arg;
	cleanup(buf_done) struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	size_t i;

	if (r < 0) {
		fail(q, r);
		return;
	}
	if (!found->n) {
		refuse_number(q->app, q->reply, q->id, false);
		return;
	}
	json_begin_object(&j, NULL);
	put_row(&j, &found->rows[0]);
	put_steps(&j, config_playbook(q->app->config, found->rows[0].alert), found->lines, found->n_lines);
	if (strcmp(found->rows[0].alert, DRILL_ALERT) == 0)
		put_people(&j, found);
	json_begin_array(&j, "events");
	for (i = 0; i < found->n_lines; i++) {
		json_begin_object(&j, NULL);
		json_time(&j, "at", found->lines[i].at_ms, true);
		json_text(&j, "what", found->lines[i].what);
		json_text(&j, "who", found->lines[i].who);
		json_text(&j, "text", found->lines[i].text);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
	reply_json(q->reply, 200, buf_str(&b), b.len);
}

void app_crisis_show(void *arg, uint64_t id, struct reply *reply)
{
	struct app *a = arg;

	if (!id)
		refuse_number(a, reply, id, false);
	else
		store_incidents(a->store, &(struct store_incidents_ask){.id = (int64_t)id, .limit = 1}, on_one,
				ask(a, reply, id));
}

/* --- what is said --- */

char *crisis_answer(const struct one_crisis *x)
{
	const struct incident *in = &x->crisis.incident;
	cleanup(buf_done) struct buf b = BUF_INIT(LINE_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	json_begin_object(&j, NULL);
	json_int(&j, "incident", (int64_t)in->id);
	json_text(&j, "topic", in->topic);
	json_text(&j, "state", incident_state_names[in->state]);
	json_text(&j, "severity", severity_names[in->severity]);
	json_bool(&j, "false_alarm", in->end == INCIDENT_FALSE_ALARM);
	json_text(&j, "owner", *in->owner ? in->owner : NULL);
	json_end_object(&j);
	return xstrdup(buf_str(&b));
}

bool app_crisis_look(const struct app_crisis *k, uint64_t id, struct crisis_said *ret)
{
	size_t i;

	for (i = 0; k && i < k->n; i++) {
		const struct incident *in = &k->v[i]->crisis.incident;

		if (in->id != id || in->state == INCIDENT_CLOSED)
			continue;
		*ret = (struct crisis_said){.outcome = CRISIS_SAID_DONE,
					    .id = id,
					    .topic = in->topic,
					    .owner = in->owner,
					    .state = incident_state_names[in->state]};
		return true;
	}
	return false;
}

size_t app_crisis_open(const struct app_crisis *k, uint64_t *ids, size_t max)
{
	size_t i, n = 0;

	for (i = 0; k && i < k->n; i++) {
		if (k->v[i]->crisis.incident.state == INCIDENT_CLOSED)
			continue;
		if (n < max)
			ids[n] = k->v[i]->crisis.incident.id;
		n++;
	}
	return n;
}

/* One who said something, until the log has it. */
struct saying {
	struct app *app;
	uint64_t id;
	crisis_said_cb *cb;
	void *arg;
};

static void said_no(const struct crisis_waiter *w, const struct crisis_said *how)
{
	w->cb(w->arg, how);
}

static void open_one(struct app_crisis *k, const struct serve_incident *ask, const struct crisis_waiter *w)
{
	const struct incident_event first = {
		.kind = INCIDENT_EV_TAKEN, .alert = INCIDENT_BY_HAND_ALERT, .severity = SEVERITY_CRITICAL, .met = true};
	const struct one_crisis *x = crisis_of_topic(k, ask->topic);

	if (!catalogue_topic(&k->app->catalogue, ask->topic)) {
		said_no(w, &(struct crisis_said){.outcome = CRISIS_SAID_NO_TOPIC, .name = ask->topic});
		return;
	}
	if (x) {
		said_no(w, &(struct crisis_said){
				   .outcome = CRISIS_SAID_IS_OPEN, .name = ask->topic, .id = x->crisis.incident.id});
		return;
	}
	k->waiter = *w;
	if (!crisis_begin(k, ask->topic, &first, 0, NULL, ask->who)) {
		k->waiter = (struct crisis_waiter){NULL};
		said_no(w, &(struct crisis_said){.outcome = CRISIS_SAID_BUSY});
	}
}

/* About a brand, if nothing is said of which. */
static const char *drill_topic(const struct catalogue *c)
{
	size_t i;

	for (i = 0; i < c->n_topics; i++)
		if (strcmp(c->topics[i].role, "brand") == 0)
			return c->topics[i].name;
	return NULL;
}

static void drill(struct app_crisis *k, const struct serve_incident *ask, const struct crisis_waiter *w)
{
	const char *topic = ask->topic ? ask->topic : drill_topic(&k->app->catalogue);
	int64_t ms = ask->for_ms ? ask->for_ms : DRILL_MS;

	if (!topic) {
		said_no(w, &(struct crisis_said){.outcome = CRISIS_SAID_NO_BRAND});
		return;
	}
	if (!catalogue_topic(&k->app->catalogue, topic)) {
		said_no(w, &(struct crisis_said){.outcome = CRISIS_SAID_NO_TOPIC, .name = topic});
		return;
	}
	k->waiter = *w;
	if (!crisis_begin_drill(k, topic, ms < DRILL_MAX_MS ? ms : DRILL_MAX_MS, ask->who)) {
		k->waiter = (struct crisis_waiter){NULL};
		said_no(w, &(struct crisis_said){.outcome = CRISIS_SAID_BUSY});
	}
}

static void on_looked(void *arg, int r, const struct store_incidents *found)
{
	cleanup(freep) struct saying *q = arg;
	const struct crisis_waiter w = {q->cb, q->arg};

	if (r < 0)
		app_log_failed(q->app, "incidents", r);
	said_no(&w, &(struct crisis_said){.outcome = r < 0      ? CRISIS_SAID_FAILED
						     : found->n ? CRISIS_SAID_CLOSED
								: CRISIS_SAID_UNKNOWN,
					  .error = r,
					  .id = q->id});
}

/* NULL: it is closed, or there is none, which is told. */
static struct one_crisis *open_of_id(struct app_crisis *k, uint64_t id, const struct crisis_waiter *w)
{
	struct one_crisis *x = crisis_of_id(k, id);
	struct saying *q;

	if (x && x->crisis.incident.state != INCIDENT_CLOSED)
		return x;
	if (!id || x) {
		said_no(w, &(struct crisis_said){.outcome = x ? CRISIS_SAID_CLOSED : CRISIS_SAID_UNKNOWN, .id = id});
		return NULL;
	}
	q = NEW(struct saying);
	*q = (struct saying){k->app, id, w->cb, w->arg};
	store_incidents(k->app->store, &(struct store_incidents_ask){.id = (int64_t)id, .limit = 1}, on_looked, q);
	return NULL;
}

static void merge(struct app_crisis *k, struct one_crisis *from, const struct serve_incident *said,
		  const struct crisis_waiter *w)
{
	cleanup(freep) char *text = xasprintf("merge %" PRIu64 " %" PRIu64, said->id, said->into);
	const struct store_incident_line line = {
		.at_ms = clock_wall_ms(), .what = "said", .who = said->who, .text = text};
	struct one_crisis *into = open_of_id(k, said->into, w);

	if (!into)
		return;
	if (into == from) {
		said_no(w, &(struct crisis_said){.outcome = CRISIS_SAID_SAME, .id = said->id});
		return;
	}
	k->waiter = *w;
	crisis_join(k, into, from, &line);
}

/* Of what they know: who answers a message was told of no more than it says. */
static enum severity known_to(const struct one_crisis *x, const char *who, bool by_message)
{
	const struct told *t = by_message ? escalation_told(&x->crisis.escalation, who) : NULL;

	return t ? t->severity : x->crisis.incident.severity;
}

static const struct person_config *person_of(const struct app *a, const char *name)
{
	return name ? config_person(a->config, name) : NULL;
}

static void say_to(struct app_crisis *k, struct one_crisis *x, const struct serve_incident *said, bool by_message,
		   const struct crisis_waiter *w)
{
	static const enum incident_event_kind kinds[SERVE_VERBS] = {[SERVE_ACK] = INCIDENT_EV_TAKEN,
								    [SERVE_PASS] = INCIDENT_EV_PASSED,
								    [SERVE_CLOSE] = INCIDENT_EV_CLOSED,
								    [SERVE_FALSE_ALARM] = INCIDENT_EV_FALSE_ALARM};
	cleanup(freep) char *passed = said->verb == SERVE_PASS ? xasprintf("pass %s", said->to) : NULL;
	const bool note = said->verb == SERVE_NOTE;
	const struct store_incident_line line = {.at_ms = clock_wall_ms(),
						 .what = note ? "note" : "said",
						 .who = said->who,
						 .text = note     ? said->text
							 : passed ? passed
								  : serve_verb_names[said->verb]};
	struct crisis_event e = {.kind = CRISIS_EV_DUE}; /* a note changes nothing but the line */

	if (!note) {
		e.kind = CRISIS_EV_INCIDENT;
		e.incident.kind = kinds[said->verb];
		e.incident.who = passed ? said->to : said->who;
		e.incident.severity = known_to(x, said->who, by_message);
	}
	k->waiter = *w;
	crisis_do(k, x, &e, &line);
}

/* The line says the step's words: its number may be another one day. */
static void step(struct app_crisis *k, struct one_crisis *x, const struct serve_incident *said,
		 const struct crisis_waiter *w)
{
	static const struct crisis_event nothing = {.kind = CRISIS_EV_DUE};
	const struct playbook *p = config_playbook(k->app->config, x->alert);
	const struct playbook_step *s = p && said->step <= p->n ? &p->steps[said->step - 1] : NULL;
	const struct store_incident_line line = {.at_ms = clock_wall_ms(),
						 .what = said->undo ? CRISIS_LINE_UNSTEP : CRISIS_LINE_STEP,
						 .who = said->who,
						 .text = s ? s->text : NULL};

	if (!s) {
		said_no(w,
			&(struct crisis_said){.outcome = CRISIS_SAID_NO_STEP, .id = said->id, .steps = p ? p->n : 0});
		return;
	}
	playbook_tick(&x->done, s->id, !said->undo);
	k->waiter = *w;
	crisis_do(k, x, &nothing, &line);
}

void app_crisis_say(struct app *a, const struct serve_incident *said, bool by_message, crisis_said_cb *cb, void *arg)
{
	const struct crisis_waiter w = {cb, arg};
	struct app_crisis *k = a->crisis;
	struct one_crisis *x;

	if (!k || !k->known || !a->serving) {
		said_no(&w, &(struct crisis_said){.outcome = CRISIS_SAID_BUSY});
		return;
	}
	if (said->verb == SERVE_OPEN) {
		open_one(k, said, &w);
		return;
	}
	if (said->verb == SERVE_DRILL) {
		drill(k, said, &w);
		return;
	}
	if (said->verb == SERVE_PASS && !person_of(a, said->to)) {
		said_no(&w, &(struct crisis_said){.outcome = CRISIS_SAID_NO_PERSON, .name = said->to});
		return;
	}
	x = open_of_id(k, said->id, &w);
	if (!x)
		return;
	LOG_INFO("incident.said", LOG_I("incident", (int64_t)said->id), LOG_S("verb", serve_verb_names[said->verb]),
		 LOG_S("who", said->who));
	if (said->verb == SERVE_MERGE)
		merge(k, x, said, &w);
	else if (said->verb == SERVE_STEP)
		step(k, x, said, &w);
	else
		say_to(k, x, said, by_message, &w);
}

/* --- said by the API --- */

static void refuse_person(const struct app *a, struct reply *reply, const char *name)
{
	const struct config *c = a->config;
	const char *guess = c->n_people ? suggest(name, &c->people[0].name, c->n_people, sizeof(*c->people)) : NULL;

	if (guess)
		refuse(a, reply, 404, "not_found", TEXT_INCIDENT_NO_PERSON_GUESS, TEXT_ARGS(name, guess));
	else
		refuse(a, reply, 404, "not_found", TEXT_INCIDENT_NO_PERSON, TEXT_ARGS(name));
}

static void refuse_step(const struct app *a, struct reply *reply, const struct crisis_said *how, const char *number)
{
	cleanup(freep) char *steps = xasprintf("%zu", how->steps);

	if (how->steps)
		refuse(a, reply, 404, "not_found", TEXT_INCIDENT_NO_STEP, TEXT_ARGS(number, steps));
	else
		refuse(a, reply, 404, "not_found", TEXT_INCIDENT_NO_PLAYBOOK, TEXT_ARGS(number));
}

static void on_said(void *arg, const struct crisis_said *how)
{
	cleanup(freep) struct asked *q = arg;
	struct app *a = q->app;
	cleanup(freep) char *number = xasprintf("%" PRIu64, how->id);

	switch (how->outcome) {
	case CRISIS_SAID_DONE:
		reply_json(q->reply, 200, how->json, strlen(how->json));
		break;
	case CRISIS_SAID_UNKNOWN:
	case CRISIS_SAID_CLOSED:
		refuse_number(a, q->reply, how->id, how->outcome == CRISIS_SAID_CLOSED);
		break;
	case CRISIS_SAID_NO_TOPIC:
		refuse(a, q->reply, 404, "not_found", TEXT_INCIDENT_NO_TOPIC, TEXT_ARGS(how->name));
		break;
	case CRISIS_SAID_IS_OPEN:
		refuse(a, q->reply, 409, "open", TEXT_INCIDENT_IS_OPEN, TEXT_ARGS(how->name, number));
		break;
	case CRISIS_SAID_NO_PERSON:
		refuse_person(a, q->reply, how->name);
		break;
	case CRISIS_SAID_SAME:
		refuse(a, q->reply, 409, "same", TEXT_INCIDENT_SAME, TEXT_ARGS(number));
		break;
	case CRISIS_SAID_NO_BRAND:
		refuse(a, q->reply, 404, "not_found", TEXT_DRILL_NO_BRAND, TEXT_ARGS());
		break;
	case CRISIS_SAID_NO_STEP:
		refuse_step(a, q->reply, how, number);
		break;
	case CRISIS_SAID_BUSY:
		reply_error(q->reply, 503, "busy", text_raw(app_lang(a), TEXT_MAIN_RELOAD_BUSY));
		break;
	case CRISIS_SAID_FAILED:
		reply_error(q->reply, 500, "log", strerror(-how->error));
		break;
	}
}

void app_crisis_do(void *arg, const struct serve_incident *said, struct reply *reply)
{
	app_crisis_say(arg, said, false, on_said, ask(arg, reply, said->id));
}
