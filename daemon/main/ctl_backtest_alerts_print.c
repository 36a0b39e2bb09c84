#include "main/ctl_backtest_alerts_print.h"

#include <inttypes.h>
#include <string.h>

#include "alert/incident_line.h"
#include "alert/incident_text.h"
#include "alert/reason_text.h"
#include "alert/when.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "main/alert_judge.h"
#include "main/config.h"
#include "main/ctl_terminal.h"
#include "stats/judge.h"

enum { COLUMNS = 7 };

static char *number(int64_t n)
{
	return xasprintf("%" PRId64, n);
}

static char *when(const struct ctl *c, int64_t ms)
{
	char text[CLOCK_RFC3339_SIZE];

	return local_time(c, ms == TIME_NONE ? NULL : clock_rfc3339(ms, 0, text));
}

static void put_line(const struct ctl *c, struct buf *out, enum text_id id, const char *const args[])
{
	cleanup(freep) char *said = text_make(c->lang, id, args);

	text_wrap(out, said, 0, 2, terminal_width());
}
#define PUT(c, out, id, ...) put_line((c), (out), (id), TEXT_ARGS(__VA_ARGS__))

static bool is_asked_for(const struct backtest_alerts_report *r, const char *topic)
{
	return !r->topic || strcmp(r->topic, topic) == 0;
}

/* --- one that would have opened --- */

static void put_reason(struct buf *b, const char *text)
{
	buf_printf(b, "%s%s", b->len ? "; " : "", text);
}

/* The worst first, as in a message. */
static void put_reasons(const struct ctl *c, uint32_t reasons, struct buf *b)
{
	size_t i;

	for (i = JUDGE_REASONS; i-- > 0;)
		if (reasons >> i & 1)
			put_reason(b, reason_text(judge_reason_names[i], c->lang));
}

static void put_alert(const struct ctl *c, const struct backtest_opened *o, const char *alert, struct buf *b)
{
	const char *colon = strchr(alert, ':');

	if (strcmp(alert, CRISIS_DEFAULT_ALERT) == 0) {
		put_reasons(c, o->reasons, b);
	} else {
		cleanup(freep) char *other = colon ? xstrndup(alert, (size_t)(colon - alert)) : NULL;
		cleanup(freep) char *said = other ? TEXT(c->lang, TEXT_CTL_BACKTEST_ALERTS_TOO, other)
						  : TEXT(c->lang, TEXT_INCIDENT_WHY_ALERT, alert);

		put_reason(b, said);
	}
}

static char *why(const struct ctl *c, const struct backtest_opened *o)
{
	struct buf b = BUF_INIT(TABLE_CELL_MAX_BYTES);
	size_t i;

	for (i = 0; i < o->n_alerts; i++)
		put_alert(c, o, o->alerts[i], &b);
	if (!o->n_alerts) /* it was over when it was heard */
		put_reasons(c, o->reasons, &b);
	if (o->late)
		put_reason(&b, text_raw(c->lang, TEXT_CTL_BACKTEST_ALERTS_LATE));
	return buf_steal(&b);
}

static char *really(const struct ctl *c, const struct backtest_opened *o)
{
	cleanup(freep) char *n = number(o->was);

	if (!o->was)
		return xstrdup(text_raw(c->lang, TEXT_CTL_BACKTEST_ALERTS_NEVER));
	return o->false_alarm ? TEXT(c->lang, TEXT_CTL_BACKTEST_ALERTS_WAS_FALSE, n)
			      : TEXT(c->lang, TEXT_CTL_BACKTEST_ALERTS_WAS, n);
}

static void put_row(const struct ctl *c, struct table *t, const struct backtest_opened *o)
{
	cleanup(freep) char *opened = when(c, o->opened_ms), *mentions = number((int64_t)o->mentions),
			    *was = really(c, o), *because = why(c, o),
			    *lasted = o->closed_ms == TIME_NONE
					      ? xstrdup(text_raw(c->lang, TEXT_CTL_BACKTEST_ALERTS_OPEN))
					      : time_for(c, o->closed_ms - o->opened_ms);

	TABLE_ROW(t, opened, lasted, o->topic, severity_text(severity_names[o->severity], c->lang), mentions, was,
		  because);
}

static size_t put_opened(const struct ctl *c, const struct backtest_alerts_report *r, struct buf *out)
{
	struct table *t = table_new(COLUMNS);
	size_t n, i, shown = 0;
	const struct backtest_opened *v = backtest_alerts_opened(r->alerts, &n);

	TABLE_ROW(t, text_raw(c->lang, TEXT_CTL_BACKTEST_ALERTS_WHEN),
		  text_raw(c->lang, TEXT_CTL_BACKTEST_ALERTS_LASTED), text_raw(c->lang, TEXT_CTL_TOPICS_TOPIC),
		  text_raw(c->lang, TEXT_CTL_INCIDENTS_SEVERITY), text_raw(c->lang, TEXT_CTL_BACKTEST_ALERTS_MENTIONS),
		  text_raw(c->lang, TEXT_CTL_BACKTEST_ALERTS_REALLY), text_raw(c->lang, TEXT_CTL_BACKTEST_ALERTS_WHY));
	for (i = 0; i < n; i++) {
		if (!is_asked_for(r, v[i].topic))
			continue;
		put_row(c, t, &v[i]);
		shown++;
	}
	if (shown)
		table_print(t, out);
	table_free(t);
	return shown;
}

/* --- one that there really was --- */

static bool is_before_the_log(const struct backtest_alerts_report *r, const struct replay_incident *i)
{
	int64_t from_ms = backtest_alerts_learnt_ms(r->alerts);

	return from_ms == TIME_NONE || i->opened_ms < from_ms || (r->cut_ms != TIME_NONE && i->opened_ms < r->cut_ms);
}

/* That the same opens again, and was no false alarm, stands in the table. */
static void put_happened(const struct ctl *c, const struct backtest_alerts_report *r, size_t i, struct buf *out)
{
	const struct replay_incident *was = &r->happened[i];
	cleanup(freep) char *n = number(was->id), *at = when(c, was->opened_ms);
	bool mistake = was->end == INCIDENT_FALSE_ALARM;

	if (r->again[i]) {
		if (mistake)
			PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_FALSE_AGAIN, n, was->topic, at);
	} else if (is_before_the_log(r, was)) {
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_BEFORE, n, was->topic, at);
	} else if (mistake) {
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_FALSE_GONE, n, was->topic, at);
	} else if (strcmp(was->alert, INCIDENT_BY_HAND_ALERT) == 0) {
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_HAND, n, was->topic, at);
	} else {
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_GONE, n, was->topic, at);
	}
}

/* --- what it rests on --- */

static bool speaks_of_growth(const struct alert_config *a)
{
	return when_measures(a->when) >> MEASURE_GROWTH & 1;
}

static void put_doubts(const struct ctl *c, const struct backtest_alerts_report *r, struct buf *out)
{
	int64_t from_ms = backtest_alerts_learnt_ms(r->alerts);
	cleanup(freep) char *from = when(c, from_ms), *cut = when(c, r->cut_ms),
			    *left = number((int64_t)backtest_alerts_left(r->alerts));
	size_t i;

	if (from_ms != TIME_NONE && from_ms > r->since_ms - DAY_MS)
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_EARLY, from);
	else if (from_ms != TIME_NONE)
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_LEARNT, from);
	if (r->cut_ms != TIME_NONE)
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_CUT, cut);
	if (backtest_alerts_left(r->alerts))
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_LEFT, left);
	for (i = 0; i < r->config->n_alerts; i++)
		if (speaks_of_growth(&r->config->alerts[i]))
			PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_GROWTH, r->config->alerts[i].name);
}

void backtest_alerts_print(const struct ctl *c, const struct backtest_alerts_report *r, struct buf *out)
{
	size_t i;

	buf_putc(out, '\n');
	if (!r->alerts) {
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_CONFIG, c->config ? c->config : "-");
		return;
	}
	if (r->file)
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_FILE, r->file);
	else
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_TODAY);
	if (!put_opened(c, r, out))
		PUT(c, out, TEXT_CTL_BACKTEST_ALERTS_NONE);
	for (i = 0; i < r->n_happened; i++)
		if (is_asked_for(r, r->happened[i].topic))
			put_happened(c, r, i, out);
	put_doubts(c, r, out);
}

/* --- JSON --- */

static void json_opened(struct json *j, const struct backtest_opened *o)
{
	size_t i;

	json_begin_object(j, NULL);
	json_text(j, "topic", o->topic);
	json_text(j, "severity", severity_names[o->severity]);
	json_time(j, "opened", o->opened_ms, true);
	json_time(j, "closed", o->closed_ms, true);
	json_begin_array(j, "alerts");
	for (i = 0; i < o->n_alerts; i++)
		json_text(j, NULL, o->alerts[i]);
	json_end_array(j);
	json_begin_array(j, "why");
	for (i = JUDGE_REASONS; i-- > 0;)
		if (o->reasons >> i & 1)
			json_text(j, NULL, judge_reason_names[i]);
	json_end_array(j);
	json_int(j, "mentions", (int64_t)o->mentions);
	json_bool(j, "late", o->late);
	if (o->was)
		json_int(j, "was", o->was);
	json_bool(j, "false_alarm", o->false_alarm);
	json_end_object(j);
}

static void json_happened(struct json *j, const struct backtest_alerts_report *r, size_t i)
{
	const struct replay_incident *was = &r->happened[i];

	json_begin_object(j, NULL);
	json_int(j, "incident", was->id);
	json_text(j, "topic", was->topic);
	json_text(j, "alert", was->alert);
	json_time(j, "opened", was->opened_ms, true);
	json_time(j, "closed", was->closed_ms, true);
	json_bool(j, "false_alarm", was->end == INCIDENT_FALSE_ALARM);
	if (r->again[i] || !is_before_the_log(r, was)) /* missing: nobody can say */
		json_bool(j, "again", r->again[i] > 0);
	json_end_object(j);
}

void backtest_alerts_json(const struct backtest_alerts_report *r, struct json *j)
{
	const struct backtest_opened *v = NULL;
	size_t n = 0, i;

	json_begin_object(j, "alerts");
	json_bool(j, "judged", r->alerts != NULL);
	if (r->alerts) {
		v = backtest_alerts_opened(r->alerts, &n);
		json_time(j, "learnt_from", backtest_alerts_learnt_ms(r->alerts), true);
		json_time(j, "cut", r->cut_ms, true);
		json_int(j, "left", (int64_t)backtest_alerts_left(r->alerts));
		json_begin_array(j, "incidents");
		for (i = 0; i < n; i++)
			if (is_asked_for(r, v[i].topic))
				json_opened(j, &v[i]);
		json_end_array(j);
		json_begin_array(j, "happened");
		for (i = 0; i < r->n_happened; i++)
			if (is_asked_for(r, r->happened[i].topic))
				json_happened(j, r, i);
		json_end_array(j);
	}
	json_end_object(j);
}
