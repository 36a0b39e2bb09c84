#include "parse/map.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "mention/mails.h"
#include "parse/charset.h"
#include "parse/feed_item.h"
#include "parse/feed_text.h"
#include "parse/json_scan.h"
#include "parse/json_texts.h"
#include "parse/map_inside.h"
#include "parse/map_mail.h"
#include "parse/map_record.h"
#include "parse/map_value.h"

enum {
	TEXT_GROWTH = 3, /* one byte of an old encoding is at most three of UTF-8 */
	TEXT_SLACK_BYTES = 1024,
};

/* One job's way through its bytes. */
struct run {
	struct map *map;
	struct arena *a;
	struct collector collector;
	struct record_told told;
	struct answer_fact facts[MAP_PROGRAMS_MAX];
	size_t n_facts;
	jv ctx;
	size_t values, broken;         /* of the sequence */
	const struct map_sieve *sieve; /* NULL: none */
	struct json_texts texts;
	size_t passed_over;
	const char *failure; /* of the program "mentions" */
};

static void start(struct run *r, size_t program, jv document)
{
	jv input = jv_array_append(
		jv_array_append(jv_array_append(jv_array_sized(3), jv_number((double)program)), jv_copy(r->ctx)),
		document);

	jq_start(r->map->jq, input, 0);
}

/* What jq says that went wrong, quoted and cut; NULL: the program came to its end. Takes end. */
static const char *failure_of(jv end, struct arena *a)
{
	jv message = jv_invalid_get_msg(end);
	const char *why = NULL;

	if (jv_get_kind(message) == JV_KIND_STRING)
		why = map_scalar(message, a, MAP_ERROR_MAX_BYTES);
	else if (jv_get_kind(message) != JV_KIND_NULL)
		why = "an error of the map's own";
	jv_free(message);
	return why;
}

static void mentions_run(struct run *r, jv document)
{
	size_t n = 0;
	jv output;

	start(r, r->map->mentions, document);
	while (jv_is_valid(output = jq_next(r->map->jq))) {
		if (n++ == MAP_OUTPUTS_MAX) {
			jv_free(output);
			r->failure = "it does not come to an end";
			return;
		}
		map_record_add(&r->collector, r->map->scope, output, &r->told);
	}
	if (!r->failure)
		r->failure = failure_of(output, r->a);
	else
		jv_free(output);
}

/* A fact that fails is none: "error" would not be asked of what is well. */
static void fact_run(struct run *r, size_t program, jv document)
{
	cleanup(buf_done) struct buf value = BUF_INIT(MENTION_FIELD_MAX_BYTES);
	size_t n = 0, i;
	const char *s;
	jv output;

	start(r, program, document);
	while (jv_is_valid(output = jq_next(r->map->jq)) && n++ < MAP_FACT_OUTPUTS_MAX) {
		s = map_scalar(output, r->a, MENTION_FIELD_MAX_BYTES);
		jv_free(output);
		if (s)
			buf_printf(&value, "%s%s", value.len ? "," : "", s);
	}
	jv_free(output);
	if (!value.len || value.full)
		return;
	for (i = 0; i < r->n_facts && strcmp(r->facts[i].name, r->map->source->programs[program].name) != 0; i++)
		;
	r->facts[i].name = r->map->source->programs[program].name;
	r->facts[i].value = arena_strdup(r->a, buf_str(&value)); /* of several documents the last one's word */
	if (i == r->n_facts)
		r->n_facts++;
}

static void document_run(struct run *r, bool wanted, jv document)
{
	size_t i;

	for (i = 0; i < r->map->source->n_programs; i++) {
		if (i != r->map->mentions)
			fact_run(r, i, jv_copy(document));
	}
	if (wanted)
		mentions_run(r, document);
	else
		jv_free(document);
}

enum stays { READ, FACTS, PASSED_OVER };

/* What is to be done with the value that begins at *at; one that is passed over is a line, and *at is behind it then. */
static enum stays judge(struct run *r, const char **at, const char *end)
{
	const char *line = *at, *stop;

	if (!r->sieve)
		return READ;
	while (line < end && (*line == '\n' || *line == '\r'))
		line++;
	if (line == end)
		return READ;
	stop = memchr(line, '\n', (size_t)(end - line));
	stop = stop ? stop : end;
	if (!json_texts_find(&r->texts, line, (size_t)(stop - line)) ||
	    r->sieve->passes(r->sieve->arg, buf_str(&r->texts.out), r->texts.out.len))
		return READ;
	r->passed_over++;
	if (stop + 1 >= end)
		return FACTS;
	*at = stop + 1;
	return PASSED_OVER;
}

/* Words hold numbers, too: "at most one request every 5 seconds" is no answer of one value. */
static bool is_document(const struct run *r, jv value)
{
	const jv_kind kind = jv_get_kind(value);

	return kind == JV_KIND_OBJECT || kind == JV_KIND_ARRAY || (kind == JV_KIND_NULL && !r->broken);
}

/* Each value of the sequence; what is wrong with the first that is none. */
static const char *sequence_run(struct run *r, const struct buf *text)
{
	cleanup(buf_done) struct buf value = BUF_INIT(2 * text->len + 1024);
	const char *at = buf_str(text), *end = at + text->len, *wrong = NULL;
	int s;

	for (;;) {
		enum stays stays = judge(r, &at, end);
		jv document;

		if (stays == PASSED_OVER)
			continue;
		s = json_scan(&at, end, r->map->names, &value);
		if (s == JSON_SCAN_E_END)
			break;
		document = s ? jv_invalid() : jv_parse_sized(buf_str(&value), (int)value.len);
		if (is_document(r, document)) {
			r->values++;
			document_run(r, stays == READ, document);
		} else {
			if (r->broken++ == 0)
				wrong = s == JSON_SCAN_E_DEEP ? "it nests too deep" : "not JSON, or not all of it";
			jv_free(document);
		}
		buf_reset(&value);
	}
	return wrong;
}

/* The first words of what is no JSON, for the log. */
static const char *quoted(struct arena *a, const char *head, const struct buf *text)
{
	enum { QUOTE_MAX_BYTES = 60 };
	struct buf words = BUF_INIT(4 * QUOTE_MAX_BYTES);
	const char *why;

	text_fold(buf_str(text), utf8_cut(buf_str(text), text->len, QUOTE_MAX_BYTES), &words);
	why = arena_printf(a, "%s: \"%s\"", head, buf_str(&words));
	buf_done(&words);
	return why;
}

static void refuse(struct answer *ret, enum answer_status status, const char *why)
{
	ret->status = status;
	ret->why = why;
}

static const char *joined(struct arena *a, const char *first, const char *second)
{
	const char *why = first && second ? arena_printf(a, "%s; %s", first, second) : first ? first : second;

	return why ? arena_memdup0(a, why, utf8_cut(why, strlen(why), ANSWER_WHY_MAX - 1)) : NULL;
}

static void conclude(struct run *r, const struct buf *text, const char *wrong, struct answer *ret)
{
	const char *failed = r->failure ? arena_printf(r->a, "the map failed: %s", r->failure) : NULL;
	bool complains = false;
	size_t i;

	ret->facts = ARENA_ARRAY(r->a, struct answer_fact, r->n_facts);
	ret->n_facts = r->n_facts;
	memcpy(ret->facts, r->facts, r->n_facts * sizeof(*r->facts));
	for (i = 0; i < r->n_facts; i++)
		complains = complains || strcmp(r->facts[i].name, "error") == 0;
	ret->passed_over = r->passed_over;
	if (!r->values && !r->passed_over) {
		const char *first = buf_str(text) + strspn(buf_str(text), " \t\r\n");

		if (!*first)
			refuse(ret, ANSWER_NOT_A_FEED, "an empty answer");
		else if (*first == '<')
			refuse(ret, ANSWER_NOT_A_FEED, quoted(r->a, "a page instead of JSON", text));
		else if (*first == '{' || *first == '[')
			refuse(ret, ANSWER_MALFORMED, wrong);
		else
			refuse(ret, ANSWER_NOT_A_FEED, quoted(r->a, "no JSON", text));
		ret->n_facts = 0;
		return;
	}
	if (failed && !r->collector.n && !complains) {
		refuse(ret, ANSWER_MALFORMED, failed);
		return;
	}
	if (r->broken)
		wrong = arena_printf(r->a, "%zu of %zu values: %s", r->broken, r->broken + r->values, wrong);
	ret->recovered = r->broken || (failed && !complains);
	ret->why = joined(r->a, joined(r->a, complains ? NULL : failed, wrong), map_record_why(&r->told, r->a));
	collector_answer(&r->collector, ret);
}

/* A message, whole, as the one document. */
static void mail_run(struct run *r, const struct job_feed *job, struct answer *ret)
{
	struct buf none = BUF_INIT(1);
	const char *why = NULL;
	jv document;

	if (map_mail(job->body, job->body_len, r->ctx, r->a, &document, &why)) {
		refuse(ret, ANSWER_NOT_A_FEED, why);
		return;
	}
	r->values = 1;
	document_run(r, true, document);
	conclude(r, &none, NULL, ret);
	ret->why = joined(r->a, ret->why, why);
}

static jv mail_ctx(const struct run *r, const struct mails_entry *e)
{
	jv ctx = jv_object_set(jv_copy(r->ctx), jv_string("uid"), jv_number(e->uid));

	ctx = jv_object_set(ctx, jv_string("uidvalidity"), jv_number(e->uidvalidity));
	if (e->arrived_ms == TIME_NONE)
		return ctx;
	return jv_object_set(ctx, jv_string("arrived"), jv_number((double)(e->arrived_ms / SECOND_MS)));
}

/* Messages of one mailbox. One that is none is passed over: its mailbox has others. */
static void mails_run(struct run *r, const struct job_feed *job, struct answer *ret)
{
	struct wire_in in = WIRE_IN(job->body, job->body_len);
	struct buf none = BUF_INIT(1);
	struct mails_entry e;
	const char *why = NULL, *first = NULL;
	jv document;

	while (mails_next(&in, &e)) {
		jv ctx = mail_ctx(r, &e);

		if (map_mail(e.bytes, e.len, ctx, r->a, &document, &why) == 0)
			document_run(r, true, document);
		jv_free(ctx);
		r->values++;
		if (why && !first)
			first = arena_printf(r->a, "message %u: %s", e.uid, why);
	}
	if (in.bad || !r->values) {
		refuse(ret, ANSWER_MALFORMED, "no messages of a mailbox");
		return;
	}
	conclude(r, &none, NULL, ret);
	ret->why = joined(r->a, ret->why, first);
}

static struct map *map_find(const struct maps *maps, const char *name)
{
	size_t i;

	for (i = 0; maps && name && i < maps->n; i++)
		if (maps->v[i].mentions != MAP_NO_MENTIONS && strcmp(maps->v[i].source->name, name) == 0)
			return &maps->v[i];
	return NULL;
}

void map_parse(struct maps *maps, const struct job_feed *job, const struct map_sieve *sieve, struct arena *a,
	       struct answer *ret)
{
	cleanup(buf_done) struct buf text = BUF_INIT(TEXT_GROWTH * job->body_len + TEXT_SLACK_BYTES);
	struct run r = {.map = map_find(maps, job->map), .a = a, .sieve = job->sieve ? sieve : NULL};

	*ret = (struct answer){.identity = job->identity};
	if (!r.map) {
		refuse(ret, ANSWER_REFUSED, "its map is not loaded");
		return;
	}
	if (!r.map->mail && charset_to_utf8(job->body, job->body_len, job->content_type, &text, NULL)) {
		refuse(ret, ANSWER_REFUSED, "its text is too long, or in UTF-7");
		return;
	}
	r.ctx = jv_parse(job->ctx ? job->ctx : "{}");
	if (jv_get_kind(r.ctx) != JV_KIND_OBJECT) {
		jv_free(r.ctx);
		refuse(ret, ANSWER_REFUSED, "its $ctx is no object");
		return;
	}
	collector_init(&r.collector, job, a);
	json_texts_init(&r.texts, text.len);
	if (r.map->mail && strcmp(job->format, "mails") == 0)
		mails_run(&r, job, ret);
	else if (r.map->mail)
		mail_run(&r, job, ret);
	else
		conclude(&r, &text, sequence_run(&r, &text), ret);
	json_texts_done(&r.texts);
	collector_done(&r.collector);
	jv_free(r.ctx);
}
