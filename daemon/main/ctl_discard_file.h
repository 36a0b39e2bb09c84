#pragma once
/*
 * main/ctl_discard_file: the rule file of a topic, what another text in its place would do (a folder of links to all else,
 * where that text lies), and the file written anew.
 *
 * Blocks: reads and writes files. Errors are -errno unless said otherwise.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct yaml_doc;
struct arena;
struct diag;

enum { RULE_FILES_MAX = 300, STAGE_LINKS_MAX = 20 * 1000 };

/* Every rule file that the rules' paths stand for, in the order in which they are loaded. */
struct rule_files {
	char *v[RULE_FILES_MAX];
	size_t n;
};
int rule_files_find(const char *const *paths, size_t n_paths, struct rule_files *ret) must_use;
void rule_files_done(struct rule_files *files);
/* The number of the one that is of this topic; SIZE_MAX: none can be read as such. *ret_doc lives in a. */
size_t rule_files_topic(const struct rule_files *files, const char *topic, struct arena *a, struct yaml_doc **ret_doc);

/* A folder of its own beside all that the file has beside it (lists/, packs/ …), with another text in the file's place. */
struct stage;
const char *stage_place(void); /* the folder that it comes to be in */
int stage_new(struct stage **ret) must_use;
struct stage *stage_free(struct stage *s); /* takes it away again; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct stage, stage_free)
/* Where the text lies then; lives with the stage. */
int stage_beside(struct stage *s, const char *file, const char *text, const char **ret) must_use;
int stage_alone(struct stage *s, const char *name, const char *text, const char **ret) must_use;

enum {
	RULE_FILE_E_CHANGED = 1, /* it is not `before` any more: somebody edits it */
};
/* after in the place of before, whole or not at all; before stays as FILE~. Mode and owner stay. */
int rule_file_replace(const char *file, const char *before, const char *after) must_use;
/* FILE~ in its place again. */
int rule_file_restore(const char *file) must_use;
