#include "base/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"

enum { LINE_MAX_BYTES = 16 * 1024, VALUE_MAX_BYTES = 1024, REPEATS = 64 };

struct repeat {
	uint64_t hash;
	int64_t until_ms;
	uint64_t held;
};

static struct {
	pthread_mutex_t lock; /* the store's threads log too */
	FILE *to;
	enum log_level least;
	struct repeat repeats[REPEATS];
} state = {.lock = PTHREAD_MUTEX_INITIALIZER, .least = LOG_LEVEL_INFO};

void log_threshold(enum log_level least)
{
	state.least = least;
}

void log_to(FILE *to)
{
	state.to = to;
}

static bool is_hidden(uint32_t cp)
{
	return (cp >= 0x80 && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

static void escape(struct buf *b, const char *text, size_t len, bool backslash_too)
{
	const char *s = text, *end = text + len;

	while (s < end) {
		const char *at = s;
		uint32_t cp = utf8_next(&s, end);

		if (cp == '\n')
			buf_puts(b, "\\n");
		else if (cp == '\r')
			buf_puts(b, "\\r");
		else if (cp == '\t')
			buf_puts(b, "\\t");
		else if (cp == '\\' && backslash_too)
			buf_puts(b, "\\\\");
		else if (cp < 0x20 || cp == 0x7F)
			buf_printf(b, "\\x%02x", cp);
		else if (cp == 0xFFFD && !((unsigned char)at[0] == 0xEF && s - at == 3))
			for (; at < s; at++)
				buf_printf(b, "\\x%02x", (unsigned char)*at);
		else if (is_hidden(cp))
			buf_printf(b, "\\u{%04x}", cp);
		else
			buf_put(b, at, (size_t)(s - at));
	}
}

void log_escape(struct buf *b, const char *text, size_t len)
{
	escape(b, text, len, true);
}

void log_escape_shown(struct buf *b, const char *text, size_t len)
{
	escape(b, text, len, false);
}

void log_address(struct buf *b, const char *url)
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
	const char *end = host + strcspn(host, "/?#"), *at = memrchr(host, '@', (size_t)(end - host));
	const char *query = strchr(url, '?'), *fragment = strchr(url, '#');
	const char *stop = fragment && (!query || fragment < query) ? fragment : query;

	if (fragment && stop == fragment)
		query = NULL;
	buf_put(b, url, (size_t)(host - url));
	if (at)
		buf_puts(b, "***@");
	host = at ? at + 1 : host;
	if (stop && stop < host)
		stop = NULL;
	log_escape(b, host, stop ? (size_t)(stop - host) : strlen(host));
	while (query && *query && *query != '#') {
		size_t name = strcspn(query + 1, "=&#") + 1;

		log_escape(b, query, name);
		query += name;
		if (*query == '=') {
			buf_puts(b, "=***");
			query += strcspn(query, "&#");
		}
	}
}

static void put_value(struct buf *b, const struct log_field *f)
{
	struct buf value = BUF_INIT(VALUE_MAX_BYTES * 8);
	size_t len;
	const char *s;

	if (!f->text) {
		buf_printf(b, "%" PRId64, f->number);
		return;
	}
	len = utf8_cut(f->text, strlen(f->text), VALUE_MAX_BYTES);
	log_escape(&value, f->text, len);
	if (value.len && !strpbrk(buf_str(&value), " \"=")) {
		buf_puts(b, buf_str(&value));
	} else {
		buf_putc(b, '"');
		for (s = buf_str(&value); *s; s++) {
			if (*s == '"')
				buf_putc(b, '\\');
			buf_putc(b, *s);
		}
		buf_putc(b, '"');
	}
	if (f->text[len])
		buf_puts(b, "…");
	buf_done(&value);
}

/* FNV-1a: only to tell one kind of line from another. */
static uint64_t kind_of(const char *event, const struct log_field *fields, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;
	const char *s;

	for (s = event; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	for (s = n && fields[0].text ? fields[0].text : ""; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

/* True if the line may go; *ret_held is how many did not since the last. */
static bool pass(uint64_t kind, uint64_t *ret_held)
{
	struct repeat *r = &state.repeats[kind % REPEATS];
	int64_t now = clock_steady_ms();

	*ret_held = 0;
	if (r->hash == kind && now < r->until_ms) {
		r->held++;
		return false;
	}
	if (r->hash == kind)
		*ret_held = r->held;
	*r = (struct repeat){.hash = kind, .until_ms = now + LOG_REPEAT_MS};
	return true;
}

void log_event(enum log_level level, bool limited, const char *event, const struct log_field *fields, size_t n)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	char now[CLOCK_RFC3339_SIZE];
	uint64_t held = 0;
	size_t i;

	if (level < state.least)
		return;
	pthread_mutex_lock(&state.lock);
	if (!limited || pass(kind_of(event, fields, n), &held)) {
		buf_printf(&line, "%s %s event=%s", clock_rfc3339(clock_wall_ms(), 1, now), names[level], event);
		for (i = 0; i < n; i++) {
			buf_printf(&line, " %s=", fields[i].key);
			put_value(&line, &fields[i]);
		}
		if (held)
			buf_printf(&line, " held_back=%" PRIu64, held);
		buf_putc(&line, '\n');
		fwrite(buf_str(&line), 1, line.len, state.to ? state.to : stderr);
		fflush(state.to ? state.to : stderr);
	}
	pthread_mutex_unlock(&state.lock);
	buf_done(&line);
}
