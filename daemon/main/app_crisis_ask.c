/* What is asked of crises, and said to them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "main/app_crisis_inside.h"
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
	json_text(j, "alert", row->alert[0] == '@' ? NULL : row->alert);
	json_text(j, "owner", row->owner);
	json_time(j, "opened", row->opened_ms, false);
	json_time(j, "closed", row->closed_ms, false);
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

static void open_one(struct app_crisis *k, const struct serve_incident *ask, struct reply *reply)
{
	const struct incident_event first = {
		.kind = INCIDENT_EV_TAKEN, .alert = INCIDENT_BY_HAND_ALERT, .severity = SEVERITY_CRITICAL, .met = true};
	struct one_crisis *x = crisis_of_topic(k, ask->topic);

	if (!catalogue_topic(&k->app->catalogue, ask->topic)) {
		refuse(k->app, reply, 404, "not_found", TEXT_INCIDENT_NO_TOPIC, TEXT_ARGS(ask->topic));
		return;
	}
	if (x) {
		cleanup(freep) char *number = xasprintf("%" PRIu64, x->crisis.incident.id);

		refuse(k->app, reply, 409, "open", TEXT_INCIDENT_IS_OPEN, TEXT_ARGS(ask->topic, number));
		return;
	}
	k->reply = reply;
	if (!crisis_begin(k, ask->topic, &first, 0, ask->who))
		reply_error(TAKE(k->reply), 503, "busy", text_raw(app_lang(k->app), TEXT_SERVE_BUSY));
}

static void on_looked(void *arg, int r, const struct store_incidents *found)
{
	cleanup(freep) struct asked *q = arg;

	if (r < 0)
		fail(q, r);
	else
		refuse_number(q->app, q->reply, q->id, found->n > 0);
}

void app_crisis_do(void *arg, const struct serve_incident *said, struct reply *reply)
{
	static const enum incident_event_kind kinds[] = {[SERVE_ACK] = INCIDENT_EV_TAKEN,
							 [SERVE_CLOSE] = INCIDENT_EV_CLOSED,
							 [SERVE_FALSE_ALARM] = INCIDENT_EV_FALSE_ALARM};
	struct app *a = arg;
	struct app_crisis *k = a->crisis;
	struct crisis_event e = {.kind = CRISIS_EV_INCIDENT, .incident = {.who = said->who}};
	const struct store_incident_line line = {.at_ms = clock_wall_ms(),
						 .what = said->verb == SERVE_NOTE ? "note" : "said",
						 .who = said->who,
						 .text = said->verb == SERVE_NOTE ? said->text
										  : serve_verb_names[said->verb]};
	struct one_crisis *x;

	if (!k || !k->known || !a->serving) {
		reply_error(reply, 503, "busy", text_raw(app_lang(a), TEXT_MAIN_RELOAD_BUSY));
		return;
	}
	if (said->verb == SERVE_OPEN) {
		open_one(k, said, reply);
		return;
	}
	x = crisis_of_id(k, said->id);
	if (!x || x->crisis.incident.state == INCIDENT_CLOSED) {
		store_incidents(a->store, &(struct store_incidents_ask){.id = (int64_t)said->id, .limit = 1}, on_looked,
				ask(a, reply, said->id));
		return;
	}
	LOG_INFO("incident.said", LOG_I("incident", (int64_t)said->id), LOG_S("verb", serve_verb_names[said->verb]),
		 LOG_S("who", said->who));
	e.incident.severity = x->crisis.incident.severity;
	if (said->verb == SERVE_NOTE) {
		e.kind = CRISIS_EV_DUE; /* changes nothing but the line */
	} else {
		e.incident.kind = kinds[said->verb];
	}
	k->reply = reply;
	crisis_do(k, x, &e, &line);
}
