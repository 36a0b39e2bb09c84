/* What comes to the source that a channel names as its `replies`: answers to our messages are no mentions. Each is kept before it is
 * done and taken off after, so that neither a mailbox that is read anew nor a crash in between does one twice, or none. Who writes a
 * mail is known by what they answer, the key of one message to one person, and by their address. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "alert/channel.h"
#include "alert/mail_reply.h"
#include "alert/notices.h"
#include "alert/ready.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "main/app_answers_inside.h"
#include "main/config_people.h"
#include "mention/mention.h"

enum { KEY_LEN = NOTICE_KEY_SIZE - 1, FACTS_MAX_BYTES = 64 * 1024, KEPT_MAX_BYTES = 128 * 1024 };
#define FRESH_MS (7 * DAY_MS) /* an older answer is to something that is long over */

struct incoming *incoming_new(struct app *a, const char *channel)
{
	struct incoming *x = NEW(struct incoming);

	x->app = a;
	x->channel = xstrdup(channel);
	return x;
}

void incoming_free(struct incoming *x)
{
	free(x->channel);
	free(x->from);
	free(x->text);
	free(x->key);
	free(x->chat);
	free(x->message);
	free(x->press);
	free(x->under);
	free(x);
}

static void on_done(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "answer.done", r);
}

void incoming_done(struct incoming *x)
{
	store_answer_done(x->app->store, x->mark, on_done, x->app);
}

static void refused(struct incoming *x, const char *why)
{
	LOG_LIMITED("answer.refused", LOG_S("channel", x->channel), LOG_S("why", why), LOG_S("from", x->from));
	incoming_free(x);
}

/* --- what they are told --- */

static void on_said(void *arg, const struct channel_result *r)
{
	struct incoming *x = arg;

	if (!r->taken)
		incoming_tell(x, x->text);
	incoming_free(x);
}

/* A message of its own to them. */
void incoming_tell(struct incoming *x, const char *text)
{
	struct app *a = x->app;
	size_t len = strcspn(text, "\n");
	cleanup(freep) char *subject = xstrndup(text, len);
	cleanup(buf_done) struct buf b = BUF_INIT(FACTS_MAX_BYTES);
	cleanup(freep) char *matter = xasprintf("answer %s", x->person);
	char key[NOTICE_KEY_SIZE];
	struct notice_row row = {.key = key,
				 .kind = NOTICES_DELIVERY,
				 .matter = matter,
				 .person = x->person,
				 .state = NOTICE_NEW,
				 .created_ms = clock_wall_ms(),
				 .next_ms = clock_wall_ms(),
				 .ended_ms = TIME_NONE};

	notices_key(key);
	ready_json(&(struct notice_object){.kind = NOTICE_CARD, .subject = subject, .text = text}, &b);
	row.facts = buf_str(&b);
	if (a->notices) /* kept before it leaves; what a crash loses is said again by who missed it */
		(void)notices_post(a->notices, &row);
}

/* To where they wrote from, below their mail; where that fails, by the ways that all of theirs go. */
static void tell_mail(struct incoming *x, const char *text)
{
	size_t len = strcspn(text, "\n");
	cleanup(freep) char *subject = xstrndup(text, len);
	char key[NOTICE_KEY_SIZE];
	struct notice_object o = {.kind = NOTICE_CARD,
				  .to = x->from,
				  .person = x->person,
				  .key = key,
				  .thread = x->key,
				  .subject = subject,
				  .text = text,
				  .now_ms = clock_wall_ms()};

	notices_key(key);
	free(x->text);
	x->text = xstrdup(text);
	if (x->app->notices && notices_say(x->app->notices, x->channel, &o, on_said, x))
		return;
	incoming_tell(x, text);
	incoming_free(x);
}

/* --- once --- */

static void on_mail_answer(void *arg, const char *text)
{
	struct incoming *x = arg;

	incoming_done(x);
	tell_mail(x, text);
}

static bool writes_from(const struct person_config *p, const char *channel, const char *from)
{
	size_t i;

	for (i = 0; from && i < p->n_reach; i++)
		if (strcmp(p->reach[i].name, channel) == 0 && strcasecmp(p->reach[i].address, from) == 0)
			return true;
	return p->group; /* several read it; none of them has its address */
}

static void on_sent(void *arg, int r, const char *person, const char *matter)
{
	struct incoming *x = arg;
	const struct person_config *p = r == 0 && person ? config_person(x->app->config, person) : NULL;

	if (!p || !writes_from(p, x->channel, x->from)) {
		incoming_done(x);
		refused(x, p ? "another address" : "no message of ours");
		return;
	}
	snprintf(x->person, sizeof(x->person), "%s", person);
	x->incident = strtoull(matter, NULL, 10);
	app_answers_line(x->app, &(struct answers_line){.person = x->person, .incident = x->incident, .line = x->text},
			 on_mail_answer, x);
}

static void run(struct incoming *x)
{
	if (x->chat)
		answers_do_chat(x);
	else
		store_answer_sent(x->app->store, x->key, on_sent, x);
}

static void on_taken(void *arg, int r)
{
	struct incoming *x = arg;

	if (r < 0)
		refused(x, r == -EEXIST ? "used before" : "not kept");
	else
		run(x);
}

void incoming_act(struct incoming *x)
{
	cleanup(buf_done) struct buf b = BUF_INIT(KEPT_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	struct store_said said;

	json_begin_object(&j, NULL);
	json_text(&j, "channel", x->channel);
	json_text(&j, "person", x->person);
	json_int(&j, "incident", (int64_t)x->incident);
	json_text(&j, "from", x->from);
	json_text(&j, "text", x->text);
	json_text(&j, "key", x->key);
	json_text(&j, "chat", x->chat);
	json_text(&j, "message", x->message);
	json_text(&j, "press", x->press);
	json_text(&j, "under", x->under);
	json_end_object(&j);
	memcpy(said.mark, x->mark, sizeof(said.mark));
	said.text = buf_str(&b);
	store_answer_take(x->app->store, &said, clock_wall_ms() + 2 * FRESH_MS, on_taken, x);
}

/* --- what a start finds --- */

static char *copy(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? xstrdup(s) : NULL;
}

/* NULL: it can't be read. */
static struct incoming *incoming_get(struct app *a, const struct store_said *said)
{
	json_t *o = json_loads(said->text, 0, NULL);
	const char *channel = json_string_value(json_object_get(o, "channel")),
		   *person = json_string_value(json_object_get(o, "person"));
	bool whole = channel && person && json_object_get(o, "text") &&
		     (json_object_get(o, "chat") || json_object_get(o, "key"));
	struct incoming *x = whole ? incoming_new(a, channel) : NULL;

	if (x) {
		memcpy(x->mark, said->mark, sizeof(x->mark));
		snprintf(x->person, sizeof(x->person), "%s", person);
		x->incident = (uint64_t)json_integer_value(json_object_get(o, "incident"));
		x->from = copy(o, "from");
		x->text = copy(o, "text");
		x->key = copy(o, "key");
		x->chat = copy(o, "chat");
		x->message = copy(o, "message");
		x->press = copy(o, "press");
		x->under = copy(o, "under");
	}
	json_decref(o);
	return x;
}

void answers_said_found(struct app_answers *k, const struct store_said *v, size_t n)
{
	size_t i;

	k->waiting = xcalloc(n + 1, sizeof(*k->waiting));
	for (i = 0; i < n; i++) {
		struct incoming *x = incoming_get(k->app, &v[i]);

		if (x)
			k->waiting[k->n_waiting++] = x;
	}
}

void answers_said_free(struct app_answers *k)
{
	while (k->n_waiting)
		incoming_free(k->waiting[--k->n_waiting]);
	free(k->waiting);
	k->waiting = NULL;
}

void app_answers_resume(struct app *a)
{
	struct app_answers *k = a->answers;
	size_t i, n = k->n_waiting;

	k->n_waiting = 0;
	for (i = 0; i < n; i++) {
		struct incoming *x = k->waiting[i];

		LOG_INFO("answer.resumed", LOG_S("channel", x->channel));
		run(x);
	}
}

/* --- mails --- */

/* "<KEY@example.com>", of a channel that writes from there. */
static bool key_of(const char *id, const struct channel_config *c, char key[NOTICE_KEY_SIZE])
{
	const char *domain = c->from ? strchr(c->from, '@') : NULL;
	size_t len = id ? strlen(id) : 0;

	if (!domain || len != 1 + KEY_LEN + strlen(domain) + 1 || *id != '<' || id[len - 1] != '>' ||
	    strspn(id + 1, "0123456789abcdef") != KEY_LEN || strncasecmp(id + 1 + KEY_LEN, domain, strlen(domain)) != 0)
		return false;
	memcpy(key, id + 1, KEY_LEN);
	key[KEY_LEN] = '\0';
	return true;
}

static bool take_mail(struct app *a, const struct channel_config *c, const struct mention *m, bool news)
{
	cleanup(buf_done) struct buf own = BUF_INIT(2 * MAIL_REPLY_MAX_BYTES);
	char key[NOTICE_KEY_SIZE];
	struct incoming *x;

	if (!key_of(m->parent, c, key))
		return false;
	if (!news || m->published_ms < clock_wall_ms() - FRESH_MS)
		return true;
	mail_reply_own(m->text ? m->text : "", &own);
	x = incoming_new(a, c->name);
	memcpy(x->mark, m->id, sizeof(x->mark));
	x->from = xstrdup(m->author.handle ? m->author.handle : "");
	x->text = xstrdup(buf_str(&own));
	x->key = xstrdup(key);
	incoming_act(x);
	return true;
}

/* --- what a poll found --- */

bool app_answers_came(void *arg, const char *source, const struct mention *m, bool news)
{
	struct app *a = arg;
	const struct config *c = a->config;
	bool press = m->kind && strcmp(m->kind, "press") == 0; /* of a message of ours, whoever pressed it */
	size_t i;

	if (a->once || !a->answers)
		return press;
	for (i = 0; i < c->n_channels; i++)
		if (c->channels[i].replies && strcmp(c->channels[i].replies, source) == 0 &&
		    (c->channels[i].kind == CHANNEL_SMTP ? take_mail : answers_take_chat)(a, &c->channels[i], m, news))
			return true;
	return press;
}
