#pragma once
/*
 * match/tried: which patterns bore the texts that none should (match/adversary) in a load before this one. Trying ten thousand
 * costs many seconds; a start and a reload try only what is new.
 *
 * Kept in a file of the state folder, as keys alone: a key is a hash of the pattern and of all that its verdict hangs on. A file
 * that is missing, damaged or of another version is as good as none, and nothing is said of it: what is not known is tried. It
 * holds what the last load used, so that it never grows beyond the rules.
 *
 * Owner:  whoever called tried_new(). Blocks: reading and writing, some 16 bytes a pattern.
 * Bounds: TRIED_MAX keys; more are not kept.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct pattern;
struct tried;

enum { TRIED_KEY_BYTES = 16, TRIED_MAX = 40 * 1000 };

struct tried *tried_new(void) must_use;
struct tried *tried_free(struct tried *t); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct tried, tried_free)

/* What is tried is made of source (adversary_try()); its verdict hangs on the compiled pattern, our limits, and PCRE2. */
void tried_key(const struct pattern *p, const char *source, size_t len, uint8_t ret[TRIED_KEY_BYTES]);

bool tried_knows(struct tried *t, const uint8_t key[TRIED_KEY_BYTES]); /* and keeps it */
void tried_keep(struct tried *t, const uint8_t key[TRIED_KEY_BYTES]);

void tried_read(struct tried *t, const char *path);
/* What was kept, if it differs from what was read. Whole or not at all: the file is swapped in. -errno. */
int tried_write(const struct tried *t, const char *path) must_use;
