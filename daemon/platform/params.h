#pragma once
/*
 * platform/params: what one source says to its platform: a value for each of its parameters.
 *
 * Owner: the arena of the configuration. Secrets are kept apart, and leave by params_fill() alone.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/schema.h"

struct buf;
struct platform;
struct secret;
struct template_values;

struct params {
	const struct platform *platform;
	const char **values;           /* as many as it has parameters; NULL: not given, or a secret */
	const struct secret **secrets; /* NULL: not given, or no secret */
};

struct params *params_new(const struct platform *p, struct arena *a);

/* For a schema's check: one key of a source. False: it is wrong, and told. PARAMS_UNKNOWN: the platform has no such key. */
enum params_read { PARAMS_READ, PARAMS_WRONG, PARAMS_UNKNOWN };
enum params_read params_read(struct schema_run *run, const struct yaml_pair *pair, struct params *params);
/* Once all keys were read: what is required is there, defaults stand for what isn't, and an address can be made of it. */
bool params_check(struct schema_run *run, const struct yaml_node *source, struct params *params);
const char *params_guess(const struct params *params, const char *key); /* did you mean; NULL */

/* As many as the platform has parameters, secrets included. */
void params_fill(const struct params *params, const char **values);
bool params_same(const struct params *a, const struct params *b); /* secrets included */

/* The parameters without the secrets, as a JSON object: what readers may know ($ctx). */
void params_json(struct buf *b, const struct params *params,
		 const char *also); /* also: true is said of it, too; NULL: of nothing */
/* Tells the sources of one platform apart: what is asked for, without who asks. */
uint64_t params_signature(const struct params *params);
/* Tells accounts apart: the platform and who asks, without what for. */
uint64_t params_account(const struct params *params);
/* "query=acme, server=mastodon.social": for people. */
void params_text(struct buf *b, const struct params *params);

/* Where it is asked, "https://mastodon.social/": scheme, host and port alone, so that there is nothing secret in it. False: the
 * platform has no address. */
bool params_origin(struct buf *b, const struct params *params);
