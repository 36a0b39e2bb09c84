#include "alert/notice_object.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

const char *const notice_kind_names[] = {[NOTICE_INCIDENT] = "incident", [NOTICE_DIGEST] = "digest",
					 [NOTICE_CARD] = "card",         [NOTICE_OPERATORS] = "operators",
					 [NOTICE_DRILL] = "drill",       [NOTICE_TEST] = "test",
					 [NOTICE_PRESSED] = "pressed",   NULL};

/* What nobody sees, and what turns the order of what is seen. Joiners (200C, 200D) stay: Persian and emoji are written with them. */
static bool is_unseen(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD || cp == 0x061C || cp == 0x200B || cp == 0x200E ||
	       cp == 0x200F || (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF ||
	       (cp >= 0xFFF9 && cp <= 0xFFFB) || (cp >= 0xE0000 && cp <= 0xE007F);
}

void notice_clean(struct buf *b, const char *text, size_t max, bool lines)
{
	const char *end = text + strlen(text);
	size_t from = b->len;

	while (text < end && b->len - from <= max) {
		uint32_t cp = utf8_next(&text, end);
		bool breaks = cp == '\n' || cp == 0x2028 || cp == 0x2029;

		if (breaks && lines)
			buf_putc(b, '\n');
		else if (breaks || cp == '\t' || cp == '\r')
			buf_putc(b, ' ');
		else if (!is_unseen(cp))
			utf8_put(b, cp);
	}
	if (b->len - from <= max)
		return;
	b->len = from + utf8_cut(b->data + from, b->len - from, max - strlen("…")); /* room for the sign that says so */
	buf_puts(b, "…");
}

/* Whether anything of it is to be seen. */
static bool shows(const char *text)
{
	cleanup(buf_done) struct buf clean = BUF_INIT(NOTICE_BODY_MAX_BYTES);

	if (text)
		notice_clean(&clean, text, NOTICE_FIELD_MAX_BYTES, false);
	return clean.len && buf_str(&clean)[strspn(buf_str(&clean), " ")];
}

static void put_text(struct json *j, const char *key, const char *text, size_t max, bool lines)
{
	cleanup(buf_done) struct buf clean = BUF_INIT(max + 16);

	if (!text || !*text)
		return;
	notice_clean(&clean, text, max, lines);
	json_text(j, key, buf_str(&clean));
}

static void put_field(struct json *j, const char *key, const char *text)
{
	put_text(j, key, text, NOTICE_FIELD_MAX_BYTES, false);
}

/* An address that a reader's tap may lead to, and nothing behind it that could end it where it is shown. */
static bool is_link(const char *url)
{
	const char *rest = url && strncmp(url, "https://", 8) == 0  ? url + 8
			   : url && strncmp(url, "http://", 7) == 0 ? url + 7
								    : NULL;
	const char *p;

	if (!rest || !*rest || strlen(url) > NOTICE_URL_MAX_BYTES)
		return false;
	for (p = url; *p; p++)
		if ((unsigned char)*p <= 0x20 || *p == 0x7F || strchr("<>\"|\\^`{}", *p))
			return false;
	return true;
}

static void put_link(struct json *j, const char *key, const char *url)
{
	if (is_link(url))
		put_text(j, key, url, NOTICE_URL_MAX_BYTES, false);
}

static void put_mentions(struct json *j, const struct notice_object *o)
{
	size_t i;

	json_begin_array(j, "mentions");
	for (i = 0; i < o->n_mentions && i < NOTICE_MENTIONS_MAX; i++) {
		const struct notice_mention *m = &o->mentions[i];

		json_begin_object(j, NULL);
		put_field(j, "title", m->title);
		put_link(j, "url", m->url);
		put_field(j, "author", m->author);
		put_field(j, "source", m->source);
		if (m->reach > 0)
			json_int(j, "reach", (int64_t)m->reach);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_answers(struct json *j, const struct notice_object *o)
{
	size_t i;

	json_begin_array(j, "answers");
	for (i = 0; i < o->n_answers && i < NOTICE_ANSWERS_MAX; i++) {
		json_begin_object(j, NULL);
		put_field(j, "verb", o->answers[i].verb);
		put_field(j, "label", shows(o->answers[i].label) ? o->answers[i].label : o->answers[i].verb);
		put_link(j, "url", o->answers[i].url);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_steps(struct json *j, const struct notice_object *o)
{
	size_t i;

	json_begin_array(j, "playbook_steps");
	for (i = 0; i < o->n_playbook_steps && i < NOTICE_STEPS_MAX; i++)
		put_field(j, NULL, o->playbook_steps[i]);
	json_end_array(j);
}

void notice_object_json(const struct notice_object *o, struct buf *b)
{
	struct json j = JSON_OUT(b);

	json_begin_object(&j, NULL);
	json_text(&j, "kind", notice_kind_names[o->kind]);
	put_field(&j, "key", o->key);
	json_bool(&j, "maybe", o->maybe);
	json_bool(&j, "quiet", o->quiet);
	put_field(&j, "lang", o->lang);
	put_field(&j, "person", o->person);
	put_field(&j, "to", o->to);
	put_text(&j, "subject", shows(o->subject) ? o->subject : "escuchad", NOTICE_SUBJECT_MAX_BYTES, false);
	put_text(&j, "text", o->text, NOTICE_BODY_MAX_BYTES, true);
	put_link(&j, "url", o->url);
	json_time(&j, "time", o->now_ms, false);
	put_field(&j, "severity", o->severity);
	put_field(&j, "reason", o->reason);
	json_bool(&j, "ended", o->ended);
	put_field(&j, "matter", o->matter);
	if (o->incident)
		json_int(&j, "incident", (int64_t)o->incident);
	put_field(&j, "topic", o->topic);
	put_mentions(&j, o);
	put_answers(&j, o);
	put_steps(&j, o);
	put_field(&j, "earlier", o->earlier);
	json_end_object(&j);
}

void notice_object_json_after(const char *document, const char *earlier, struct buf *b)
{
	struct json j = {.b = b, .comma = true}; /* goes on in the object that is open again */

	buf_put(b, document, strlen(document) - 1);
	put_field(&j, "earlier", earlier);
	json_end_object(&j);
}
