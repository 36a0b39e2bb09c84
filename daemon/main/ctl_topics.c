/* topics: what is said of each topic now, against what is usual; of one, its last day. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "alert/reason_text.h"
#include "base/buf.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

enum { OUT_MAX_BYTES = 1024 * 1024 };

/* --- words --- */

static char *number(const struct ctl *c, double value)
{
	return value >= 10 || value == (double)(int)value ? xasprintf("%.0f", value) : text_decimal(c->lang, value);
}

/* "12 (usual 8.5)" */
static char *against_usual(const struct ctl *c, const json_t *window)
{
	const json_t *usual = json_object_get(window, "usual");
	cleanup(freep) char *now = number(c, json_number_value(json_object_get(window, "hour")));
	cleanup(freep) char *before = usual ? number(c, json_number_value(usual)) : NULL;

	return before ? TEXT(c->lang, TEXT_CTL_TOPICS_USUAL, now, before) : TAKE(now);
}

static char *share(const struct ctl *c, const json_t *window)
{
	const json_t *percent = json_object_get(window, "percent"), *usual = json_object_get(window, "percent_usual");
	cleanup(freep) char *now = percent ? xasprintf("%.0f %%", json_number_value(percent)) : NULL;
	cleanup(freep) char *before = usual ? xasprintf("%.0f %%", json_number_value(usual)) : NULL;

	return now && before ? TEXT(c->lang, TEXT_CTL_TOPICS_USUAL, now, before) : TAKE(now);
}

static enum text_id severity_text(const char *severity)
{
	static const struct {
		const char *name;
		enum text_id text;
	} texts[] = {{"info", TEXT_CTL_TOPICS_INFO},
		     {"warning", TEXT_CTL_TOPICS_WARNING},
		     {"critical", TEXT_CTL_TOPICS_CRITICAL}};
	size_t i;

	for (i = 0; severity && i < ARRAY_LEN(texts); i++)
		if (strcmp(severity, texts[i].name) == 0)
			return texts[i].text;
	return TEXT_CTL_TOPICS_CALM;
}

static void put_reasons(const struct ctl *c, const json_t *why, struct buf *b)
{
	const json_t *one;
	size_t i;

	json_array_foreach(why, i, one)
	{
		const char *text = reason_text(json_string_value(one), c->lang);

		if (text)
			buf_printf(b, "%s%s", b->len ? "; " : "", text);
	}
}

/* "calm", or "warning: negatives rose" */
static char *state(const struct ctl *c, const json_t *topic)
{
	cleanup(buf_done) struct buf why = BUF_INIT(OUT_MAX_BYTES);
	const char *severity = text_raw(c->lang, severity_text(said_in(topic, "severity")));

	put_reasons(c, json_object_get(topic, "why"), &why);
	return why.len ? xasprintf("%s: %s", severity, buf_str(&why)) : xstrdup(severity);
}

/* --- all --- */

static void print_all(const struct ctl *c, const json_t *topics)
{
	struct table *table = table_new(4);
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	const json_t *one;
	size_t i;

	TABLE_ROW(table, text_raw(c->lang, TEXT_CTL_TOPICS_TOPIC), text_raw(c->lang, TEXT_CTL_TOPICS_HOUR),
		  text_raw(c->lang, TEXT_CTL_TOPICS_NEGATIVE), text_raw(c->lang, TEXT_CTL_TOPICS_STATE));
	json_array_foreach(topics, i, one)
	{
		cleanup(freep) char *hour = against_usual(c, json_object_get(one, "mentions")),
				    *negative = share(c, json_object_get(one, "negative")), *now = state(c, one);

		TABLE_ROW(table, said_in(one, "topic"), hour, negative, now);
	}
	table_print(table, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
	table_free(table);
}

/* --- one --- */

/* Eighths of a block, as high as the largest. */
static void put_line(struct buf *b, const json_t *counts)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	json_int_t most = 1;
	const json_t *one;
	size_t i;

	json_array_foreach(counts, i, one) most = json_integer_value(one) > most ? json_integer_value(one) : most;
	json_array_foreach(counts, i, one)
		buf_puts(b, blocks[json_integer_value(one) * (json_int_t)(ARRAY_LEN(blocks) - 1) / most]);
}

static json_int_t sum(const json_t *counts)
{
	json_int_t n = 0;
	const json_t *one;
	size_t i;

	json_array_foreach(counts, i, one) n += json_integer_value(one);
	return n;
}

static void print_day(const struct ctl *c, enum text_id id, const json_t *counts)
{
	cleanup(buf_done) struct buf line = BUF_INIT(OUT_MAX_BYTES);
	cleanup(freep) char *n = xasprintf("%lld", (long long)sum(counts));

	put_line(&line, counts);
	CTL_SAY(c, id, buf_str(&line), n);
}

static void print_one(const struct ctl *c, const json_t *topic)
{
	const json_t *all = json_object_get(topic, "mentions");
	cleanup(freep) char *hour = against_usual(c, all), *negative = share(c, json_object_get(topic, "negative"));
	cleanup(freep) char *now = state(c, topic),
			    *authors = number(c, json_number_value(json_object_get(all, "authors")));
	cleanup(freep) char *stories = number(c, json_number_value(json_object_get(all, "stories")));

	CTL_SAY(c, TEXT_CTL_TOPICS_ONE, said_in(topic, "topic"), now);
	CTL_SAY(c, TEXT_CTL_TOPICS_ONE_HOUR, hour, authors, stories);
	if (negative)
		CTL_SAY(c, TEXT_CTL_TOPICS_ONE_NEGATIVE, negative);
	print_day(c, TEXT_CTL_TOPICS_ONE_DAY, json_object_get(topic, "day"));
	print_day(c, TEXT_CTL_TOPICS_ONE_DAY_NEGATIVE, json_object_get(topic, "day_negative"));
	if (json_is_true(json_object_get(topic, "early")))
		CTL_SAY(c, TEXT_CTL_TOPICS_EARLY);
}

static const json_t *find(const json_t *topics, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(topics, i, one) if (strcmp(said_in(one, "topic"), name) == 0) return one;
	return NULL;
}

/* False: there is no such topic, and it is told. */
static bool print(const struct ctl *c, const json_t *answer, const char *name)
{
	const json_t *topics = json_object_get(answer, "topics"), *one = name ? find(topics, name) : NULL;

	if (name && !one)
		CTL_COMPLAIN(c, TEXT_CTL_TOPICS_UNKNOWN, name);
	else if (c->json)
		json_print(name ? one : answer);
	else if (name)
		print_one(c, one);
	else if (json_array_size(topics))
		print_all(c, topics);
	else
		CTL_SAY(c, TEXT_CTL_TOPICS_NONE);
	return !name || one;
}

static int run(const struct ctl_call *call)
{
	json_t *answer = NULL;
	long code;
	bool done = client_get(call->client, "/v1/topics", 0, &code, &answer) &&
		    print(call->ctl, answer, call->n ? call->args[0] : NULL);

	json_decref(answer);
	return done ? CTL_DONE : CTL_NO;
}

const struct ctl_command ctl_topics = {
	.name = "topics",
	.run = run,
	.help = TEXT_CTL_HELP_TOPICS,
	.needs = CTL_NEEDS_DAEMON,
	.max = 1,
};
