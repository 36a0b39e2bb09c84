/* What a message about an incident says, kept until it is put into words. */
#include <jansson.h>
#include <string.h>

#include "alert/incident_text.h"
#include "base/buf.h"
#include "base/json.h"

const char *const incident_telling_names[INCIDENT_TELLINGS] = {[TELLING_NEW] = "new",
								[TELLING_REACH] = "reach",
								[TELLING_TYPICAL] = "typical",
								[TELLING_FIRST] = "first"};

static void put_number(struct json *j, const char *key, double v)
{
	if (v >= 0)
		json_double(j, key, v);
}

static void put_names(struct json *j, const char *key, const char *const *v, size_t n)
{
	size_t i;

	json_begin_array(j, key);
	for (i = 0; i < n; i++)
		json_text(j, NULL, v[i]);
	json_end_array(j);
}

static void put_examples(struct json *j, const struct incident_news *n)
{
	size_t i;

	json_begin_array(j, "examples");
	for (i = 0; i < n->n_examples && i < INCIDENT_EXAMPLES; i++) {
		const struct incident_example *e = &n->examples[i];

		json_begin_object(j, NULL);
		json_text(j, "title", e->title);
		json_text(j, "url", e->url);
		json_text(j, "author", e->author);
		json_text(j, "source", e->source);
		if (e->reach > 0)
			json_double(j, "reach", e->reach);
		if (e->why != TELLING_NEW)
			json_text(j, "why", incident_telling_names[e->why]);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_hours(struct json *j, const char *key, const uint32_t *v)
{
	size_t i;

	if (!v)
		return;
	json_begin_array(j, key);
	for (i = 0; i < INCIDENT_HOURS; i++)
		json_int(j, NULL, v[i]);
	json_end_array(j);
}

static void put_answers(struct json *j, const struct incident_news *n)
{
	size_t i;

	json_begin_array(j, "answers");
	for (i = 0; i < n->n_answers && i < INCIDENT_ANSWERS_MAX; i++) {
		json_begin_object(j, NULL);
		json_text(j, "verb", n->answers[i].verb);
		json_text(j, "url", n->answers[i].url);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_steps(struct json *j, const struct incident_news *n)
{
	size_t i;

	json_begin_array(j, "steps");
	for (i = 0; i < n->n_steps && i < INCIDENT_STEPS_MAX; i++) {
		json_begin_object(j, NULL);
		json_int(j, "n", (int64_t)n->steps[i].number);
		json_text(j, "text", n->steps[i].text);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_others(struct json *j, const struct incident_news *n)
{
	size_t i;

	json_begin_array(j, "others");
	for (i = 0; i < n->n_others && i < INCIDENT_OTHERS_MAX; i++) {
		json_begin_object(j, NULL);
		json_text(j, "topic", n->others[i].topic);
		json_bool(j, "unusual", n->others[i].unusual);
		put_number(j, "hour", n->others[i].hour);
		put_number(j, "usual", n->others[i].usual);
		put_number(j, "percent", n->others[i].percent);
		json_end_object(j);
	}
	json_end_array(j);
}

static size_t named(size_t n)
{
	return n < INCIDENT_NAMES_MAX ? n : INCIDENT_NAMES_MAX;
}

void incident_news_json(const struct incident_news *n, struct buf *b)
{
	struct json j = JSON_OUT(b);

	json_begin_object(&j, NULL);
	json_int(&j, "incident", (int64_t)n->id);
	json_text(&j, "topic", n->topic);
	json_text(&j, "reason", incident_reason_names[n->reason]);
	json_text(&j, "severity", severity_names[n->severity]);
	json_bool(&j, "false_alarm", n->end == INCIDENT_FALSE_ALARM);
	json_bool(&j, "drill", n->drill);
	json_text(&j, "owner", n->owner);
	json_int(&j, "opened", n->opened_ms);
	put_names(&j, "why", n->why, n->n_why);
	put_number(&j, "hour", n->hour);
	put_number(&j, "usual", n->usual);
	put_number(&j, "negative", n->negative);
	put_number(&j, "percent", n->percent);
	put_number(&j, "percent_usual", n->percent_usual);
	put_number(&j, "authors", n->authors);
	put_number(&j, "stories", n->stories);
	if (n->late_from_ms) {
		json_int(&j, "late_from", n->late_from_ms);
		json_int(&j, "late_to", n->late_to_ms);
		json_text(&j, "late_sources", n->late_sources && *n->late_sources ? n->late_sources : NULL);
	}
	put_names(&j, "rose", n->rose, n->n_rose < INCIDENT_ROSE_MAX ? n->n_rose : INCIDENT_ROSE_MAX);
	put_hours(&j, "hours", n->hours);
	put_hours(&j, "hours_negative", n->hours_negative);
	put_others(&j, n);
	put_names(&j, "same", n->same, named(n->n_same));
	json_int(&j, "n_same", (int64_t)n->n_same);
	put_examples(&j, n);
	put_names(&j, "deaf", n->deaf, named(n->n_deaf));
	json_int(&j, "n_deaf", (int64_t)n->n_deaf);
	put_names(&j, "told", n->told, named(n->n_told));
	json_int(&j, "n_told", (int64_t)n->n_told);
	put_steps(&j, n);
	put_answers(&j, n);
	json_end_object(&j);
}

bool incident_text_check(const char *json)
{
	json_t *root = json ? json_loads(json, 0, NULL) : NULL;
	bool right = json_is_integer(json_object_get(root, "incident")) &&
		     json_is_string(json_object_get(root, "topic")) &&
		     json_is_string(json_object_get(root, "reason")) &&
		     json_is_string(json_object_get(root, "severity")) && json_is_array(json_object_get(root, "why"));

	json_decref(root);
	return right;
}
