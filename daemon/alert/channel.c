#include "alert/channel.h"

#include <string.h>
#include <sys/queue.h>

#include "alert/config.h"
#include "alert/mime.h"
#include "alert/notice_object.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "fetch/mail.h"

struct channel {
	LIST_ENTRY(channel) entry;
	struct channels *all;
	char *name;
	char *from;
	struct mailer *mailer;
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
	LIST_HEAD(, channel) list;
	size_t n_sending;
};

static struct channel *channel_free(struct channel *c)
{
	struct sending *s;

	LIST_REMOVE(c, entry);
	mailer_free(c->mailer);
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

struct channels *channels_new(struct loop *l)
{
	struct channels *c = NEW(struct channels);

	c->loop = l;
	LIST_INIT(&c->list);
	return c;
}

struct channels *channels_free(struct channels *c)
{
	if (!c)
		return NULL;
	while (!LIST_EMPTY(&c->list))
		channel_free(LIST_FIRST(&c->list));
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

static void add(struct channels *all, const struct channel_config *config)
{
	const struct mail_server server = {
		.url = config->url,
		.user = config->user,
		.password = secret_value(config->password),
		.ca_file = config->ca_file,
		.tls = tls_of(config),
		.timeout_ms = config->timeout_ms,
	};
	struct channel *c = NEW(struct channel);
	int r = mailer_new(all->loop, &server, &c->mailer);

	if (r < 0)
		LOG_ERROR("channel.failed", LOG_S("channel", config->name), LOG_S("error", strerror(-r)));
	c->all = all;
	c->name = xstrdup(config->name);
	c->from = xstrdup(config->from);
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

static void on_mailed(void *arg, const struct mail_result *m)
{
	struct sending *s = arg;
	struct channel *c = s->channel;
	struct channel_result result = result_of(m);

	LIST_REMOVE(s, entry);
	c->all->n_sending--;
	s->on_sent(s->arg, &result);
	free(s);
	if (c->retired && LIST_EMPTY(&c->sendings))
		channel_free(c);
}

struct sending *channels_send(struct channels *all, const char *name, const struct notice_object *m,
			      void (*on_sent)(void *arg, const struct channel_result *result), void *arg)
{
	struct channel *c = find(all, name);
	struct buf b = BUF_INIT(CHANNEL_MESSAGE_MAX_BYTES);
	struct sending *s;

	if (!c || !c->mailer)
		return NULL;
	s = NEW(struct sending);
	*s = (struct sending){.channel = c, .on_sent = on_sent, .arg = arg};
	mime_put(&b, &(struct mime_message){.from = c->from,
					    .to = m->to,
					    .subject = m->subject,
					    .body = m->text,
					    .key = m->key,
					    .thread = m->thread,
					    .lang = m->lang,
					    .now_ms = clock_wall_ms(),
					    .zone = m->zone});
	if (b.full || !mail_send(c->mailer, c->from, m->to, buf_str(&b), b.len, on_mailed, s)) {
		free(s);
		s = NULL;
	} else {
		LIST_INSERT_HEAD(&c->sendings, s, entry);
		all->n_sending++;
	}
	buf_done(&b);
	return s;
}

size_t channels_sending(const struct channels *all)
{
	return all->n_sending;
}
