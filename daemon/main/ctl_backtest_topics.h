#pragma once
/*
 * main/ctl_backtest_topics: of which topic everything that a source brings speaks ("topic:" of a source), as the
 * configuration says now.
 *
 * Read from the file's tree alone, like all settings of the command: secrets are not asked for. Blocks: reads a file.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct ctl;
struct mention;
struct source_topics;

/* Of the configuration that ctl_settings_read() found; none: no source has a topic. */
struct source_topics *source_topics_read(const struct ctl *c) must_use;
struct source_topics *source_topics_free(struct source_topics *t); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct source_topics, source_topics_free)

/* NULL: none. Of what was added by hand the first topic that it has in the log: the log does not say with which it was added,
 * or if with any. */
const char *source_topic_of(const struct source_topics *t, const struct mention *m);
bool source_topic_by_hand(const struct mention *m); /* it was */
