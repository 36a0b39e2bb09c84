/* What comes to a source that a channel names as its `replies`: answers to our messages are no mentions. Who writes is known by what they
 * answer, the key of one message to one person, and by their address; or by the chat. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "alert/mail_reply.h"
#include "alert/notice_object.h"
#include "alert/notices.h"
#include "alert/ready.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "main/app_answers_inside.h"
#include "main/config_people.h"
#include "mention/mention.h"
#include "store/answers.h"

enum { KEY_LEN = NOTICE_KEY_SIZE - 1, FACTS_MAX_BYTES = 64 * 1024 };
#define FRESH_MS (7 * DAY_MS) /* an older answer is to something that is long over */

/* One answer, until it was done. */
struct incoming {
	struct app *app;
	char *channel, *from, *text;
	uint8_t mark[ANSWERS_MARK_BYTES];
	char person[INCIDENT_NAME_SIZE];
	uint64_t incident;
};

static void incoming_free(struct incoming *x)
{
	free(x->channel);
	free(x->from);
	free(x->text);
	free(x);
}

static void refused(struct incoming *x, const char *why)
{
	LOG_LIMITED("answer.refused", LOG_S("channel", x->channel), LOG_S("why", why), LOG_S("from", x->from));
	incoming_free(x);
}

/* --- what they are told --- */

/* A message of its own to them; it goes by the ways that all of theirs go. */
static void tell(struct app *a, const char *person, const char *subject, const char *text)
{
	cleanup(buf_done) struct buf b = BUF_INIT(FACTS_MAX_BYTES);
	cleanup(freep) char *matter = xasprintf("answer %s", person);
	char key[NOTICE_KEY_SIZE];
	struct notice_row row = {.key = key,
				 .kind = NOTICES_DELIVERY,
				 .matter = matter,
				 .person = person,
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

static void on_answer(void *arg, const char *text)
{
	struct incoming *x = arg;
	size_t len = strcspn(text, "\n");
	cleanup(freep) char *subject = xstrndup(text, len);

	tell(x->app, x->person, subject, text);
	incoming_free(x);
}

static void on_used(void *arg, int r)
{
	struct incoming *x = arg;

	if (r < 0) {
		refused(x, "used before");
		return;
	}
	app_answers_line(x->app, &(struct answers_line){.person = x->person, .incident = x->incident, .line = x->text},
			 on_answer, x);
}

/* Once, whatever comes twice: a mailbox that is read anew, a start in the middle of it. */
static void act(struct incoming *x)
{
	store_answer_use(x->app->store, x->mark, clock_wall_ms() + 2 * FRESH_MS, on_used, x);
}

/* --- mails --- */

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

	if (!p) {
		refused(x, "no message of ours");
	} else if (!writes_from(p, x->channel, x->from)) {
		refused(x, "another address");
	} else {
		snprintf(x->person, sizeof(x->person), "%s", person);
		x->incident = strtoull(matter, NULL, 10);
		act(x);
	}
}

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

static struct incoming *incoming_new(struct app *a, const struct channel_config *c, const struct mention *m)
{
	struct incoming *x = NEW(struct incoming);

	*x = (struct incoming){
		.app = a, .channel = xstrdup(c->name), .from = xstrdup(m->author.handle ? m->author.handle : "")};
	memcpy(x->mark, m->id, sizeof(x->mark));
	return x;
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
	x = incoming_new(a, c, m);
	x->text = xstrdup(buf_str(&own));
	store_answer_sent(a->store, key, on_sent, x);
	return true;
}

/* --- chats --- */

/* Whose chat it is: the platform vouches for that. "-1001234567890:5" is a message of the chat -1001234567890. */
static const struct person_config *chat_of(const struct config *c, const struct channel_config *channel,
					   const char *guid)
{
	size_t len = guid ? strcspn(guid, ":") : 0, i, k;

	for (i = 0; len && guid[len] && i < c->n_people; i++) {
		const struct person_config *p = &c->people[i];

		for (k = 0; k < p->n_reach; k++)
			if (p->reach[k].channel == channel && strlen(p->reach[k].address) == len &&
			    memcmp(p->reach[k].address, guid, len) == 0)
				return p;
	}
	return NULL;
}

static bool take_chat(struct app *a, const struct channel_config *c, const struct mention *m, bool news)
{
	const struct person_config *p = chat_of(a->config, c, m->guid);
	struct incoming *x;

	if (!p)
		return false;
	if (!news || m->published_ms < clock_wall_ms() - FRESH_MS)
		return true;
	x = incoming_new(a, c, m);
	x->text = xstrdup(m->text ? m->text : "");
	snprintf(x->person, sizeof(x->person), "%s", p->name);
	act(x);
	return true;
}

/* --- what a poll found --- */

bool app_answers_came(void *arg, const char *source, const struct mention *m, bool news)
{
	struct app *a = arg;
	const struct config *c = a->config;
	size_t i;

	if (a->once || !a->answers)
		return false;
	for (i = 0; i < c->n_channels; i++)
		if (c->channels[i].replies && strcmp(c->channels[i].replies, source) == 0 &&
		    (c->channels[i].kind == CHANNEL_SMTP ? take_mail : take_chat)(a, &c->channels[i], m, news))
			return true;
	return false;
}
