#pragma once
/*
 * source/sources: everything that is listened to: polls each source when it is due, and knows how each one fares.
 *
 * Owner:  main. One heap and one timer for all; a source that waits costs its record and nothing else: what is kept of it
 *         is loaded when its turn comes (and may then say that it was not due yet).
 * Blocks: never. Bounds: SOURCES_RUNNING_MAX polls at once, of one host no more than TURNS_PER_HOST.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "source/certs.h"
#include "source/means.h"
#include "source/poll.h"

struct sources;
struct source_config;

enum { SOURCES_RUNNING_MAX = 256 };

enum source_standing { SOURCE_OK, SOURCE_NEW, SOURCE_FAILING, SOURCE_GONE, SOURCE_STANDINGS };
const char *source_standing_name(enum source_standing standing); /* ok | new | failing | gone */

struct source_status {
	const char *name, *platform;
	const char *url; /* or the path of its files; without secrets only if the configuration's is */
	enum source_standing standing;
	bool polled; /* since the start */
	bool running;
	uint32_t failures;
	const char *error, *detail;         /* NULL: none */
	const char *title;                  /* NULL: unknown */
	int64_t ok_ms, next_ms;             /* wall; TIME_NONE: unknown, not planned */
	uint64_t items, new_mentions, hits; /* since the start */
	bool sifts;           /* of its frames only those are read that the rules may have something to say of, … */
	uint64_t passed_over; /* … and so many were not */
	uint64_t textless;    /* what was sent to it as an id alone, and stayed that: its text could not be had */
	const char *deaf;     /* health_name(): why it is not heard; NULL: it is, or nothing is certain yet */
	int64_t deaf_ms;      /* since when; TIME_NONE */
	uint8_t missing;      /* fields that its items used to have (source/fields): a bit of each */
	int64_t missing_ms;   /* since when; TIME_NONE */
	const struct means *means; /* what it lives on, as of its last poll; NULL: of no platform, or unknown */
	int64_t connected_ms;      /* wall: its connection stands since then; TIME_NONE: it doesn't, or it keeps none */
};

/* The little of a source that very many can be asked for at once. */
struct source_glance {
	const char *name, *url; /* url NULL: neither feed nor platform */
	const char *platform;   /* NULL: feed, opml, file */
	enum source_standing standing;
	int64_t ok_ms;         /* as above */
	enum health_kind deaf; /* HEALTH_WELL: it is heard, or nothing is certain yet */
	int64_t deaf_ms;
	uint8_t missing; /* as above */
	int64_t missing_ms;
	const struct means *means; /* as above */
};

struct source_fields {
	const char *source, *title; /* title NULL: it calls itself nothing */
	enum fields_say say;
	uint8_t missing;              /* a bit of each; FIELDS_SAY_BACK: none */
	int64_t since_ms, now_ms;     /* wall */
	const struct deaf_mark *mark; /* for the coverage ledger, what no poll has committed; NULL: nothing */
};

struct source_deaf {
	const char *source, *title; /* title NULL: it calls itself nothing */
	const char *kind;           /* health_name(): why it is not heard, or was not */
	enum health_say say;
	bool left;                              /* HEALTH_SAY_HEARD: it is not listened to any more */
	int64_t since_ms, now_ms;               /* wall */
	const char *why, *detail;               /* class and detail; NULL: the kind says it all */
	struct deaf_mark marks[DEAF_MARKS_MAX]; /* for the coverage ledger, what no poll has committed */
	size_t n_marks;
};

struct source_cert {
	const char *source; /* of the feeds of that host, the one that showed it */
	const char *host;   /* NULL: no certificate, but what lets the source in at its platform */
	enum cert_say say;
	int64_t until_ms, now_ms; /* wall */
};

struct sources_ops {
	struct source_ops log;
	/* A poll ended (never for one that was not due), or a list begins to fail. May be NULL. */
	void (*on_report)(void *arg, const struct source_status *status, const struct poll_report *report);
	/* A source is deaf, still is after a day, or is heard again. May be NULL. */
	void (*on_deaf)(void *arg, const struct source_deaf *deaf);
	/* Its items lack what they used to have, still do after a day, or have it again. May be NULL. */
	void (*on_fields)(void *arg, const struct source_fields *fields);
	/* A host's certificate, or what lets a source in at its platform, ends soon, still does after a day, or was renewed. May be NULL. */
	void (*on_cert)(void *arg, const struct source_cert *cert);
	/* sources_new() with once: everything was asked, lists and all. */
	void (*on_settled)(void *arg);
};

/* once: every source is polled at once, and only once. */
struct sources *sources_new(struct loop *loop, struct fetch *fetch, struct pool *pool, bool once,
			    const struct sources_ops *ops, void *arg) must_use;
struct sources *sources_free(struct sources *s); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct sources, sources_free)

/* The sources from now on. What stays as it was goes on in mid-poll; v must live until the next call. */
void sources_configure(struct sources *s, const struct source_config *v, size_t n);

/* NULL: all. Returns how many were asked for: 0 if there is no source of that name. A list is read again, and its feeds
 * are polled. */
size_t sources_poll(struct sources *s, const char *name);

/* Something was sent to this source and stands in the log. */
void sources_posted(struct sources *s, const char *name);

/* Nothing is asked any more; polls that have their answer go on to the end. sources_draining(): how many still do. */
void sources_drain(struct sources *s);
size_t sources_draining(const struct sources *s);

/* While paused nothing new is asked; what runs goes on. The log's disk is full: it could not be kept. */
void sources_pause(struct sources *s, bool paused);

size_t sources_count(const struct sources *s);
uint64_t sources_changes(const struct sources *s); /* another number whenever a source came or went */
/* In the order of their names, from the first one after the name given (NULL: the first) on, until on_source says false. */
void sources_each(const struct sources *s, const char *after,
		  bool (*on_source)(void *arg, const struct source_status *status), void *arg);
/* The same of those alone that fail or are deaf. */
void sources_unheard(const struct sources *s, bool (*on_source)(void *arg, const struct source_status *status),
		     void *arg);
/* All of them: some milliseconds for a hundred thousand, where sources_each() takes fifty. */
void sources_glance(const struct sources *s, void (*on_source)(void *arg, const struct source_glance *glance),
		    void *arg);
