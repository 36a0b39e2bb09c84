#pragma once
/*
 * parse/map_lex: a jq program read as signs, before libjq sees it: what maps may not use, and which names it holds.
 *
 * A map sees the answer and $ctx, and nothing else: no environment, no further input, no files, no clock. Nor does it use what
 * ends the process on some data (`1e18|todate` aborts libjq 1.6, as does implode: FAULTS §3.6); dates go out as they came in.
 *
 * Owner:  nothing is kept. Blocks: no. Bounds: MAP_LEX_DEPTH_MAX.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/err.h"

struct json_names;
struct map_program;

enum { MAP_LEX_DEPTH_MAX = 100 }; /* brackets in each other, and texts in them */

enum { MAP_LEX_E_INVALID = 1 }; /* told, each with its place in the file */
/* Every member name that the program could ask a document for goes to names. named_keys: as struct map_source says. */
int map_lex(const struct map_program *p, bool named_keys, struct json_names *names, struct diag *d) must_use;
/* The place of a byte of its text. */
struct diag_pos map_lex_pos(const struct map_program *p, size_t at);
