/* source/poll: a source that is told what comes as it comes (source/stream). Its polls take what was gathered; where there is no
 * connection, they make one. Each is as short as any: what waits between them is the connection. */

#include "base/clock.h"
#include "loop/loop.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"
#include "source/reconnect.h"
#include "source/stream.h"
#include "source/turns.h"

bool poll_streams(const struct source_config *config)
{
	int transport = config->params ? (int)config->params->platform->transport : PLATFORM_POLL;

	return transport == PLATFORM_NDJSON || transport == PLATFORM_SSE || transport == PLATFORM_WEBSOCKET;
}

static void on_own_news(void *arg)
{
	poll_stream_news(arg);
}

/* Whatever comes is news: nobody tells what was said before we asked to be told. But where the platform goes on from an id, what it
 * tells first after that is no different. */
void poll_stream_begin(struct poll *p)
{
	p->state.baselined = true;
	if (p->stream)
		return;
	p->own_stream = p->stream =
		stream_new(p->env.loop, p->env.fetch, p->config->params->platform, p->name, on_own_news, p);
}

void poll_stream_abandon(struct poll *p)
{
	if (p->stream && stream_state(p->stream) == STREAM_OPENING) /* its end would be told to nobody */
		stream_close(p->stream);
}

/* --- a batch --- */

static void take(struct poll *p)
{
	const char *id;

	(void)stream_take(p->stream, &p->body, &id);
	poll_api_framed(p, poll_copy(p, id));
	poll_submit(p);
}

/* --- the connection --- */

static void on_refused(struct fetch_result *f, void *arg)
{
	struct poll *p = arg;

	p->listening = false;
	poll_api_fetched(f, p);
}

/* Whoever was first may have been told meanwhile that the host wants patience of all. */
static void reopen(struct poll *p)
{
	int64_t held = p->env.turns ? turns_held_ms(p->env.turns, p->url, clock_steady_ms()) : 0;

	stream_close(p->stream);
	if (!held) {
		poll_api_go(p);
		return;
	}
	p->report.own_limit = true; /* the host said it to another, for both */
	p->retry_after_ms = held;
	poll_api_fail(p, COURSE_LIMITED, "limited", NULL);
}

/* --- a firehose --- */

bool poll_stream_sifts(const struct poll *p)
{
	return p->stream && source_sifts(p->config) && !p->env.trial; /* which is to show what comes */
}

/* Of a firehose most batches hold nothing. Each of them loaded, written and synced would be most of the work, for a cursor that may be
 * some seconds old: what is asked for once more then is passed over once more. */
bool poll_stream_goes_on(struct poll *p, const struct answer *answer)
{
	if (!poll_stream_sifts(p) || answer->n_items || answer->items_left || answer->why || p->draining ||
	    budget_bounded(&p->api->budget) || clock_steady_ms() - p->started_ms >= STREAM_KEEP_MS)
		return false;
	p->sifted = true;
	poll_stream_step(p);
	return true;
}

/* --- the connection again --- */

static void after_end(struct poll *p)
{
	int64_t pause_ms = p->config->params->platform->stream->reconnect_ms, wait_ms;
	const char *detail, *why = stream_why(p->stream, &detail);

	if (reconnect_step(stream_reconnect(p->stream), stream_opened(p->stream), stream_served(p->stream), pause_ms,
			   poll_chance(p), clock_steady_ms(), &wait_ms) == RECONNECT_AGAIN) {
		poll_pause(p, wait_ms, reopen);
		return;
	}
	p->retry_after_ms = wait_ms;
	why = poll_copy(p, why);
	detail = poll_copy(p, detail);
	stream_close(p->stream);
	poll_api_fail(p, COURSE_BROKEN, why, detail);
}

static void hear(struct poll *p)
{
	int64_t most = p->env.once || p->env.trial ? STREAM_LISTEN_MS : p->sifted ? STREAM_KEEP_MS : 0;
	int64_t left = most ? p->started_ms + most - clock_steady_ms() : 0;
	struct reconnect *r = stream_reconnect(p->stream);

	if (stream_served(p->stream))
		reconnect_proved(r);
	else if (r->doubtful && !most)
		left = stream_proves_ms(p->stream);
	if (left <= 0) {
		poll_api_quiet(p);
		return;
	}
	p->listening = true;
	poll_pause(p, left, poll_stream_step);
}

void poll_stream_open(struct poll *p, const struct request *q)
{
	if (poll_api_open(p, q, on_refused) != 0) {
		poll_try_again(p, poll_stream_step);
		return;
	}
	p->listening = true;
}

/* What the connection has for us now. */
void poll_stream_step(struct poll *p)
{
	int64_t cut_ms = stream_cut_ms(p->stream);

	p->listening = false;
	if (cut_ms != TIME_NONE)
		p->unheard_ms = cut_ms;
	if (stream_has(p->stream)) {
		take(p);
		return;
	}
	switch (stream_state(p->stream)) {
	case STREAM_CLOSED:
		poll_api_ask(p);
		break;
	case STREAM_OPENING:
		p->listening = true;
		break;
	case STREAM_OPEN:
		hear(p);
		break;
	case STREAM_ENDED:
		after_end(p);
		break;
	}
}

bool poll_stream_news(struct poll *p)
{
	if (!p->listening)
		return false;
	if (p->timer)
		loop_timer_stop(p->timer);
	poll_stream_step(p);
	return true;
}

/* Where the platform can't go on from where it was cut, nobody heard what was said meanwhile. */
bool poll_stream_gap(const struct poll *p, struct deaf_mark *ret)
{
	if (!p->stream || p->unheard_ms == 0 || stream_state(p->stream) != STREAM_OPEN ||
	    p->config->params->platform->cursor->kind != PLATFORM_CURSOR_NONE)
		return false;
	*ret = (struct deaf_mark){.kind = health_name(HEALTH_UNREACHABLE),
				  .from_ms = p->unheard_ms,
				  .to_ms = stream_since_ms(p->stream),
				  .why = "cut"};
	return ret->to_ms > ret->from_ms;
}
