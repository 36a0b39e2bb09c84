/* Who follows a link of a message (alert/links): a page with a button; and what the button does, once. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "main/app_answers_inside.h"
#include "main/config_people.h"
#include "serve/page.h"
#include "store/answers.h"

/* One who follows a link, until they are answered. */
struct follower {
	struct app *app;
	struct reply *reply;
	struct link link;
	enum text_lang lang;
	bool post;
	char *note;
	char to[VERBS_NAME_SIZE];
};

static void follower_free(struct follower *f)
{
	free(f->note);
	free(f);
}

/* Answers, and ends it. */
static void show(struct follower *f, int status, const struct page *page)
{
	struct buf b = BUF_INIT(PAGE_MAX_BYTES);

	page_put(&b, page);
	reply_text(f->reply, status, "text/html; charset=utf-8", buf_str(&b), b.len);
	buf_done(&b);
	follower_free(f);
}

/* What can't be, in a sentence; and, where there is such a crisis, how it stands. */
static void sorry(struct follower *f, int status, enum text_id why)
{
	struct crisis_said how;
	bool known = f->link.incident && app_crisis_look(f->app->crisis, f->link.incident, &how);
	cleanup(freep) char *state = known ? answers_state(f->lang, &how) : NULL;
	struct page page = {.lang = f->lang,
			    .title = text_raw(f->lang, TEXT_PAGE_SORRY),
			    .sorry = true,
			    .lines = {text_raw(f->lang, why), state},
			    .n_lines = state ? 2 : 1};

	LOG_INFO("link.refused", LOG_I("incident", (int64_t)f->link.incident), LOG_S("who", f->link.person),
		 LOG_I("status", status));
	show(f, status, &page);
}

/* --- the page with the button --- */

static void ask(struct follower *f, const struct crisis_said *how)
{
	cleanup(freep) char *number = xasprintf("%" PRIu64, how->id);
	cleanup(freep) char *title = TEXT(f->lang, TEXT_PAGE_TITLE, number, how->topic);
	cleanup(freep) char *state = answers_state(f->lang, how);
	cleanup(freep) char *please = TEXT(f->lang, TEXT_PAGE_ASK, f->link.person);
	const struct config *c = f->app->config;
	const char *names[PAGE_CHOICES_MAX];
	struct page page = {.lang = f->lang,
			    .title = title,
			    .lines = {state, please},
			    .n_lines = 2,
			    .button = verb_label(f->link.verb, f->lang),
			    .note = text_raw(f->lang, TEXT_PAGE_NOTE),
			    .choices = names};
	size_t i;

	for (i = 0; i < c->n_people && page.n_choices < PAGE_CHOICES_MAX; i++)
		if (strcmp(c->people[i].name, f->link.person) != 0)
			names[page.n_choices++] = c->people[i].name;
	if (f->link.verb == VERB_PASS)
		page.choose = text_raw(f->lang, TEXT_PAGE_PASS);
	show(f, 200, &page);
}

/* --- what the button does --- */

static struct serve_incident saying(const struct follower *f)
{
	static const enum serve_verb verbs[VERBS] = {[VERB_TAKE] = SERVE_ACK,
						     [VERB_PASS] = SERVE_PASS,
						     [VERB_CLOSE] = SERVE_CLOSE,
						     [VERB_FALSE_ALARM] = SERVE_FALSE_ALARM};

	return (struct serve_incident){
		.verb = verbs[f->link.verb], .id = f->link.incident, .who = f->link.person, .to = f->to};
}

static void on_said(void *arg, const struct crisis_said *how)
{
	struct follower *f = arg;
	cleanup(freep) char *number = NULL, *title = NULL, *state = NULL;
	struct page page = {.lang = f->lang, .n_lines = 2};

	if (how->outcome != CRISIS_SAID_DONE) {
		sorry(f, how->outcome == CRISIS_SAID_FAILED ? 500 : 410,
		      how->outcome == CRISIS_SAID_FAILED ? TEXT_ANSWER_FAILED : TEXT_PAGE_CLOSED);
		return;
	}
	number = xasprintf("%" PRIu64, how->id);
	title = TEXT(f->lang, TEXT_PAGE_TITLE, number, how->topic);
	state = answers_state(f->lang, how);
	page.title = title;
	page.lines[0] = text_raw(f->lang, TEXT_PAGE_DONE);
	page.lines[1] = state;
	show(f, 200, &page);
}

static void say(struct follower *f)
{
	const struct serve_incident said = saying(f);

	app_crisis_say(f->app, &said, false, on_said, f);
}

/* What they noted stands in the line of events before what they did, which may end it. */
static void on_noted(void *arg, const struct crisis_said *how)
{
	struct follower *f = arg;

	if (how->outcome == CRISIS_SAID_DONE)
		say(f);
	else
		on_said(f, how);
}

static void on_used(void *arg, int r)
{
	struct follower *f = arg;

	if (r == -EEXIST) {
		sorry(f, 410, TEXT_PAGE_USED);
	} else if (r < 0) {
		app_log_failed(f->app, "link", r);
		sorry(f, 500, TEXT_ANSWER_FAILED);
	} else if (f->note) {
		app_crisis_say(
			f->app,
			&(struct serve_incident){
				.verb = SERVE_NOTE, .id = f->link.incident, .who = f->link.person, .text = f->note},
			false, on_noted, f);
	} else {
		say(f);
	}
}

static void on_looked(void *arg, int r)
{
	struct follower *f = arg;
	struct crisis_said how;
	bool open = app_crisis_look(f->app->crisis, f->link.incident, &how);

	if (r == -EEXIST) {
		sorry(f, 410, TEXT_PAGE_USED);
	} else if (r < 0) {
		app_log_failed(f->app, "link", r);
		sorry(f, 500, TEXT_ANSWER_FAILED);
	} else if (!open) {
		sorry(f, 410, TEXT_PAGE_CLOSED);
	} else if (!f->post || (f->link.verb == VERB_PASS && !config_person(f->app->config, f->to))) {
		ask(f, &how); /* also where nobody was chosen, or somebody who is no more */
	} else {              /* kept as used before it acts: what dies in between does nothing twice */
		store_answer_use(f->app->store, f->link.mark, f->link.until_ms, on_used, f);
	}
}

void app_answers_page(void *arg, const struct serve_answer *answer, struct reply *reply)
{
	struct app *a = arg;
	const struct app_answers *k = a->answers;
	struct follower *f = NEW(struct follower);
	int r;

	*f = (struct follower){.app = a, .reply = reply, .lang = app_lang(a), .post = answer->post};
	if (!k || !k->known || !a->serving || !a->crisis || !app_crisis_known(a->crisis)) {
		sorry(f, 503, TEXT_PAGE_BUSY);
		return;
	}
	r = link_read(k->key, answer->link, clock_wall_ms(), &f->link);
	f->lang = answers_lang(a, f->link.person);
	if (r == LINK_E_WRONG) {
		sorry(f, 404, TEXT_PAGE_WRONG);
		return;
	}
	if (r == LINK_E_OLD || !config_person(a->config, f->link.person)) {
		sorry(f, 410, r == LINK_E_OLD ? TEXT_PAGE_EXPIRED : TEXT_PAGE_GONE);
		return;
	}
	f->note = answer->note ? xstrdup(answer->note) : NULL;
	snprintf(f->to, sizeof(f->to), "%s", answer->to ? answer->to : "");
	store_answer_look(a->store, f->link.mark, on_looked, f);
}
