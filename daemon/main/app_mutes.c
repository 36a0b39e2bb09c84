#include "main/app_mutes.h"

#include <stdio.h>
#include <string.h>

#include "alert/mute.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/units.h"
#include "base/utf8.h"
#include "main/app_crisis.h"
#include "main/app_inside.h"
#include "mention/catalogue.h"
#include "store/mutes.h"

enum { ANSWER_MAX_BYTES = 4096 };

struct app_mutes {
	struct mute v[MUTES_HELD_MAX];
	size_t n;
};

/* One who said something, until the log has it. */
struct muting {
	struct app *app;
	enum text_lang lang;
	struct mute mute; /* who and why are its own */
	int64_t for_ms;
	bool end;
	void (*on_told)(void *arg, bool done, const char *text);
	void *arg;
};

static void forget(struct mute *m)
{
	free(m->who);
	free(m->why);
}

/* --- what is held --- */

int64_t app_mutes_until(const struct app *a, const char *topic, int severity)
{
	const struct app_mutes *k = a->mutes;

	return k ? mutes_until(k->v, k->n, topic, (enum severity)severity, clock_wall_ms()) : 0;
}

static void drop_over(struct app_mutes *k)
{
	size_t i = 0;

	while (i < k->n) {
		if (k->v[i].until_ms > clock_wall_ms()) {
			i++;
			continue;
		}
		forget(&k->v[i]);
		k->v[i] = k->v[--k->n];
	}
}

const struct mute *app_mutes_held(const struct app *a, size_t *ret_n)
{
	*ret_n = a->mutes ? a->mutes->n : 0;
	return a->mutes ? a->mutes->v : NULL;
}

void app_mutes_status(const struct app *a, struct json *j)
{
	const struct app_mutes *k = a->mutes;
	size_t i;

	json_begin_array(j, "mutes");
	for (i = 0; k && i < k->n; i++) {
		if (k->v[i].until_ms <= clock_wall_ms())
			continue;
		json_begin_object(j, NULL);
		json_text(j, "topic", k->v[i].topic);
		json_text(j, "severity", severity_names[k->v[i].critical ? SEVERITY_CRITICAL : k->v[i].severity]);
		json_time(j, "until", k->v[i].until_ms, false);
		json_text(j, "who", k->v[i].who);
		json_text(j, "why", *k->v[i].why ? k->v[i].why : NULL);
		json_end_object(j);
	}
	json_end_array(j);
}

/* --- what is said --- */

static void told(struct muting *x, bool done, char *text)
{
	x->on_told(x->arg, done, text);
	free(text);
	forget(&x->mute);
	free(x);
}

static void on_kept(void *arg, int r, int64_t id)
{
	struct muting *x = arg;
	struct app *a = x->app;
	struct app_mutes *k = a->mutes;
	char length[UNITS_TEXT_SIZE];

	if (r < 0) {
		app_log_failed(a, "mute", r);
		told(x, false, xstrdup(text_raw(x->lang, TEXT_ANSWER_FAILED)));
		return;
	}
	LOG_INFO("mute", LOG_S("topic", x->mute.topic), LOG_S("who", x->mute.who), LOG_S("why", x->mute.why),
		 LOG_I("minutes", x->for_ms / MINUTE_MS));
	if (k && k->n < MUTES_HELD_MAX) {
		struct mute *m = &k->v[k->n++];

		*m = x->mute;
		m->id = id;
		m->who = xstrdup(x->mute.who);
		m->why = xstrdup(x->mute.why);
	}
	told(x, true,
	     TEXT(x->lang, x->mute.critical ? TEXT_MUTE_DONE_CRITICAL : TEXT_MUTE_DONE, x->mute.topic,
		  units_duration_text(x->for_ms, length)));
}

static void on_ended(void *arg, int r, int64_t id)
{
	struct muting *x = arg;

	(void)id;
	if (r < 0)
		app_log_failed(x->app, "mute", r);
	if (r == 0 && x->app->crisis)
		app_crisis_look_again(x->app->crisis);
	told(x, r == 0,
	     r < 0 ? xstrdup(text_raw(x->lang, TEXT_ANSWER_FAILED)) : TEXT(x->lang, TEXT_MUTE_ENDED, x->mute.topic));
}

static void on_ended_too(void *arg, int r, int64_t id)
{
	(void)id;
	if (r < 0)
		app_log_failed(arg, "mute", r);
}

/* All of the topic's; the last one's answer is the answer. */
static void end(struct muting *x)
{
	struct app_mutes *k = x->app->mutes;
	const int64_t now_ms = clock_wall_ms();
	size_t i, last = k->n;

	for (i = 0; i < k->n; i++)
		if (strcmp(k->v[i].topic, x->mute.topic) == 0)
			last = i;
	if (last == k->n) {
		told(x, false, TEXT(x->lang, TEXT_MUTE_NONE, x->mute.topic));
		return;
	}
	for (i = 0; i < k->n; i++) {
		const struct store_mute m = {.id = k->v[i].id, .until_ms = now_ms};

		if (strcmp(k->v[i].topic, x->mute.topic) != 0)
			continue;
		k->v[i].until_ms = now_ms;
		if (i == last)
			store_mute_put(x->app->store, &m, on_ended, x);
		else
			store_mute_put(x->app->store, &m, on_ended_too, x->app);
	}
	drop_over(k);
}

/* What is wrong with it; -1: nothing. */
static int trouble(const struct muting *x, bool is_long)
{
	switch (mute_check(x->for_ms, is_long)) {
	case MUTE_E_END:
		return TEXT_MUTE_BAD_END;
	case MUTE_E_LONG:
		return TEXT_MUTE_TOO_LONG;
	case MUTE_E_LONGER:
		return TEXT_MUTE_FAR_TOO_LONG;
	default:
		return x->app->mutes->n == MUTES_HELD_MAX ? TEXT_MUTE_TOO_MANY : -1;
	}
}

void app_mutes_say(struct app *a, const struct app_mute_say *say,
		   void (*on_told)(void *arg, bool done, const char *text), void *arg)
{
	struct muting *x = NEW(struct muting);
	const char *why = say->why ? say->why : "";
	int no;

	*x = (struct muting){.app = a,
			     .lang = say->lang,
			     .for_ms = say->for_ms ? say->for_ms : MUTE_DEFAULT_MS,
			     .on_told = on_told,
			     .arg = arg};
	snprintf(x->mute.topic, sizeof(x->mute.topic), "%s", say->topic);
	x->mute.severity = say->severity < 0 ? SEVERITY_WARNING : (enum severity)say->severity;
	x->mute.critical = say->critical;
	x->mute.until_ms = clock_wall_ms() + x->for_ms;
	x->mute.who = xstrdup(say->who);
	x->mute.why = xstrndup(why, utf8_cut(why, strlen(why), MUTE_WHY_MAX_BYTES));
	if (!a->mutes || !catalogue_topic(&a->catalogue, x->mute.topic)) {
		told(x, false, TEXT(x->lang, TEXT_INCIDENT_NO_TOPIC, x->mute.topic));
		return;
	}
	drop_over(a->mutes);
	if (say->end) {
		end(x);
		return;
	}
	no = trouble(x, say->is_long);
	if (no >= 0)
		told(x, false, xstrdup(text_raw(x->lang, (enum text_id)no)));
	else
		store_mute_put(a->store,
			       &(struct store_mute){.topic = x->mute.topic,
						    .severity = x->mute.severity,
						    .critical = x->mute.critical,
						    .since_ms = clock_wall_ms(),
						    .until_ms = x->mute.until_ms,
						    .who = x->mute.who,
						    .why = x->mute.why},
			       on_kept, x);
}

/* --- the API --- */

static void on_told(void *arg, bool done, const char *text)
{
	struct reply *reply = arg;
	cleanup(buf_done) struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	if (!done) {
		reply_error(reply, 409, "mute", text);
		return;
	}
	json_begin_object(&j, NULL);
	json_text(&j, "message", text);
	json_end_object(&j);
	reply_json(reply, 200, buf_str(&b), b.len);
}

void app_mutes_ask(void *arg, const struct serve_mute *ask, struct reply *reply)
{
	struct app *a = arg;
	const struct app_mute_say say = {.topic = ask->topic,
					 .who = ask->who,
					 .why = ask->why,
					 .severity = ask->severity,
					 .for_ms = ask->for_ms,
					 .critical = ask->critical,
					 .is_long = ask->is_long,
					 .end = ask->end,
					 .lang = app_lang(a)};

	app_mutes_say(a, &say, on_told, reply);
}

/* --- a start --- */

static void on_found(void *arg, int r, const struct store_mute *v, size_t n)
{
	struct app *a = arg;
	size_t i;

	if (r < 0)
		app_log_failed(a, "mutes", r);
	for (i = 0; r == 0 && a->mutes && i < n && a->mutes->n < MUTES_HELD_MAX; i++) {
		struct mute *m = &a->mutes->v[a->mutes->n++];

		*m = (struct mute){.id = v[i].id,
				   .severity = v[i].severity >= 0 && v[i].severity < SEVERITIES
						       ? (enum severity)v[i].severity
						       : SEVERITY_INFO,
				   .critical = v[i].critical,
				   .until_ms = v[i].until_ms,
				   .who = xstrdup(v[i].who),
				   .why = xstrdup(v[i].why)};
		snprintf(m->topic, sizeof(m->topic), "%s", v[i].topic);
	}
}

struct app_mutes *app_mutes_new(struct app *a)
{
	struct app_mutes *k = NEW(struct app_mutes);

	store_mutes(a->store, on_found, a);
	return k;
}

struct app_mutes *app_mutes_free(struct app_mutes *k)
{
	size_t i;

	for (i = 0; k && i < k->n; i++)
		forget(&k->v[i]);
	free(k);
	return NULL;
}
