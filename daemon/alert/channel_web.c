#include "alert/channel_web.h"

#include <string.h>
#include <sys/queue.h>

#include "alert/channel.h"
#include "alert/channel_earlier.h"
#include "alert/channel_kind.h"
#include "alert/channel_request.h"
#include "alert/channel_step.h"
#include "alert/config.h"
#include "alert/notice_object.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "fetch/fetch.h"
#include "loop/loop.h"
#include "mention/body_job.h"
#include "platform/params.h"

enum { OWN_MAX_BYTES = 4 << 20, MESSAGE_MAX_BYTES = 8 << 20, CONNECT_MS = 5000 };

struct message {
	TAILQ_ENTRY(message) entry;
	struct arena *arena;
	const char *document; /* without what it follows */
	const char *to, *key, *matter;
	const char *id; /* of the message that it follows, looked up when its turn comes; NULL: none */
	bool quiet, ended, dry;
	enum channel_way_kind way;
	void (*on_sent)(void *arg, const struct channel_result *result);
	void *arg;
};

struct channel_web {
	struct loop *loop;
	struct fetch *fetch;
	const struct channels_ops *ops;
	void *arg;
	struct arena *arena; /* of what it was told */
	const char *name;
	struct channel_kind *kind;
	struct params *params;
	struct buf ctx; /* the parameters without the secrets */
	const struct cidr *allow;
	size_t n_allow;
	int64_t timeout_ms;
	struct channel_health health;
	struct channel_earlier *earlier;
	TAILQ_HEAD(, message) queue;
	size_t n;
	struct message *now; /* the one under way; NULL: none */
	struct channel_making *making;
	struct transfer *transfer;
	struct loop_timer *timer;
};

struct channel_making {
	struct channel_web *web; /* NULL: gone meanwhile */
};

static void pump(struct channel_web *w);

/* --- what it is told --- */

static struct params *copy_params(const struct params *from, const struct channel_kind *k, struct arena *a)
{
	struct params *p = params_new(&k->base, a);
	size_t i;

	for (i = 0; i < k->base.n_params && i < from->platform->n_params; i++) {
		p->values[i] = arena_strdup(a, from->values[i]);
		if (from->secrets[i])
			p->secrets[i] = secret_make(secret_value(from->secrets[i]), a);
	}
	return p;
}

static void on_timer(void *arg)
{
	pump(arg);
}

struct channel_web *channel_web_new(struct loop *l, struct fetch *fetch, const struct channel_config *config,
				    struct channel_earlier *earlier, const struct channels_ops *ops, void *arg)
{
	struct channel_web *w = NEW(struct channel_web);
	cleanup(diag_freep) struct diag *d = diag_new();
	struct cidr *allow;

	*w = (struct channel_web){.loop = l,
				  .fetch = fetch,
				  .earlier = earlier,
				  .ops = ops,
				  .arg = arg,
				  .timeout_ms = config->timeout_ms};
	w->arena = arena_new(OWN_MAX_BYTES);
	w->name = arena_strdup(w->arena, config->name);
	TAILQ_INIT(&w->queue);
	w->timer = loop_timer_new(l, on_timer, w);
	buf_init(&w->ctx, REQUEST_BODY_MAX_BYTES);
	/* once more from its bytes: the configuration's goes with it */
	if (channel_kind_read(config->as->base.name, config->as->base.file, config->as->bytes, config->as->len,
			      w->arena, d, &w->kind) != 0)
		return channel_web_free(w);
	w->params = copy_params(config->params, w->kind, w->arena);
	params_json(&w->ctx, w->params, NULL);
	allow = ARENA_ARRAY(w->arena, struct cidr, config->n_allow_private + 1);
	if (config->n_allow_private)
		memcpy(allow, config->allow_private, config->n_allow_private * sizeof(*allow));
	w->allow = allow;
	w->n_allow = config->n_allow_private;
	return w;
}

static void message_free(struct message *m)
{
	if (m)
		arena_free(m->arena); /* m lies in it */
}

struct channel_web *channel_web_free(struct channel_web *w)
{
	struct message *m;
	size_t i;

	if (!w)
		return NULL;
	if (w->making)
		w->making->web = NULL;
	fetch_cancel(w->transfer);
	message_free(w->now);
	while ((m = TAILQ_FIRST(&w->queue))) {
		TAILQ_REMOVE(&w->queue, m, entry);
		message_free(m);
	}
	loop_timer_free(w->timer);
	for (i = 0; w->params && i < w->params->platform->n_params; i++)
		if (w->params->secrets[i])
			secret_wipe((struct secret *)w->params->secrets[i]);
	buf_done(&w->ctx);
	arena_free(w->arena);
	free(w);
	return NULL;
}

/* --- one message --- */

static void finish(struct channel_web *w, const struct channel_result *result)
{
	struct message *m = w->now;

	w->now = NULL;
	w->n--;
	loop_timer_set(w->timer, 0);
	m->on_sent(m->arg, result); /* last use of w: it may be gone now */
	message_free(m);
}

static void fail(struct channel_web *w, const char *result, bool never, int64_t wait_ms, const char *words)
{
	finish(w, &(struct channel_result){.never = never, .result = result, .wait_ms = wait_ms, .answer = words});
}

/* Later messages may follow this one. */
static void note_id(struct channel_web *w, const struct message *m, const char *id)
{
	const struct notice_sent_as as = {.channel = w->name, .address = m->to, .matter = m->matter, .id = id};

	if (!m->matter || !id || m->way != CHANNEL_NEW)
		return;
	channel_earlier_note(w->earlier, &as);
	if (w->ops && w->ops->on_sent_as)
		w->ops->on_sent_as(w->arg, &as);
}

/* Nothing of the message can have arrived. */
static bool reached_nobody(enum fetch_outcome o)
{
	return (o >= FETCH_BAD_URL && o <= FETCH_CONNECT) || (o >= FETCH_TLS && o <= FETCH_TLS_UNTRUSTED);
}

static void make(struct channel_web *w);

static void conclude(struct channel_web *w, const struct channel_verdict *v, int status)
{
	static const struct {
		const char *name;
		bool never;
	} results[] = {[CHANNEL_TAKEN] = {"sent", false},      [CHANNEL_LATER] = {"later", false},
		       [CHANNEL_LIMITED] = {"limited", false}, [CHANNEL_NEVER] = {"refused", true},
		       [CHANNEL_LOGIN] = {"login", true},      [CHANNEL_GONE] = {"refused", true}};
	int64_t now_ms = clock_steady_ms();

	if (v->outcome == CHANNEL_LATER)
		channel_failed(&w->health, now_ms);
	else if (v->outcome == CHANNEL_LIMITED)
		channel_limited(&w->health, v->wait_ms ? v->wait_ms : CHANNEL_PAUSE_MS, now_ms);
	else
		channel_worked(&w->health);
	if (v->outcome == CHANNEL_GONE && w->now->way != CHANNEL_NEW) {
		w->now->way = CHANNEL_NEW;
		w->now->id = NULL;
		make(w);
		return;
	}
	if (v->outcome == CHANNEL_TAKEN)
		note_id(w, w->now, v->id);
	finish(w, &(struct channel_result){.taken = v->outcome == CHANNEL_TAKEN,
					   .never = results[v->outcome].never,
					   .maybe = v->maybe,
					   .result = status || v->outcome != CHANNEL_LATER ? results[v->outcome].name
											   : "away",
					   .code = status,
					   .wait_ms = v->outcome == CHANNEL_LIMITED ? w->health.limited_ms - now_ms : 0,
					   .id = v->id                        ? v->id
						 : w->now->way == CHANNEL_NEW ? NULL
									      : w->now->id,
					   .answer = v->words});
}

static void on_fetched(struct fetch_result *f, void *arg)
{
	struct channel_web *w = arg;
	cleanup(arena_freep) struct arena *a = arena_new(MESSAGE_MAX_BYTES);
	bool answered =
		f->outcome <= FETCH_HTTP || (f->outcome >= FETCH_REDIRECT_LOOP && f->outcome <= FETCH_REDIRECT_SCHEME);
	const struct channel_said said = {
		.status = answered ? f->status : 0,
		.body = buf_str(&f->body),
		.len = f->body.len < CHANNEL_ANSWER_MAX_BYTES ? f->body.len : 0,
		.retry_after_ms = f->retry_after_ms,
		.failure = f->detail && *f->detail ? f->detail : f->class_name,
		.maybe = !answered && !reached_nobody(f->outcome),
	};
	struct channel_verdict v;

	w->transfer = NULL;
	if (w->now->dry &&
	    f->outcome == FETCH_OK) { /* that says nothing of what it would have answered: its health stays */
		finish(w, &(struct channel_result){.taken = true, .result = "sent", .answer = "connected"});
		return;
	}
	channel_judge(w->kind, w->params, &said, a, &v);
	conclude(w, &v, said.status);
}

static void ask(struct channel_web *w, const char *made, size_t len)
{
	const struct message *m = w->now;
	const struct channel_call call = {.way = m->way,
					  .to = m->to,
					  .id = m->id,
					  .key = m->key,
					  .matter = m->matter,
					  .made = made,
					  .made_len = len,
					  .now_ms = clock_wall_ms()};
	cleanup(arena_freep) struct arena *a = arena_new(MESSAGE_MAX_BYTES);
	struct fetch_header *headers;
	struct request q;
	const char *why = "";
	size_t i;

	if (channel_request_make(w->kind, w->params, &call, a, &q, &why) != 0) {
		fail(w, "failed", true, 0, arena_printf(a, "its request can't be made: %s", why));
		return;
	}
	headers = ARENA_ARRAY(a, struct fetch_header, q.n_headers + 1);
	for (i = 0; i < q.n_headers; i++)
		headers[i] = (struct fetch_header){q.headers[i].name, q.headers[i].value};
	channel_left(&w->health, w->kind->limits->gap_ms, clock_steady_ms());
	w->transfer = fetch_start(w->fetch,
				  &(struct fetch_request){.url = q.url,
							  .accept = "application/json",
							  .user = q.user,
							  .password = q.password,
							  .allow_private = w->allow,
							  .n_allow_private = w->n_allow,
							  .max_bytes = CHANNEL_ANSWER_MAX_BYTES,
							  .connect_ms = CONNECT_MS,
							  .total_ms = (uint32_t)w->timeout_ms,
							  .headers = headers,
							  .n_headers = q.n_headers,
							  .post = true,
							  .method = channel_method_names[w->kind->ways[m->way]->method],
							  .body = q.body,
							  .body_len = q.body_len,
							  .stay = true,
							  .connect_only = m->dry,
							  .apart = true},
				  on_fetched, w);
	if (!w->transfer)
		fail(w, "later", false, 0, "too many requests are under way");
}

void channels_made(struct channel_making *t, bool done, bool made, const char *text, size_t len)
{
	struct channel_web *w = t->web;

	free(t);
	if (!w)
		return;
	w->making = NULL;
	if (made) {
		ask(w, text, len);
	} else {
		cleanup(freep) char *why = xstrndup(text, len);

		LOG_WARN("channel.body", LOG_S("channel", w->name), LOG_S("key", w->now->key), LOG_S("why", why));
		fail(w, "failed", done, 0, why);
	}
}

static const char *document_of(const struct message *m, struct buf *b)
{
	if (!m->id)
		return m->document;
	notice_object_json_after(m->document, m->id, b);
	return buf_str(b);
}

static void make(struct channel_web *w)
{
	cleanup(freep) char *map = xasprintf(CHANNEL_MAP_PREFIX "%s", w->kind->base.name);
	cleanup(buf_done) struct buf document = BUF_INIT(NOTICE_OBJECT_MAX_BYTES + NOTICE_EARLIER_MAX_BYTES);
	const struct job_body job = {.map = map,
				     .program = channel_way_names[w->now->way],
				     .ctx = buf_str(&w->ctx),
				     .document = document_of(w->now, &document)};

	w->making = NEW(struct channel_making);
	w->making->web = w;
	if (w->ops && w->ops->make && w->ops->make(w->arg, w->name, &job, w->making))
		return;
	free(w->making);
	w->making = NULL;
	fail(w, "later", false, 0, "no reader takes its body at present");
}

/* Only now, since the message before it may have begun the matter: what that is called is known as soon as it was taken. */
static void find_its_way(struct channel_web *w, struct message *m)
{
	if (m->way == CHANNEL_PRESSED)
		return;
	if (!m->id)
		m->id = arena_strdup(m->arena, channel_earlier_find(w->earlier, w->name, m->to, m->matter));
	m->way = channel_way_for(w->kind, m->matter != NULL, m->id != NULL, m->quiet, m->ended);
}

static struct message *take_next(struct channel_web *w)
{
	struct message *m = TAILQ_FIRST(&w->queue);

	TAILQ_REMOVE(&w->queue, m, entry);
	find_its_way(w, m);
	return m;
}

static void pump(struct channel_web *w)
{
	int64_t wait_ms;

	if (w->now || TAILQ_EMPTY(&w->queue))
		return;
	switch (channel_gate(&w->health, clock_steady_ms(), &wait_ms)) {
	case CHANNEL_GAP:
		loop_timer_set(w->timer, wait_ms);
		return;
	case CHANNEL_OPEN:
		w->now = take_next(w);
		make(w);
		return;
	case CHANNEL_HELD:
		w->now = take_next(w);
		fail(w, "limited", false, wait_ms, "the receiver asked us to wait");
		return;
	case CHANNEL_BROKEN:
		w->now = take_next(w);
		fail(w, "down", true, wait_ms, "this channel did not work lately; it is left alone for a while");
		return;
	}
}

bool channel_web_send(struct channel_web *w, const struct notice_object *o,
		      void (*on_sent)(void *arg, const struct channel_result *result), void *arg)
{
	cleanup(buf_done) struct buf document = BUF_INIT(NOTICE_OBJECT_MAX_BYTES);
	struct notice_object alone = *o;
	struct arena *a;
	struct message *m;

	alone.earlier = NULL;
	notice_object_json(&alone, &document);
	if (!w->kind || w->n == CHANNEL_QUEUE_MAX || document.full)
		return false;
	a = arena_new(MESSAGE_MAX_BYTES);
	m = ARENA_NEW(a, struct message);
	m->arena = a;
	m->document = arena_memdup0(a, buf_str(&document), document.len);
	m->to = arena_strdup(a, o->to);
	m->id = arena_strdup(a, o->earlier);
	m->key = arena_strdup(a, o->key);
	m->matter = arena_strdup(a, o->matter);
	m->quiet = o->quiet;
	m->ended = o->ended;
	m->dry = o->dry;
	m->way = o->kind == NOTICE_PRESSED && w->kind->ways[CHANNEL_PRESSED] ? CHANNEL_PRESSED : CHANNEL_NEW;
	m->on_sent = on_sent;
	m->arg = arg;
	TAILQ_INSERT_TAIL(&w->queue, m, entry);
	w->n++;
	if (!w->now && !loop_timer_is_set(w->timer))
		loop_timer_set(w->timer, 0);
	return true;
}
