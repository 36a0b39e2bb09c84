#include "source/stream.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "fetch/fetch.h"
#include "loop/loop.h"
#include "platform/platform.h"
#include "source/reconnect.h"
#include "source/stream_cut.h"

enum {
	BATCH_MAX_BYTES =
		STREAM_BATCH_BYTES + STREAM_FRAME_MAX + 64 * 1024, /* full, and what came with what filled it */
};

struct stream {
	struct fetch *fetch;
	char *name;
	void (*on_news)(void *arg);
	void *arg;
	void (*on_refused)(struct fetch_result *f, void *arg);
	void *refused_arg;

	enum stream_state state;
	struct transfer *transfer;
	struct loop_timer *news, *silence;
	int64_t keepalive_ms;
	bool websocket;
	size_t batch_frames;
	char **events; /* the configuration may change meanwhile */
	size_t n_events;

	struct stream_cut cut;
	uint64_t too_large_told;
	struct stream_batch batch;
	char *id;                      /* of the batch that was taken */
	bool frames;                   /* some came on this connection */
	bool broken;                   /* … and then what breaks the protocol: to come back at once is no use */
	bool full;                     /* the connection waits */
	int64_t open_ms, open_wall_ms; /* steady, wall; TIME_NONE: it never was */
	int64_t cut_ms;                /* wall; TIME_NONE */
	char *why, *detail;            /* of its end */
	struct reconnect reconnect;
};

static void tell_in(struct stream *s, int64_t ms)
{
	if (ms == 0 || !loop_timer_is_set(s->news))
		loop_timer_set(s->news, ms);
}

static void on_news_timer(void *arg)
{
	struct stream *s = arg;

	s->on_news(s->arg);
}

/* --- the connection's end --- */

/* What had come whole is still to be taken. */
static void end(struct stream *s, const char *why, const char *detail)
{
	loop_timer_stop(s->silence);
	if (s->state == STREAM_OPEN)
		s->cut_ms = clock_wall_ms();
	s->state = STREAM_ENDED;
	s->full = false;
	free(s->detail);
	s->detail = detail && *detail ? xstrdup(detail) : NULL;
	free(s->why);
	s->why = xstrdup(why);
	tell_in(s, 0);
}

static void on_silence(void *arg)
{
	struct stream *s = arg;

	if (s->full) { /* it is us who don't listen */
		loop_timer_set(s->silence, s->keepalive_ms);
		return;
	}
	fetch_cancel(s->transfer);
	s->transfer = NULL;
	end(s, "timeout", NULL);
}

static void on_ended(struct fetch_result *f, void *arg)
{
	struct stream *s = arg;

	s->transfer = NULL;
	if (s->state == STREAM_OPEN) {
		s->broken = f->outcome == FETCH_PROTOCOL;
		LOG_LIMITED("stream.cut", LOG_S("source", s->name), LOG_S("class", f->class_name),
			    LOG_S("why", f->detail));
		end(s, f->outcome == FETCH_OK ? "cut" : f->class_name, f->detail);
		return;
	}
	loop_timer_stop(s->silence);
	s->state = STREAM_CLOSED;
	s->on_refused(f, s->refused_arg);
}

/* --- from within libcurl --- */

static void on_open(void *arg)
{
	struct stream *s = arg;

	s->state = STREAM_OPEN;
	s->open_ms = clock_steady_ms();
	s->open_wall_ms = clock_wall_ms();
	if (s->websocket) /* it asks by itself whether the other end lives */
		loop_timer_stop(s->silence);
	else
		loop_timer_set(s->silence, s->keepalive_ms);
	tell_in(s, 0);
}

static bool is_full(const struct stream *s)
{
	return s->batch.frames >= s->batch_frames || s->batch.lines.len >= STREAM_BATCH_BYTES;
}

static void tell_too_large(struct stream *s)
{
	if (s->cut.too_large != s->too_large_told)
		LOG_LIMITED("stream.frame", LOG_S("source", s->name), LOG_I("more_than_bytes", STREAM_FRAME_MAX),
			    LOG_I("times", (int64_t)(s->cut.too_large - s->too_large_told)));
	s->too_large_told = s->cut.too_large;
}

static bool on_message(void *arg, const char *bytes, size_t len)
{
	struct stream *s = arg;

	if (!bytes) {
		s->cut.too_large++;
		tell_too_large(s);
		return !s->full;
	}
	stream_cut_message(bytes, len, &s->batch);
	s->frames = true;
	s->full = is_full(s);
	tell_in(s, s->full ? 0 : STREAM_GATHER_MS);
	return !s->full;
}

static bool on_bytes(void *arg, const char *bytes, size_t len)
{
	struct stream *s = arg;
	size_t before = s->batch.frames;

	loop_timer_set(s->silence, s->keepalive_ms);
	s->full = is_full(s);
	if (s->full) {
		tell_in(s, 0);
		return false;
	}
	stream_cut_put(&s->cut, bytes, len, &s->batch);
	if (s->batch.frames != before) {
		s->frames = true;
		tell_in(s, is_full(s) ? 0 : STREAM_GATHER_MS);
	}
	tell_too_large(s);
	return true;
}

/* --- its life --- */

static void copy_events(struct stream *s, const struct platform_stream *kind)
{
	size_t i;

	s->n_events = kind->n_events;
	s->events = xcalloc(s->n_events + 1, sizeof(*s->events));
	for (i = 0; i < s->n_events; i++)
		s->events[i] = xstrdup(kind->events[i]);
}

struct stream *stream_new(struct loop *l, struct fetch *f, const struct platform *p, const char *name,
			  void (*on_news)(void *arg), void *arg)
{
	struct stream *s = NEW(struct stream);

	*s = (struct stream){.fetch = f,
			     .name = xstrdup(name),
			     .on_news = on_news,
			     .arg = arg,
			     .keepalive_ms = p->stream->keepalive_ms,
			     .websocket = p->transport == PLATFORM_WEBSOCKET,
			     .batch_frames = p->stream->filter ? STREAM_HOSE_FRAMES : STREAM_BATCH_FRAMES,
			     .open_ms = TIME_NONE,
			     .open_wall_ms = TIME_NONE,
			     .cut_ms = TIME_NONE};
	copy_events(s, p->stream);
	s->news = loop_timer_new(l, on_news_timer, s);
	s->silence = loop_timer_new(l, on_silence, s);
	stream_cut_init(&s->cut, p->transport == PLATFORM_SSE, (const char *const *)s->events, s->n_events);
	stream_batch_init(&s->batch, BATCH_MAX_BYTES);
	return s;
}

struct stream *stream_free(struct stream *s)
{
	size_t i;

	if (!s)
		return NULL;
	stream_close(s);
	loop_timer_free(s->news);
	loop_timer_free(s->silence);
	stream_cut_done(&s->cut);
	stream_batch_done(&s->batch);
	for (i = 0; i < s->n_events; i++)
		free(s->events[i]);
	free(s->events);
	free(s->id);
	free(s->why);
	free(s->detail);
	free(s->name);
	free(s);
	return NULL;
}

int stream_open(struct stream *s, struct fetch_request *request, void (*on_refused)(struct fetch_result *f, void *arg),
		void *arg)
{
	const struct fetch_receiver receiver = {.on_open = on_open,
						.on_bytes = s->websocket ? NULL : on_bytes,
						.on_message = s->websocket ? on_message : NULL,
						.arg = s};

	request->apart = true;
	request->receiver = &receiver;
	request->websocket = s->websocket;
	request->ping_ms = (uint32_t)(s->keepalive_ms / 2);
	s->transfer = fetch_start(s->fetch, request, on_ended, s);
	request->receiver = NULL;
	if (!s->transfer)
		return STREAM_E_BUSY;
	reconnect_opens(&s->reconnect, clock_steady_ms());
	s->on_refused = on_refused;
	s->refused_arg = arg;
	s->state = STREAM_OPENING;
	s->open_ms = s->open_wall_ms = TIME_NONE;
	s->frames = s->full = s->broken = false;
	stream_cut_anew(&s->cut);
	loop_timer_set(s->silence, s->keepalive_ms);
	return 0;
}

void stream_close(struct stream *s)
{
	fetch_cancel(s->transfer);
	s->transfer = NULL;
	s->state = STREAM_CLOSED;
	s->full = false;
	loop_timer_stop(s->news);
	loop_timer_stop(s->silence);
	buf_done(&s->batch.lines);
	buf_init(&s->batch.lines, BATCH_MAX_BYTES);
	s->batch.frames = 0;
	s->batch.has_id = false;
}

enum stream_state stream_state(const struct stream *s)
{
	return s->state;
}

int64_t stream_since_ms(const struct stream *s)
{
	return s->state == STREAM_OPEN ? s->open_wall_ms : TIME_NONE;
}

/* --- what came --- */

bool stream_has(const struct stream *s)
{
	return s->batch.frames > 0;
}

bool stream_take(struct stream *s, struct buf *ret_lines, const char **ret_id)
{
	if (!s->batch.frames)
		return false;
	free(s->id);
	s->id = s->batch.has_id ? xstrdup(buf_str(&s->batch.id)) : NULL;
	*ret_lines = s->batch.lines;
	*ret_id = s->id;
	buf_init(&s->batch.lines, BATCH_MAX_BYTES);
	s->batch.frames = 0;
	s->batch.has_id = false;
	if (s->state == STREAM_ENDED) /* whoever takes this hasn't heard of that */
		tell_in(s, 0);
	else
		loop_timer_stop(s->news);
	if (s->full) {
		s->full = false;
		fetch_resume(s->transfer);
	}
	return true;
}

/* Who opens and says nothing ends with its keepalive: that alone is no service. */
int64_t stream_proves_ms(const struct stream *s)
{
	int64_t beyond = s->keepalive_ms + s->keepalive_ms / 2,
		most = beyond > STREAM_LONG_MS ? beyond : STREAM_LONG_MS;

	return s->open_ms == TIME_NONE ? most : s->open_ms + most - clock_steady_ms();
}

bool stream_served(const struct stream *s)
{
	return !s->broken && (s->frames || stream_proves_ms(s) <= 0);
}

bool stream_opened(const struct stream *s)
{
	return s->open_ms != TIME_NONE;
}

struct reconnect *stream_reconnect(struct stream *s)
{
	return &s->reconnect;
}

const char *stream_why(const struct stream *s, const char **ret_detail)
{
	*ret_detail = s->detail;
	return s->why;
}

int64_t stream_cut_ms(struct stream *s)
{
	int64_t ms = s->cut_ms;

	s->cut_ms = TIME_NONE;
	return ms;
}
