#include "main/ctl_backtest_print.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "main/ctl_terminal.h"

enum { COLUMNS = 5 };

static char *number(uint64_t n)
{
	return xasprintf("%llu", (unsigned long long)n);
}

/* A local time; TIME_NONE: "-". To be freed. */
static char *when(const struct ctl *c, int64_t ms)
{
	char text[CLOCK_RFC3339_SIZE];

	return local_time(c, ms == TIME_NONE ? NULL : clock_rfc3339(ms, 0, text));
}

/* A text of the catalogue, wrapped to the terminal. */
static void put_line(const struct ctl *c, struct buf *out, enum text_id id, const char *const args[])
{
	cleanup(freep) char *said = text_make(c->lang, id, args);

	text_wrap(out, said, 0, 2, terminal_width());
}
#define PUT(c, out, id, ...) put_line((c), (out), (id), TEXT_ARGS(__VA_ARGS__))

bool backtest_changes(const struct backtest_report *r)
{
	size_t n, i;
	const struct backtest_row *rows = backtest_count_rows(r->count, &n);

	for (i = 0; i < n; i++)
		if (rows[i].gained || rows[i].lost)
			return true;
	return false;
}

/* --- the counts --- */

static void put_row(struct table *t, const struct backtest_row *row)
{
	cleanup(freep) char *before = number(row->before), *after = number(row->after),
			    *gained = row->gained ? xasprintf("+%llu", (unsigned long long)row->gained) : xstrdup("0"),
			    *lost = row->lost ? xasprintf("-%llu", (unsigned long long)row->lost) : xstrdup("0"),
			    *name = row->rule ? xasprintf("%s: %s", row->topic, row->rule) : xstrdup(row->topic);

	TABLE_ROW(t, name, before, after, gained, lost);
}

/* Every topic, and the rules that differ; returns how many don't. */
static size_t put_counts(const struct ctl *c, const struct backtest_report *r, struct buf *out)
{
	struct table *t = table_new(COLUMNS);
	size_t n, i, same = 0;
	const struct backtest_row *rows = backtest_count_rows(r->count, &n);

	TABLE_ROW(t, text_raw(c->lang, TEXT_CTL_COLUMN_TOPIC_RULE), text_raw(c->lang, TEXT_CTL_COLUMN_BEFORE),
		  text_raw(c->lang, TEXT_CTL_COLUMN_AFTER), text_raw(c->lang, TEXT_CTL_COLUMN_GAINED),
		  text_raw(c->lang, TEXT_CTL_COLUMN_LOST));
	for (i = 0; i < n; i++) {
		if (!rows[i].rule || rows[i].gained || rows[i].lost)
			put_row(t, &rows[i]);
		else
			same++;
	}
	table_print(t, out);
	table_free(t);
	return same;
}

/* --- the examples --- */

void backtest_example_print(const struct ctl *c, const struct backtest_example *e, struct buf *out)
{
	json_t *mention = json_loads(e->json, 0, NULL);
	struct buf words = BUF_INIT(TABLE_CELL_MAX_BYTES);

	hit_print(c, mention, out);
	text_clean(&words, e->words, strlen(e->words));
	buf_puts(out, "  ");
	if (words.len)
		text_put(out, c->lang, TEXT_CTL_BACKTEST_ID_WORDS, TEXT_ARGS(e->id, buf_str(&words)), 2);
	else
		text_put(out, c->lang, TEXT_CTL_BACKTEST_ID, TEXT_ARGS(e->id), 1);
	buf_putc(out, '\n');
	buf_done(&words);
	json_decref(mention);
}

static bool is_among(const struct backtest_example *const *v, const struct backtest_example *e)
{
	size_t i;

	for (i = 0; v && i < COUNT_EXAMPLES && v[i]; i++)
		if (strcmp(v[i]->id, e->id) == 0)
			return true;
	return false;
}

/* of: what was shown of the topic already, and is not shown again with its rules. */
static void put_examples(const struct ctl *c, const struct backtest_row *row, bool gains,
			 struct backtest_example *const *of, struct buf *out)
{
	struct backtest_example *const *v = gains ? row->gains : row->losses;
	cleanup(freep) char *n = number(gains ? row->gained : row->lost),
			    *name = row->rule ? xasprintf("%s: %s", row->topic, row->rule) : xstrdup(row->topic);
	bool headed = false;
	size_t i;

	for (i = 0; i < COUNT_EXAMPLES && v[i]; i++) {
		if (is_among((const struct backtest_example *const *)of, v[i]))
			continue;
		if (!headed) {
			buf_putc(out, '\n');
			PUT(c, out, gains ? TEXT_CTL_BACKTEST_GAINED : TEXT_CTL_BACKTEST_LOST, name, n);
			headed = true;
		}
		backtest_example_print(c, v[i], out);
	}
}

static void put_all_examples(const struct ctl *c, const struct backtest_report *r, struct buf *out)
{
	size_t n, i;
	const struct backtest_row *rows = backtest_count_rows(r->count, &n), *topic = NULL;

	for (i = 0; i < n; i++) {
		const bool own = topic && rows[i].rule; /* a topic's rules stand behind it */

		put_examples(c, &rows[i], true, own ? topic->gains : NULL, out);
		put_examples(c, &rows[i], false, own ? topic->losses : NULL, out);
		if (!rows[i].rule)
			topic = &rows[i];
	}
}

/* --- what it rests on --- */

static void put_log(const struct ctl *c, const struct backtest_report *r, struct buf *out)
{
	cleanup(freep) char *hits = number(r->log.hits), *gone = number(r->log.gone), *fresh = number(r->log.fresh);

	if (r->rules && r->log.gone)
		PUT(c, out, TEXT_CTL_BACKTEST_LOG_GONE, gone, hits);
	if (r->rules && r->log.fresh)
		PUT(c, out, TEXT_CTL_BACKTEST_LOG_FRESH, fresh);
}

static void put_reach(const struct ctl *c, const struct backtest_report *r, struct buf *out)
{
	cleanup(freep) char *first = when(c, r->reach.first_ms), *plain = when(c, r->reach.plain_first_ms);

	if (r->reach.first_ms == TIME_NONE)
		return;
	if (r->reach.first_ms > r->since_ms)
		PUT(c, out, TEXT_CTL_BACKTEST_BEGINS, first);
	if (r->reach.plain_first_ms == TIME_NONE)
		PUT(c, out, TEXT_CTL_BACKTEST_HITS_ONLY);
	else if (r->reach.plain_first_ms > r->since_ms && r->reach.plain_first_ms > r->reach.first_ms)
		PUT(c, out, TEXT_CTL_BACKTEST_REACH, plain);
}

static void put_deaf(const struct ctl *c, const struct backtest_report *r, struct buf *out)
{
	cleanup(freep) char *n = number((uint64_t)r->deaf.sources), *down = time_for(c, r->deaf.down_ms);
	struct buf names = BUF_INIT(TABLE_CELL_MAX_BYTES);
	size_t i;

	for (i = 0; i < REPLAY_DEAF_NAMES && r->deaf.names[i]; i++) {
		buf_puts(&names, i ? ", " : "");
		text_clean(&names, r->deaf.names[i], strlen(r->deaf.names[i]));
	}
	if (r->deaf.sources > (int64_t)i)
		buf_puts(&names, " …");
	if (r->deaf.sources)
		PUT(c, out, TEXT_CTL_BACKTEST_DEAF, n, buf_str(&names), r->since);
	if (r->deaf.down_ms >= MINUTE_MS)
		PUT(c, out, TEXT_CTL_BACKTEST_DOWN, down);
	buf_done(&names);
}

static void put_doubts(const struct ctl *c, const struct backtest_report *r, struct buf *out)
{
	cleanup(freep) char *unknown = number(r->unknown), *damaged = number(r->damaged),
			    *left = number(backtest_count_rows_left(r->count));
	size_t i;

	for (i = 0; i < r->n_limits; i++) {
		cleanup(freep) char *times = number(r->limits[i].times);

		PUT(c, out, r->limits[i].set ? TEXT_CTL_BACKTEST_LIMIT_NEW : TEXT_CTL_BACKTEST_LIMIT,
		    r->limits[i].pattern, r->limits[i].topic, times);
	}
	if (r->unknown)
		PUT(c, out, TEXT_CTL_BACKTEST_UNKNOWN, unknown);
	if (r->damaged)
		PUT(c, out, TEXT_CTL_BACKTEST_DAMAGED, damaged);
	if (backtest_count_rows_left(r->count))
		PUT(c, out, TEXT_CTL_BACKTEST_ROWS_LEFT, left);
}

void backtest_print(const struct ctl *c, const struct backtest_report *r, struct buf *out)
{
	cleanup(freep) char *mentions = number(r->mentions), *from = when(c, r->since_ms);
	size_t same;

	if (!r->mentions)
		PUT(c, out, TEXT_CTL_BACKTEST_NONE, from);
	else if (r->rules)
		PUT(c, out, TEXT_CTL_BACKTEST_AGAINST_RULES, mentions, from, r->rules);
	else
		PUT(c, out, TEXT_CTL_BACKTEST_AGAINST_LOG, mentions, from);
	if (r->mentions) {
		cleanup(freep) char *unchanged = NULL;

		buf_putc(out, '\n');
		same = put_counts(c, r, out);
		unchanged = number(same);
		if (same)
			PUT(c, out, TEXT_CTL_BACKTEST_UNCHANGED, unchanged);
		put_all_examples(c, r, out);
		buf_putc(out, '\n');
		if (!backtest_changes(r))
			PUT(c, out, TEXT_CTL_BACKTEST_SAME);
	}
	put_log(c, r, out);
	put_reach(c, r, out);
	put_deaf(c, r, out);
	put_doubts(c, r, out);
	if (r->mentions)
		backtest_alerts_print(c, &r->alerts, out);
}

/* --- JSON --- */

static void json_examples(struct json *j, const char *key, struct backtest_example *const *v)
{
	size_t i;

	json_begin_array(j, key);
	for (i = 0; i < COUNT_EXAMPLES && v[i]; i++) {
		json_begin_object(j, NULL);
		json_text(j, "words", v[i]->words);
		json_raw(j, "mention", v[i]->json);
		json_end_object(j);
	}
	json_end_array(j);
}

static void json_row(struct json *j, const struct backtest_row *row)
{
	json_begin_object(j, NULL);
	json_text(j, "topic", row->topic);
	json_text(j, "rule", row->rule);
	json_int(j, "before", (int64_t)row->before);
	json_int(j, "after", (int64_t)row->after);
	json_int(j, "gained", (int64_t)row->gained);
	json_int(j, "lost", (int64_t)row->lost);
	json_examples(j, "gains", row->gains);
	json_examples(j, "losses", row->losses);
	json_end_object(j);
}

static void json_basis(struct json *j, const struct backtest_report *r)
{
	size_t i;

	json_begin_object(j, "log");
	json_int(j, "hits", (int64_t)r->log.hits);
	json_int(j, "same", (int64_t)r->log.same);
	json_int(j, "otherwise", (int64_t)r->log.otherwise);
	json_int(j, "gone", (int64_t)r->log.gone);
	json_int(j, "fresh", (int64_t)r->log.fresh);
	json_time(j, "first", r->reach.first_ms, true);
	json_time(j, "first_without_hit", r->reach.plain_first_ms, true);
	json_int(j, "damaged", (int64_t)r->damaged);
	json_end_object(j);
	json_begin_object(j, "deaf");
	json_int(j, "sources", r->deaf.sources);
	json_int(j, "down_ms", r->deaf.down_ms);
	json_end_object(j);
	json_begin_array(j, "limits");
	for (i = 0; i < r->n_limits; i++) {
		json_begin_object(j, NULL);
		json_text(j, "rules", r->limits[i].set ? "new" : "today");
		json_text(j, "topic", r->limits[i].topic);
		json_text(j, "pattern", r->limits[i].pattern);
		json_int(j, "times", (int64_t)r->limits[i].times);
		json_end_object(j);
	}
	json_end_array(j);
}

void backtest_json(const struct backtest_report *r, struct buf *out)
{
	struct json j = JSON_OUT(out);
	size_t n, i;
	const struct backtest_row *rows = backtest_count_rows(r->count, &n);

	json_begin_object(&j, NULL);
	json_time(&j, "since", r->since_ms, true);
	json_text(&j, "against", r->rules ? "rules" : "log");
	json_int(&j, "mentions", (int64_t)r->mentions);
	json_int(&j, "unknown", (int64_t)r->unknown);
	json_bool(&j, "changes", backtest_changes(r));
	json_begin_array(&j, "rows");
	for (i = 0; i < n; i++)
		json_row(&j, &rows[i]);
	json_end_array(&j);
	json_basis(&j, r);
	backtest_alerts_json(&r->alerts, &j);
	json_end_object(&j);
	buf_putc(out, '\n');
}
