#include "parse/mail.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "parse/mail_bound.h"
#include "parse/mail_inside.h"
#include "parse/mail_words.h"

enum {
	WORDS_GROWTH = 8, /* of a value that is read as a person would: old encodings, and what is escaped */
	SLACK_BYTES = 64,
};

void mail_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	g_mime_init();
}

/* ---- values ---- */

static const char *trimmed(const struct buf *text, struct arena *a)
{
	const char *s = buf_str(text), *end = s + text->len;

	while (s < end && isspace((unsigned char)*s))
		s++;
	while (s < end && isspace((unsigned char)end[-1]))
		end--;
	return s < end ? arena_memdup0(a, s, (size_t)(end - s)) : NULL;
}

static const char *words(const char *value, size_t len, enum mail_words_in in, struct arena *a)
{
	cleanup(buf_done) struct buf text = BUF_INIT(WORDS_GROWTH * len + SLACK_BYTES);

	mail_words(value, len, in, &text);
	return trimmed(&text, a);
}

const char *mail_value(const char *value, size_t len, struct arena *a)
{
	return words(value, len, MAIL_WORDS_TEXT, a);
}

/* The next id of a list, "<a@b>", in the arena; NULL: none is left. */
static const char *id_next(const char **s, struct arena *a)
{
	const char *from, *to;
	char *id, *end;

	while ((from = strchr(*s, '<')) && (to = strchr(from, '>'))) {
		*s = to + 1;
		id = end = arena_memdup0(a, from, (size_t)(to + 1 - from));
		for (; from <= to; from++)
			if (!isspace((unsigned char)*from)) /* some fold an id in its middle */
				*end++ = *from;
		*end = '\0';
		if (end - id > 2)
			return id;
	}
	return NULL;
}

/* The first id; one that was written without its brackets gets them. */
static const char *id_first(const char *s, struct arena *a)
{
	const char *id = s ? id_next(&s, a) : NULL;

	if (id || !s || strpbrk(s, "<> \t"))
		return id;
	return arena_printf(a, "<%s>", s);
}

static void references_read(struct mail *m, const char *s, struct arena *a)
{
	const char **ids = ARENA_ARRAY(a, const char *, MAIL_REFERENCES_MAX);
	const char *id;

	while (s && (id = id_next(&s, a))) {
		if (m->n_references == MAIL_REFERENCES_MAX) {
			memmove(ids, ids + 1, (MAIL_REFERENCES_MAX - 1) * sizeof(*ids));
			m->n_references--;
		}
		ids[m->n_references++] = id;
	}
	m->references = ids;
}

/* The first mailbox of a list, those of its groups too. */
static InternetAddressMailbox *mailbox_first(InternetAddressList *list)
{
	int i, n = internet_address_list_length(list);

	for (i = 0; i < n; i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);
		InternetAddressList *members;

		if (INTERNET_ADDRESS_IS_MAILBOX(address))
			return INTERNET_ADDRESS_MAILBOX(address);
		members =
			internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)); /* groups hold no groups */
		if (members && internet_address_list_length(members) > 0 &&
		    INTERNET_ADDRESS_IS_MAILBOX(internet_address_list_get_address(members, 0)))
			return INTERNET_ADDRESS_MAILBOX(internet_address_list_get_address(members, 0));
	}
	return NULL;
}

/* False: there is no address in it. */
static bool author_read(struct mail *m, const char *value, size_t len, struct arena *a)
{
	const char *text = words(value, len, MAIL_WORDS_ADDRESS, a), *s;
	InternetAddressList *list = text ? internet_address_list_parse(NULL, text) : NULL;
	InternetAddressMailbox *mailbox = list ? mailbox_first(list) : NULL;

	if (mailbox) {
		s = internet_address_mailbox_get_addr(mailbox);
		m->from_addr = s ? mail_value(s, strlen(s), a) : NULL;
		s = internet_address_get_name(INTERNET_ADDRESS(mailbox));
		m->from_name = s ? mail_value(s, strlen(s), a) : NULL;
	}
	if (list)
		g_object_unref(list);
	return m->from_addr != NULL;
}

/* ---- headers ---- */

enum known {
	KNOWN_MESSAGE_ID,
	KNOWN_IN_REPLY_TO,
	KNOWN_REFERENCES,
	KNOWN_SUBJECT,
	KNOWN_FROM,
	KNOWN_SENDER,
	KNOWN_DATE,
	KNOWN_LANGUAGE,
	KNOWN_AUTOMATIC,
	KNOWN_PRECEDENCE,
	/* not read; but who has them is a message */
	KNOWN_TO,
	KNOWN_RECEIVED,
	KNOWN_RETURN_PATH,
	KNOWN_TYPE,
	KNOWN_VERSION,
	KNOWN_MAX
};
static const char *const known[KNOWN_MAX] = {
	"Message-ID", "In-Reply-To", "References",       "Subject",        "From",
	"Sender",     "Date",        "Content-Language", "Auto-Submitted", "Precedence",
	"To",         "Received",    "Return-Path",      "Content-Type",   "MIME-Version",
};

struct value {
	const char *s; /* NULL: it has no such header */
	size_t len;
};

/* The first of each name: it is the first that mail programs show. */
static void headers_find(GMimeObject *o, struct value values[KNOWN_MAX])
{
	GMimeHeaderList *list = g_mime_object_get_header_list(o);
	int i, n = g_mime_header_list_get_count(list);
	size_t k;

	for (i = 0; i < n; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(h);

		for (k = 0; k < KNOWN_MAX; k++)
			if (raw && !values[k].s && strcasecmp(g_mime_header_get_name(h), known[k]) == 0)
				values[k] = (struct value){raw, strnlen(raw, MAIL_VALUE_MAX_BYTES)};
	}
}

static const char *value_text(const struct value *v, struct arena *a)
{
	return v->s ? mail_value(v->s, v->len, a) : NULL;
}

/* Without comments, and without the blanks that the RFC lets stand within a time. */
static const char *date_text(const char *s, struct arena *a)
{
	char *date = s ? arena_strdup(a, s) : NULL, *to = date;
	unsigned comment = 0;

	for (; s && *s; s++) {
		comment += *s == '(';
		if (*s == ':' && !comment)
			while (to > date && to[-1] == ' ')
				to--;
		if (!comment && !(*s == ' ' && to > date && to[-1] == ':'))
			*to++ = *s;
		comment -= *s == ')' && comment;
	}
	if (to)
		*to = '\0';
	return date && *date ? date : NULL;
}

static bool says(const struct value *v, const char *words)
{
	return v->s && strcasestr(v->s, words);
}

/* What machines send of their own accord (newsletters, alerts: "auto-generated", "bulk", "list") speaks of something; what they
 * answer doesn't. */
static bool is_automatic(struct value values[KNOWN_MAX])
{
	const struct value *type = &values[KNOWN_TYPE];

	return says(&values[KNOWN_AUTOMATIC], "auto-replied") || says(&values[KNOWN_PRECEDENCE], "auto_reply") ||
	       (says(type, "multipart/report") &&
		(says(type, "delivery-status") || says(type, "disposition-notification")));
}

static void headers_read(struct mail *m, struct value values[KNOWN_MAX], struct arena *a)
{
	static const enum known authors[] = {KNOWN_FROM, KNOWN_SENDER};
	const char *language = value_text(&values[KNOWN_LANGUAGE], a);
	bool found = false;
	size_t i;

	m->message_id = id_first(value_text(&values[KNOWN_MESSAGE_ID], a), a);
	m->in_reply_to = id_first(value_text(&values[KNOWN_IN_REPLY_TO], a), a);
	m->automatic = is_automatic(values);
	references_read(m, value_text(&values[KNOWN_REFERENCES], a), a);
	m->subject = value_text(&values[KNOWN_SUBJECT], a);
	m->date = date_text(value_text(&values[KNOWN_DATE], a), a);
	if (language)
		m->content_language = arena_memdup0(a, language, strcspn(language, ", ;\t"));
	for (i = 0; i < ARRAY_LEN(authors) && !found; i++) {
		const struct value *v = &values[authors[i]];

		found = v->s && author_read(m, v->s, v->len, a);
	}
}

/* Takes the bytes; the message keeps them. NULL: there are none. */
static GMimeMessage *message_of(GByteArray *bytes)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

/* False: it has no header that messages have. */
static bool message_read(GMimeMessage *message, struct arena *a, struct mail *m)
{
	struct value values[KNOWN_MAX] = {{NULL}};
	bool any = false;
	size_t i;

	headers_find(GMIME_OBJECT(message), values);
	if (g_mime_message_get_mime_part(message)) /* the headers of the body: Content-… */
		headers_find(g_mime_message_get_mime_part(message), values);
	for (i = 0; i < KNOWN_MAX; i++)
		any = any || values[i].s;
	if (any) {
		headers_read(m, values, a);
		mail_parts_read(message, a, m);
	}
	return any;
}

int mail_parse(const char *bytes, size_t len, struct arena *a, struct mail *ret)
{
	struct mail m = {.why = NULL};
	GMimeMessage *message = message_of(mail_bound(bytes, len, &m.why));
	bool any = message && message_read(message, a, &m);

	if (message)
		g_object_unref(message);
	if (!any)
		return MAIL_E_NONE;
	*ret = m;
	return 0;
}
