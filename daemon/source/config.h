#pragma once
/*
 * source/config: what the configuration says of one source.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/schema.h"
#include "fetch/guard.h"

struct params;

struct source_money {
	struct diag_pos pos;
	int64_t micros; /* millionths of the platform's currency */
	const char *currency;
};

/* What a source may spend; 0: no bound of its own. */
struct source_budget {
	struct diag_pos pos;
	int64_t calls_day, calls_month;
	struct source_money day, month;
};
struct secret;

enum source_platform { SOURCE_FEED, SOURCE_OPML, SOURCE_FILE, SOURCE_API /* a platform's file says how */ };

enum { SOURCE_RECHECKS_MAX = 8 };
#define SOURCE_BACKFILL_ALL INT64_C(-1)

struct source_config {
	struct diag_pos pos, topic_pos;
	const char *name;
	int platform;          /* enum source_platform */
	struct params *params; /* api: the platform, and what is said to it; NULL: another */
	const char *url;       /* feed */
	const char *path;      /* opml: the list (key file); file: a path or a glob */
	int64_t every_ms;      /* of a list: the pace of its feeds */
	int64_t slowest_ms;    /* what a feed's own wishes and its silence may stretch that to; 0: pace_slowest_ms() */
	int64_t backfill_ms;   /* first poll: how old items may be; 0: none; SOURCE_BACKFILL_ALL */
	const char *topic;     /* all that comes from here speaks of it; NULL */
	const char *lang;      /* NULL: as the items say */
	const char *format;    /* of a file: auto | feed | mentions */
	const struct cidr *allow_private;
	size_t n_allow_private;
	const struct source_budget *budget; /* api; NULL: none */
	const int64_t *recheck;             /* api: how old a hit is when its counts are read again, ascending */
	size_t n_recheck;                   /* SOURCE_RECHECKS_MAX at most; 0: they are not */
	uint64_t account;
	int64_t sharing; /* api: of how many sources, this one included, the platform sees one account; 0: not counted */
	const char *user;
	const struct secret *password;
	bool filter; /* of a stream whose platform has one: frames in which no rule's word stands are dropped unread */
};

/* A firehose: of its frames those are passed over in which no word of the rules stands. */
bool source_sifts(const struct source_config *s);

extern const char *const source_platform_names[]; /* those that are built in; NULL at the end */
const char *source_platform_name(const struct source_config *s);
extern const struct schema_table source_table;

/* Of all sources of a configuration: counts how many are one account to their platform. */
void source_share(struct source_config *v, size_t n);
extern const struct schema_row source_network; /* an item of allow_private: a struct cidr */
