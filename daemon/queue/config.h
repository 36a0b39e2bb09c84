#pragma once
/*
 * queue/config: what the configuration says of Redis.
 *
 *   redis://[user@]host[:port][/database]   port 6379, database 0; host a name, an address or [an IPv6 one]
 *   unix:///path/of/socket[?db=database]
 *   redis-sentinel://[user@]host[:port],host[:port]…/master[/database]   Sentinels: port 26379, at most QUEUE_SENTINELS_MAX
 *
 * A password never stands in the address.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/schema.h"

struct secret;

enum { QUEUE_SENTINELS_MAX = 16 };

struct redis_address {
	const char *shown; /* as it was written: for people and the log */
	const char *host;  /* without the [ ] of an IPv6 one; NULL: path counts */
	const char *path;  /* of a Unix socket */
	const char *user;  /* NULL: none */
	uint16_t port;
	uint16_t database;
	const char *master;                    /* what the Sentinels call it; NULL: host or path counts */
	const struct redis_address *sentinels; /* with master: host and port of each */
	size_t n_sentinels;
};

struct queue_config {
	struct diag_pos pos;
	struct redis_address redis;
	const char *user; /* redis.user as well; NULL: the default one */
	const struct secret *password;
	const struct secret *sentinel_password; /* what the Sentinels ask for; NULL: nothing */
	const char *stream;                     /* of hits */
	const char *incidents;                  /* of what happens to incidents */
	int64_t rewind_ms;                      /* how far the outbox is set back when Redis lost what it had taken */
	int64_t keep_ms;                        /* how long the stream keeps what was delivered */
	int64_t high_water;                     /* rows that wait: from here on it is an alarm */
};

extern const struct schema_table queue_table;

/* The same server, user and stream: password and limits may differ. */
bool queue_config_same(const struct queue_config *a, const struct queue_config *b);
