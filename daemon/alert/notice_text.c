#include "alert/notice_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alert/facts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/zone.h"

enum { TIME_SIZE = 40, HOST_SIZE = 256 };

static void put(struct buf *b, const struct notice_reader *to, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(to->lang, id, args);

	buf_puts(b, text);
}
#define PUT(b, to, id, ...) put((b), (to), (id), TEXT_ARGS(__VA_ARGS__))

static char *shown_time(const struct notice_reader *to, int64_t ms, char out[TIME_SIZE])
{
	struct zone_time t;

	zone_local(to->zone, ms, &t);
	snprintf(out, TIME_SIZE, "%04lld-%02d-%02d %02d:%02d", (long long)t.year, t.month, t.day, t.hour, t.minute);
	return out;
}

const char *notice_number(enum text_lang lang, double v, char out[NOTICE_NUMBER_SIZE])
{
	cleanup(freep) char *part = v > 0 && v < 10 && v != round(v) ? text_decimal(lang, v) : NULL;

	if (part)
		snprintf(out, NOTICE_NUMBER_SIZE, "%s", part);
	else
		snprintf(out, NOTICE_NUMBER_SIZE, "%.0f", v);
	return out;
}

static char *number(size_t n, char out[24])
{
	snprintf(out, 24, "%zu", n);
	return out;
}

/* Sources that could not even be reached: a name that is not found, nobody who answers. */
static bool is_out_of_reach(const struct fact *f)
{
	static const char *const classes[] = {"dns", "dns_timeout", "connect", "timeout"};
	size_t i;

	for (i = 0; f->why && i < ARRAY_LEN(classes); i++)
		if (strcmp(f->why, classes[i]) == 0)
			return strcmp(f->kind, "source_deaf") == 0 && f->state == FACT_BEGINS;
	return false;
}

/* How many; 0: too few, or others among them that were reached, to blame our own network. */
static size_t out_of_reach(const struct facts *facts)
{
	size_t i, n = 0, deaf = 0;

	for (i = 0; i < facts_len(facts); i++) {
		const struct fact *f = facts_at(facts, i);

		deaf += strcmp(f->kind, "source_deaf") == 0 && f->state == FACT_BEGINS;
		n += is_out_of_reach(f);
	}
	return n >= NOTICE_NETWORK_LEAST && 4 * n >= 3 * deaf ? n + facts_more(facts) : 0;
}

/* --- the subject --- */

/* What begins is what people must know; then what happened, what lasts, what is over. */
static const struct fact *foremost(const struct facts *facts)
{
	static const enum fact_state order[] = {FACT_BEGINS, FACT_HAPPENED, FACT_LASTS, FACT_OVER};
	size_t i, k;

	for (k = 0; k < ARRAY_LEN(order); k++)
		for (i = 0; i < facts_len(facts); i++)
			if (facts_at(facts, i)->state == order[k])
				return facts_at(facts, i);
	return NULL;
}

void notice_subject(struct buf *b, const struct facts *facts, const struct notice_reader *to, bool maybe)
{
	const struct fact *first = foremost(facts);
	size_t deaf = out_of_reach(facts), others = facts_len(facts) + facts_more(facts) - 1;
	char n[24];

	if (maybe)
		buf_printf(b, "[%s] ", text_raw(to->lang, TEXT_NOTICE_MAYBE_SUBJECT));
	buf_puts(b, "escuchad: ");
	if (deaf)
		PUT(b, to, TEXT_NOTICE_NETWORK_SUBJECT, number(deaf, n));
	else if (first && others)
		PUT(b, to, TEXT_NOTICE_SUBJECT_MORE, first->text[to->lang], number(others, n));
	else if (first)
		buf_puts(b, first->text[to->lang]);
}

/* --- the body --- */

static void put_fact(struct buf *b, const struct fact *f, const struct notice_reader *to)
{
	char since[TIME_SIZE], until[TIME_SIZE];

	buf_printf(b, "- %s", f->text[to->lang]);
	if (f->since_ms != TIME_NONE) {
		buf_puts(b, "\n  ");
		if (f->until_ms != TIME_NONE)
			PUT(b, to, TEXT_NOTICE_FROM_TO, shown_time(to, f->since_ms, since),
			    shown_time(to, f->until_ms, until));
		else
			PUT(b, to, TEXT_NOTICE_SINCE, shown_time(to, f->since_ms, since));
	}
	buf_putc(b, '\n');
}

static void put_section(struct buf *b, const struct facts *facts, enum fact_state state, enum text_id title,
			const struct notice_reader *to, size_t *shown)
{
	bool begun = false;
	size_t i;

	for (i = 0; i < facts_len(facts) && *shown < NOTICE_SHOWN_MAX; i++) {
		if (facts_at(facts, i)->state != state)
			continue;
		if (!begun)
			buf_printf(b, "%s\n", text_raw(to->lang, title));
		begun = true;
		put_fact(b, facts_at(facts, i), to);
		++*shown;
	}
	if (begun)
		buf_putc(b, '\n');
}

/* What to do about a kind of trouble, while it lasts. */
static const struct {
	const char *kind;
	enum text_id text;
} advice[] = {
	{"source_deaf", TEXT_NOTICE_DO_SOURCE},
	{"log_full", TEXT_NOTICE_DO_LOG_FULL},
	{"queue_high", TEXT_NOTICE_DO_QUEUE},
	{"queue_refuses", TEXT_NOTICE_DO_QUEUE},
	{"certificate", TEXT_NOTICE_DO_CERTIFICATE},
	{"set_aside", TEXT_NOTICE_DO_SET_ASIDE},
	{"textless", TEXT_NOTICE_DO_TEXTLESS},
	{"log_replaced", TEXT_NOTICE_DO_LOG_REPLACED},
	{"log_damaged", TEXT_NOTICE_DO_LOG_DAMAGED},
	{"hits_damaged", TEXT_NOTICE_DO_LOG_DAMAGED},
	{"stood_still", TEXT_NOTICE_DO_STOOD_STILL},
	{"rule_off", TEXT_NOTICE_DO_RULE_OFF},
	{"token", TEXT_NOTICE_DO_TOKEN},
	{"rule_quiet", TEXT_NOTICE_DO_RULE_QUIET},
	{"source_fields", TEXT_NOTICE_DO_FIELDS},
};

static bool is_about(const struct facts *facts, const char *kind)
{
	size_t i;

	for (i = 0; i < facts_len(facts); i++)
		if (strcmp(facts_at(facts, i)->kind, kind) == 0 && facts_at(facts, i)->state != FACT_OVER)
			return true;
	return false;
}

static void put_advice(struct buf *b, const struct facts *facts, const struct notice_reader *to)
{
	enum text_id last = TEXT_IDS;
	bool begun = false;
	size_t i;

	for (i = 0; i < ARRAY_LEN(advice); i++) {
		if (!is_about(facts, advice[i].kind) || advice[i].text == last)
			continue;
		if (!begun)
			buf_printf(b, "%s\n", text_raw(to->lang, TEXT_NOTICE_DO));
		begun = true;
		last = advice[i].text;
		buf_printf(b, "- %s\n", text_raw(to->lang, last));
	}
	if (begun)
		buf_putc(b, '\n');
}

static void put_foot(struct buf *b, const struct notice_reader *to)
{
	char host[HOST_SIZE] = "";

	(void)gethostname(host, sizeof(host) - 1);
	PUT(b, to, TEXT_NOTICE_FOOT, host, to->zone ? to->zone_name : "UTC");
	buf_putc(b, '\n');
}

void notice_body(struct buf *b, const struct facts *facts, const struct notice_reader *to, bool maybe)
{
	size_t deaf = out_of_reach(facts), shown = 0, all = facts_len(facts) + facts_more(facts);
	char n[24];

	if (maybe)
		buf_printf(b, "%s\n\n", text_raw(to->lang, TEXT_NOTICE_MAYBE));
	if (deaf) {
		PUT(b, to, TEXT_NOTICE_NETWORK, number(deaf, n));
		buf_puts(b, "\n\n");
	}
	put_section(b, facts, FACT_BEGINS, TEXT_NOTICE_BEGINS, to, &shown);
	put_section(b, facts, FACT_HAPPENED, TEXT_NOTICE_HAPPENED, to, &shown);
	put_section(b, facts, FACT_LASTS, TEXT_NOTICE_LASTS, to, &shown);
	put_section(b, facts, FACT_OVER, TEXT_NOTICE_OVER, to, &shown);
	if (all > shown) {
		PUT(b, to, TEXT_NOTICE_MORE, number(all - shown, n));
		buf_puts(b, "\n\n");
	}
	put_advice(b, facts, to);
	put_foot(b, to);
}

void notice_test_body(struct buf *b, const char *channel, const char *person, const struct notice_reader *to)
{
	PUT(b, to, TEXT_NOTICE_TEST, channel, person);
	buf_puts(b, "\n\n");
	put_foot(b, to);
}
