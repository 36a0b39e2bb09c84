#pragma once
/*
 * pool/ask: the same nursery and sandboxed reader, used one question at a time by commands without a daemon.
 *
 * Owner:  whoever called ask_open(); one thread.
 * Blocks: yes: ask_open() until the rules are compiled, ask() until the answer or the deadline.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "mention/frame.h"

struct ask;
struct buf;
struct diag;
struct map_source;

struct ask_config {
	const char *program;      /* escuchad-reader; NULL: spawn_program() finds it */
	const char *const *rules; /* files and folders; n_rules 0: none, mentions get no hits */
	size_t n_rules;
	bool no_prefilter;             /* every pattern is tried on every text: slower, the same hits */
	const struct map_source *maps; /* mention/map.h */
	size_t n_maps;
	const char *lexicon; /* a folder of the user's own lexicons; NULL: none */
	const char *model;   /* a model of tone, in the place of that folder's; NULL: none */
	bool tone;           /* without rules, too */
	unsigned patience; /* deadlines are this many times as long; 0: 1, in sanitizer builds 5 */
	uint64_t reader_memory_bytes;
};

enum {
	ASK_E_RULES = 1, /* the rules do not load; diag says why */
	ASK_E_PROGRAM,   /* escuchad-reader is not there, or does not come up; diag says so */
};
/* Warnings of the rules go to diag too. */
int ask_open(const struct ask_config *config, struct diag *diag, struct ask **ret) must_use;
struct ask *ask_free(struct ask *a); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct ask, ask_free)

/* What catalogue_get() reads; borrowed until ask_free(). */
const char *ask_catalogue(const struct ask *a, size_t *ret_len);

enum {
	ASK_E_DIED = 1, /* the reader did not survive this job */
	ASK_E_LATE,     /* it did not answer in time, and was killed */
	ASK_E_BROKEN,   /* it answered rubbish, and was killed */
};
/* type and payload as for pool_submit(), but payload stays the caller's. The answer's bytes are borrowed until the next
 * ask(). After a failure the next ask() has a new reader. */
int ask(struct ask *a, enum frame_type type, const struct buf *payload, const char **ret_bytes,
	size_t *ret_len) must_use;
