#pragma once
/*
 * platform/course: how a poll of pages goes on, decided from what escuchad may know of an answer: its status, a few headers, the
 * facts that a reader took from it, and how many items it held. Pure.
 *
 *   course_begin() → request → answer → course_step() → another page | done | limited | broken | the token is too old
 *
 * Owner: texts that a step yields live in the arena given, which stays for the whole poll.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/request.h"

struct arena;
struct platform;

enum { COURSE_CURSOR_MAX_BYTES = 4096, COURSE_HEADERS_MAX = 16 };
#define COURSE_WAIT_MAX_MS INT64_C(86400000) /* nobody is believed who asks for more patience */

struct course_fact {
	const char *name, *value;
};

/* What is known of an answer. */
struct course_answer {
	int status;
	int64_t now_ms;             /* wall */
	int64_t retry_after_ms;     /* 0: not said */
	const char *const *headers; /* the values of course_headers(), in its order; NULL: not there */
	const struct course_fact *facts;
	size_t n_facts;
	size_t items, fresh; /* on this page; of them new */
	bool partly;         /* the page is larger than what was looked at */
};

/* So far. */
struct course {
	struct request_place place;
	int64_t begun_ms;   /* wall */
	int64_t pages_most; /* of this poll: what the file allows, or the budget */
	int64_t pages;      /* asked */
	int64_t items;
	const char *cursor; /* to be kept once all is done; NULL: none */
	bool first;         /* nothing was asked before */
	bool behind; /* the poll before did not end well: behind what is known there are pages that nobody asked for */
	bool halted; /* so was this one */
	const char *begun_cursor; /* as course_begin() got them */
	int64_t begun_since_ms;
	char first_page[24], first_cursor[24];
	const char *
		origin; /* where the first page was asked, "https://host/": addresses of further ones stay there; NULL: nowhere */
};

enum course_next {
	COURSE_PAGE, /* course.place says which */
	COURSE_DONE,
	COURSE_LIMITED, /* it wants patience */
	COURSE_BROKEN,
	COURSE_TOKEN, /* who we are must be renewed, and the same asked once more */
};

struct course_step {
	enum course_next next;
	int64_t wait_ms;    /* before the next request, whichever; 0: none */
	const char *why;    /* limited, broken: a class for logs; else NULL */
	const char *detail; /* … and the platform's own words; NULL: none */
	bool cut;           /* done, and yet there is more: it was not asked for */
};

/* cursor and since_ms as they were kept (NULL, TIME_NONE: nothing was). */
void course_begin(struct course *c, const struct platform *p, const char *cursor, int64_t since_ms, int64_t now_ms);

/* The headers that a platform's answers are asked for: at most COURSE_HEADERS_MAX names. */
size_t course_headers(const struct platform *p, const char *names[COURSE_HEADERS_MAX]);

void course_step(struct course *c, const struct platform *p, const struct course_answer *answer, struct arena *a,
		 struct course_step *ret);

/* Whether an error speaks of who asked (it wants patience, the token is too old), and not of what was asked for. error NULL: no words. */
bool course_is_about_us(const struct platform *p, const struct course_answer *answer, const char *error);

/* The next page has to wait longer than a poll can: it is done, for now. Where pages come newest first the cursor stays where it
 * was, so that the next poll, which has to know (behind), asks for what this one left out. */
void course_halt(struct course *c, const struct platform *p, struct course_step *step);
/* What is to be kept for the next poll, after COURSE_DONE. */
int64_t course_since_ms(const struct course *c);
