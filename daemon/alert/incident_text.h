#pragma once
/*
 * alert/incident_text: the words of a message about an incident: what, how much against the usual, since when, what is said,
 * who else knows, how to answer. Fit for a phone: plain text, the most telling first. Made when it is sent, for who gets it.
 *
 * What it says is kept as JSON, by incident_news_json(), in no language. Blocks: never.
 * Bounds: INCIDENT_EXAMPLES mentions, INCIDENT_NAMES_MAX sources or people by name, the rest is counted; titles are cut at
 * INCIDENT_TITLE_MAX_BYTES.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/incident.h"

struct arena;
struct buf;
struct notice_object;
struct notice_reader;
struct page;

#define INCIDENT_BY_HAND_ALERT "@hand" /* whom no alert opened */
enum {
	INCIDENT_EXAMPLES = 3,
	INCIDENT_OTHERS_MAX = 4,
	INCIDENT_NAMES_MAX = 8,
	INCIDENT_TITLE_MAX_BYTES = 240,
	INCIDENT_WHY_MAX = 16,
	INCIDENT_ROSE_MAX = 6,
	INCIDENT_HOURS = 24,
	INCIDENT_STEPS_MAX = 5,
	INCIDENT_ANSWERS_MAX = 4
};

/* Why a mention stands in the message. */
enum incident_telling { TELLING_NEW, TELLING_REACH, TELLING_TYPICAL, TELLING_FIRST, INCIDENT_TELLINGS };
extern const char *const incident_telling_names[INCIDENT_TELLINGS];

struct incident_example {
	const char *title, *url, *author, *source; /* NULL: not known */
	double reach;                              /* 0: not known */
	enum incident_telling why;
};

/* A step of the playbook that nobody has ticked off. */
struct incident_todo {
	size_t number; /* in the playbook, from 1 */
	const char *text;
};

/* How the reader may answer. */
struct incident_answer {
	const char *verb; /* of alert/verbs: "take" */
	const char *url;  /* theirs alone; NULL: none, a button may say it */
};

/* A competitor, or the industry, within the same hour. */
struct incident_other {
	const char *topic;
	bool unusual; /* that is out of its ordinary */
	double hour, usual,
		percent; /* mentions; what is usual; how many of them are negative, of 100. Below 0: not known */
};

/* Numbers are of the last hour, below 0: not known. */
struct incident_news {
	uint64_t id;
	const char *topic, *owner; /* owner "": nobody has it */
	enum incident_reason reason;
	enum severity severity;
	bool drill; /* nothing of it is true */
	enum incident_end end;
	int64_t opened_ms;                 /* wall */
	const char *why[INCIDENT_WHY_MAX]; /* "words", "turned", …: the reasons of stats/judge; else an alert's name */
	size_t n_why;
	double hour, usual, negative, percent, percent_usual, authors, stories;
	struct incident_example examples[INCIDENT_EXAMPLES];
	size_t n_examples;
	int64_t late_from_ms, late_to_ms; /* wall: it happened then, and was heard now; 0: it is now */
	const char *late_sources;         /* by whom it came late; "" or NULL: not known */
	struct incident_other others[INCIDENT_OTHERS_MAX];
	size_t n_others;                     /* may be more than are named */
	const char *rose[INCIDENT_ROSE_MAX]; /* words that are said more than they used to be */
	size_t n_rose;
	const uint32_t *hours,
		*hours_negative;              /* INCIDENT_HOURS mentions, the last of them the last; NULL: not known */
	const char *same[INCIDENT_NAMES_MAX]; /* other brands of which the same is said */
	size_t n_same;
	const char *deaf[INCIDENT_NAMES_MAX], *told[INCIDENT_NAMES_MAX];
	size_t n_deaf, n_told;                          /* may be more than are named */
	struct incident_todo steps[INCIDENT_STEPS_MAX]; /* the first */
	size_t n_steps;
	struct incident_answer answers[INCIDENT_ANSWERS_MAX];
	size_t n_answers;
};
void incident_news_json(const struct incident_news *news, struct buf *b);
/* What a notice has of it beside words: which incident, how bad, why now, whether anybody has to act. Texts go to the arena. */
void incident_text_facts(const char *json, struct arena *a, struct notice_object *ret);
/* notice_object.matter of one. */
const char *incident_matter(uint64_t id, int64_t opened_ms, struct arena *a);

bool incident_text_check(const char *json); /* incident_news_json() wrote it */

#define INCIDENT_CHART_CID "chart"
/* maybe: it may have arrived before. page is begun here, and page_done() the caller's; its HTML shows INCIDENT_CHART_CID where
 * incident_chart() makes one. Nothing but news of incident_news_json() is put into words. */
void incident_text(struct buf *subject, struct page *page, const char *json, const struct notice_reader *to,
		   bool maybe);
/* The picture of its hours (alert/chart), a PNG. False: there is none. */
bool incident_chart(const char *json, struct buf *png) must_use;
