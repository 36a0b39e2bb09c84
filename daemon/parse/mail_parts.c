#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "parse/charset.h"
#include "parse/html.h"
#include "parse/mail.h"
#include "parse/mail_inside.h"

enum {
	UTF8_GROWTH = 3,
	SLACK_BYTES = 1024,
	CHUNK_BYTES = 16 * 1024,
};

/* A piece of the body, in UTF-8. */
struct leaf {
	const char *s;
	size_t len;
	bool html;
};

struct reading {
	struct arena *a;
	struct mail *mail;
	struct leaf leaves[MAIL_PARTS_MAX];
	size_t n;
	size_t parts; /* that were looked at */
	size_t left_bytes;
	struct mail_attachment attachments[MAIL_ATTACHMENTS_MAX];
};

static void passed_over(struct reading *r, const char *why)
{
	if (!r->mail->why)
		r->mail->why = why;
}

/* ---- one part ---- */

/* Its transfer encoding undone, up to what is left of the bound: what is beyond is never made. */
static void content_decode(GMimeDataWrapper *content, struct reading *r, struct buf *out)
{
	GMimeStream *source = g_mime_data_wrapper_get_stream(content), *filtered;
	GMimeFilter *filter;
	ssize_t n = 1;

	if (!source)
		return;
	(void)g_mime_stream_reset(source);
	filtered = g_mime_stream_filter_new(source);
	filter = g_mime_filter_basic_new(g_mime_data_wrapper_get_encoding(content), FALSE);
	(void)g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), filter);
	while (n > 0 && out->len < r->left_bytes) {
		size_t want = r->left_bytes - out->len < CHUNK_BYTES ? r->left_bytes - out->len : CHUNK_BYTES;
		char *room = buf_reserve(out, want);

		n = room ? g_mime_stream_read(filtered, room, want) : 0;
		if (n > 0)
			buf_commit(out, (size_t)n);
	}
	if (n > 0 && !g_mime_stream_eos(filtered))
		passed_over(r, "its text is too long");
	r->left_bytes -= out->len;
	g_object_unref(filter);
	g_object_unref(filtered);
}

static void leaf_add(struct reading *r, const struct buf *text, bool html)
{
	size_t blank = strspn(buf_str(text), " \t\r\n");

	if (blank == text->len || r->n == MAIL_PARTS_MAX)
		return;
	r->leaves[r->n++] =
		(struct leaf){.s = arena_memdup0(r->a, buf_str(text), text->len), .len = text->len, .html = html};
}

/* Where the charset that a part names is refused, what its bytes look like. */
static void text_add(struct reading *r, const char *bytes, size_t len, const char *charset, bool html)
{
	cleanup(buf_done) struct buf text = BUF_INIT(UTF8_GROWTH * len + SLACK_BYTES);

	if (len && (charset_named_to_utf8(bytes, len, charset, &text, NULL) == 0 ||
		    charset_named_to_utf8(bytes, len, NULL, &text, NULL) == 0))
		leaf_add(r, &text, html);
}

static void text_part_read(struct reading *r, GMimePart *part, bool html)
{
	cleanup(buf_done) struct buf bytes = BUF_INIT(MAIL_TEXT_MAX_BYTES + SLACK_BYTES);
	GMimeDataWrapper *content = g_mime_part_get_content(part);

	if (!content)
		return;
	content_decode(content, r, &bytes);
	text_add(r, buf_str(&bytes), bytes.len, g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset"),
		 html);
}

static void attachment_name(struct reading *r, GMimePart *part)
{
	const GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *name = g_mime_part_get_filename(part);
	char *mime = type ? g_mime_content_type_get_mime_type((GMimeContentType *)type) : NULL;

	if (r->mail->n_attachments < MAIL_ATTACHMENTS_MAX)
		r->attachments[r->mail->n_attachments++] = (struct mail_attachment){
			.name = name ? mail_value(name, strnlen(name, MAIL_VALUE_MAX_BYTES), r->a) : NULL,
			.type = mime ? mail_value(mime, strnlen(mime, MAIL_VALUE_MAX_BYTES), r->a) : NULL};
	g_free(mime);
}

static void part_read(struct reading *r, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
	const char *said = g_mime_object_get_header(GMIME_OBJECT(part), "Content-Type");
	const bool attached = disposition && g_ascii_strcasecmp(disposition, "attachment") == 0;

	/* what is no type at all is plain text (RFC 2045, 5.2) */
	if (!attached && (!type || !said || !strchr(said, '/') || g_mime_content_type_is_type(type, "text", "plain")))
		text_part_read(r, part, false);
	else if (!attached && g_mime_content_type_is_type(type, "text", "html"))
		text_part_read(r, part, true);
	else
		attachment_name(r, part);
}

/* ---- parts of parts ---- */

static void object_read(struct reading *r, GMimeObject *o, unsigned depth);

/* Of the ways to say the same, the first that says it in plain text; else the last. */
static void alternatives_read(struct reading *r, GMimeMultipart *m, unsigned depth)
{
	const size_t start = r->n;
	bool plain = false;
	int i, n = g_mime_multipart_get_count(m);

	for (i = 0; i < n && !plain; i++) {
		const size_t from = r->n;
		size_t k;

		object_read(r, g_mime_multipart_get_part(m, i), depth);
		for (k = from; k < r->n; k++)
			plain = plain || !r->leaves[k].html;
		if (r->n == from)
			continue;
		memmove(&r->leaves[start], &r->leaves[from], (r->n - from) * sizeof(*r->leaves));
		r->n = start + r->n - from;
	}
}

static void multipart_read(struct reading *r, GMimeMultipart *m, unsigned depth)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(m));
	int i, n = g_mime_multipart_get_count(m);
	const char *prologue;

	if (n == 0) { /* it never names its boundary, or another one: all of it is what stands before the first part */
		prologue = g_mime_multipart_get_prologue(m);
		if (prologue)
			text_add(r, prologue, strnlen(prologue, r->left_bytes), NULL, false);
		return;
	}
	if (type && g_mime_content_type_is_type(type, "multipart", "alternative")) {
		alternatives_read(r, m, depth);
		return;
	}
	for (i = 0; i < n; i++)
		object_read(r, g_mime_multipart_get_part(m, i), depth);
}

/* What is forwarded: its subject, and its text. */
static void forwarded_read(struct reading *r, GMimeMessage *message, unsigned depth)
{
	GMimeHeader *subject =
		g_mime_header_list_get_header(g_mime_object_get_header_list(GMIME_OBJECT(message)), "Subject");
	const char *raw = subject ? g_mime_header_get_raw_value(subject) : NULL;
	const char *text = raw ? mail_value(raw, strnlen(raw, MAIL_VALUE_MAX_BYTES), r->a) : NULL;

	if (text && r->n < MAIL_PARTS_MAX)
		r->leaves[r->n++] = (struct leaf){.s = text, .len = strlen(text)};
	object_read(r, g_mime_message_get_mime_part(message), depth);
}

static void object_read(struct reading *r, GMimeObject *o, unsigned depth)
{
	if (!o)
		return;
	if (depth > MAIL_DEPTH_MAX) {
		passed_over(r, "its parts nest too deep");
		return;
	}
	if (++r->parts > MAIL_PARTS_MAX) {
		passed_over(r, "it has too many parts");
		return;
	}
	if (GMIME_IS_MULTIPART(o)) {
		multipart_read(r, GMIME_MULTIPART(o), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));

		if (message)
			forwarded_read(r, message, depth + 1);
	} else if (GMIME_IS_PART(o)) {
		part_read(r, GMIME_PART(o));
	}
}

/* ---- all of it ---- */

static void join(const struct reading *r, bool markup, struct buf *out)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (i)
			buf_puts(out, "\n\n");
		if (r->leaves[i].html && !markup)
			html_to_text(r->leaves[i].s, r->leaves[i].len, out);
		else
			buf_put(out, r->leaves[i].s, r->leaves[i].len);
	}
}

void mail_parts_read(GMimeMessage *message, struct arena *a, struct mail *ret)
{
	cleanup(buf_done) struct buf joined = BUF_INIT((UTF8_GROWTH + 1) * MAIL_TEXT_MAX_BYTES);
	struct reading *r = NEW(struct reading);
	struct mail_attachment *attachments;
	bool markup = true;
	size_t i;

	r->a = a;
	r->mail = ret;
	r->left_bytes = MAIL_TEXT_MAX_BYTES;
	object_read(r, g_mime_message_get_mime_part(message), 0);
	for (i = 0; i < r->n; i++)
		markup = markup && r->leaves[i].html;
	join(r, markup, &joined);
	if (joined.len)
		*(markup ? &ret->html : &ret->text) = arena_memdup0(a, buf_str(&joined), joined.len);
	attachments = ARENA_ARRAY(a, struct mail_attachment, ret->n_attachments);
	memcpy(attachments, r->attachments, ret->n_attachments * sizeof(*attachments));
	ret->attachments = attachments;
	free(r);
}
