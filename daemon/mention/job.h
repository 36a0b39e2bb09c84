#pragma once
/*
 * mention/job: what escuchad asks a reader for. A job carries all that the reader may know of the source: readers keep
 * nothing between jobs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/answer.h"
#include "mention/map.h"

/* FRAME_LOAD: what a nursery is to load. Not foreign: it comes from escuchad's own configuration. */
enum { JOB_LOAD_PATHS_MAX = 1024 };
struct job_load {
	const char *const *paths; /* rule files and folders; none: no rules at all, mentions get no hits */
	size_t n_paths;
	uint64_t reader_memory_bytes;  /* RLIMIT_AS of each reader; 0: READER_MEMORY_BYTES */
	bool no_prefilter;             /* every pattern is tried on every text: slower, the same hits */
	uint32_t job_cpu_s;            /* CPU a job may take before the kernel ends its reader; 0: READER_JOB_CPU_S */
	const struct map_source *maps; /* that sources use */
	size_t n_maps;
	const char *lexicon; /* a folder of the user's own lexicons; NULL: none */
	bool tone;           /* language and tone are asked for without rules, too */
	const char *model;   /* a model of tone (mention/tone_model), in the place of that folder's tone.model; NULL: none */
	const char *tried;   /* a file of the nursery's own: patterns that need no try (match/tried); NULL: none */
};
void job_load_put(struct buf *b, const struct job_load *load);
int job_load_get(const char *bytes, size_t len, struct arena *a, struct job_load *ret) must_use;

/* FRAME_READY: findings as diag_write() wrote them, and the catalogue of what the rules name; both borrowed. */
void ready_put(struct buf *b, const struct buf *findings, const struct buf *catalogue);
int ready_get(const char *bytes, size_t len, const char **ret_findings, size_t *ret_findings_len,
	      const char **ret_catalogue, size_t *ret_catalogue_len) must_use;

struct job_feed {
	const char *source, *platform;
	const char *topic;        /* all that comes from here speaks of this topic; NULL: no */
	const char *address;      /* of the feed, after redirects: base of relative links, scope of weak identities */
	const char *content_type; /* as the server said; NULL */
	const char *lang;         /* what the configuration says of the source; NULL */
	const char *format;       /* auto | feed | mentions (JSON lines of mention_json()) | map | mails (the same, the body is
				   * mention/mails') | page (parse/page) */
	const char *map;          /* the map of formats map and mails, one of the load's; NULL: it is none */
	/* Of feeds that a searcher makes of others' articles: */
	const char *unwrap; /* the parameter of its links that holds the article's own address; NULL: none */
	bool outlet;        /* an item's <source> wrote it: is its author, and no part of its title (" - El Diario") */
	const char *ctx;    /* its $ctx, a JSON object, never with a secret in it; NULL: {} */
	bool sieve; /* map: values of the document of which no rule could have something to say are passed over, and counted */
	int64_t seen_ms; /* wall time of the fetch */
	enum identity_policy identity;
	bool first;            /* the source's first poll: new mentions are marked baseline */
	int64_t not_before_ms; /* backfill: on a first poll items published before are known, not new; TIME_NONE: all */
	const struct seen_key *seen;
	size_t n_seen;
	const char *body;
	size_t body_len;
};

void job_feed_put(struct buf *b, const struct job_feed *job);
/* Texts and keys go to the arena, the body is borrowed from the bytes. ANSWER_E_FORMAT for what job_feed_put didn't write. */
int job_feed_get(const char *bytes, size_t len, struct arena *a, struct job_feed *ret) must_use;

/* FRAME_MATCH: mentions in, the same with hits out (as an answer whose items are all NEW). every: language and tone are told
 * of each, not only of what is a topic's. */
void job_match_put(struct buf *b, const char *topic, bool every, const struct mention *v, size_t n);
int job_match_get(const char *bytes, size_t len, struct arena *a, const char **ret_topic, bool *ret_every,
		  struct mention **ret, size_t *ret_n) must_use;

/* FRAME_OFF: a pattern by its names, each of SCHEMA_NAME's kind. */
void off_put(struct buf *b, const char *topic, const char *pattern);
int off_get(const char *bytes, size_t len, struct arena *a, const char **ret_topic, const char **ret_pattern) must_use;

/* FRAME_WHY: one mention, judged as FRAME_MATCH judges it, and what is asked of that judgement. */
enum { JOB_WHY_OFF_MAX = 64 };
struct job_why {
	const char *source_topic; /* all of its source speaks of this topic; NULL: no */
	const char *topic, *rule; /* these alone; NULL: all */
	struct {
		const char *topic, *pattern;
	} off[JOB_WHY_OFF_MAX]; /* patterns that escuchad has switched off */
	size_t n_off;
	struct mention mention;
};
void why_put(struct buf *b, const struct job_why *job);
int why_get(const char *bytes, size_t len, struct arena *a, struct job_why *ret) must_use;

/* FRAME_PATTERNS: what the patterns became, from number `from` of the ruleset on. */
struct job_patterns {
	const char *topic, *pattern; /* of that name alone; NULL: all */
	uint32_t from;
};
void patterns_put(struct buf *b, const struct job_patterns *job);
int patterns_get(const char *bytes, size_t len, struct arena *a, struct job_patterns *ret) must_use;

/* FRAME_OPML out: the feeds that a list names. */
struct opml_entry {
	const char *title, *url; /* title NULL: none; url http or https, normalised */
};
void opml_put(struct buf *b, const char *why, const struct opml_entry *v, size_t n); /* why NULL: read whole */
int opml_get(const char *bytes, size_t len, struct arena *a, const char **ret_why, struct opml_entry **ret,
	     size_t *ret_n) must_use;
