#pragma once
/*
 * parse/json_names: a set of member names, made once and asked for each member of an answer.
 *
 * Owner: whoever called json_names_new(); names are copied. Blocks: no. Nobody foreign puts names in, so that none can make it slow.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct json_names;

struct json_names *json_names_new(void);
struct json_names *json_names_free(struct json_names *names); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct json_names, json_names_free)
void json_names_add(struct json_names *names, const char *s, size_t len);
bool json_names_have(const struct json_names *names, const char *s, size_t len);
