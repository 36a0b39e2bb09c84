#include "main/app_answers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alert/incident_text.h"
#include "base/arena.h"
#include "base/clock.h"
#include "main/app_answers_inside.h"
#include "main/config_people.h"
#include "store/answers.h"

_Static_assert((int)ANSWERS_KEY_BYTES == (int)LINK_KEY_BYTES && (int)ANSWERS_MARK_BYTES == (int)LINK_MARK_BYTES,
	       "the log keeps what links need");

/* --- links --- */

/* What fits the message; VERBS ends it. */
static const enum verb *verbs_for(enum incident_reason reason, bool own)
{
	static const enum verb begins[] = {VERB_TAKE, VERB_PASS, VERB_FALSE_ALARM, VERBS},
			       goes_on[] = {VERB_TAKE, VERB_PASS, VERB_CLOSE, VERBS}, others[] = {VERB_TAKE, VERBS},
			       none[] = {VERBS};

	switch (reason) {
	case INCIDENT_ENDS:
		return none;
	case INCIDENT_ASKED:
		return goes_on;
	case INCIDENT_TAKEN_BY:
	case INCIDENT_RECEDES:
		return own ? goes_on + 1 : others;
	default:
		return own ? goes_on : begins;
	}
}

void app_answers_offer(const struct app *a, const char *person, struct arena *arena, struct incident_news *news)
{
	const struct http_config *http = a->config->http;
	const struct app_answers *k = a->answers;
	const enum verb *verb = verbs_for(news->reason, strcmp(news->owner, person) == 0);
	const bool links = k && k->known && http && http->public_url;

	for (; *verb != VERBS && news->n_answers < INCIDENT_ANSWERS_MAX; verb++) {
		struct link l = {.incident = news->id, .verb = *verb, .made_ms = clock_wall_ms()};
		char text[LINK_TEXT_SIZE];

		l.until_ms = l.made_ms + LINK_DAYS * DAY_MS;
		snprintf(l.person, sizeof(l.person), "%s", person);
		if (links)
			link_make(k->key, &l, text);
		news->answers[news->n_answers++] = (struct incident_answer){
			verb_names[*verb],
			links ? arena_printf(arena, "%s" SERVE_ANSWER_ROUTE "%s", http->public_url, text) : NULL};
	}
}

size_t answers_buttons(const struct app *a, const char *person, uint64_t incident, struct notice_answer *v, size_t max)
{
	const enum text_lang lang = answers_lang(a, person);
	struct crisis_said how;
	const enum verb *verb;
	size_t n = 0;

	if (!app_crisis_look(a->crisis, incident, &how))
		return 0;
	verb = verbs_for(INCIDENT_TAKEN_BY, strcmp(how.owner, person) == 0);
	if (!*how.owner)
		verb = verbs_for(INCIDENT_BEGINS, false);
	for (; *verb != VERBS && n < max; verb++)
		v[n++] = (struct notice_answer){.verb = verb_names[*verb], .label = verb_label(*verb, lang)};
	return n;
}

/* --- words --- */

enum text_lang answers_lang(const struct app *a, const char *person)
{
	const struct person_config *p = person ? config_person(a->config, person) : NULL;

	return p && p->language >= 0 ? (enum text_lang)p->language : app_lang(a);
}

char *answers_state(enum text_lang lang, const struct crisis_said *how)
{
	static const enum text_id states[INCIDENT_STATES] = {[INCIDENT_OPEN] = TEXT_ANSWER_OPEN,
							     [INCIDENT_ACKNOWLEDGED] = TEXT_ANSWER_ACKNOWLEDGED,
							     [INCIDENT_RECEDING] = TEXT_ANSWER_RECEDING,
							     [INCIDENT_CLOSED] = TEXT_ANSWER_CLOSED};
	cleanup(freep) char *number = xasprintf("%" PRIu64, how->id);
	const char *state = how->state;
	size_t i;

	for (i = 0; i < INCIDENT_STATES; i++)
		if (strcmp(how->state, incident_state_names[i]) == 0)
			state = text_raw(lang, states[i]);
	return *how->owner ? TEXT(lang, TEXT_ANSWER_STATE, number, how->topic, state, how->owner)
			   : TEXT(lang, TEXT_ANSWER_STATE_NOBODY, number, how->topic, state);
}

/* --- a start --- */

static void on_found(void *arg, int r, const struct store_answers *found)
{
	struct app *a = arg;
	struct app_answers *k = a->answers;

	if (r < 0)
		app_log_failed(a, "answers", r);
	if (r == -ECANCELED || !k)
		return;
	if (r == 0) {
		memcpy(k->key, found->key, sizeof(k->key));
		k->known = true;
		answers_chats_found(k, found->chats, found->n_chats);
		answers_said_found(k, found->said, found->n_said);
	}
	k->on_known(a);
}

struct app_answers *app_answers_new(struct app *a, void (*on_known)(struct app *a))
{
	struct app_answers *k = NEW(struct app_answers);

	k->app = a;
	k->on_known = on_known;
	store_answers(a->store, on_found, a);
	return k;
}

struct app_answers *app_answers_free(struct app_answers *k)
{
	if (k) {
		answers_chats_free(k);
		answers_said_free(k);
	}
	free(k);
	return NULL;
}
