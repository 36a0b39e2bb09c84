#pragma once
/*
 * main/config_replies: by which source each channel hears what people answer: the one that it names; else, of a kind that is read by a
 * platform of ours (a bot), the source that asks with the same token, and where there is none, one of the channel's own: a token has
 * one reader. `replies: none` wants none. Inside main/, for config_people.
 */
#include <stdbool.h>

#include "base/schema.h"

struct config;

/* False: something is wrong, and told. Sources of channels' own stand behind all others. */
bool config_replies(struct schema_run *run, struct config *c);
