/* try: what a poll that is not kept brought, in words. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/units.h"
#include "main/ctl_output.h"
#include "main/ctl_try.h"
#include "main/source_why.h"
#include "mention/answer.h"
#include "platform/course.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"

enum { LINE_MAX_BYTES = 8 * 1024 * 1024, WORDS_MAX_BYTES = 4096, AMOUNT_MAX_BYTES = 64, MONEY_LEAST = 2 };

static const struct platform *platform_of(const struct try_result *t)
{
	return t->source->params ? t->source->params->platform : NULL;
}

/* --- money --- */

/* Millionths as people write an amount: "0.035 USD". To be freed. */
static char *amount(const struct platform_cost *cost, int64_t micros)
{
	struct buf b = BUF_INIT(AMOUNT_MAX_BYTES);
	cleanup(freep) char *digits = NULL;
	size_t len;

	buf_printf(&b, "%" PRId64 ".%06" PRId64, micros / 1000000, micros % 1000000);
	for (len = b.len; buf_str(&b)[len - 1] == '0' && buf_str(&b)[len - 1 - MONEY_LEAST] != '.'; len--)
		;
	digits = xasprintf("%.*s %s", (int)len, buf_str(&b), cost->currency);
	buf_done(&b);
	return TAKE(digits);
}

static int64_t cost_micros(const struct try_result *t)
{
	const struct platform_cost *cost = platform_of(t)->cost;

	return cost->request_micros + cost->item_micros * (int64_t)(t->report->items + t->report->items_left);
}

static bool is_paid(const struct try_result *t)
{
	const struct platform *p = platform_of(t);

	return p && p->cost->currency && (p->cost->request_micros || p->cost->item_micros);
}

static void say_cost(const struct try_result *t)
{
	cleanup(freep) char *this = NULL, *pages = NULL, *most = NULL;
	const struct platform *p = platform_of(t);
	const struct platform_cost *cost;

	if (!is_paid(t))
		return;
	cost = p->cost;
	this = amount(cost, cost_micros(t));
	pages = xasprintf("%" PRId64, p->pages->max_pages);
	most = amount(cost, p->pages->max_pages * (cost->request_micros + cost->item_micros * cost->page_items));
	CTL_SAY(t->ctl, TEXT_CTL_TRY_COST, this, pages, most);
}

/* --- limits --- */

/* The value of a header of that name in the platform's answer; NULL: it had none. */
static const char *header_of(const struct try_result *t, const char *name)
{
	const char *names[COURSE_HEADERS_MAX];
	size_t n = course_headers(platform_of(t), names), i;

	for (i = 0; name && t->report->headers && i < n; i++)
		if (strcmp(names[i], name) == 0)
			return t->report->headers[i];
	return NULL;
}

/* How much may still be asked, in the site's own words. */
static const char *left_said(const struct try_result *t)
{
	const struct platform *p = platform_of(t);
	const struct platform_limit_headers *h = p ? p->limits->headers : NULL;

	return h ? header_of(t, h->remaining) : NULL;
}

static void say_limits(const struct try_result *t)
{
	const char *left = left_said(t);

	if (left)
		CTL_SAY(t->ctl, TEXT_CTL_TRY_LEFT, left);
	if (t->report->retry_after_ms) {
		cleanup(freep) char *pause = time_for(t->ctl, t->report->retry_after_ms);

		CTL_SAY(t->ctl, TEXT_CTL_TRY_PAUSE, pause);
	}
}

/* --- hits --- */

struct hit_count {
	char *name; /* "acme", "acme: fraud-near" */
	size_t n;
};
struct hit_counts {
	struct hit_count v[TRY_HITS_MAX];
	size_t n, mentions;
};

static void count(struct hit_counts *all, char *name)
{
	size_t i;

	for (i = 0; i < all->n && strcmp(all->v[i].name, name) != 0; i++)
		;
	if (i == all->n && all->n < TRY_HITS_MAX)
		all->v[all->n++] = (struct hit_count){.name = TAKE(name)};
	if (i < all->n)
		all->v[i].n++;
	free(name);
}

static void count_mention(struct hit_counts *all, const struct mention *m)
{
	size_t i, k;

	all->mentions += m->n_hits > 0;
	for (i = 0; i < m->n_hits; i++) {
		const struct hit *hit = &m->hits[i];

		if (!hit->n_rules)
			count(all, xstrdup(hit->topic));
		for (k = 0; k < hit->n_rules; k++)
			count(all, xasprintf("%s: %s", hit->topic, hit->rules[k]));
	}
}

static void counts_done(struct hit_counts *all)
{
	while (all->n)
		free(all->v[--all->n].name);
}

static void say_hits(const struct try_result *t)
{
	struct hit_counts all = {.n = 0};
	struct buf b = BUF_INIT(WORDS_MAX_BYTES);
	size_t i;

	for (i = 0; i < t->answer->n_mentions; i++)
		count_mention(&all, &t->answer->mentions[i]);
	for (i = 0; i < all.n; i++)
		buf_printf(&b, "%s%s (%zu)", i ? ", " : "", all.v[i].name, all.v[i].n);
	if (all.mentions) {
		cleanup(freep) char *n = xasprintf("%zu", all.mentions);

		CTL_SAY(t->ctl, TEXT_CTL_TRY_HITS, n, buf_str(&b));
	} else if (t->answer->n_mentions) {
		CTL_SAY(t->ctl, TEXT_CTL_TRY_NO_HITS);
	}
	buf_done(&b);
	counts_done(&all);
}

/* --- what came --- */

static void print_mentions(const struct try_result *t)
{
	size_t n = t->answer->n_mentions, shown = t->all || n < TRY_SHOWN ? n : TRY_SHOWN, i;
	struct buf line = BUF_INIT(LINE_MAX_BYTES), out = BUF_INIT(LINE_MAX_BYTES);

	for (i = 0; i < shown; i++) {
		struct json j = JSON_OUT(&line);
		json_t *mention;

		buf_reset(&line);
		buf_reset(&out);
		mention_json(&j, NULL, &t->answer->mentions[i]);
		mention = json_loadb(buf_str(&line), line.len, 0, NULL);
		if (mention)
			hit_print(t->ctl, mention, &out);
		json_decref(mention);
		fwrite(buf_str(&out), 1, out.len, stdout);
	}
	buf_done(&line);
	buf_done(&out);
	if (shown < n) {
		cleanup(freep) char *left = xasprintf("%zu", n - shown);

		CTL_SAY(t->ctl, TEXT_CTL_TRY_LEFT_OUT, left);
	}
	if (n)
		putchar('\n');
}

static void say_answer(const struct try_result *t)
{
	const struct poll_report *r = t->report;
	cleanup(freep) char *status = xasprintf("%d", r->status), *items = xasprintf("%zu", r->items + r->items_left);
	cleanup(freep) char *seconds = text_decimal(t->ctl->lang, (double)r->answer_ms / (double)SECOND_MS);
	cleanup(freep) char *size = xasprintf("%" PRIu64, (r->answer_bytes + 1023) / 1024);

	if (r->end == POLL_END_OK)
		CTL_SAY(t->ctl, TEXT_CTL_TRY_ANSWERED, status, seconds, size, items);
	if (r->cut)
		CTL_SAY(t->ctl, TEXT_CTL_TRY_MORE);
	if (r->end == POLL_END_OK && t->answer && t->answer->why)
		CTL_SAY(t->ctl, TEXT_CTL_TRY_NOTED, t->answer->why);
}

/* --- what went wrong --- */

/* The keys of a source that hold its secrets, as they stand in the configuration. */
static void put_secrets(const struct params *params, struct buf *b)
{
	size_t i;

	for (i = 0; i < params->platform->n_params; i++)
		if (params->secrets[i])
			buf_printf(b, "%s%s", b->len ? ", " : "", params->platform->params[i].name);
}

/* What can be done about it, where that is the platform's own matter. */
static void say_cure(const struct try_result *t, const char *class_name)
{
	const struct params *params = t->source->params;
	struct buf b = BUF_INIT(WORDS_MAX_BYTES);
	const char *needs;

	if (!params) {
		buf_done(&b);
		return;
	}
	needs = platform_says(params->platform->needs, t->ctl->lang);
	if (strcmp(class_name, "unauthorized") == 0 || strcmp(class_name, "http_401") == 0) {
		put_secrets(params, &b);
		if (b.len)
			CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_CURE_TOKEN, buf_str(&b));
		else
			CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_CURE_NO_TOKEN, params->platform->name);
	} else if (strcmp(class_name, "http_403") == 0) {
		CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_CURE_PERMISSION, *needs ? needs : params->platform->name);
	} else if (strcmp(class_name, "http_400") == 0 || strcmp(class_name, "http_404") == 0 ||
		   strcmp(class_name, "http_422") == 0) {
		params_text(&b, params);
		CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_CURE_PARAMS, buf_str(&b));
	}
	buf_done(&b);
}

static void complain(const struct try_result *t)
{
	const struct poll_report *r = t->report;
	cleanup(freep) char *why = source_why(t->ctl->lang, r->error, r->detail);

	CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_FAILED, t->source->name, why);
	if (r->detail && r->status && t->source->params) { /* else the words are the network's, and said above */
		struct buf clean = BUF_INIT(WORDS_MAX_BYTES);

		text_clean(&clean, r->detail, strlen(r->detail));
		CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_SAYS, buf_str(&clean));
		buf_done(&clean);
	}
	if (r->error)
		say_cure(t, r->error);
}

void try_print(const struct try_result *t)
{
	if (t->answer)
		print_mentions(t);
	say_answer(t);
	if (t->answer)
		say_hits(t);
	say_limits(t);
	if (t->report->end == POLL_END_OK) {
		say_cost(t);
		CTL_SAY(t->ctl, TEXT_CTL_TRY_NOTHING_KEPT);
	} else {
		complain(t);
	}
}

/* --- for programs --- */

/* The mentions as "parse" writes them, a line each, and then one line of what came. */
void try_print_json(const struct try_result *t)
{
	const struct poll_report *r = t->report;
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	struct json j;
	size_t i;

	for (i = 0; t->answer && i < t->answer->n_mentions; i++) {
		j = (struct json)JSON_OUT(&line);
		buf_reset(&line);
		mention_json(&j, NULL, &t->answer->mentions[i]);
		printf("%s\n", buf_str(&line));
	}
	j = (struct json)JSON_OUT(&line);
	buf_reset(&line);
	json_begin_object(&j, NULL);
	json_text(&j, "try", t->source->name);
	json_bool(&j, "ok", r->end == POLL_END_OK);
	if (r->status)
		json_int(&j, "status", r->status);
	json_int(&j, "took_ms", r->answer_ms);
	json_int(&j, "bytes", (int64_t)r->answer_bytes);
	json_int(&j, "items", (int64_t)(r->items + r->items_left));
	json_bool(&j, "more", r->cut);
	json_text(&j, "left", left_said(t));
	if (r->retry_after_ms)
		json_int(&j, "pause_s", r->retry_after_ms / SECOND_MS);
	if (is_paid(t)) {
		json_double(&j, "cost", (double)cost_micros(t) / 1e6);
		json_text(&j, "currency", platform_of(t)->cost->currency);
	}
	if (r->end != POLL_END_OK) {
		json_text(&j, "why", r->error);
		json_text(&j, "detail", r->detail);
	}
	json_end_object(&j);
	printf("%s\n", buf_str(&line));
	buf_done(&line);
}
