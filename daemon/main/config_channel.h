#pragma once
/*
 * main/config_channel: what the configuration says of a channel beside mail: its kind is a file of conf/channels or of channels/
 * beside the configuration, and the keys are that file's. Inside main/, for config_people.
 */
#include <stdbool.h>

#include "base/schema.h"

struct channel_config;
struct config;
struct reach_config;

/* For a schema's rows. */
bool config_channel_kind(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);
bool config_channel_other(struct schema_run *run, const struct yaml_node *map, const struct yaml_pair *pair,
			  void *object);

bool config_channel_keys(struct schema_run *run, const struct yaml_node *node,
			 struct channel_config *c); /* fit its kind */
bool config_channel_check(struct schema_run *run, const struct yaml_node *node, struct channel_config *c);
bool config_channel_address(struct schema_run *run, const struct reach_config *reach, const char *key);
/* Adds the programs of those that are used to the configuration's maps. */
void config_channel_maps(struct config *c);

/* "channels" beside the configuration's file; of the arena. */
struct arena;
const char *config_channel_folder(const char *file, struct arena *a);
