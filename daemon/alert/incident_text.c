#include "alert/incident_text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alert/chart.h"
#include "alert/drill.h"
#include "alert/notice_object.h"
#include "alert/notice_text.h"
#include "alert/page.h"
#include "alert/reason_text.h"
#include "alert/verbs.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "base/zone.h"

enum { TIME_SIZE = 40, HOST_SIZE = 256, NAMES_MAX_BYTES = 4096 };

/* One message on its way into words. */
struct words {
	struct buf *b; /* the page's text */
	struct page *page;
	const json_t *news;
	const struct notice_reader *to;
};

static void put(const struct words *w, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(w->to->lang, id, args);

	buf_printf(w->b, "%s\n", text);
	page_html_line(w->page, text);
}
#define PUT(w, id, ...) put((w), (id), TEXT_ARGS(__VA_ARGS__))

/* One empty line, and never two. */
static void put_gap(const struct words *w)
{
	const char *text = buf_str(w->b);

	if (w->b->len > 1 && strcmp(text + w->b->len - 2, "\n\n") != 0)
		buf_putc(w->b, '\n');
}

static const char *said(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* As it is shown; NULL: not known. */
static const char *number(const struct words *w, const json_t *object, const char *key, char out[NOTICE_NUMBER_SIZE])
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? notice_number(w->to->lang, json_number_value(value), out) : NULL;
}

/* --- what it is --- */

static char *why_text(const char *name, enum text_lang lang)
{
	const char *text = reason_text(name, lang);

	if (strcmp(name, INCIDENT_BY_HAND_ALERT) == 0)
		text = text_raw(lang, TEXT_INCIDENT_WHY_HAND);
	else if (strcmp(name, DRILL_ALERT) == 0)
		text = text_raw(lang, TEXT_INCIDENT_WHY_DRILL);
	return text ? xstrdup(text) : TEXT(lang, TEXT_INCIDENT_WHY_ALERT, name);
}

/* At most `most` of them. */
static void put_why(const struct words *w, struct buf *b, size_t most)
{
	const json_t *why = json_object_get(w->news, "why"), *one;
	size_t i;

	json_array_foreach(why, i, one)
	{
		cleanup(freep) char *text = NULL;

		if (i == most)
			break;
		text = why_text(json_string_value(one) ? json_string_value(one) : "", w->to->lang);
		buf_printf(b, "%s%s", i ? "; " : "", text);
	}
}

static enum text_id severity_text(const json_t *news)
{
	const char *severity = said(news, "severity");

	if (severity && strcmp(severity, severity_names[SEVERITY_CRITICAL]) == 0)
		return TEXT_INCIDENT_CRITICAL;
	return severity && strcmp(severity, severity_names[SEVERITY_WARNING]) == 0 ? TEXT_INCIDENT_WARNING
										   : TEXT_INCIDENT_INFO;
}

static bool is_reason(const json_t *news, enum incident_reason reason)
{
	const char *name = said(news, "reason");

	return name && strcmp(name, incident_reason_names[reason]) == 0;
}

/* Why this message comes. */
static void put_reason(const struct words *w)
{
	static const struct {
		enum incident_reason reason;
		enum text_id text;
	} texts[] = {
		{INCIDENT_RISES, TEXT_INCIDENT_RISES},     {INCIDENT_REPEATS, TEXT_INCIDENT_REPEATS},
		{INCIDENT_LAPSED, TEXT_INCIDENT_LAPSED},   {INCIDENT_BACK, TEXT_INCIDENT_BACK},
		{INCIDENT_GREW, TEXT_INCIDENT_GREW},       {INCIDENT_ASKED, TEXT_INCIDENT_ASKED},
		{INCIDENT_RECEDES, TEXT_INCIDENT_RECEDES}, {INCIDENT_HELD, TEXT_INCIDENT_HELD},
		{INCIDENT_SHIFT, TEXT_INCIDENT_SHIFT},
	};
	const char *owner = said(w->news, "owner");
	size_t i;

	if (is_reason(w->news, INCIDENT_ENDS))
		PUT(w, json_is_true(json_object_get(w->news, "false_alarm")) ? TEXT_INCIDENT_FALSE_ALARM
									     : TEXT_INCIDENT_ENDS);
	for (i = 0; i < ARRAY_LEN(texts); i++)
		if (is_reason(w->news, texts[i].reason))
			PUT(w, texts[i].text);
	if (owner && *owner && !is_reason(w->news, INCIDENT_LAPSED))
		PUT(w, TEXT_INCIDENT_TAKEN, owner);
}

/* --- how much --- */

static void put_since(const struct words *w)
{
	struct zone_time t;
	char time[TIME_SIZE];

	zone_local(w->to->zone, json_integer_value(json_object_get(w->news, "opened")), &t);
	snprintf(time, sizeof(time), "%04lld-%02d-%02d %02d:%02d", (long long)t.year, t.month, t.day, t.hour, t.minute);
	PUT(w, TEXT_INCIDENT_SINCE, time);
}

static void put_numbers(const struct words *w)
{
	char a[NOTICE_NUMBER_SIZE], b[NOTICE_NUMBER_SIZE], c[NOTICE_NUMBER_SIZE], d[NOTICE_NUMBER_SIZE];
	const char *n = number(w, w->news, "hour", a), *usual = number(w, w->news, "usual", b),
		   *authors = number(w, w->news, "authors", c), *stories = number(w, w->news, "stories", d);

	if (n && authors && stories && usual)
		PUT(w, TEXT_INCIDENT_HOUR_USUAL, n, usual, authors, stories);
	else if (n && authors && stories)
		PUT(w, TEXT_INCIDENT_HOUR, n, authors, stories);
	n = number(w, w->news, "negative", a);
	usual = number(w, w->news, "percent_usual", b);
	authors = number(w, w->news, "percent", c);
	if (n && authors && usual)
		PUT(w, TEXT_INCIDENT_NEGATIVE_USUAL, n, authors, usual);
	else if (n && authors)
		PUT(w, TEXT_INCIDENT_NEGATIVE, n, authors);
}

/* "2026-09-21 14:13", or the hour alone where it is the day of like_ms. */
static void time_text(const struct words *w, int64_t wall_ms, int64_t like_ms, char out[TIME_SIZE])
{
	struct zone_time t, like;

	zone_local(w->to->zone, wall_ms, &t);
	zone_local(w->to->zone, like_ms, &like);
	if (t.year == like.year && t.month == like.month && t.day == like.day && wall_ms != like_ms)
		snprintf(out, TIME_SIZE, "%02d:%02d", t.hour, t.minute);
	else
		snprintf(out, TIME_SIZE, "%04lld-%02d-%02d %02d:%02d", (long long)t.year, t.month, t.day, t.hour,
			 t.minute);
}

/* What happened hours ago, and is heard now. */
static void put_late(const struct words *w)
{
	int64_t from_ms = json_integer_value(json_object_get(w->news, "late_from")),
		to_ms = json_integer_value(json_object_get(w->news, "late_to"));
	const char *sources = said(w->news, "late_sources");
	char from[TIME_SIZE], to[TIME_SIZE];

	if (!from_ms)
		return;
	time_text(w, from_ms, from_ms, from);
	time_text(w, to_ms, from_ms, to);
	PUT(w, sources ? TEXT_INCIDENT_LATE_BY : TEXT_INCIDENT_LATE, from, to, sources ? sources : "");
}

/* Counts of the news as they were written; false: they are not there. */
static bool hours_of(const json_t *news, const char *key, uint32_t ret[INCIDENT_HOURS])
{
	const json_t *hours = json_object_get(news, key), *one;
	size_t i;

	if (json_array_size(hours) != INCIDENT_HOURS)
		return false;
	json_array_foreach(hours, i, one)
	{
		json_int_t n = json_integer_value(one);

		ret[i] = n < 0 || n > UINT32_MAX ? 0 : (uint32_t)n;
	}
	return true;
}

static void put_hours(const struct words *w)
{
	uint32_t hours[INCIDENT_HOURS], max = 0;
	cleanup(freep) char *chart = NULL, *line = NULL;
	char n[NOTICE_NUMBER_SIZE];
	size_t i;

	if (!hours_of(w->news, "hours", hours))
		return;
	for (i = 0; i < INCIDENT_HOURS; i++)
		max = hours[i] > max ? hours[i] : max;
	snprintf(n, sizeof(n), "%u", max);
	line = TEXT(w->to->lang, TEXT_INCIDENT_HOURS, n);
	chart = TEXT(w->to->lang,
		     json_is_number(json_object_get(w->news, "usual")) ? TEXT_INCIDENT_CHART : TEXT_INCIDENT_CHART_NEW,
		     n);
	buf_printf(w->b, "%s\n", line);
	chart_line(w->b, hours, INCIDENT_HOURS);
	buf_putc(w->b, '\n');
	page_picture(w->page, INCIDENT_CHART_CID, chart);
	page_html_note(w->page, chart);
}

bool incident_chart(const char *json, struct buf *png)
{
	json_t *news = json_loads(json, 0, NULL);
	uint32_t all[INCIDENT_HOURS], negative[INCIDENT_HOURS];
	const json_t *usual = json_object_get(news, "usual");
	bool made =
		hours_of(news, "hours", all) && hours_of(news, "hours_negative", negative) &&
		chart_png(png, &(struct chart){.all = all,
					       .negative = negative,
					       .n = INCIDENT_HOURS,
					       .usual = json_is_number(usual) ? json_number_value(usual) : -1}) == 0;

	json_decref(news);
	return made;
}

/* --- only us, or others, too --- */

static void add_other(const struct words *w, struct buf *b, const json_t *o)
{
	char hour[NOTICE_NUMBER_SIZE], usual[NOTICE_NUMBER_SIZE], percent[NOTICE_NUMBER_SIZE];
	const char *n = number(w, o, "hour", hour), *u = number(w, o, "usual", usual),
		   *p = number(w, o, "percent", percent);
	cleanup(freep) char *many = NULL, *tone = NULL;

	many = u ? TEXT(w->to->lang, TEXT_INCIDENT_OTHER_USUAL, said(o, "topic"), n ? n : "0", u)
		 : TEXT(w->to->lang, TEXT_INCIDENT_OTHER, said(o, "topic"), n ? n : "0");
	tone = p ? TEXT(w->to->lang, TEXT_INCIDENT_OTHER_NEGATIVE, p) : NULL;
	buf_printf(b, "%s%s%s", b->len ? "; " : "", many, tone ? tone : "");
}

static void put_others(const struct words *w)
{
	const json_t *others = json_object_get(w->news, "others"), *o;
	cleanup(buf_done) struct buf all = BUF_INIT(NAMES_MAX_BYTES), unusual = BUF_INIT(NAMES_MAX_BYTES);
	size_t i;

	if (!json_array_size(others))
		return;
	json_array_foreach(others, i, o)
	{
		if (!said(o, "topic"))
			continue;
		add_other(w, &all, o);
		if (json_is_true(json_object_get(o, "unusual")))
			buf_printf(&unusual, "%s%s", unusual.len ? ", " : "", said(o, "topic"));
	}
	if (unusual.len)
		PUT(w, TEXT_INCIDENT_OTHERS_TOO, buf_str(&unusual));
	else
		PUT(w, TEXT_INCIDENT_ONLY_US);
	PUT(w, TEXT_INCIDENT_OTHERS, buf_str(&all));
}

/* --- what is said --- */

/* One line, cut between letters. */
static void put_title(struct buf *b, const char *title)
{
	const char *s = title, *end = title + strlen(title);
	size_t len = 0;
	bool space = false;

	while (s < end) {
		const char *from = s;
		uint32_t cp = utf8_next(&s, end);

		len += (size_t)(s - from);
		if (len > INCIDENT_TITLE_MAX_BYTES) {
			buf_puts(b, "…");
			return;
		}
		if (cp > ' ' && space)
			buf_putc(b, ' ');
		space = cp <= ' ';
		if (!space)
			buf_put(b, from, (size_t)(s - from));
	}
}

/* "Ana, prensa, 1200 followers". */
static void put_who(const struct words *w, const json_t *e, struct buf *b)
{
	const char *const who[] = {said(e, "author"), said(e, "source")};
	char n[NOTICE_NUMBER_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_LEN(who); i++) {
		if (!who[i])
			continue;
		buf_puts(b, b->len ? ", " : "");
		put_title(b, who[i]);
	}
	if (number(w, e, "reach", n)) {
		cleanup(freep) char *reach = TEXT(w->to->lang, TEXT_INCIDENT_REACH, n);

		buf_printf(b, "%s%s", b->len ? ", " : "", reach);
	}
}

/* Why it stands here; NULL: nobody knows. */
static const char *telling_text(const struct words *w, const json_t *e)
{
	static const struct {
		enum incident_telling why;
		enum text_id text;
	} texts[] = {{TELLING_REACH, TEXT_INCIDENT_EXAMPLE_REACH},
		     {TELLING_TYPICAL, TEXT_INCIDENT_EXAMPLE_TYPICAL},
		     {TELLING_FIRST, TEXT_INCIDENT_EXAMPLE_FIRST}};
	const char *why = said(e, "why");
	size_t i;

	for (i = 0; why && i < ARRAY_LEN(texts); i++)
		if (strcmp(why, incident_telling_names[texts[i].why]) == 0)
			return text_raw(w->to->lang, texts[i].text);
	return NULL;
}

static void put_example(const struct words *w, const json_t *e, size_t i)
{
	const char *title = said(e, "title"), *url = said(e, "url"), *why = telling_text(w, e);
	cleanup(buf_done) struct buf who = BUF_INIT(NAMES_MAX_BYTES), words = BUF_INIT(NAMES_MAX_BYTES);

	put_title(&words, title ? title : url ? url : "?");
	put_who(w, e, &who);
	buf_printf(w->b, "%zu. %s\n", i + 1, buf_str(&words));
	if (who.len)
		buf_printf(w->b, "  — %s\n", buf_str(&who));
	if (why)
		buf_printf(w->b, "  (%s)\n", why);
	if (title && url)
		buf_printf(w->b, "   %s\n", url);
	page_html_said(w->page, buf_str(&words), who.len ? buf_str(&who) : NULL, why, url);
}

static void put_examples(const struct words *w)
{
	const json_t *examples = json_object_get(w->news, "examples"), *one;
	size_t i;

	if (!json_array_size(examples))
		return;
	buf_putc(w->b, '\n');
	page_html_heading(w->page, text_raw(w->to->lang, TEXT_INCIDENT_EXAMPLES));
	buf_printf(w->b, "%s\n", text_raw(w->to->lang, TEXT_INCIDENT_EXAMPLES));
	json_array_foreach(examples, i, one) put_example(w, one, i);
}

/* --- who and what else --- */

static void put_names(const struct words *w, const char *key, const char *n_key, enum text_id id)
{
	const json_t *names = json_object_get(w->news, key), *one;
	json_int_t all = json_integer_value(json_object_get(w->news, n_key));
	cleanup(buf_done) struct buf list = BUF_INIT(NAMES_MAX_BYTES);
	cleanup(freep) char *text = NULL;
	size_t i, n = json_array_size(names);

	if (!n)
		return;
	json_array_foreach(names, i, one) buf_printf(&list, "%s%s", i ? ", " : "", json_string_value(one));
	if (all > (json_int_t)n) {
		cleanup(freep) char *more = xasprintf("%lld", (long long)all - (long long)n);

		text = TEXT(w->to->lang, TEXT_INCIDENT_NAMES_MORE, buf_str(&list), more);
	}
	PUT(w, id, text ? text : buf_str(&list));
}

/* What the playbook says is to be done next; each by its number there, so that it can be ticked off. */
static void put_steps(const struct words *w)
{
	const json_t *steps = json_object_get(w->news, "steps"), *one;
	size_t i;

	if (!json_array_size(steps))
		return;
	put_gap(w);
	buf_printf(w->b, "%s\n", text_raw(w->to->lang, TEXT_INCIDENT_STEPS));
	page_html_heading(w->page, text_raw(w->to->lang, TEXT_INCIDENT_STEPS));
	json_array_foreach(steps, i, one)
	{
		cleanup(buf_done) struct buf step = BUF_INIT(NAMES_MAX_BYTES);

		buf_printf(&step, "%lld. ", (long long)json_integer_value(json_object_get(one, "n")));
		put_title(&step, said(one, "text") ? said(one, "text") : "?");
		buf_printf(w->b, "%s\n", buf_str(&step));
		page_html_line(w->page, buf_str(&step));
	}
}

static void put_answer(const struct words *w)
{
	const json_t *answers = json_object_get(w->news, "answers"), *one;
	bool over = is_reason(w->news, INCIDENT_ENDS);
	char n[NOTICE_NUMBER_SIZE];
	size_t i, links = 0;

	put_gap(w);
	if (w->to->heard && !over) {
		PUT(w, TEXT_INCIDENT_HERE, NULL);
		return;
	}
	json_array_foreach(answers, i, one)
	{
		const char *verb = said(one, "verb"), *url = said(one, "url");

		if (!verb || !url || verb_of_name(verb) == VERBS)
			continue;
		buf_printf(w->b, "%s: %s\n", verb_label(verb_of_name(verb), w->to->lang), url);
		page_html_button(w->page, verb_label(verb_of_name(verb), w->to->lang), url);
		links++;
	}
	snprintf(n, sizeof(n), "%lld", (long long)json_integer_value(json_object_get(w->news, "incident")));
	if (!over && !links) {
		PUT(w, TEXT_INCIDENT_ANSWER_TAKE, n);
		PUT(w, TEXT_INCIDENT_ANSWER_NOTHING, n);
	}
	PUT(w, TEXT_INCIDENT_SHOW, n);
}

static bool is_drill(const json_t *news)
{
	return json_is_true(json_object_get(news, "drill"));
}

static void put_foot(const struct words *w)
{
	char host[HOST_SIZE] = "";
	cleanup(freep) char *foot = NULL;

	(void)gethostname(host, sizeof(host) - 1);
	foot = TEXT(w->to->lang, TEXT_INCIDENT_FOOT, host, w->to->zone ? w->to->zone_name : "UTC");
	buf_printf(w->b, "\n-- \n%s\n", foot);
	page_html_note(w->page, foot);
}

static void put_subject(const struct words *w, struct buf *b, bool maybe)
{
	cleanup(buf_done) struct buf what = BUF_INIT(NAMES_MAX_BYTES);
	cleanup(freep) char *text = NULL;
	char n[NOTICE_NUMBER_SIZE];

	snprintf(n, sizeof(n), "%lld", (long long)json_integer_value(json_object_get(w->news, "incident")));
	if (is_reason(w->news, INCIDENT_ENDS))
		buf_puts(&what, text_raw(w->to->lang, json_is_true(json_object_get(w->news, "false_alarm"))
							      ? TEXT_INCIDENT_FALSE_ALARM
							      : TEXT_INCIDENT_ENDS));
	else
		put_why(w, &what, 1);
	text = TEXT(w->to->lang, TEXT_INCIDENT_SUBJECT, text_raw(w->to->lang, severity_text(w->news)),
		    said(w->news, "topic"), buf_str(&what), n);
	if (is_drill(w->news))
		buf_printf(b, "[%s] ", text_raw(w->to->lang, TEXT_INCIDENT_DRILL_SUBJECT));
	if (maybe)
		buf_printf(b, "[%s] ", text_raw(w->to->lang, TEXT_NOTICE_MAYBE_SUBJECT));
	buf_puts(b, text);
}

void incident_text(struct buf *subject, struct page *page, const char *json, const struct notice_reader *to, bool maybe)
{
	static const char *const tags[TEXT_LANGS] = {[TEXT_EN] = "en", [TEXT_ES] = "es"};
	json_t *news = incident_text_check(json) ? json_loads(json, 0, NULL) : NULL;
	const struct words w = {&page->text, page, news, to};
	cleanup(buf_done) struct buf why = BUF_INIT(NAMES_MAX_BYTES);

	if (news)
		put_subject(&w, subject, maybe);
	page_begin(page, tags[to->lang], news ? buf_str(subject) : NULL);
	if (!news)
		return;
	if (maybe) {
		PUT(&w, TEXT_NOTICE_MAYBE, NULL);
		buf_putc(w.b, '\n');
	}
	if (is_drill(news))
		PUT(&w, TEXT_INCIDENT_DRILL);
	put_reason(&w);
	put_why(&w, &why, INCIDENT_WHY_MAX);
	if (why.len)
		PUT(&w, TEXT_INCIDENT_WHAT, buf_str(&why));
	put_numbers(&w);
	put_since(&w);
	put_late(&w);
	put_hours(&w);
	put_names(&w, "rose", "", TEXT_INCIDENT_ROSE);
	put_names(&w, "same", "n_same", TEXT_INCIDENT_BRANDS);
	put_others(&w);
	put_examples(&w);
	put_steps(&w);
	put_gap(&w);
	put_names(&w, "deaf", "n_deaf", TEXT_INCIDENT_DEAF);
	put_names(&w, "told", "n_told", TEXT_INCIDENT_TOLD);
	put_answer(&w);
	put_foot(&w);
	json_decref(news);
}

static const char *kept(struct arena *a, const json_t *object, const char *key)
{
	return arena_strdup(a, said(object, key));
}

static void put_mentions(const json_t *news, struct arena *a, struct notice_object *ret)
{
	const json_t *examples = json_object_get(news, "examples"), *one;
	struct notice_mention *v = ARENA_ARRAY(a, struct notice_mention, json_array_size(examples) + 1);
	size_t i;

	json_array_foreach(examples, i, one) v[i] =
		(struct notice_mention){.title = kept(a, one, "title"),
					.url = kept(a, one, "url"),
					.author = kept(a, one, "author"),
					.source = kept(a, one, "source"),
					.reach = json_number_value(json_object_get(one, "reach"))};
	ret->mentions = v;
	ret->n_mentions = i;
}

static void put_todo(const json_t *news, struct arena *a, struct notice_object *ret)
{
	const json_t *steps = json_object_get(news, "steps"), *one;
	const char **v = ARENA_ARRAY(a, const char *, json_array_size(steps) + 1);
	size_t i;

	json_array_foreach(steps, i, one) v[i] = kept(a, one, "text");
	ret->playbook_steps = v;
	ret->n_playbook_steps = i;
}

/* A log that was made anew counts from one again: when it began tells it from an earlier one. */
const char *incident_matter(uint64_t id, int64_t opened_ms, struct arena *a)
{
	return arena_printf(a, "incident-%llu-%lld", (unsigned long long)id, (long long)opened_ms / 1000);
}

void incident_text_facts(const char *json, struct arena *a, struct notice_object *ret)
{
	static const enum incident_reason quiet[] = {INCIDENT_TAKEN_BY, INCIDENT_RECEDES, INCIDENT_ENDS};
	json_t *news = json_loads(json, 0, NULL);
	size_t i;

	ret->incident = (uint64_t)json_integer_value(json_object_get(news, "incident"));
	ret->severity = kept(a, news, "severity");
	ret->reason = kept(a, news, "reason");
	ret->topic = kept(a, news, "topic");
	if (is_drill(news))
		ret->kind = NOTICE_DRILL;
	ret->ended = is_reason(news, INCIDENT_ENDS);
	for (i = 0; i < ARRAY_LEN(quiet); i++)
		ret->quiet = ret->quiet || is_reason(news, quiet[i]);
	ret->matter = incident_matter(ret->incident, json_integer_value(json_object_get(news, "opened")), a);
	put_mentions(news, a, ret);
	put_todo(news, a, ret);
	json_decref(news);
}
