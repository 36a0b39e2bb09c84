#pragma once
/*
 * main/ctl_try: what the files of "escuchactl try" share: one poll of a source, of which nothing is kept.
 *
 *   ctl_try.c        the command: the source, the engine around its poll
 *   ctl_try_kept.c   what it is told of former polls
 *   ctl_try_print.c  what came, in words
 */
#include <stdbool.h>
#include <stddef.h>

#include "main/ctl.h"
#include "source/poll.h"

struct answer;
struct arena;
struct source_config;

enum {
	TRY_SHOWN = 20,   /* mentions that are shown, unless all are wanted */
	TRY_HITS_MAX = 64 /* topics and rules that are counted */
};

/* What the poll is told of the log: nothing of what was seen, so that it shows what there is; of a platform's source what it has
 * spent, and a token that is still good. Texts are in the arena. */
enum try_kept {
	TRY_KEPT,
	TRY_KEPT_UNREADABLE, /* the log can't be read: what was spent is not known */
	TRY_KEPT_TOKEN_DUE, /* a token that works once would have to be renewed: only who keeps its successor may do that */
};
enum try_kept try_kept(const char *state_folder, const struct source_config *s, struct arena *a,
		       struct source_state *ret);

/* All is borrowed. answer NULL: nothing was read. */
struct try_result {
	const struct ctl *ctl;
	const struct source_config *source;
	const struct poll_report *report;
	const struct answer *answer;
	bool all; /* show every mention */
};
void try_print(const struct try_result *t);
void try_print_json(const struct try_result *t);
