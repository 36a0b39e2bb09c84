#include "queue/sentinel.h"

#include <hiredis/hiredis.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/units.h"
#include "loop/loop.h"
#include "queue/command.h"
#include "queue/config.h"
#include "queue/exchange.h"
#include "queue/redis.h"
#include "queue/resp.h"

enum { QUESTION_MAX_BYTES = 64 * 1024, PORT_MAX = 65535 };

struct sentinel {
	sentinel_cb *on_master;
	void *arg;
	struct redis *redis;
	struct loop_timer *timer; /* SENTINEL_ASK_MS of one; or the end, told in a turn of its own */
	const struct queue_config *config;
	size_t at, left; /* who is asked, and how many may be after */
	size_t owed;     /* replies */
	bool ended;
	char why[EXCHANGE_WHY_MAX + 1];
};

static void note(struct sentinel *s, const char *text, size_t len)
{
	exchange_why(s->why, text, len);
}

static void note_text(struct sentinel *s, const char *text)
{
	note(s, text, strlen(text));
}

static void ask_one(struct sentinel *s)
{
	redis_open(s->redis, &s->config->redis.sentinels[s->at]);
	loop_timer_set(s->timer, SENTINEL_ASK_MS);
}

/* It is no help: the next one, or the end. */
static void go_on(struct sentinel *s)
{
	redis_close(s->redis);
	s->at = (s->at + 1) % s->config->redis.n_sentinels;
	if (s->left) {
		s->left--;
		ask_one(s);
	} else {
		s->ended = true;
		loop_timer_set(s->timer, 0);
	}
}

static void on_timer(void *arg)
{
	struct sentinel *s = arg;

	if (!s->ended) {
		note_text(s, "no Sentinel answers in time");
		go_on(s);
		return;
	}
	sentinel_stop(s);
	s->on_master(s->arg, NULL, s->why);
}

static void on_up(void *arg)
{
	cleanup(buf_done) struct buf b = BUF_INIT(QUESTION_MAX_BYTES);
	struct sentinel *s = arg;

	s->owed = 1;
	if (s->config->sentinel_password) {
		command_begin(&b, 2);
		command_text(&b, "AUTH");
		command_text(&b, secret_value(s->config->sentinel_password));
		s->owed++;
	}
	command_begin(&b, 3);
	command_text(&b, "SENTINEL");
	command_text(&b, "get-master-addr-by-name");
	command_text(&b, s->config->redis.master);
	redis_send(s->redis, &b, s->owed);
}

bool sentinel_master(const struct redisReply *reply, char host[SENTINEL_HOST_MAX_BYTES + 1], struct redis_address *ret)
{
	const struct redisReply *name, *port;
	int64_t n;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return false;
	name = reply->element[0];
	port = reply->element[1];
	if (!resp_is_text(name) || !name->len || name->len > SENTINEL_HOST_MAX_BYTES ||
	    memchr(name->str, 0, name->len) || !resp_is_text(port) || units_int(port->str, &n) != 0 || n < 1 ||
	    n > PORT_MAX)
		return false;
	memcpy(host, name->str, name->len);
	host[name->len] = '\0';
	*ret = (struct redis_address){.host = host, .port = (uint16_t)n};
	return true;
}

static void on_reply(void *arg, const struct redisReply *reply)
{
	struct sentinel *s = arg;
	char host[SENTINEL_HOST_MAX_BYTES + 1];
	struct redis_address master;

	if (resp_is_error(reply)) {
		note(s, reply->str, reply->len);
		go_on(s);
	} else if (--s->owed) {
		return;
	} else if (sentinel_master(reply, host, &master)) {
		sentinel_stop(s);
		s->on_master(s->arg, &master, NULL);
	} else {
		note_text(s, reply->type == REDIS_REPLY_NIL ? "no Sentinel knows a master of that name"
							    : "what answers is no Sentinel");
		go_on(s);
	}
}

static void on_down(void *arg, const char *why)
{
	struct sentinel *s = arg;

	note_text(s, why);
	go_on(s);
}

void sentinel_ask(struct sentinel *s, const struct queue_config *config, bool another)
{
	sentinel_stop(s);
	s->config = config;
	s->at = (s->at + another) % config->redis.n_sentinels;
	s->left = config->redis.n_sentinels - 1;
	ask_one(s);
}

void sentinel_stop(struct sentinel *s)
{
	redis_close(s->redis);
	loop_timer_stop(s->timer);
	s->ended = false;
}

struct sentinel *sentinel_new(struct loop *l, sentinel_cb *on_master, void *arg)
{
	static const struct redis_ops ops = {.on_up = on_up, .on_reply = on_reply, .on_down = on_down};
	struct sentinel *s = NEW(struct sentinel);

	*s = (struct sentinel){.on_master = on_master, .arg = arg};
	s->redis = redis_new(l, &ops, s);
	s->timer = loop_timer_new(l, on_timer, s);
	return s;
}

struct sentinel *sentinel_free(struct sentinel *s)
{
	if (s) {
		redis_free(s->redis);
		loop_timer_free(s->timer);
		free(s);
	}
	return NULL;
}
