#pragma once
/*
 * main/ctl_name: what people type, made fit for a file: names of topics and sources, quoted YAML, addresses.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

enum { NAME_SLUG_MAX_BYTES = 50, NAME_TEXT_MAX_BYTES = 200 };

/* "Ñandú & Co: #1" becomes "nandu-co-1": [a-z0-9-]+, or "" where nothing is left. To be freed. */
char *name_slug(const char *text) must_use;
/* On one line, without controls, ends trimmed, at most NAME_TEXT_MAX_BYTES. To be freed. */
char *name_clean(const char *text, size_t len) must_use;
/* Appends 'text' as a single-quoted YAML scalar: right for any clean text. */
void name_yaml(struct buf *b, const char *text);
/* http or https, a host, no blanks, quotes or controls. */
bool name_is_web_address(const char *url);
char *name_host(const char *url) must_use; /* without "www." and port; to be freed */
