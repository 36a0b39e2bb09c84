/*
 * Any bytes as a message. What leaves is valid UTF-8 and within its bounds; a second reading says the same; GMime finds nothing to
 * complain of in how it is called; the value of a header alone is read as safely.
 */
#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "parse/mail.h"
#include "parse/mail_words.h"
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *s, size_t max)
{
	if (s && (!*s || strlen(s) > max || !utf8_valid_text(s, strlen(s))))
		abort();
}

static void check_mail(const struct mail *m)
{
	enum { VALUE_MAX = 8 * MAIL_VALUE_MAX_BYTES };
	size_t i;

	check(m->message_id, VALUE_MAX);
	check(m->in_reply_to, VALUE_MAX);
	check(m->subject, VALUE_MAX);
	check(m->from_addr, VALUE_MAX);
	check(m->from_name, VALUE_MAX);
	check(m->date, VALUE_MAX);
	check(m->text, 4 * (size_t)MAIL_TEXT_MAX_BYTES);
	check(m->html, 4 * (size_t)MAIL_TEXT_MAX_BYTES);
	if ((m->text && m->html) || m->n_references > MAIL_REFERENCES_MAX || m->n_attachments > MAIL_ATTACHMENTS_MAX)
		abort();
	for (i = 0; i < m->n_references; i++)
		check(m->references[i], VALUE_MAX);
	for (i = 0; i < m->n_attachments; i++) {
		check(m->attachments[i].name, VALUE_MAX);
		check(m->attachments[i].type, VALUE_MAX);
	}
}

static void same(const char *a, const char *b)
{
	if (!a != !b || (a && strcmp(a, b) != 0))
		abort();
}

static void check_words(const char *s, size_t len)
{
	enum mail_words_in in;

	for (in = MAIL_WORDS_TEXT; in <= MAIL_WORDS_ADDRESS; in++) {
		struct buf out = BUF_INIT(8 * len + 64);

		mail_words(s, len, in, &out);
		if (out.full || !utf8_valid_text(buf_str(&out), out.len))
			abort();
		buf_done(&out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = size ? (const char *)data : "";
	struct arena *a = arena_new(1 << 28);
	struct mail m, again;
	int r;

	parse_init();
	mail_init();
	(void)g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
	r = mail_parse(bytes, size, a, &m);
	if (r != mail_parse(bytes, size, a, &again) || (r && r != MAIL_E_NONE))
		abort();
	if (r == 0) {
		check_mail(&m);
		same(m.text, again.text);
		same(m.subject, again.subject);
		same(m.from_addr, again.from_addr);
	}
	check_words(bytes, size < MAIL_VALUE_MAX_BYTES ? size : MAIL_VALUE_MAX_BYTES);
	arena_free(a);
	return 0;
}
