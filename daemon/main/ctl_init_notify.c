/* init: who is told of a crisis or a deaf source, and by what. One person and one channel; the manual has the rest. */
#include "main/ctl_init_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/mem.h"
#include "main/ctl.h"
#include "main/ctl_command.h"
#include "main/ctl_name.h"

#define INIT_PLAYBOOK "playbooks/crisis.md"

enum { TOPIC_BYTES = 80 };

void init_notify_done(struct init_notify *n)
{
	free(n->person);
	free(n->to);
	free(n->server);
	free(n->secret);
}

const char *init_notify_secret_file(const struct init_notify *n)
{
	if (n->channel == INIT_TELEGRAM)
		return "secrets/telegram";
	return n->channel == INIT_MAIL ? "secrets/smtp" : NULL;
}

/* --- questions --- */

static const struct {
	const char *word;
	enum init_channel channel;
} words[] = {
	{"ntfy", INIT_NTFY},       {"telegram", INIT_TELEGRAM},  {"correo", INIT_MAIL},
	{"mail", INIT_MAIL},       {"email", INIT_MAIL},         {"e-mail", INIT_MAIL},
	{"none", INIT_NO_CHANNEL}, {"ninguno", INIT_NO_CHANNEL}, {"no", INIT_NO_CHANNEL},
};

static bool channel_known(struct asking *q, const char *text)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(words[i].word, text) == 0) {
			q->a->notify.channel = words[i].channel;
			return true;
		}
	}
	CTL_COMPLAIN(q->c, TEXT_INIT_CHANNEL_UNKNOWN, text);
	return false;
}

static bool set_channel(struct asking *q, const char *given)
{
	int tries;

	if (given)
		return channel_known(q, given);
	for (tries = 0; tries < INIT_ASK_TRIES; tries++) {
		cleanup(freep) char *answer = init_ask(q, TEXT_INIT_ASK_CHANNEL, NULL);

		if (!answer || channel_known(q, answer))
			break;
	}
	return true;
}

static void set_person(struct asking *q, const char *given)
{
	cleanup(freep) char *answer =
		given ? NULL : init_ask(q, TEXT_INIT_ASK_PERSON, text_raw(q->c->lang, TEXT_INIT_PERSON));
	const char *name = given ? given : answer;

	q->a->notify.person = name_slug(name ? name : text_raw(q->c->lang, TEXT_INIT_PERSON));
	if (!*q->a->notify.person) { /* a name in another script */
		free(q->a->notify.person);
		q->a->notify.person = xstrdup(text_raw(q->c->lang, TEXT_INIT_PERSON));
	}
}

/* Somebody, one @, a host: what the configuration will take, and nothing that could end a line or a quote. */
static bool is_mail(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at > text && at[1] && !strchr(at + 1, '@') && strchr(at, '.') && at[strlen(at) - 1] != '.' &&
	       !text[strcspn(text, " <>\"',;:()[]\\")];
}

static bool set_mail(struct asking *q, const char *given)
{
	struct init_notify *n = &q->a->notify;
	int tries;

	n->to = given ? name_clean(given, strlen(given)) : NULL;
	for (tries = 0; tries < INIT_ASK_TRIES && !n->to; tries++) {
		n->to = init_ask(q, TEXT_INIT_ASK_MAIL, NULL);
		if (!n->to)
			break;
		if (is_mail(n->to))
			return true;
		CTL_COMPLAIN(q->c, TEXT_INIT_MAIL_WRONG, n->to);
		free(n->to);
		n->to = NULL;
	}
	if (n->to && is_mail(n->to))
		return true;
	if (given) {
		CTL_COMPLAIN(q->c, TEXT_INIT_MAIL_WRONG, given);
		return false;
	}
	n->channel = INIT_NO_CHANNEL; /* no address, no mail: it can be added later */
	return true;
}

static bool smtp_right(struct asking *q, const char *url)
{
	const char *host = strncmp(url, "smtps://", 8) == 0 ? url + 8 : strncmp(url, "smtp://", 7) == 0 ? url + 7 : "";

	if (*host && !host[strcspn(host, "/@?# '\"")])
		return true;
	CTL_COMPLAIN(q->c, TEXT_INIT_SMTP_WRONG, url);
	return false;
}

static bool set_smtp(struct asking *q, const char *given)
{
	struct init_notify *n = &q->a->notify;
	cleanup(freep) char *usual = xasprintf("smtps://smtp.%s", strchr(n->to, '@') + 1);
	int tries;

	if (given && !smtp_right(q, given))
		return false;
	n->server = given ? xstrdup(given) : NULL;
	for (tries = 0; tries < INIT_ASK_TRIES && !n->server; tries++) {
		char *answer = init_ask(q, TEXT_INIT_ASK_SMTP, usual);

		if (!answer)
			break;
		if (smtp_right(q, answer))
			n->server = answer;
		else
			free(answer);
	}
	if (!n->server)
		n->server = xstrdup(usual);
	return true;
}

/* Whoever knows it can read what is sent there: nobody shall guess it. */
static char *ntfy_topic(void)
{
	uint64_t chance[2];

	if (getrandom(chance, sizeof(chance), 0) != sizeof(chance))
		abort(); /* so few bytes are always there, or never */
	return xasprintf("escuchad-%016" PRIx64 "%016" PRIx64, chance[0], chance[1]);
}

bool init_notify_ask(struct asking *q, const struct init_notify_given *given)
{
	struct init_notify *n = &q->a->notify;

	if (!set_channel(q, given->channel))
		return false;
	if (n->channel == INIT_MAIL && !set_mail(q, given->to))
		return false;
	if (n->channel == INIT_NO_CHANNEL)
		return true;
	if (n->channel == INIT_MAIL && !set_smtp(q, given->smtp))
		return false;
	if (n->channel == INIT_NTFY)
		n->to = ntfy_topic();
	else
		n->secret = init_ask_secret(q, n->channel == INIT_MAIL ? TEXT_INIT_ASK_PASSWORD : TEXT_INIT_ASK_BOT);
	set_person(q, given->person);
	return true;
}

/* --- what becomes of it --- */

#define COMMENT(b, a, id, ...) init_put_comment((b), "", (a)->lang, (id), TEXT_ARGS(__VA_ARGS__))

static void put_channel(struct buf *b, const struct init_answers *a, const char *name)
{
	const struct init_notify *n = &a->notify;
	const char *secret = init_notify_secret_file(n);

	buf_printf(b, "channels:\n  - name: %s\n", name);
	if (n->channel == INIT_NTFY)
		buf_puts(b, "    kind: ntfy\n");
	if (n->channel == INIT_TELEGRAM)
		buf_printf(b, "    kind: telegram\n    token: {file: %s}\n", secret);
	if (n->channel == INIT_MAIL) {
		buf_puts(b, "    kind: smtp\n    url: ");
		name_yaml(b, n->server);
		buf_puts(b, "\n    from: ");
		name_yaml(b, n->to);
		buf_puts(b, "\n    user: ");
		name_yaml(b, n->to);
		buf_printf(b, "\n    password: {file: %s}\n", secret);
	}
}

void init_notify_put(struct buf *b, const struct init_answers *a)
{
	const struct init_notify *n = &a->notify;
	const char *name = text_raw(a->lang, TEXT_INIT_CHANNEL);

	if (n->channel == INIT_NO_CHANNEL) {
		COMMENT(b, a, TEXT_INIT_FILE_PLAYBOOK);
		buf_puts(b, "# defaults:\n#   escalation: casa\n#   playbook: " INIT_PLAYBOOK "\n");
		return;
	}
	COMMENT(b, a, TEXT_INIT_FILE_CHANNEL, name);
	put_channel(b, a, name);
	buf_printf(b, "people:\n  - name: %s\n    quiet: '22:00-07:00'\n    reach:\n", n->person);
	if (n->channel == INIT_NTFY)
		init_put_comment(b, "      ", a->lang, TEXT_INIT_FILE_NTFY, TEXT_ARGS(NULL));
	buf_printf(b, "      - %s: ", name);
	name_yaml(b, n->to ? n->to : "paired");
	buf_putc(b, '\n');
	COMMENT(b, a, TEXT_INIT_FILE_ESCALATION);
	buf_printf(
		b,
		"operators: [%s]\nescalations:\n  - name: casa\n    warning:\n      - after: 0s\n        notify: [%s]\n"
		"    critical:\n      - after: 0s\n        notify: [%s]\n    repeat: 30m\n",
		n->person, n->person, n->person);
	COMMENT(b, a, TEXT_INIT_FILE_STEPS);
	buf_puts(b, "defaults:\n  escalation: casa\n  playbook: " INIT_PLAYBOOK "\n");
}

void init_notify_next(const struct ctl *c, const struct init_answers *a, const char *folder)
{
	const struct init_notify *n = &a->notify;
	const char *name = text_raw(a->lang, TEXT_INIT_CHANNEL), *secret = init_notify_secret_file(n);
	cleanup(freep) char *file = secret ? xasprintf("%s/%s", folder, secret) : NULL;

	if (n->channel == INIT_NO_CHANNEL)
		return;
	if (secret && !n->secret)
		CTL_SAY(c, TEXT_INIT_NEXT_SECRET, file);
	if (n->channel == INIT_NTFY)
		CTL_SAY(c, TEXT_INIT_NEXT_NTFY, n->to);
	if (n->channel == INIT_TELEGRAM)
		CTL_SAY(c, TEXT_INIT_NEXT_PAIR, n->person, folder);
	CTL_SAY(c, TEXT_INIT_NEXT_CHANNEL, name, folder);
}
