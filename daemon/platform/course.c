#include "platform/course.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "platform/limits.h"
#include "platform/platform.h"

static const char *fact(const struct course_answer *answer, const char *name)
{
	size_t i;

	for (i = 0; i < answer->n_facts; i++) {
		if (strcmp(answer->facts[i].name, name) == 0)
			return answer->facts[i].value;
	}
	return NULL;
}

/* --- the beginning --- */

static int64_t since_of(const struct platform_cursor *x, int64_t since_ms, int64_t now_ms)
{
	if (x->kind != PLATFORM_CURSOR_SINCE_TIME)
		return TIME_NONE;
	if (since_ms != TIME_NONE) /* a clock that was set back since: no time to come is asked for */
		return (since_ms < now_ms ? since_ms : now_ms) - x->overlap_ms;
	return x->first_ms ? now_ms - x->first_ms : TIME_NONE;
}

/* 0: none, or no time. */
static long long microseconds(const char *text)
{
	char *end = NULL;
	long long us = text ? strtoll(text, &end, 10) : 0;

	return us <= 0 || *end ? 0 : us;
}

/* Microseconds, less the overlap: what came twice is known by its key. */
static const char *stream_time(struct course *c, const struct platform_cursor *x)
{
	long long us = microseconds(c->cursor), overlap = x->overlap_ms * 1000;

	if (!us)
		return NULL;
	snprintf(c->first_cursor, sizeof(c->first_cursor), "%lld", us > overlap ? us - overlap : 1);
	return c->first_cursor;
}

void course_begin(struct course *c, const struct platform *p, const char *cursor, int64_t since_ms, int64_t now_ms)
{
	*c = (struct course){.begun_ms = now_ms,
			     .pages_most = p->pages->max_pages,
			     .cursor = cursor,
			     .begun_cursor = cursor,
			     .begun_since_ms = since_ms,
			     .first = !cursor && since_ms == TIME_NONE};
	c->place = (struct request_place){
		.cursor = cursor, .since_ms = since_of(p->cursor, since_ms, now_ms), .until_ms = now_ms};
	if (p->cursor->kind == PLATFORM_CURSOR_STREAM_TIME)
		c->place.cursor = stream_time(c, p->cursor);
	if (p->pages->kind == PLATFORM_PAGES_NUMBER || p->pages->kind == PLATFORM_PAGES_OFFSET) {
		snprintf(c->first_page, sizeof(c->first_page), "%lld", (long long)p->pages->first);
		c->place.page = c->first_page; /* those that are counted; a token begins with nothing */
	}
}

/* Pages come newest first, so that what is left unasked lies behind the cursor. */
static bool is_backwards(const struct platform *p)
{
	return p->cursor->kind == PLATFORM_CURSOR_SINCE_ID || p->cursor->kind == PLATFORM_CURSOR_UNTIL_SEEN ||
	       p->cursor->kind == PLATFORM_CURSOR_SINCE_TIME;
}

void course_halt(struct course *c, const struct platform *p, struct course_step *step)
{
	step->next = COURSE_DONE;
	step->cut = true;
	if (!is_backwards(p) || c->behind) /* once: where each window is too small, it would never get on */
		return;
	c->halted = true;
	c->cursor = c->begun_cursor;
}

int64_t course_since_ms(const struct course *c)
{
	return c->halted ? c->begun_since_ms : c->begun_ms;
}

size_t course_headers(const struct platform *p, const char *names[COURSE_HEADERS_MAX])
{
	const struct platform_limits *l = p->limits;
	size_t n = 0, i;

	memset(names, 0, COURSE_HEADERS_MAX * sizeof(*names));
	if (l->headers) {
		names[n++] = l->headers->remaining;
		names[n++] = l->headers->reset;
	}
	if (p->pages->kind == PLATFORM_PAGES_LINK)
		names[n++] = "Link";
	if (p->pages->total)
		names[n++] = p->pages->total;
	for (i = 0; i < l->n_usage && n < COURSE_HEADERS_MAX; i++)
		names[n++] = l->usage[i];
	return n;
}

static const char *header(const struct course_answer *answer, const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcasecmp(names[i], name) == 0)
			return answer->headers ? answer->headers[i] : NULL;
	}
	return NULL;
}

/* --- what went wrong --- */

static bool is_patience(const struct platform *p, const struct course_answer *answer, const char *error)
{
	const struct platform_limits *l = p->limits;
	size_t i;

	if (answer->status == 429 || (answer->status == 503 && answer->retry_after_ms))
		return true;
	if (l->errors && error) /* where it says which errors mean patience, a status alone does not */
		return platform_says_so(l->errors, error);
	for (i = 0; i < l->n_statuses; i++) {
		if (l->statuses[i] == answer->status)
			return true;
	}
	return false;
}

static bool is_token(const struct platform *p, const struct course_answer *answer, const char *error)
{
	if (p->auth->kind < PLATFORM_AUTH_CLIENT_CREDENTIALS)
		return false;
	return p->auth->expired ? platform_says_so(p->auth->expired, error) : answer->status == 401;
}

bool course_is_about_us(const struct platform *p, const struct course_answer *answer, const char *error)
{
	return is_patience(p, answer, error) || is_token(p, answer, error ? error : "");
}

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What the answer wants waited, by header or in its body. */
static int64_t asked_wait_ms(const struct platform *p, const char *const *names, const struct course_answer *answer)
{
	const char *text = fact(answer, "wait");
	double wait = text ? strtod(text, NULL) : 0;
	int64_t ms = wait > 0 && wait < 1e9 ? (int64_t)(wait * 1000) : 0;

	ms = longer(longer(ms, answer->retry_after_ms), limits_wait_ms(p, names, answer));
	return ms < COURSE_WAIT_MAX_MS ? ms : COURSE_WAIT_MAX_MS;
}

static void step_error(const struct platform *p, const struct course_answer *answer, const char *error, struct arena *a,
		       struct course_step *ret)
{
	ret->detail = error;
	if (is_patience(p, answer, error)) {
		ret->next = COURSE_LIMITED;
		ret->why = "limited";
		ret->wait_ms = longer(ret->wait_ms, p->limits->wait_ms);
	} else if (is_token(p, answer, error)) {
		ret->next = COURSE_TOKEN;
		ret->why = "token";
	} else {
		ret->next = COURSE_BROKEN;
		ret->why = answer->status < 200 || answer->status > 299 ? arena_printf(a, "http_%d", answer->status)
									: "platform_error";
	}
}

/* Where it stood is so long ago that the platform can't go on from there: it is asked once more as if for the first time. What is known
 * already is known by its key. */
static bool begins_anew(struct course *c, const struct platform *p, const struct course_answer *answer,
			const char *error)
{
	if (!c->place.cursor || c->pages || answer->status < 400 || answer->status > 499 ||
	    is_patience(p, answer, error) || !platform_says_so(p->cursor->stale, error ? error : ""))
		return false;
	c->cursor = c->begun_cursor = c->place.cursor = NULL;
	if (c->pages_most > 1) /* this one was asked, too */
		c->pages_most--;
	return true;
}

/* --- the next page --- */

/* How many digits, then which: ids of different lengths are compared as numbers. */
static bool greater_id(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b);

	if (a[strspn(a, "0123456789")] || b[strspn(b, "0123456789")])
		return strcmp(a, b) > 0;
	return x != y ? x > y : strcmp(a, b) > 0;
}

/* One more than a number, as text: offsets are the next one wanted. */
static const char *next_number(const char *text, struct arena *a)
{
	char *end;
	long long v = strtoll(text, &end, 10);

	return *end || end == text || v < 0 || v == INT64_MAX ? text : arena_printf(a, "%lld", v + 1);
}

/* A time to come, said once by mistake, must not be where we stay until it has come: whatever follows it counts. */
static bool is_later(const struct course *c, long long us)
{
	long long was = microseconds(c->cursor);

	return us && (us > was || was / 1000 > c->begun_ms + DAY_MS);
}

static void note_cursor(struct course *c, const struct platform *p, const struct course_answer *answer, struct arena *a)
{
	const struct platform_cursor *x = p->cursor;
	const char *seen = fact(answer, x->fact);

	if (!seen || strlen(seen) > COURSE_CURSOR_MAX_BYTES)
		return;
	switch (x->kind) {
	case PLATFORM_CURSOR_SINCE_ID: /* the newest of the first page: later ones are older */
		if (c->pages == 1)
			c->cursor = arena_strdup(a, seen);
		break;
	case PLATFORM_CURSOR_STREAM_TIME:
		if (is_later(c, microseconds(seen)))
			c->cursor = arena_strdup(a, seen);
		break;
	case PLATFORM_CURSOR_MIN_ID:
		if (!c->cursor || greater_id(seen, c->cursor))
			c->cursor = arena_strdup(a, seen);
		break;
	case PLATFORM_CURSOR_OFFSET:
		seen = next_number(seen, a);
		if (!c->cursor || greater_id(seen, c->cursor))
			c->cursor = arena_strdup(a, seen);
		break;
	default:
		break;
	}
}

/* rel="next" of a Link header (RFC 8288); NULL: none. */
static const char *link_next(const char *link, struct arena *a)
{
	const char *p = link, *end;

	while (p && (p = strchr(p, '<'))) {
		const char *close = strchr(p, '>');

		if (!close)
			return NULL;
		end = close + strcspn(close, "<"); /* its parameters end before the next one */
		if (memmem(close, (size_t)(end - close), "rel=\"next\"", 10) ||
		    memmem(close, (size_t)(end - close), "rel=next", 8))
			return arena_memdup0(a, p + 1, (size_t)(close - p) - 1);
		p = end;
	}
	return NULL;
}

static size_t host_len(const char *url, const char **ret)
{
	const char *host = strstr(url, "://");

	*ret = host ? host + 3 : url;
	return host ? strcspn(*ret, "/?#") : 0;
}

/* An address that came with the answer is asked only at the host that was asked before, or at one that the file names: it gets what
 * tells who we are. */
static bool may_follow(const struct platform *p, const char *url, const char *origin)
{
	const char *host, *own;
	size_t len = host_len(url, &host), own_len = host_len(origin, &own), i;

	if (strncmp(url, "https://", 8) != 0 && strncmp(origin, "https://", 8) == 0)
		return false;
	if (!len || memchr(host, '@', len) || memchr(host, '\\', len) || strlen(url) > REQUEST_URL_MAX_BYTES)
		return false;
	if (len == own_len && strncasecmp(host, own, len) == 0)
		return true;
	for (i = 0; i < p->pages->n_hosts; i++) {
		size_t n = strlen(p->pages->hosts[i]);

		if (n <= len && strncasecmp(host + len - n, p->pages->hosts[i], n) == 0 &&
		    (n == len || *p->pages->hosts[i] == '.'))
			return true;
	}
	return false;
}

static bool more_by_count(const struct course *c, const struct platform *p, const struct course_answer *answer,
			  const char *total)
{
	const char *more = fact(answer, "more");
	size_t i;

	if (total)
		return c->pages < strtoll(total, NULL, 10);
	for (i = 0; i < p->map->facts.n; i++) {
		if (strcmp(p->map->facts.v[i].name, "more") == 0)
			return more != NULL;
	}
	return p->pages->size ? answer->items >= (size_t)p->pages->size : answer->items > 0;
}

/* Sets the place of the next page; false: there is none. refused: there is one, where we don't go. */
static bool next_page(struct course *c, const struct platform *p, const struct course_answer *answer,
		      const char *const *names, size_t n_names, struct arena *a, bool *refused)
{
	const char *text;

	switch (p->pages->kind) {
	case PLATFORM_PAGES_TOKEN:
		text = fact(answer, "next");
		if (!text || (c->place.page && strcmp(text, c->place.page) == 0)) /* it would go round in circles */
			return false;
		c->place.page = arena_strdup(a, text);
		return true;
	case PLATFORM_PAGES_URL:
	case PLATFORM_PAGES_LINK:
		text = p->pages->kind == PLATFORM_PAGES_URL ? fact(answer, "next")
							    : link_next(header(answer, names, n_names, "Link"), a);
		if (!text || (c->place.url && strcmp(text, c->place.url) == 0))
			return false;
		*refused = !may_follow(p, text, c->origin ? c->origin : "");
		c->place.url = *refused ? NULL : arena_strdup(a, text);
		return !*refused;
	case PLATFORM_PAGES_NUMBER:
		text = p->pages->total ? header(answer, names, n_names, p->pages->total) : NULL;
		c->place.page = arena_printf(a, "%lld", (long long)(p->pages->first + c->pages));
		return more_by_count(c, p, answer, text);
	case PLATFORM_PAGES_OFFSET:
		c->place.page = arena_printf(a, "%lld", (long long)(p->pages->first + c->items));
		return answer->items && more_by_count(c, p, answer, NULL);
	case PLATFORM_PAGES_CURSOR:
		if (!c->cursor || !answer->items || (c->place.cursor && strcmp(c->cursor, c->place.cursor) == 0))
			return false;
		if (c->first &&
		    p->cursor->kind == PLATFORM_CURSOR_MIN_ID) /* the newest came: there is nothing after them */
			return false;
		c->place.cursor = c->cursor;
		return more_by_count(c, p, answer, NULL);
	default:
		return false;
	}
}

void course_step(struct course *c, const struct platform *p, const struct course_answer *answer, struct arena *a,
		 struct course_step *ret)
{
	const char *names[COURSE_HEADERS_MAX], *error = fact(answer, "error");
	size_t n_names = course_headers(p, names);
	bool more, refused = false;

	*ret = (struct course_step){.wait_ms = asked_wait_ms(p, names, answer)};
	if (error)
		error = arena_strdup(a, error);
	if (begins_anew(c, p, answer, error)) {
		ret->next = COURSE_PAGE;
		return;
	}
	if (answer->status < 200 || answer->status > 299 || error) {
		step_error(p, answer, error, a, ret);
		return;
	}
	c->pages++;
	c->items += (int64_t)answer->items;
	note_cursor(c, p, answer, a);
	more = next_page(c, p, answer, names, n_names, a, &refused);
	if (refused) {
		*ret = (struct course_step){.next = COURSE_BROKEN, .why = "next_page_host"};
		return;
	}
	if (more && p->pages->until_seen && !answer->fresh && !c->behind)
		more = false;
	ret->next = COURSE_DONE;
	if (more && (c->pages >= c->pages_most || (p->pages->max_items && c->items >= p->pages->max_items)))
		ret->cut = true;
	else if (more)
		ret->next = COURSE_PAGE;
}
