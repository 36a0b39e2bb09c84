#pragma once
/*
 * main/ctl_discard: "this hit was noise": an exclusion is looked for, put into the rule file's text, and judged by the
 * readers over the log, before anybody is asked to write it.
 *
 *   ctl_discard        the command: what is noise, of which topic, in what order things are done
 *   ctl_discard_judge  the log through the readers: with the candidates, with the new text
 *   ctl_discard_print  what came of it
 *   ctl_discard_words, _rule (_edit), _diff, _file: candidates, the text, its diff, the files
 *
 * Inside these files.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "main/ctl.h"
#include "main/ctl_backtest_count.h"
#include "main/ctl_discard_file.h"
#include "main/ctl_discard_words.h"
#include "mention/mention.h"

struct buf;
struct source_topics;

enum {
	DISCARD_WAYS_MAX = 3, /* other exclusions that are named */
	DISCARD_FEW = 30,     /* other hits: that none of so few is lost says little */
};

struct discard {
	const struct ctl *ctl;
	const char *since, *topic;
	int64_t since_ms;
	struct arena *arena;
	struct mention noise[DISCARD_NOISE_MAX]; /* as the log has them */
	size_t n_noise;
	struct source_topics *sources;
	/* the file */
	struct rule_files files;
	size_t file;
	struct yaml_doc *doc;
	/* with the candidates */
	struct candidates *candidates;
	uint64_t hits;    /* bit i: noise i is a hit by today's rules */
	uint64_t by_hand; /* bit i: because it was added with its topic */
	uint64_t others;  /* further hits of the topic */
	/* what is proposed */
	struct exclusion exclusion;
	const char *rules[MENTION_NAMES_MAX]; /* that the noise met */
	size_t n_rules;
	struct buf *text;             /* the file's new one */
	uint64_t removed;             /* bits of noise */
	uint64_t lost;                /* other hits */
	struct backtest_count *count; /* of the other hits */
	/* progress */
	uint64_t looked;
	int64_t total, shown_ms;
	bool shown;
	/* what became of it */
	bool applied, reloaded;
};

size_t discard_number(const struct discard *d, const struct mention *m); /* of this noise; SIZE_MAX: it is none */

/* Each returns an exit status; what failed is told. */
int discard_judge_candidates(struct discard *d, const char *rules);
/* *ret_loads false: with the text at `file` the rules do not load, which is not told. */
int discard_judge_text(struct discard *d, const char *file, bool *ret_loads);

void discard_print(const struct discard *d);
void discard_print_none(const struct discard *d, enum text_id why);
/* Of a candidate: "--words 'coyote'", "--author"; to be freed. */
char *discard_way(const struct candidate *x);
