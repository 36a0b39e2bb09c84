#pragma once
/*
 * main/config_voices: the key voices of the configuration: whose mentions are marked, and whose don't count (mention/voice).
 */
#include "mention/voice.h"

struct schema_table;

struct voices_config {
	struct voice_names vip, ignore;
};

extern const struct schema_table voices_table;
