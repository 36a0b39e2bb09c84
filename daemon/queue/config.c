#include "queue/config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/units.h"

enum {
	REDIS_PORT = 6379,
	SENTINEL_PORT = 26379,
	PORT_MAX = 65535,
	DATABASE_MAX = 65535,
	STREAM_MAX_BYTES = 255,
	HIGH_WATER_MAX = 1000 * 1000 * 1000
};

/* Digits of from..to in 0..max; -1: none, or more. */
static long number(struct arena *a, const char *from, const char *to, long max)
{
	int64_t n;

	if (units_int(arena_memdup0(a, from, (size_t)(to - from)), &n) != 0 || n < 0 || n > max)
		return -1;
	return (long)n;
}

static bool is_host(const char *from, const char *to)
{
	if (from == to)
		return false;
	for (; from < to; from++) {
		if (!isalnum((unsigned char)*from) && !strchr(".-_:", *from))
			return false;
	}
	return true;
}

/* host, host:port, [::1], [::1]:port */
static bool decode_host(struct schema_run *run, const struct yaml_node *node, const char *from, const char *to,
			uint16_t usual_port, struct redis_address *ret)
{
	const char *end, *port = NULL;
	long n;

	if (*from == '[') {
		end = memchr(from, ']', (size_t)(to - from));
		from++;
		port = end && end + 1 < to ? end + 1 : NULL;
	} else {
		end = memchr(from, ':', (size_t)(to - from));
		port = end;
		end = end ? end : to;
	}
	if (!end || !is_host(from, end) || (port && *port != ':'))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_REDIS_HOST);
	n = port ? number(schema_arena(run), port + 1, to, PORT_MAX) : usual_port;
	if (n < 1)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_REDIS_PORT);
	ret->host = arena_memdup0(schema_arena(run), from, (size_t)(end - from));
	ret->port = (uint16_t)n;
	return true;
}

static bool decode_database(struct schema_run *run, const struct yaml_node *node, const char *text,
			    struct redis_address *ret)
{
	long n = *text ? number(schema_arena(run), text, text + strlen(text), DATABASE_MAX) : 0;

	if (n < 0)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_REDIS_DATABASE);
	ret->database = (uint16_t)n;
	return true;
}

static bool decode_tcp(struct schema_run *run, const struct yaml_node *node, const char *rest,
		       struct redis_address *ret)
{
	const char *end = rest + strcspn(rest, "/"), *at = memchr(rest, '@', (size_t)(end - rest));

	if (at) {
		ret->user = arena_memdup0(schema_arena(run), rest, (size_t)(at - rest));
		rest = at + 1;
	}
	return decode_host(run, node, rest, end, REDIS_PORT, ret) &&
	       decode_database(run, node, *end ? end + 1 : end, ret);
}

/* host,host:port,… up to `to` */
static bool decode_sentinels(struct schema_run *run, const struct yaml_node *node, const char *from, const char *to,
			     struct redis_address *ret)
{
	struct redis_address *list = ARENA_ARRAY(schema_arena(run), struct redis_address, QUEUE_SENTINELS_MAX);
	const char *end;

	ret->sentinels = list;
	for (;; from = end + 1) {
		end = memchr(from, ',', (size_t)(to - from));
		end = end ? end : to;
		if (ret->n_sentinels == QUEUE_SENTINELS_MAX)
			return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_SENTINELS);
		if (from == end || !decode_host(run, node, from, end, SENTINEL_PORT, &list[ret->n_sentinels]))
			return from < end || SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_REDIS_HOST);
		ret->n_sentinels++;
		if (end == to)
			return true;
	}
}

static bool decode_sentinel(struct schema_run *run, const struct yaml_node *node, const char *rest,
			    struct redis_address *ret)
{
	const char *end = rest + strcspn(rest, "/"), *at = memchr(rest, '@', (size_t)(end - rest));
	const char *name = *end ? end + 1 : end, *slash = name + strcspn(name, "/");

	if (at) {
		ret->user = arena_memdup0(schema_arena(run), rest, (size_t)(at - rest));
		rest = at + 1;
	}
	if (!is_host(name, slash))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_SENTINEL_MASTER);
	ret->master = arena_memdup0(schema_arena(run), name, (size_t)(slash - name));
	return decode_sentinels(run, node, rest, end, ret) &&
	       decode_database(run, node, *slash ? slash + 1 : slash, ret);
}

/* What people write who have used other clients. */
static bool is_not_spoken(struct schema_run *run, const struct yaml_node *node)
{
	if (node->kind != YAML_TEXT)
		return false;
	if (strncasecmp(node->text, "rediss:", 7) == 0)
		return !SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_REDIS_TLS);
	if (strncasecmp(node->text, "redis-cluster:", 14) == 0)
		return !SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_REDIS_CLUSTER);
	return false;
}

static bool decode_unix(struct schema_run *run, const struct yaml_node *node, const char *rest,
			struct redis_address *ret)
{
	enum { SOCKET_PATH_MAX = 107 }; /* sun_path and its NUL */
	const char *query = strchr(rest, '?'), *end = query ? query : rest + strlen(rest);

	if (*rest != '/' || end == rest + 1 || end - rest > SOCKET_PATH_MAX)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_REDIS_PATH);
	ret->path = arena_memdup0(schema_arena(run), rest, (size_t)(end - rest));
	if (query && strncmp(query, "?db=", 4) != 0)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_REDIS_DATABASE);
	return decode_database(run, node, query ? query + 4 : "", ret);
}

static bool decode_redis(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const char *const schemes[] = {"redis", "unix", "redis-sentinel", NULL};
	static const struct schema_row url = {.type = SCHEMA_URL, .names = schemes};
	struct redis_address *address = ret;

	(void)row;
	if (is_not_spoken(run, node) || !schema_value(run, node, &url, &address->shown))
		return false;
	if (strncasecmp(address->shown, "redis-", 6) == 0)
		return decode_sentinel(run, node, address->shown + strlen("redis-sentinel://"), address);
	if (tolower((unsigned char)*address->shown) == 'u')
		return decode_unix(run, node, address->shown + strlen("unix://"), address);
	return decode_tcp(run, node, address->shown + strlen("redis://"), address);
}

static bool decode_stream(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const char *name;
	size_t i;

	(void)row;
	if (!schema_value(run, node, &text, &name))
		return false;
	for (i = 0; name[i] > ' ' && name[i] < 0x7F; i++)
		;
	if (name[i] || i > STREAM_MAX_BYTES)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_WANT_STREAM, name);
	*(const char **)ret = name;
	return true;
}

static bool check(struct schema_run *run, const struct yaml_node *node, void *object)
{
	struct queue_config *q = object;

	if (q->user && q->redis.user)
		return SCHEMA_FAIL(run, yaml_get(node, "user"), "user", NULL, TEXT_CONFIG_REDIS_TWO_USERS);
	if (!q->user)
		q->user = q->redis.user;
	if (q->user && !q->password)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_USER_ALONE);
	if (strcmp(q->stream, q->incidents) == 0)
		return SCHEMA_FAIL(run, yaml_get(node, "incidents"), "incidents", NULL, TEXT_CONFIG_ONE_STREAM);
	if (q->sentinel_password && !q->redis.master)
		return SCHEMA_FAIL(run, yaml_get(node, "sentinel_password"), "sentinel_password", NULL,
				   TEXT_CONFIG_SENTINEL_PASSWORD);
	return true;
}

static const struct schema_row rows[] = {
	{.key = "redis",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct queue_config, redis),
	 .required = true,
	 .decode = decode_redis,
	 .item_size = sizeof(struct redis_address)},
	{.key = "user", .type = SCHEMA_STRING, .at = offsetof(struct queue_config, user)},
	{.key = "password", .type = SCHEMA_SECRET, .at = offsetof(struct queue_config, password)},
	{.key = "sentinel_password", .type = SCHEMA_SECRET, .at = offsetof(struct queue_config, sentinel_password)},
	{.key = "stream",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct queue_config, stream),
	 .def = "escucha:hits",
	 .decode = decode_stream,
	 .item_size = sizeof(const char *)},
	{.key = "incidents",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct queue_config, incidents),
	 .def = "escucha:incidents",
	 .decode = decode_stream,
	 .item_size = sizeof(const char *)},
	{.key = "rewind", .type = SCHEMA_DURATION, .at = offsetof(struct queue_config, rewind_ms), .def = "24h"},
	{.key = "keep",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct queue_config, keep_ms),
	 .min = HOUR_MS,
	 .def = "7d"},
	{.key = "high_water",
	 .type = SCHEMA_INT,
	 .at = offsetof(struct queue_config, high_water),
	 .min = 1,
	 .max = HIGH_WATER_MAX,
	 .def = "100000"},
};

const struct schema_table queue_table =
	SCHEMA_TABLE(struct queue_config, rows, .pos_at = SCHEMA_AT(struct queue_config, pos), .check = check);

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool queue_config_same(const struct queue_config *a, const struct queue_config *b)
{
	return same_text(a->redis.host, b->redis.host) && same_text(a->redis.path, b->redis.path) &&
	       !a->redis.master == !b->redis.master &&
	       (!a->redis.master || same_text(a->redis.shown, b->redis.shown)) && a->redis.port == b->redis.port &&
	       a->redis.database == b->redis.database && same_text(a->user, b->user) &&
	       same_text(a->stream, b->stream) && same_text(a->incidents, b->incidents);
}
