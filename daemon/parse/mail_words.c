#include "parse/mail_words.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/charset.h"

enum {
	UTF8_GROWTH = 3, /* a byte of an old encoding is at most three of UTF-8 */
	SLACK_BYTES = 64,
};

/* What was written so far, and the bytes of the words that are not yet. */
struct writer {
	struct buf *out;
	enum mail_words_in in;
	struct buf bytes; /* of words of one charset, one after the other */
	char charset[CHARSET_NAME_MAX + 1];
	bool quoted;      /* between " and " */
	unsigned comment; /* ( that are open */
};

struct word {
	const char *charset, *text, *end; /* end is behind its "?=" */
	size_t charset_len, text_len;
	bool base64;
};

/* The word that begins at s, if one does. */
static bool word_at(const char *s, const char *end, struct word *ret)
{
	const char *charset = s + 2, *method, *close;
	size_t len;

	if (end - s < 8 || s[0] != '=' || s[1] != '?')
		return false;
	method = memchr(charset, '?', (size_t)(end - charset));
	if (!method || end - method < 5 || method[2] != '?' || !strchr("BbQq", method[1]))
		return false;
	close = memmem(method + 3, (size_t)(end - method - 3), "?=", 2);
	if (!close)
		return false;
	for (len = 0; charset + len < method && charset[len] != '*'; len++) /* behind the star: a language */
		if (isspace((unsigned char)charset[len]))
			return false;
	if (len == 0 || len > CHARSET_NAME_MAX)
		return false;
	*ret = (struct word){.charset = charset,
			     .charset_len = len,
			     .text = method + 3,
			     .text_len = (size_t)(close - method - 3),
			     .end = close + 2,
			     .base64 = method[1] == 'B' || method[1] == 'b'};
	return true;
}

static void base64_decode(const struct word *w, struct buf *out)
{
	char *room = buf_reserve(out, w->text_len + 3);
	guint32 save = 0;
	int state = 0;

	if (room)
		buf_commit(out, g_mime_encoding_base64_decode_step((const unsigned char *)w->text, w->text_len,
								   (unsigned char *)room, &state, &save));
}

static void q_decode(const struct word *w, struct buf *out)
{
	size_t i;

	for (i = 0; i < w->text_len; i++) {
		const char *s = w->text + i;

		if (*s == '=' && i + 2 < w->text_len && isxdigit((unsigned char)s[1]) &&
		    isxdigit((unsigned char)s[2])) {
			buf_putc(out, (char)(g_ascii_xdigit_value(s[1]) * 16 + g_ascii_xdigit_value(s[2])));
			i += 2;
		} else {
			buf_putc(out, *s == '_' ? ' ' : *s);
		}
	}
}

/* As the text of an address: what would be a sign of the list is none. */
static void put_escaped(struct writer *w, const struct buf *text)
{
	const bool quote = !w->quoted && !w->comment;
	size_t i;

	if (quote)
		buf_putc(w->out, '"');
	for (i = 0; i < text->len; i++) {
		if (strchr(w->comment ? "()\\" : "\"\\", text->data[i]))
			buf_putc(w->out, '\\');
		if (text->data[i] != '\r' && text->data[i] != '\n')
			buf_putc(w->out, text->data[i]);
	}
	if (quote)
		buf_putc(w->out, '"');
}

/* The words before are whole now. */
static void flush(struct writer *w)
{
	cleanup(buf_done) struct buf text = BUF_INIT(UTF8_GROWTH * w->bytes.len + SLACK_BYTES);

	if (!w->bytes.len)
		return;
	if (charset_named_to_utf8(buf_str(&w->bytes), w->bytes.len, w->charset, &text, NULL) &&
	    charset_named_to_utf8(buf_str(&w->bytes), w->bytes.len, NULL, &text, NULL))
		buf_reset(&text);
	if (w->in == MAIL_WORDS_ADDRESS)
		put_escaped(w, &text);
	else
		buf_put(w->out, buf_str(&text), text.len);
	buf_reset(&w->bytes);
}

static void put_word(struct writer *w, const struct word *word)
{
	if (strncasecmp(w->charset, word->charset, word->charset_len) != 0 || w->charset[word->charset_len]) {
		flush(w);
		memcpy(w->charset, word->charset, word->charset_len);
		w->charset[word->charset_len] = '\0';
	}
	(word->base64 ? base64_decode : q_decode)(word, &w->bytes);
}

/* What is no word. Only an address has quotes and comments that mean something. */
static const char *put_char(struct writer *w, const char *s, const char *end)
{
	if (w->in == MAIL_WORDS_ADDRESS) {
		if (*s == '\\' && s + 1 < end)
			buf_putc(w->out, *s++);
		else if (*s == '"' && !w->comment)
			w->quoted = !w->quoted;
		else if (*s == '(' && !w->quoted)
			w->comment++;
		else if (*s == ')' && w->comment)
			w->comment--;
	}
	if (*s != '\r' && *s != '\n')
		buf_putc(w->out, *s);
	return s + 1;
}

static void decode(const char *s, const char *end, enum mail_words_in in, struct buf *out)
{
	struct writer w = {.out = out, .in = in, .bytes = BUF_INIT((size_t)(end - s) + SLACK_BYTES)};
	const char *blank;
	struct word word;

	while (s < end) {
		if (word_at(s, end, &word)) {
			put_word(&w, &word);
			s = word.end;
			/* blanks between two words are none */
			for (blank = s; blank < end && isspace((unsigned char)*blank); blank++)
				;
			if (word_at(blank, end, &word))
				s = blank;
			continue;
		}
		flush(&w);
		s = put_char(&w, s, end);
	}
	flush(&w);
	buf_done(&w.bytes);
}

void mail_words(const char *value, size_t len, enum mail_words_in in, struct buf *out)
{
	cleanup(buf_done) struct buf text = BUF_INIT(UTF8_GROWTH * len + SLACK_BYTES);

	if (charset_named_to_utf8(value, len, NULL, &text, NULL) == 0)
		decode(buf_str(&text), buf_str(&text) + text.len, in, out);
}
