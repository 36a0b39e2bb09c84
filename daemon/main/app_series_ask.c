/* What is said of each topic now, against what is usual: GET /v1/topics. */
#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "main/app_series_inside.h"
#include "serve/serve.h"

enum { DAY_HOURS = 24 };

static void say_number(struct json *j, const char *key, double value)
{
	if (value >= 0)
		json_double(j, key, round(value * 10) / 10);
}

static void say_window(struct json *j, const char *key, struct topic *t, enum series_kind kind, int64_t now_ms,
		       int hour)
{
	struct topic_window w;

	topic_window(t, kind, NULL, now_ms, HOUR_MS, hour, &w);
	json_begin_object(j, key);
	json_int(j, "hour", (int64_t)w.count.matching);
	say_number(j, "usual", w.usual);
	json_int(j, "authors", (int64_t)w.count.authors);
	json_int(j, "stories", (int64_t)w.count.stories);
	if (kind != SERIES_ALL) {
		say_number(j, "percent", w.percent);
		say_number(j, "percent_usual", w.percent_usual);
	}
	json_end_object(j);
}

/* The last day's hours, the oldest first. */
static void say_day(struct json *j, const char *key, struct topic *t, enum series_kind kind, int64_t now_ms)
{
	int h;

	json_begin_array(j, key);
	for (h = DAY_HOURS - 1; h >= 0; h--) {
		struct topic_window w;

		topic_window(t, kind, NULL, now_ms - h * HOUR_MS, HOUR_MS, 0, &w);
		json_int(j, NULL, (int64_t)w.count.matching);
	}
	json_end_array(j);
}

static void say_topic(struct app_series *s, const struct one *one, int64_t now_ms, struct json *j)
{
	const struct catalogue_topic *known = catalogue_topic(&s->app->catalogue, topic_name(one->topic));
	int hour = series_hour(s, now_ms), i;
	struct judge_facts facts;
	struct judge_verdict verdict;
	struct topic_window w;

	topic_judge(one->topic, now_ms, hour, &facts, &verdict);
	topic_window(one->topic, SERIES_ALL, NULL, now_ms, HOUR_MS, hour, &w);
	json_begin_object(j, NULL);
	json_text(j, "topic", topic_name(one->topic));
	json_text(j, "role", known ? known->role : NULL);
	json_text(j, "severity", judge_severity_names[verdict.severity]);
	json_begin_array(j, "why");
	for (i = 0; i < JUDGE_REASONS; i++)
		if (verdict.by[i])
			json_text(j, NULL, judge_reason_names[i]);
	json_end_array(j);
	json_bool(j, "early", w.early);
	say_window(j, "mentions", one->topic, SERIES_ALL, now_ms, hour);
	say_window(j, "negative", one->topic, SERIES_NEGATIVE, now_ms, hour);
	say_window(j, "positive", one->topic, SERIES_POSITIVE, now_ms, hour);
	say_day(j, "day", one->topic, SERIES_ALL, now_ms);
	say_day(j, "day_negative", one->topic, SERIES_NEGATIVE, now_ms);
	json_end_object(j);
}

void app_series_ask(void *arg, struct reply *reply)
{
	struct app *a = arg;
	struct buf b = BUF_INIT(SERIES_ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	int64_t now_ms = clock_wall_ms();
	size_t i;

	json_begin_object(&j, NULL);
	json_begin_array(&j, "topics");
	for (i = 0; a->series && a->series->known && i < a->series->n; i++)
		say_topic(a->series, &a->series->v[i], now_ms, &j);
	json_end_array(&j);
	json_end_object(&j);
	reply_json(reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}
