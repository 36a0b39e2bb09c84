#include "alert/channel.h"

#include <string.h>
#include <sys/queue.h>

#include "alert/channel_command.h"
#include "alert/channel_earlier.h"
#include "alert/channel_web.h"
#include "alert/config.h"
#include "alert/mime.h"
#include "alert/notice_object.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "fetch/mail.h"
#include "loop/loop.h"

struct channel {
	LIST_ENTRY(channel) entry;
	struct channels *all;
	char *name;
	char *from;
	struct mailer *mailer; /* one of these three, by its kind */
	struct channel_web *web;
	struct channel_command *command;
	LIST_HEAD(, sending) sendings;
	bool retired; /* of an earlier configuration: goes when nothing is under way any more */
};

struct sending {
	LIST_ENTRY(sending) entry;
	struct channel *channel;
	void (*on_sent)(void *arg, const struct channel_result *result);
	void *arg;
};

struct channels {
	struct loop *loop;
	struct fetch *fetch;
	const struct channels_ops *ops;
	void *arg;
	struct channel_earlier *earlier;
	LIST_HEAD(, channel) list;
	size_t n_sending;
};

static struct channel *channel_free(struct channel *c)
{
	struct sending *s;

	LIST_REMOVE(c, entry);
	mailer_free(c->mailer);
	channel_web_free(c->web);
	channel_command_free(c->command);
	while ((s = LIST_FIRST(&c->sendings))) {
		LIST_REMOVE(s, entry);
		c->all->n_sending--;
		free(s);
	}
	free(c->name);
	free(c->from);
	free(c);
	return NULL;
}

struct channels *channels_new(struct loop *l, struct fetch *fetch, const struct channels_ops *ops, void *arg)
{
	struct channels *c = NEW(struct channels);

	c->loop = l;
	c->fetch = fetch;
	c->ops = ops;
	c->arg = arg;
	c->earlier = channel_earlier_new();
	LIST_INIT(&c->list);
	return c;
}

struct channels *channels_free(struct channels *c)
{
	if (!c)
		return NULL;
	while (!LIST_EMPTY(&c->list))
		channel_free(LIST_FIRST(&c->list));
	channel_earlier_free(c->earlier);
	free(c);
	return NULL;
}

static enum mail_tls tls_of(const struct channel_config *c)
{
	if (c->tls == CHANNEL_TLS_NONE)
		return MAIL_TLS_NONE;
	if (c->tls == CHANNEL_TLS_AUTO && channel_is_local(c->url) && strncmp(c->url, "smtp:", 5) == 0)
		return MAIL_TLS_LOCAL;
	return MAIL_TLS_NEEDED;
}

static struct mailer *mailer_of(struct channels *all, const struct channel_config *config)
{
	const struct mail_server server = {
		.url = config->url,
		.user = config->user,
		.password = secret_value(config->password),
		.ca_file = config->ca_file,
		.tls = tls_of(config),
		.timeout_ms = config->timeout_ms,
	};
	struct mailer *mailer = NULL;
	int r = mailer_new(all->loop, &server, &mailer);

	if (r < 0)
		LOG_ERROR("channel.failed", LOG_S("channel", config->name), LOG_S("error", strerror(-r)));
	return mailer;
}

static void add(struct channels *all, const struct channel_config *config)
{
	struct channel *c = NEW(struct channel);

	if (config->kind == CHANNEL_SMTP)
		c->mailer = mailer_of(all, config);
	else if (config->kind == CHANNEL_COMMAND)
		c->command = channel_command_new(all->loop, config);
	else if (all->fetch)
		c->web = channel_web_new(all->loop, all->fetch, config, all->earlier, all->ops, all->arg);
	c->all = all;
	c->name = xstrdup(config->name);
	c->from = config->from ? xstrdup(config->from) : NULL;
	LIST_INSERT_HEAD(&all->list, c, entry);
}

void channels_configure(struct channels *all, const struct channel_config *v, size_t n)
{
	struct channel *c, *next;
	size_t i;

	for (c = LIST_FIRST(&all->list); c; c = next) {
		next = LIST_NEXT(c, entry);
		c->retired = true;
		if (LIST_EMPTY(&c->sendings))
			channel_free(c);
	}
	for (i = 0; i < n; i++)
		add(all, &v[i]);
}

void channels_sent_as(struct channels *all, const struct notice_sent_as *as)
{
	channel_earlier_note(all->earlier, as);
}

static struct channel *find(const struct channels *all, const char *name)
{
	struct channel *c;

	LIST_FOREACH(c, &all->list, entry)
	{
		if (!c->retired && strcmp(c->name, name) == 0)
			return c;
	}
	return NULL;
}

static struct channel_result result_of(const struct mail_result *m)
{
	return (struct channel_result){
		.taken = m->outcome == MAIL_TAKEN,
		.never = m->outcome == MAIL_REFUSED || m->outcome == MAIL_LOGIN || m->outcome == MAIL_NO_TLS,
		.maybe = m->maybe,
		.result = m->outcome == MAIL_TAKEN ? "sent" : mail_outcome_name(m->outcome),
		.code = m->code,
		.answer = m->answer,
	};
}

static void free_retired(void *arg)
{
	channel_free(arg);
}

static void on_done(void *arg, const struct channel_result *result)
{
	struct sending *s = arg;
	struct channel *c = s->channel;

	LIST_REMOVE(s, entry);
	c->all->n_sending--;
	s->on_sent(s->arg, result);
	free(s);
	if (c->retired && LIST_EMPTY(&c->sendings))
		loop_defer(c->all->loop, free_retired, c); /* what called stands on it */
}

static void on_mailed(void *arg, const struct mail_result *m)
{
	struct channel_result result = result_of(m);

	on_done(arg, &result);
}

/* One that is too long goes without what else it has: its text is whole by itself. */
static void put_mail(const struct channel *c, const struct notice_object *m, struct buf *b)
{
	struct mime_message mail = {.from = c->from,
				    .to = m->to,
				    .subject = m->subject,
				    .body = m->text,
				    .html = m->html,
				    .files = m->files,
				    .n_files = m->n_files,
				    .key = m->key,
				    .thread = m->thread,
				    .lang = m->lang,
				    .now_ms = clock_wall_ms(),
				    .zone = m->zone};

	mime_put(b, &mail);
	if (!b->full)
		return;
	buf_reset(b);
	mail.html = NULL;
	mail.n_files = 0;
	mime_put(b, &mail);
}

static bool send_mail(struct channel *c, const struct notice_object *m, struct sending *s)
{
	struct buf b = BUF_INIT(CHANNEL_MESSAGE_MAX_BYTES);
	bool sent;

	put_mail(c, m, &b);
	if (m->dry)
		sent = !b.full && mail_try(c->mailer, on_mailed, s);
	else
		sent = !b.full && mail_send(c->mailer, c->from, m->to, buf_str(&b), b.len, on_mailed, s);
	buf_done(&b);
	return sent;
}

struct sending *channels_send(struct channels *all, const char *name, const struct notice_object *m,
			      void (*on_sent)(void *arg, const struct channel_result *result), void *arg)
{
	struct channel *c = find(all, name);
	struct sending *s;
	bool sent;

	if (!c)
		return NULL;
	s = NEW(struct sending);
	*s = (struct sending){.channel = c, .on_sent = on_sent, .arg = arg};
	sent = c->mailer    ? send_mail(c, m, s)
	       : c->web     ? channel_web_send(c->web, m, on_done, s)
	       : c->command ? channel_command_send(c->command, m, on_done, s)
			    : false;
	if (!sent) {
		free(s);
		return NULL;
	}
	LIST_INSERT_HEAD(&c->sendings, s, entry);
	all->n_sending++;
	return s;
}

size_t channels_sending(const struct channels *all)
{
	return all->n_sending;
}
