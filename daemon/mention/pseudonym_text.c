/* A text without names, from its begin to its end: every byte is looked at a fixed number of times. */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mention/pseudonym_inside.h"

enum {
	HANDLE_LEAST = 3,      /* letters, where an '@' hangs on a word: "RT@ana" is somebody, "tod@s" is everybody */
	BARE_HANDLE_LEAST = 5, /* of the author's handle without its '@' */
};

static const char MAIL[] = "[mail]", PHONE[] = "[tel]";

struct scan {
	const struct pseudonym *p;
	const struct text_author *author;
	const char *text, *end, *s;                /* s: where it stands */
	const char *copied;                        /* up to here it is in out */
	const char *no_mail_until, *no_host_until; /* it was looked for, so far, and isn't there */
	size_t in_cp, out_cp;                      /* of text up to copied, and of out */
	bool behind_name;                          /* what stands before s is of a name */
	struct buf *out;
	struct text_edits *edits;
};

static void copy_to(struct scan *x, const char *to)
{
	size_t n = utf8_count(x->copied, (size_t)(to - x->copied));

	buf_put(x->out, x->copied, (size_t)(to - x->copied));
	x->in_cp += n;
	x->out_cp += n;
	x->copied = to;
}

/* [from, to) becomes what stands in with. */
static void replace(struct scan *x, const char *from, const char *to, const struct buf *with)
{
	struct text_edit e;

	copy_to(x, from);
	e = (struct text_edit){.from = x->in_cp, .at = x->out_cp, .len = utf8_count(with->data, with->len)};
	buf_put(x->out, with->data, with->len);
	x->in_cp += utf8_count(from, (size_t)(to - from));
	x->out_cp += e.len;
	x->copied = x->s = to;
	x->behind_name = false;
	e.to = x->in_cp;
	if (!x->edits)
		return;
	x->edits->v = GROW(x->edits->v, x->edits->n, &x->edits->cap);
	x->edits->v[x->edits->n++] = e;
}

static void replace_by(struct scan *x, const char *from, const char *to, const char *with, size_t len)
{
	struct buf b = BUF_INIT(256);

	buf_put(&b, with, len);
	replace(x, from, to, &b);
	buf_done(&b);
}

/* [from, to) becomes the pseudonym of who is called [who, who + len). */
static void replace_who(struct scan *x, const char *from, const char *to, const char *who, size_t len)
{
	struct buf b = BUF_INIT(256);

	pseudonym_put(x->p, "handle", who, len, &b);
	replace(x, from, to, &b);
	buf_done(&b);
}

/* --- runs --- */

static const char *name_end(const char *s, const char *end)
{
	size_t n;

	while (s < end && (n = name_char(s, end)))
		s += n;
	return s;
}

/* With what a handle has inside: "a.b", "jose-luis". */
static const char *handle_end(const char *s, const char *end)
{
	const char *from = s;
	size_t n;

	while (s < end) {
		if ((n = name_char(s, end)))
			s += n;
		else if (s > from && (*s == '-' || *s == '.'))
			s++;
		else
			break;
	}
	while (s > from && (s[-1] == '.' || s[-1] == '-'))
		s--;
	return s;
}

static bool has_dot(const char *s, const char *end)
{
	return memchr(s, '.', (size_t)(end - s)) != NULL;
}

/* --- what begins with an '@' --- */

static size_t at_sign(const char *s, const char *end)
{
	static const char wide[] = "\uff20", small[] = "\ufe6b";

	if (*s == '@')
		return 1;
	return end - s >= 3 && (!memcmp(s, wide, 3) || !memcmp(s, small, 3)) ? 3 : 0;
}

/* "@acme_mx.Gracias": one's own, and the next sentence. Of anybody else's the whole goes: it may be "@Ana.Perez". */
static const char *own_end(const struct pseudonym *p, const char *who, const char *end)
{
	const char *dot = memchr(who, '.', (size_t)(end - who));

	if (pseudonym_is_own(p, who, (size_t)(end - who)))
		return end;
	if (dot && dot + 1 < end && dot[1] >= 'A' && dot[1] <= 'Z' && pseudonym_is_own(p, who, (size_t)(dot - who)))
		return dot;
	return NULL;
}

static bool try_handle(struct scan *x)
{
	size_t at = at_sign(x->s, x->end);
	const char *who = x->s + at, *who_end, *host_end, *own;

	if (!at)
		return false;
	who_end = handle_end(who, x->end);
	if (who_end == who || (x->behind_name && utf8_count(who, (size_t)(who_end - who)) < HANDLE_LEAST))
		return false;
	host_end = who_end;
	if (who_end < x->end && *who_end == '@') { /* "@ana@mastodon.social" */
		const char *e = handle_end(who_end + 1, x->end);

		if (e > who_end + 1 && has_dot(who_end, e))
			host_end = e;
	}
	own = own_end(x->p, who, host_end);
	if (own) {
		x->s = own;
		x->behind_name = true;
	} else {
		replace_who(x, who, host_end, who, (size_t)(who_end - who));
	}
	return true;
}

/* --- what begins with a word --- */

static bool begins(const struct scan *x, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(x->end - x->s) > n && !strncasecmp(x->s, with, n);
}

/* "ana.perez+x@mail.example": a dot behind the '@' makes it one. */
static bool try_mail(struct scan *x)
{
	const char *at = x->s, *end;
	size_t n;

	if (x->s < x->no_mail_until)
		return false;
	while (at < x->end && ((n = name_char(at, x->end)) || (*at && strchr(".-+%", *at))))
		at += n ? n : 1;
	if (at < x->end && *at == '@') {
		end = handle_end(at + 1, x->end);
		if (has_dot(at, end)) {
			if (pseudonym_is_own_site(x->p, at + 1, (size_t)(end - at - 1))) {
				x->s = end;
				x->behind_name = true;
			} else {
				replace_by(x, x->s, end, MAIL, sizeof(MAIL) - 1);
			}
			return true;
		}
	}
	x->no_mail_until = at;
	return false;
}

/* "t.me/ana", without a scheme. */
static bool is_bare_address(struct scan *x)
{
	const char *s = x->s;

	if (x->s < x->no_host_until)
		return false;
	while (s < x->end && (*s == '.' || *s == '-' || (name_char(s, x->end) == 1 && *s != '_')))
		s++;
	if (s + 1 < x->end && *s == '/' && s - x->s > 3 && has_dot(x->s, s) && name_char(s - 1, x->end) &&
	    !(s[-1] >= '0' && s[-1] <= '9') && !strchr(" \t\n", s[1]))
		return true;
	x->no_host_until = s;
	return false;
}

static const char *address_end(const char *s, const char *end)
{
	const char *from = s;

	while (s < end && (unsigned char)*s > ' ' && !strchr("<>\"`{}|\\^", *s)) {
		if ((unsigned char)*s == 0xe2 && end - s >= 3 && (unsigned char)s[1] == 0x80) /* “ ” … – */
			break;
		s++;
	}
	while (s > from && strchr(".,;:!?)]'*_", s[-1]))
		s--;
	return s;
}

static bool try_address(struct scan *x)
{
	const char *end;
	struct address a;

	if (!begins(x, "http://") && !begins(x, "https://") && !begins(x, "www.") && !begins(x, "at://") &&
	    !is_bare_address(x))
		return false;
	end = address_end(x->s, x->end);
	a = address_look(x->p, x->s, (size_t)(end - x->s), x->author->handle);
	if (a.kind == ADDRESS_POST) {
		struct buf b = BUF_INIT(256);

		buf_puts(&b, ADDRESS_POST_BEGIN);
		buf_put(&b, x->s + a.from, a.len);
		replace(x, x->s, end, &b);
		buf_done(&b);
	} else if (a.kind == ADDRESS_NAMES) {
		replace_who(x, x->s + a.from, end, x->s + a.from, a.len);
	} else {
		x->s = end;
		x->behind_name = true;
	}
	return true;
}

/* "did:plc:abc", "u/ana" */
static bool try_id(struct scan *x)
{
	const char *end = x->s + 4;

	if (begins(x, "did:")) {
		while (end < x->end &&
		       (*end == ':' || (name_char(end, x->end) == 1) || (*end == '.' && name_char(end + 1, x->end))))
			end++;
		if (end > x->s + 8) {
			replace_who(x, x->s, end, x->s, (size_t)(end - x->s));
			return true;
		}
	} else if (begins(x, "u/")) {
		end = handle_end(x->s + 2, x->end);
		if (end - x->s >= 2 + HANDLE_LEAST && !pseudonym_is_own(x->p, x->s + 2, (size_t)(end - x->s - 2))) {
			replace_who(x, x->s + 2, end, x->s + 2, (size_t)(end - x->s - 2));
			return true;
		}
	}
	return false;
}

/* A whole word, or words. */
static bool stands(const struct scan *x, const char *what, size_t len)
{
	return (size_t)(x->end - x->s) >= len && !strncasecmp(x->s, what, len) && !name_char(x->s + len, x->end);
}

/* The author's own name where it has a blank, and their handle where it is no common word: one with a digit or '_'. */
static bool try_author(struct scan *x)
{
	const char *name = x->author->name, *handle = x->author->handle;
	size_t n = name ? strlen(name) : 0;

	if (n && n <= PSEUDONYM_NAME_MAX_BYTES && strchr(name, ' ') && stands(x, name, n)) {
		struct buf b = BUF_INIT(256);

		if (handle)
			pseudonym_put(x->p, "handle", handle, strlen(handle), &b);
		else
			pseudonym_put(x->p, "name", name, n, &b);
		replace(x, x->s, x->s + n, &b);
		buf_done(&b);
		return true;
	}
	n = handle ? strlen(handle) : 0;
	if (n < BARE_HANDLE_LEAST || n > PSEUDONYM_NAME_MAX_BYTES || !strpbrk(handle, "0123456789_") ||
	    !stands(x, handle, n))
		return false;
	replace_who(x, x->s, x->s + n, handle, n);
	return true;
}

/* A number stands by itself: "#20381234" is an order's, and part of a word is none. */
static bool try_phone(struct scan *x)
{
	bool phone, marked = x->s > x->text && x->s[-1] == '#';
	size_t n = strchr("+(0123456789", *x->s) ? phone_at(x->text, x->s, x->end, &phone) : 0;

	if (!n)
		return false;
	if (phone && !marked && !name_char(x->s + n, x->end)) {
		replace_by(x, x->s, x->s + n, PHONE, sizeof(PHONE) - 1);
		return true;
	}
	x->s += phone ? 1 : n; /* of what hangs on a word no part is one: the rest of the word is passed over */
	if (phone)
		x->s = name_end(x->s, x->end);
	x->behind_name = true;
	return true;
}

static void pass(struct scan *x)
{
	const char *end = name_end(x->s, x->end);

	x->behind_name = end > x->s;
	if (!x->behind_name) {
		end = x->s;
		(void)utf8_next(&end, x->end);
	}
	x->s = end;
}

void text_without_names(const struct pseudonym *p, const char *text, const struct text_author *author, struct buf *b,
			struct text_edits *edits)
{
	struct scan x = {.p = p,
			 .author = author,
			 .text = text,
			 .end = text + strlen(text),
			 .s = text,
			 .copied = text,
			 .out = b,
			 .edits = edits};

	while (x.s < x.end) {
		bool begins_word = !x.behind_name && name_char(x.s, x.end);

		if (try_handle(&x))
			continue;
		if (begins_word && (try_address(&x) || try_mail(&x) || try_id(&x) || try_author(&x)))
			continue;
		if (!x.behind_name && try_phone(&x))
			continue;
		pass(&x);
	}
	copy_to(&x, x.end);
}
