/* init: asks, or takes the answers from options. */
#include "main/ctl_init_inside.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "main/ctl.h"
#include "main/ctl_command.h"
#include "main/ctl_name.h"
#include "main/timezone.h"

char *init_ask(struct asking *q, enum text_id question, const char *otherwise)
{
	cleanup(freep) char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	char *clean;

	if (!q->ask || q->ended)
		return NULL;
	printf("%s", text_raw(q->c->lang, question));
	if (otherwise)
		printf(" [%s]", otherwise);
	printf(" ");
	fflush(stdout);
	len = getline(&line, &cap, stdin);
	if (len < 0) {
		q->ended = true;
		putchar('\n');
		return NULL;
	}
	clean = name_clean(line, (size_t)len);
	if (*clean)
		return clean;
	free(clean);
	return NULL;
}

char *init_ask_secret(struct asking *q, enum text_id question)
{
	struct termios shown, hidden;
	bool hides = q->ask && !q->ended && tcgetattr(STDIN_FILENO, &shown) == 0;
	char *answer;

	if (hides) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	answer = init_ask(q, question, NULL);
	if (hides) {
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &shown);
		putchar('\n');
	}
	return answer;
}

static bool ask_whether(struct asking *q, enum text_id question, bool otherwise)
{
	int tries;

	for (tries = 0; tries < INIT_ASK_TRIES; tries++) {
		cleanup(freep) char *answer =
			init_ask(q, question, text_raw(q->c->lang, otherwise ? TEXT_INIT_YES : TEXT_INIT_NO));

		if (!answer)
			return otherwise;
		if (strchr("sSyY", answer[0])) /* sí, yes; also where the language is the other one */
			return true;
		if (strchr("nN", answer[0]))
			return false;
		CTL_SAY(q->c, TEXT_INIT_YES_OR_NO);
	}
	return otherwise;
}

/* Something must be there that a word list can look for. */
static bool is_name(const char *text)
{
	for (; *text; text++)
		if ((*text & 0x80) || (*text >= '0' && *text <= '9') ||
		    ((*text | 0x20) >= 'a' && (*text | 0x20) <= 'z'))
			return true;
	return false;
}

static void keep_names(struct init_list *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		if (is_name(l->v[i]))
			l->v[n++] = l->v[i];
		else
			free(l->v[i]);
	}
	l->n = n;
}

static void ask_list(struct asking *q, enum text_id question, struct init_list *l)
{
	cleanup(freep) char *answer = l->n ? NULL : init_ask(q, question, NULL);

	if (answer)
		init_list_add(l, answer);
	keep_names(l);
}

static bool set_language(struct asking *q, const char *given)
{
	enum text_lang lang = q->c->lang;

	if (given && strcmp(given, "es") != 0 && strcmp(given, "en") != 0) {
		CTL_COMPLAIN(q->c, TEXT_INIT_LANGUAGE_UNKNOWN, given);
		return false;
	}
	if (given) {
		lang = text_lang_of(given);
	} else {
		cleanup(freep) char *answer = init_ask(q, TEXT_INIT_ASK_LANGUAGE, lang == TEXT_ES ? "es" : "en");

		if (answer && strncasecmp(answer, "es", 2) == 0) /* es, español, Spanish is not asked for by this */
			lang = TEXT_ES;
		else if (answer && (strncasecmp(answer, "en", 2) == 0 || strncasecmp(answer, "in", 2) == 0))
			lang = TEXT_EN;
	}
	q->c->lang = q->a->lang = lang;
	return true;
}

static bool set_brand(struct asking *q, const char *given)
{
	int tries;

	q->a->brand = given ? name_clean(given, strlen(given)) : NULL;
	for (tries = 0; tries < INIT_ASK_TRIES && !q->a->brand; tries++) {
		q->a->brand = init_ask(q, TEXT_INIT_ASK_BRAND, NULL);
		if (q->a->brand && !is_name(q->a->brand)) {
			free(q->a->brand);
			q->a->brand = NULL;
		}
	}
	if (q->a->brand && is_name(q->a->brand))
		return true;
	CTL_COMPLAIN(q->c, TEXT_INIT_NO_BRAND);
	return false;
}

/* "acme" is meant as "@acme"; "acme.com" is a site. */
static void mend_handles(struct init_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		char *with;

		if (l->v[i][0] == '@' || strchr(l->v[i], '.'))
			continue;
		with = xasprintf("@%s", l->v[i]);
		free(l->v[i]);
		l->v[i] = with;
	}
}

static bool country_known(struct asking *q, const char *text)
{
	const char *guess;

	q->a->country = country_find(text);
	if (q->a->country)
		return true;
	guess = country_guess(text, q->c->lang);
	if (guess)
		CTL_COMPLAIN(q->c, TEXT_INIT_COUNTRY_GUESS, text, guess);
	else
		CTL_COMPLAIN(q->c, TEXT_INIT_COUNTRY_UNKNOWN, text);
	return false;
}

static bool set_country(struct asking *q, const char *given)
{
	cleanup(freep) char *zone = zone_of_machine();
	const struct country *usual = country_of_zone(zone);
	int tries;

	if (given)
		return country_known(q, given);
	if (!usual)
		usual = country_find(q->c->lang == TEXT_ES ? "MX" : "US");
	for (tries = 0; tries < INIT_ASK_TRIES; tries++) {
		cleanup(freep) char *answer = init_ask(q, TEXT_INIT_ASK_COUNTRY, usual->names[q->c->lang]);

		if (!answer)
			break;
		if (country_known(q, answer))
			return true;
	}
	q->a->country = usual;
	return true;
}

static bool zone_right(const struct asking *q, const char *zone)
{
	cleanup(freep) char *guess = NULL;

	if (timezone_known(zone))
		return true;
	guess = timezone_guess(zone);
	if (guess)
		CTL_COMPLAIN(q->c, TEXT_INIT_ZONE_GUESS, zone, guess);
	else
		CTL_COMPLAIN(q->c, TEXT_INIT_ZONE_UNKNOWN, zone);
	return false;
}

static bool set_zone(struct asking *q, const char *given)
{
	cleanup(freep) char *machine = zone_of_machine();
	const char *usual = machine && !country_of_zone(machine) ? machine : q->a->country->zone;
	int tries;

	if (machine && country_of_zone(machine) == q->a->country)
		usual = machine;
	if (given && !zone_right(q, given))
		return false;
	q->a->zone = given ? xstrdup(given) : NULL;
	for (tries = 0; tries < INIT_ASK_TRIES && !q->a->zone; tries++) {
		char *answer = init_ask(q, TEXT_INIT_ASK_ZONE, usual);

		if (!answer)
			break;
		if (zone_right(q, answer))
			q->a->zone = answer;
		else
			free(answer);
	}
	if (!q->a->zone)
		q->a->zone = xstrdup(usual);
	return true;
}

static bool feeds_right(struct asking *q)
{
	struct init_list *l = &q->a->feeds;
	size_t i, n = 0;
	bool right = true;

	for (i = 0; i < l->n; i++) {
		if (name_is_web_address(l->v[i])) {
			l->v[n++] = l->v[i];
			continue;
		}
		CTL_COMPLAIN(q->c, TEXT_INIT_FEED_WRONG, l->v[i]);
		free(l->v[i]);
		right = false;
	}
	l->n = n;
	return right;
}

static bool set_feeds(struct asking *q, const struct ctl_list *given)
{
	size_t i;
	int tries;

	for (i = 0; i < given->n; i++)
		if (q->a->feeds.n < INIT_LIST_MAX) /* not split: an address may hold a comma */
			q->a->feeds.v[q->a->feeds.n++] = xstrdup(given->v[i]);
	if (given->n)
		return feeds_right(q);
	for (tries = 0; tries < INIT_ASK_TRIES; tries++) {
		cleanup(freep) char *answer = init_ask(q, TEXT_INIT_ASK_FEEDS, NULL);

		if (!answer)
			return true;
		init_list_add(&q->a->feeds, answer);
		if (feeds_right(q))
			return true;
	}
	return true;
}

static bool set_opml(struct asking *q, const char *given)
{
	cleanup(freep) char *answer = given ? NULL : init_ask(q, TEXT_INIT_ASK_OPML, NULL);
	const char *path = given ? given : answer;

	if (!path)
		return true;
	q->a->opml = realpath(path, NULL);
	if (q->a->opml && utf8_valid_text(q->a->opml, strlen(q->a->opml)))
		return true;
	ctl_complain_errno(q->c, TEXT_CTL_FILE, path, errno);
	free(q->a->opml);
	q->a->opml = NULL;
	return !given; /* asked again is not needed: it can be added later */
}

static bool set_redis(struct asking *q, const char *given)
{
	static const char usual[] = "redis://127.0.0.1:6379/0";

	if (given) {
		if (strncmp(given, "redis://", 8) != 0 && strncmp(given, "unix://", 7) != 0) {
			CTL_COMPLAIN(q->c, TEXT_INIT_REDIS_WRONG, given);
			return false;
		}
		q->a->redis = name_clean(given, strlen(given));
	} else if (ask_whether(q, TEXT_INIT_ASK_REDIS, false)) {
		q->a->redis = xstrdup(usual);
	}
	return true;
}

struct given {
	const char *lang, *brand, *handles, *competitors, *country, *industry, *opml, *zone, *redis;
	struct ctl_list feeds;
	struct init_notify_given notify;
	bool news, no_news, yes;
};

/* False: told; a usage error. */
static bool answer_all(struct asking *q, const struct given *g)
{
	struct init_answers *a = q->a;

	if (!set_language(q, g->lang) || !set_brand(q, g->brand))
		return false;
	init_list_add(&a->handles, g->handles ? g->handles : "");
	init_list_add(&a->competitors, g->competitors ? g->competitors : "");
	init_list_add(&a->industry, g->industry ? g->industry : "");
	ask_list(q, TEXT_INIT_ASK_HANDLES, &a->handles);
	mend_handles(&a->handles);
	ask_list(q, TEXT_INIT_ASK_COMPETITORS, &a->competitors);
	if (!set_country(q, g->country))
		return false;
	ask_list(q, TEXT_INIT_ASK_INDUSTRY, &a->industry);
	a->news = g->news || (!g->no_news && ask_whether(q, TEXT_INIT_ASK_NEWS, true));
	return set_feeds(q, &g->feeds) && set_opml(q, g->opml) && set_zone(q, g->zone) && set_redis(q, g->redis) &&
	       init_notify_ask(q, &g->notify);
}

static bool is_text(const char *s)
{
	return !s || utf8_valid_text(s, strlen(s));
}

static bool check(const struct ctl_call *call)
{
	const struct given *g = call->values;
	bool right = is_text(g->brand) && is_text(g->handles) && is_text(g->competitors) && is_text(g->country) &&
		     is_text(g->industry) && is_text(g->opml) && is_text(g->zone) && is_text(g->redis) &&
		     is_text(g->lang) && is_text(g->notify.channel) && is_text(g->notify.person) &&
		     is_text(g->notify.to) && is_text(g->notify.smtp) && is_text(call->args[0]);
	size_t i;

	for (i = 0; right && i < g->feeds.n; i++)
		right = is_text(g->feeds.v[i]);
	if (!right)
		CTL_COMPLAIN(call->ctl, TEXT_CTL_NOT_UTF8);
	return right;
}

static int run(const struct ctl_call *call)
{
	const struct given *g = call->values;
	struct ctl *c = call->ctl;
	struct init_answers answers = {.lang = c->lang};
	struct asking q = {.c = c, .a = &answers, .ask = !g->yes && !c->json};
	const char *folder = call->n ? call->args[0] : ".";
	struct init_files files;
	int r;

	if (!answer_all(&q, g)) {
		init_answers_done(&answers);
		return CTL_USAGE;
	}
	init_files_make(&answers, &files);
	r = init_files_write(c, folder, &files);
	if (!c->json && r == CTL_DONE)
		CTL_SAY(c, answers.news || answers.feeds.n || answers.opml ? TEXT_INIT_NEXT : TEXT_INIT_NEXT_SOURCES,
			folder);
	if (!c->json && r == CTL_DONE)
		init_notify_next(c, &answers, folder);
	else if (!c->json && r == CTL_NO)
		CTL_COMPLAIN(c, TEXT_INIT_NOT_ALL, folder);
	init_files_done(&files);
	init_answers_done(&answers);
	return r;
}

static const struct ctl_option options[] = {
	{"lang", 0, CTL_VALUE, offsetof(struct given, lang)},
	{"brand", 0, CTL_VALUE, offsetof(struct given, brand)},
	{"handles", 0, CTL_VALUE, offsetof(struct given, handles)},
	{"competitors", 0, CTL_VALUE, offsetof(struct given, competitors)},
	{"country", 0, CTL_VALUE, offsetof(struct given, country)},
	{"industry", 0, CTL_VALUE, offsetof(struct given, industry)},
	{"feed", 0, CTL_MANY, offsetof(struct given, feeds)},
	{"opml", 0, CTL_VALUE, offsetof(struct given, opml)},
	{"zone", 0, CTL_VALUE, offsetof(struct given, zone)},
	{"redis", 0, CTL_VALUE, offsetof(struct given, redis)},
	{"channel", 0, CTL_VALUE, offsetof(struct given, notify.channel)},
	{"person", 0, CTL_VALUE, offsetof(struct given, notify.person)},
	{"to", 0, CTL_VALUE, offsetof(struct given, notify.to)},
	{"smtp", 0, CTL_VALUE, offsetof(struct given, notify.smtp)},
	{"news", 0, CTL_FLAG, offsetof(struct given, news)},
	{"no-news", 0, CTL_FLAG, offsetof(struct given, no_news)},
	{"yes", 'y', CTL_FLAG, offsetof(struct given, yes)},
};
const struct ctl_command ctl_init = {
	.name = "init",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_INIT,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct given),
};
