#pragma once
/*
 * alert/shipped: the files of conf/channels and of its fixtures, and those of conf/playbooks (base/shipped).
 */
#include "base/shipped.h"

extern const struct shipped_file shipped_channels[];
extern const size_t shipped_channels_n;
extern const struct shipped_file shipped_channel_fixtures[]; /* by their names without what they end in */
extern const size_t shipped_channel_fixtures_n;
extern const struct shipped_file shipped_playbooks[]; /* "crisis-es" */
extern const size_t shipped_playbooks_n;
