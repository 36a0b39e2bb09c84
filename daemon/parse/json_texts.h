#pragma once
/*
 * parse/json_texts: the texts that stand in a value of JSON, each as the fields of a mention would have it, so that it can be told
 * whether a rule could have something to say of it before a map looks at it (match/sieve).
 *
 * Strings are taken, names of members are not. Each is unescaped (\n, \u00f1, pairs of surrogates), its white space folded and its
 * encoding mended as parse/feed_item does; where it holds '<' or '&' it is read as HTML, too, once and, if there is HTML in that again,
 * twice; where it has line breaks, also as the one line that titles are. What stands between two texts is JSON_TEXTS_APART.
 *
 * Numbers are no texts. What is no JSON has texts, too, as far as quotes close.
 *
 * Owner: the caller. Blocks: no; linear. Bounds: out's.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/mem.h"

enum { JSON_TEXTS_APART = '\x01' };

/* What it works with; zeroed at first but for its bounds. */
struct json_texts {
	struct buf out; /* what was found */
	struct buf raw, clean, mended;
	const struct buf *known; /* of the present text: it is there already */
};
void json_texts_init(struct json_texts *t, size_t max_bytes); /* of a value, JSON_TEXTS_GROWTH times it */
void json_texts_done(struct json_texts *t);

enum { JSON_TEXTS_GROWTH = 8 };

/* The texts of json into t->out, anew; valid UTF-8 if json is. False: a quote has no end, or there was no room: nobody knows all of
 * them. */
bool json_texts_find(struct json_texts *t, const char *json, size_t len) must_use;
