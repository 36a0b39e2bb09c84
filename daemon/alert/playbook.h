#pragma once
/*
 * alert/playbook: what to do in a crisis, as somebody wrote it down in peace: a Markdown file in which each line "- [ ] words" is a
 * step that can be ticked off. The rest of the file is for who opens it. Pure, but for playbook_read().
 *
 * A step is known by its words: it stays ticked off when the file is put into another order, and is a new one when it says something
 * else. So no two may say the same. Text in a fence (```) is none; an indented line behind a step goes on with it; marks of emphasis
 * are dropped.
 *
 * Owner:  the arena. Blocks: playbook_read() reads a file.
 * Bounds: PLAYBOOK_MAX_BYTES, PLAYBOOK_STEPS_MAX; a step's words are cut at PLAYBOOK_STEP_MAX_BYTES.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;

enum { PLAYBOOK_MAX_BYTES = 64 * 1024, PLAYBOOK_STEPS_MAX = 30, PLAYBOOK_STEP_MAX_BYTES = 400 };

struct playbook_step {
	const char *text;
	uint64_t id; /* of its words */
};
struct playbook {
	const struct playbook_step *steps;
	size_t n; /* at least one */
};

/* What was ticked off, by id; also of steps that the file no longer has. */
enum { PLAYBOOK_DONE_MAX = 2 * PLAYBOOK_STEPS_MAX };
struct playbook_done {
	uint64_t ids[PLAYBOOK_DONE_MAX];
	size_t n;
};

enum {
	PLAYBOOK_E_LONG = 1,
	PLAYBOOK_E_TEXT,     /* not UTF-8, or with a NUL */
	PLAYBOOK_E_NO_STEPS, /* there is no line "- [ ] …" */
	PLAYBOOK_E_STEPS,    /* more than PLAYBOOK_STEPS_MAX */
	PLAYBOOK_E_TWICE,    /* two steps say the same */
};
int playbook_parse(const char *text, size_t len, struct arena *a, struct playbook **ret) must_use;
int playbook_read(const char *path, struct arena *a, struct playbook **ret) must_use; /* -errno, too */

bool playbook_is_done(const struct playbook_done *d, uint64_t id);
/* The oldest goes where there is no room. */
void playbook_tick(struct playbook_done *d, uint64_t id, bool done);
/* The first steps that are not ticked off, by their place in p, at most max; returns how many. p may be NULL: none. */
size_t playbook_next(const struct playbook *p, const struct playbook_done *d, size_t *ret, size_t max);
