#pragma once
/*
 * main/ctl_means: what a platform's source lives on, in words: a token that ends, a budget that is stretched.
 */
#include "base/err.h"

struct buf;
struct ctl;
struct json_t;

/* Of a source, or of one of status' "short", what somebody should know; NULL: nothing. To be freed. */
char *means_words(const struct ctl *c, const struct json_t *source) must_use;
/* All of it, a line each. */
void means_print(const struct ctl *c, const struct json_t *source, struct buf *out);
