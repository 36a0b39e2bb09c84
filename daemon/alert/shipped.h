#pragma once
/*
 * alert/shipped: the files of conf/channels and of its fixtures (base/shipped).
 */
#include "base/shipped.h"

extern const struct shipped_file shipped_channels[];
extern const size_t shipped_channels_n;
extern const struct shipped_file shipped_channel_fixtures[]; /* by their names without what they end in */
extern const size_t shipped_channel_fixtures_n;
