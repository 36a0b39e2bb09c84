#pragma once
/*
 * platform/platforms: the platforms by name: files NAME.yaml of the user's folder, which win, and those that came with the
 * program. A map NAME is maps/NAME.jq of that folder, or one that came with the program.
 *
 * Owner:  the arena given; what it gives out lives as long as that.
 * Blocks: platforms_find() and platforms_map() read a file of the folder, each name once.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/err.h"

struct arena;
struct platforms;
struct platform;

enum {
	PLATFORMS_NAMES_MAX = 1000,          /* in the folder */
	PLATFORMS_MAP_MAX_BYTES = 64 * 1024, /* of a jq program */
	PLATFORMS_FIXTURE_MAX_BYTES = 1024 * 1024,
};

struct platforms *platforms_open(const char *folder,
				 struct arena *a); /* folder NULL: those that came with the program */

enum {
	PLATFORMS_E_UNKNOWN = 1,
	PLATFORMS_E_INVALID, /* told in d, the first time */
};
/* ret_file (may be NULL): its file, also with PLATFORMS_E_INVALID. */
int platforms_find(struct platforms *c, const char *name, struct diag *d, const struct platform **ret,
		   const char **ret_file) must_use;

/* The program for mentions, and what findings call its file. Too long, or not text, is told. */
int platforms_map(struct platforms *c, const char *name, struct diag *d, const char **ret_text,
		  const char **ret_file) must_use;

/* Whether it may be a fixture's: of letters, digits, ".", "-" and "_", and not hidden. */
bool platforms_fixture_name(const char *name);
/* A file of fixtures/, as it stands there. */
int platforms_fixture(struct platforms *c, const char *name, struct diag *d, const char **ret_text, size_t *ret_len,
		      const char **ret_file) must_use;

/* All names, sorted; *ret_n of them. A folder that can't be read is told, and has none. */
const char *const *platforms_names(struct platforms *c, struct diag *d, size_t *ret_n);
const char *platforms_guess(struct platforms *c, const char *name); /* did you mean; NULL */
