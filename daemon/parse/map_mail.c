#include "parse/map_mail.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "parse/date.h"
#include "parse/mail.h"

static jv text_or_null(const char *s)
{
	return s ? jv_string(s) : jv_null();
}

static jv set(jv object, const char *name, jv value)
{
	return jv_object_set(object, jv_string(name), value);
}

static jv references_of(const struct mail *m)
{
	jv v = jv_array();
	size_t i;

	for (i = 0; i < m->n_references; i++)
		v = jv_array_append(v, jv_string(m->references[i]));
	return v;
}

static jv attachments_of(const struct mail *m)
{
	jv v = jv_array();
	size_t i;

	for (i = 0; i < m->n_attachments; i++)
		v = jv_array_append(v, set(set(jv_object(), "name", text_or_null(m->attachments[i].name)), "type",
					   text_or_null(m->attachments[i].type)));
	return v;
}

static jv from_of(const struct mail *m)
{
	return set(set(jv_object(), "addr", text_or_null(m->from_addr)), "name", text_or_null(m->from_name));
}

/* Of one that is no date, or missing: when it came to its mailbox. */
static jv date_of(const struct mail *m, jv ctx)
{
	jv arrived = jv_object_get(jv_copy(ctx), jv_string("arrived"));
	int64_t ms;

	if (jv_is_valid(arrived) && !(m->date && date_parse(m->date, strlen(m->date), &ms) == 0))
		return arrived;
	jv_free(arrived);
	return text_or_null(m->date);
}

static jv document_of(const struct mail *m, jv ctx)
{
	const struct {
		const char *name;
		jv value;
	} members[] = {
		{"message_id", text_or_null(m->message_id)},
		{"subject", text_or_null(m->subject)},
		{"from", from_of(m)},
		{"date", date_of(m, ctx)},
		{"in_reply_to", text_or_null(m->in_reply_to)},
		{"references", references_of(m)},
		{"text", text_or_null(m->text)},
		{"html", text_or_null(m->html)},
		{"content_language", text_or_null(m->content_language)},
		{"automatic", m->automatic ? jv_true() : jv_false()},
		{"attachments", attachments_of(m)},
		{"uid", jv_object_get(jv_copy(ctx), jv_string("uid"))},
		{"uidvalidity", jv_object_get(jv_copy(ctx), jv_string("uidvalidity"))},
	};
	jv document = jv_object();
	size_t i;

	for (i = 0; i < ARRAY_LEN(members); i++) {
		if (jv_is_valid(members[i].value))
			document = set(document, members[i].name, members[i].value);
		else
			jv_free(members[i].value);
	}
	return document;
}

static const char *no_mail(const char *bytes, size_t len, struct arena *a)
{
	enum { QUOTE_MAX_BYTES = 60 };
	struct buf words = BUF_INIT(4 * QUOTE_MAX_BYTES);
	const char *why;

	utf8_scrub(&words, bytes, len < QUOTE_MAX_BYTES ? len : QUOTE_MAX_BYTES);
	why = len ? arena_printf(a, "no mail: \"%s\"", buf_str(&words)) : "an empty answer";
	buf_done(&words);
	return why;
}

int map_mail(const char *bytes, size_t len, jv ctx, struct arena *a, jv *ret, const char **ret_why)
{
	struct mail mail;

	if (mail_parse(bytes, len, a, &mail)) {
		*ret_why = no_mail(bytes, len, a);
		return MAP_MAIL_E_NONE;
	}
	*ret = document_of(&mail, ctx);
	*ret_why = mail.why ? arena_printf(a, "not read: %s", mail.why) : NULL;
	return 0;
}
