#include "alert/mime_parts.h"

#include <stdbool.h>
#include <string.h>

#include "alert/mime.h"
#include "alert/notice_object.h"
#include "base/buf.h"

enum { BASE64_LINE_BYTES = 57 /* 76 letters */ };

/* What stands around the others: first attachments, then the two forms of the text, then the pictures in one of them. "_" is in no
 * quoted-printable text behind a "=", and in no base64: so no part can end another. */
enum level { MIXED, ALTERNATIVE, RELATED };
static const char *const levels[] = {[MIXED] = "mixed", [ALTERNATIVE] = "alternative", [RELATED] = "related"};

static void put_line(struct buf *b, const struct mime_message *m, enum level level, const char *end)
{
	buf_printf(b, "\r\n--=_%s_%s%s\r\n", levels[level], m->key, end);
}

static void begin(struct buf *b, const struct mime_message *m, enum level level)
{
	buf_printf(b, "Content-Type: multipart/%s; boundary=\"=_%s_%s\"\r\n", levels[level], levels[level], m->key);
	put_line(b, m, level, "");
}

static void put_words(struct buf *b, const char *type, const char *text)
{
	buf_printf(b, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
		   type);
	mime_put_text(b, text);
}

/* RFC 2045 §6.8. */
static void put_base64(struct buf *b, const char *bytes, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < len; i += 3) {
		const unsigned char *p = (const unsigned char *)bytes + i;
		unsigned n = len - i < 3 ? (unsigned)(len - i) : 3;
		unsigned v = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
		char four[4] = {letters[v >> 18], letters[v >> 12 & 63], n > 1 ? letters[v >> 6 & 63] : '=',
				n > 2 ? letters[v & 63] : '='};

		buf_put(b, four, sizeof(four));
		if ((i + 3) % BASE64_LINE_BYTES == 0 && i + 3 < len)
			buf_puts(b, "\r\n");
	}
	buf_puts(b, "\r\n");
}

static void put_file(struct buf *b, const struct notice_file *f)
{
	buf_printf(b, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", f->type);
	if (f->cid)
		buf_printf(b, "Content-ID: <%s>\r\n", f->cid);
	buf_printf(b, "Content-Disposition: %s; filename=\"%s\"\r\n\r\n", f->cid ? "inline" : "attachment", f->name);
	put_base64(b, f->bytes, f->len);
}

static bool has_files(const struct mime_message *m, bool in_html)
{
	size_t i;

	for (i = 0; i < m->n_files; i++)
		if ((m->files[i].cid != NULL) == in_html)
			return true;
	return false;
}

static void put_files(struct buf *b, const struct mime_message *m, bool in_html, enum level level)
{
	size_t i;

	for (i = 0; i < m->n_files; i++) {
		if ((m->files[i].cid != NULL) != in_html)
			continue;
		put_line(b, m, level, "");
		put_file(b, &m->files[i]);
	}
	put_line(b, m, level, "--");
}

static void put_html(struct buf *b, const struct mime_message *m)
{
	if (!has_files(m, true)) {
		put_words(b, "html", m->html);
		return;
	}
	begin(b, m, RELATED);
	put_words(b, "html", m->html);
	put_files(b, m, true, RELATED);
}

static void put_forms(struct buf *b, const struct mime_message *m)
{
	if (!m->html) {
		put_words(b, "plain", m->body);
		return;
	}
	begin(b, m, ALTERNATIVE);
	put_words(b, "plain", m->body);
	put_line(b, m, ALTERNATIVE, "");
	put_html(b, m); /* who can show it takes the last */
	put_line(b, m, ALTERNATIVE, "--");
}

void mime_put_parts(struct buf *b, const struct mime_message *m)
{
	if (!has_files(m, false)) {
		put_forms(b, m);
		return;
	}
	begin(b, m, MIXED);
	put_forms(b, m);
	put_files(b, m, false, MIXED);
}
