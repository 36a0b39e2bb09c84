#pragma once
/*
 * source/config_platform: what a source of a platform's file says: its name under "platform", and that platform's parameters.
 * Inside source/, and for who writes platforms.
 */
#include <stdbool.h>

#include "base/schema.h"

struct platform;
struct source_config;

/* The key "platform": feed, opml, file, or a platform's name. */
bool source_decode_platform(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			    void *ret);
/* A key that no source has by itself. */
bool source_other_key(struct schema_run *run, const struct yaml_node *map, const struct yaml_pair *pair, void *object);
/* By its name, of this configuration; NULL: there is none, or its file is wrong. */
const struct platform *source_platform(struct schema_run *run, const char *name);
/* The key "budget". */
extern const struct schema_table source_budget_table;
/* Once all keys were read. */
bool source_check_platform(struct schema_run *run, const struct yaml_node *node, struct source_config *s);
