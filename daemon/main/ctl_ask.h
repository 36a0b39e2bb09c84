#pragma once
/*
 * main/ctl_ask: a sandboxed reader for the offline commands, so that foreign bytes are read where nothing can be lost.
 *
 * Blocks: yes. Failures are told.
 */
#include "main/ctl.h"
#include "mention/frame.h"

struct answer;
struct arena;
struct ask;
struct ask_config;
struct buf;

/* Advice on the rules (a note) is escuchad --check's to give, and not told here. n_rules 0: none; mentions get no hits. NULL: told, *ret_status is the exit status. */
struct ask *ctl_ask_open(const struct ctl *c, const char *const *rules, size_t n_rules, int *ret_status) must_use;
/* With all that such a config may say: maps, no prefilter. */
struct ask *ctl_ask_open_config(const struct ctl *c, const struct ask_config *config, int *ret_status) must_use;
/* What a reader says to a job, as it stands; borrowed until the next. False: told, after name. */
struct ctl_bytes {
	const char *bytes;
	size_t len;
};
bool ctl_ask_bytes(const struct ctl *c, struct ask *ask, enum frame_type type, const struct buf *job, const char *name,
		   struct ctl_bytes *ret) must_use;
/* False: told, after name ("FILE", "line 7"). Limits that patterns reached are told as well. */
bool ctl_ask(const struct ctl *c, struct ask *ask, enum frame_type type, const struct buf *job, const char *name,
	     struct arena *a, struct answer *ret) must_use;
