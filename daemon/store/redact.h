#pragma once
/*
 * store/redact: a text without a name: where it stands as a whole word (a handle: behind '@' or '/', since a colleague may be
 * called so), REDACTED stands in its place. Letter case counts outside ASCII alone.
 *
 * Blocks: never; no state.
 */
#include "base/mem.h"

#define REDACTED "[…]"

/* who: small letters; "@ana", a name, or an address without its scheme. To be freed; NULL: it names nobody, or there is no text. */
char *redact(const char *text, const char *who) must_use;
