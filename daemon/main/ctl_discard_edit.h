#pragma once
/*
 * main/ctl_discard_edit: changes of a YAML file's text, gathered and then made at once; and where in it a block ends and a
 * condition stands, however it is written. Inside ctl_discard_rule.
 *
 * Owner: the caller's struct editor, until editor_done(); the document outlives it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/yaml.h"
#include "main/ctl_discard_rule.h"

struct buf;

enum { EDITS_MAX = 300, EDIT_TEXT_MAX_BYTES = 64 * 1024 };

struct edit {
	size_t from, to; /* bytes of the source that go */
	char *text;      /* what comes there */
	size_t number;   /* in the order of their making */
};

struct editor {
	const struct yaml_doc *doc;
	struct edit v[EDITS_MAX];
	size_t n;
};

/* What may be returned is DISCARD_E_LAYOUT: a bound is reached, or it is written in a way that is not edited. */

/* The bytes [from, to) of the source become text (copied). Those at one place stand in the order of their making. */
int editor_add(struct editor *e, size_t from, size_t to, const char *text) must_use;
/* Whole lines at a line's beginning; the file's last line may lack its end. */
int editor_add_lines(struct editor *e, size_t at, const char *lines) must_use;
/* " and ADDED" behind a condition, in parentheses what would be bound otherwise. key: where the key of it begins. */
int editor_extend(struct editor *e, const struct yaml_node *node, size_t key, const char *added) must_use;
void editor_apply(struct editor *e, struct buf *ret); /* the whole text, changed */
void editor_done(struct editor *e);

size_t editor_line(const char *source, size_t at); /* where its line begins */
size_t editor_next_line(const struct yaml_doc *doc, size_t at);
/* Behind the last line of the block whose key begins at `key`: what is indented deeper. Blank lines and remarks behind it
 * are not its own. */
size_t editor_block_end(const struct yaml_doc *doc, size_t key);

bool condition_has_or(const char *s); /* "a or b", which "and not c" would bind closer than meant */
bool condition_excludes(const char *s, const char *pattern);           /* "and not PATTERN" stands in it already */
void escaped_put(struct buf *b, const char *s, enum yaml_style style); /* as it stands between the quotes of a style */
