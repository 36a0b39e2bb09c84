#include "serve/query.h"

#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "base/suggest.h"
#include "base/utf8.h"

static int invalid(struct diag *diag, const char *name, enum text_id text)
{
	diag_error(diag, (struct diag_pos){0}, name, NULL, text);
	return QUERY_E_INVALID;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place. False: not to be read. */
static bool decode(char *s)
{
	const char *in = s;
	char *out = s;

	for (; *in; in++) {
		unsigned char c = (unsigned char)*in;

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = hex_value(in[1]), low = high < 0 ? -1 : hex_value(in[2]);

			if (low < 0)
				return false;
			c = (unsigned char)(high << 4 | low);
			in += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return false; /* %00 too: nothing behind this file knows a NUL inside a text */
		*out++ = (char)c;
	}
	*out = '\0';
	return utf8_valid_text(s, (size_t)(out - s));
}

static int add(struct query *q, char *pair, const char *const allowed[], struct diag *diag)
{
	char *value = strchr(pair, '=');
	size_t n = 0, i;

	if (value)
		*value++ = '\0';
	if (!decode(pair) || (value && !decode(value)))
		return invalid(diag, NULL, TEXT_SERVE_QUERY);
	while (allowed[n] && strcmp(allowed[n], pair) != 0)
		n++;
	if (!allowed[n]) {
		diag_error(diag, (struct diag_pos){0}, NULL, suggest(pair, allowed, n, sizeof(*allowed)),
			   TEXT_SERVE_PARAMETER_UNKNOWN, pair);
		return QUERY_E_INVALID;
	}
	for (i = 0; i < q->n; i++)
		if (strcmp(q->v[i].name, pair) == 0)
			return invalid(diag, pair, TEXT_SERVE_PARAMETER_TWICE);
	if (q->n == QUERY_PARAMETERS_MAX)
		return invalid(diag, NULL, TEXT_SERVE_QUERY);
	q->v[q->n].name = pair;
	q->v[q->n++].value = value ? value : "";
	return 0;
}

int query_parse(const char *text, const char *const allowed[], struct diag *diag, struct query *ret)
{
	struct query q = {.bytes = NULL};
	char *next, *pair;

	if (text && strlen(text) > QUERY_MAX_BYTES)
		return invalid(diag, NULL, TEXT_SERVE_QUERY);
	next = q.bytes = xstrdup(text ? text : "");
	while ((pair = strsep(&next, "&"))) {
		if (*pair && add(&q, pair, allowed, diag) != 0) {
			free(q.bytes);
			return QUERY_E_INVALID;
		}
	}
	*ret = q;
	return 0;
}

void query_done(struct query *q)
{
	free(q->bytes);
	*q = (struct query){.bytes = NULL};
}

const char *query_text(const struct query *q, const char *name)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (strcmp(q->v[i].name, name) == 0)
			return q->v[i].value;
	return NULL;
}

/* Digits alone; *end is behind them. False: none, or too many for 64 bits. */
static bool digits(const char *s, uint64_t *ret, const char **end)
{
	uint64_t n = 0;
	const char *p;

	for (p = s; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return false;
	*ret = n;
	*end = p;
	return p > s;
}

int query_number(const struct query *q, const char *name, size_t max, struct diag *diag, size_t *ret)
{
	const char *s = query_text(q, name), *end;
	uint64_t n;

	if (!s)
		return 0;
	if (!digits(s, &n, &end) || *end || n < 1 || n > max) {
		cleanup(freep) char *most = xasprintf("%zu", max);

		diag_error(diag, (struct diag_pos){0}, name, NULL, TEXT_SERVE_EXPECTS_NUMBER, most);
		return QUERY_E_INVALID;
	}
	*ret = n;
	return 0;
}

int query_flag(const struct query *q, const char *name, struct diag *diag, bool *ret)
{
	const char *s = query_text(q, name);

	if (!s)
		return 0;
	if ((s[0] != '0' && s[0] != '1') || s[1])
		return invalid(diag, name, TEXT_SERVE_EXPECTS_FLAG);
	*ret = s[0] == '1';
	return 0;
}

bool name_is_valid(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len > 0 && len <= QUERY_NAME_MAX_BYTES && s[len] == '\0';
}

int query_name(const struct query *q, const char *name, struct diag *diag, const char **ret)
{
	const char *s = query_text(q, name);

	if (!s)
		return 0;
	if (!name_is_valid(s))
		return invalid(diag, name, TEXT_SERVE_EXPECTS_NAME);
	*ret = s;
	return 0;
}

bool query_outbox_of(const char *text, enum outbox_stream *ret)
{
	if (text && strcmp(text, "hits") != 0 && strcmp(text, "incidents") != 0)
		return false;
	*ret = text && *text == 'i' ? OUTBOX_INCIDENTS : OUTBOX_HITS;
	return true;
}

int query_outbox(const struct query *q, const char *name, struct diag *diag, enum outbox_stream *ret)
{
	return query_outbox_of(query_text(q, name), ret) ? 0 : invalid(diag, name, TEXT_SERVE_EXPECTS_STREAM);
}

bool query_id(const char *text, struct stream_id *ret)
{
	const char *end;
	uint64_t ms, seq;

	if (!digits(text, &ms, &end) || ms > INT64_MAX || *end != '-' || !digits(end + 1, &seq, &end) || *end)
		return false;
	*ret = (struct stream_id){.ms = (int64_t)ms, .seq = seq};
	return true;
}

int query_cursor(const struct query *q, const char *name, struct diag *diag, bool *ret_given, struct stream_id *ret)
{
	const char *s = query_text(q, name);

	*ret_given = s != NULL;
	if (!s)
		return 0;
	return query_id(s, ret) ? 0 : invalid(diag, name, TEXT_SERVE_EXPECTS_CURSOR);
}
