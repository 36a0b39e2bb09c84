/* platform/platform: the keys of a platform's file. */
#include "base/clock.h"
#include "platform/decode.h"
#include "platform/platform.h"

#define TEXT_ROW(type_, member, ...)                                                                                   \
	{                                                                                                              \
		.key = #member, .type = SCHEMA_STRING, .at = offsetof(type_, member), __VA_ARGS__                      \
	}
#define CUSTOM_ROW(key_, type_, member, decode_, ...)                                                                  \
	{                                                                                                              \
		.key = (key_), .type = SCHEMA_CUSTOM, .at = offsetof(type_, member), .decode = (decode_),              \
		.item_size = sizeof(((type_ *)0)->member), __VA_ARGS__                                                 \
	}
#define OBJECT_ROW(key_, type_, member, table_, ...)                                                                   \
	{                                                                                                              \
		.key = (key_), .type = SCHEMA_OBJECT, .at = offsetof(type_, member), .table = &(table_), __VA_ARGS__   \
	}
#define ENUM_ROW(key_, type_, member, names_, ...)                                                                     \
	{                                                                                                              \
		.key = (key_), .type = SCHEMA_ENUM, .at = offsetof(type_, member), .names = (names_), __VA_ARGS__      \
	}
#define DURATION_ROW(key_, type_, member, ...)                                                                         \
	{                                                                                                              \
		.key = (key_), .type = SCHEMA_DURATION, .at = offsetof(type_, member), __VA_ARGS__                     \
	}
#define TEXTS_ROW(key_, type_, member, n_member, ...)                                                                  \
	{                                                                                                              \
		.key = (key_), .type = SCHEMA_LIST, .at = offsetof(type_, member), .n_at = offsetof(type_, n_member),  \
		.one_or_list = true, .max = 32, .item = &text_item, __VA_ARGS__                                        \
	}
#define INT_ROW(key_, type_, member, ...)                                                                              \
	{                                                                                                              \
		.key = (key_), .type = SCHEMA_INT, .at = offsetof(type_, member), __VA_ARGS__                          \
	}
#define BOOL_ROW(key_, type_, member, ...)                                                                             \
	{                                                                                                              \
		.key = (key_), .type = SCHEMA_BOOL, .at = offsetof(type_, member), __VA_ARGS__                         \
	}
#define POS(type_) .pos_at = SCHEMA_AT(type_, pos)

const char *const platform_transport_names[] = {[PLATFORM_POLL] = "poll",           [PLATFORM_LONGPOLL] = "longpoll",
						[PLATFORM_NDJSON] = "ndjson",       [PLATFORM_SSE] = "sse",
						[PLATFORM_WEBSOCKET] = "websocket", [PLATFORM_WEBHOOK] = "webhook",
						[PLATFORM_IMAP] = "imap",           NULL};
const char *const platform_auth_names[] = {[PLATFORM_AUTH_NONE] = "none",
					   [PLATFORM_AUTH_BEARER] = "bearer",
					   [PLATFORM_AUTH_HEADER] = "header",
					   [PLATFORM_AUTH_QUERY] = "query",
					   [PLATFORM_AUTH_PATH] = "path",
					   [PLATFORM_AUTH_BASIC] = "basic",
					   [PLATFORM_AUTH_CLIENT_CREDENTIALS] = "oauth2_client_credentials",
					   [PLATFORM_AUTH_REFRESH] = "oauth2_refresh",
					   [PLATFORM_AUTH_EXCHANGE] = "token_exchange",
					   [PLATFORM_AUTH_SESSION] = "session",
					   [PLATFORM_AUTH_SERVICE_ACCOUNT] = "google_service_account",
					   [PLATFORM_AUTH_XOAUTH2] = "xoauth2",
					   NULL};
const char *const platform_cursor_names[] = {[PLATFORM_CURSOR_NONE] = "none",
					     [PLATFORM_CURSOR_SINCE_ID] = "since_id",
					     [PLATFORM_CURSOR_MIN_ID] = "min_id",
					     [PLATFORM_CURSOR_UNTIL_SEEN] = "until_seen",
					     [PLATFORM_CURSOR_SINCE_TIME] = "since_time",
					     [PLATFORM_CURSOR_OFFSET] = "offset",
					     [PLATFORM_CURSOR_CONDITIONAL] = "conditional",
					     [PLATFORM_CURSOR_EVENT_ID] = "event_id",
					     [PLATFORM_CURSOR_STREAM_TIME] = "stream_time",
					     [PLATFORM_CURSOR_UID] = "uid",
					     NULL};
const char *const platform_pages_names[] = {[PLATFORM_PAGES_ONE] = "one",       [PLATFORM_PAGES_TOKEN] = "token",
					    [PLATFORM_PAGES_URL] = "url",       [PLATFORM_PAGES_LINK] = "link",
					    [PLATFORM_PAGES_NUMBER] = "number", [PLATFORM_PAGES_OFFSET] = "offset",
					    [PLATFORM_PAGES_CURSOR] = "cursor", NULL};
const char *const platform_format_names[] = {
	[PLATFORM_JSON] = "json", [PLATFORM_LINES] = "lines", [PLATFORM_FEED] = "feed", [PLATFORM_MAIL] = "mail", NULL};

static const char *const param_kinds[] = {
	[PLATFORM_PARAM_TEXT] = "text",     [PLATFORM_PARAM_HOST] = "host", [PLATFORM_PARAM_URL] = "url",
	[PLATFORM_PARAM_NUMBER] = "number", [PLATFORM_PARAM_PATH] = "path", NULL};
static const char *const methods[] = {[PLATFORM_GET] = "GET", [PLATFORM_POST] = "POST", NULL};
static const char *const sends[] = {[PLATFORM_AUTH_NONE] = "none",
				    [PLATFORM_AUTH_BEARER] = "bearer",
				    [PLATFORM_AUTH_HEADER] = "header",
				    [PLATFORM_AUTH_QUERY] = "query",
				    NULL};
static const char *const hook_hellos[] = {[PLATFORM_HOOK_SILENT] = "none",
					  [PLATFORM_HOOK_HUB] = "hub",
					  [PLATFORM_HOOK_CRC] = "crc",
					  [PLATFORM_HOOK_CHALLENGE] = "challenge",
					  NULL};
static const char *const hook_algos[] = {[PLATFORM_HOOK_SHA256] = "sha256", [PLATFORM_HOOK_SHA1] = "sha1", NULL};
static const char *const hook_encodings[] = {[PLATFORM_HOOK_HEX] = "hex", [PLATFORM_HOOK_BASE64] = "base64", NULL};
static const char *const hook_keys[] = {[PLATFORM_HOOK_KEY_TEXT] = "text", [PLATFORM_HOOK_KEY_BASE64] = "base64", NULL};
static const char *const resets[] = {
	[PLATFORM_RESET_EPOCH] = "epoch", [PLATFORM_RESET_SECONDS] = "seconds", [PLATFORM_RESET_ISO] = "iso", NULL};

static const struct schema_row text_item = {.type = SCHEMA_STRING};
static const struct schema_row status_item = {.type = SCHEMA_INT, .min = 400, .max = 599};

static const struct schema_row says_rows[] = {
	TEXT_ROW(struct platform_says, es, .required = true),
	TEXT_ROW(struct platform_says, en, .required = true),
};
const struct schema_table platform_says_table = SCHEMA_TABLE(struct platform_says, says_rows);

static const struct schema_row param_rows[] = {
	ENUM_ROW("kind", struct platform_param, kind, param_kinds),
	BOOL_ROW("required", struct platform_param, required),
	BOOL_ROW("secret", struct platform_param, secret),
	{.key = "default", .type = SCHEMA_STRING, .at = offsetof(struct platform_param, def)},
	TEXT_ROW(struct platform_param, example),
	CUSTOM_ROW("pattern", struct platform_param, pattern, decode_expression,
		   .pos_at = SCHEMA_AT(struct platform_param, pattern_pos)),
	TEXTS_ROW("choices", struct platform_param, choices, n_choices),
	OBJECT_ROW("help", struct platform_param, help, platform_says_table, .required = true),
};
static const struct schema_table param_table =
	SCHEMA_TABLE(struct platform_param, param_rows, POS(struct platform_param),
		     .name_at = SCHEMA_AT(struct platform_param, name));
const struct schema_row platform_param_item = {.type = SCHEMA_OBJECT, .table = &param_table};

static const struct schema_row body_rows[] = {
	CUSTOM_ROW("json", struct platform_body, json, template_json_decode),
	CUSTOM_ROW("form", struct platform_body, form, decode_pairs),
	TEXT_ROW(struct platform_body, graphql),
	CUSTOM_ROW("variables", struct platform_body, variables, template_json_decode),
};
static const struct schema_table body_table = SCHEMA_TABLE(struct platform_body, body_rows, POS(struct platform_body));

static const struct schema_row request_rows[] = {
	CUSTOM_ROW("url", struct platform_request, url, template_decode, .required = true),
	CUSTOM_ROW("query", struct platform_request, query, decode_pairs),
	CUSTOM_ROW("headers", struct platform_request, headers, decode_pairs),
	OBJECT_ROW("body", struct platform_request, body, body_table),
	ENUM_ROW("method", struct platform_request, method, methods),
};
static const struct schema_table request_table =
	SCHEMA_TABLE(struct platform_request, request_rows, POS(struct platform_request));

static const struct schema_row lookup_rows[] = {
	OBJECT_ROW("request", struct platform_lookup, request, request_table, .required = true),
	INT_ROW("most", struct platform_lookup, most, .min = 1, .max = PLATFORM_IDS_MAX, .def = "1"),
	TEXT_ROW(struct platform_lookup, join, .def = ","),
	BOOL_ROW("repeat", struct platform_lookup, repeat),
	INT_ROW("calls_per_day", struct platform_lookup, calls_per_day, .min = 1, .max = 1000000000),
};
static const struct schema_table lookup_table =
	SCHEMA_TABLE(struct platform_lookup, lookup_rows, POS(struct platform_lookup));

static const struct schema_row token_rows[] = {
	CUSTOM_ROW("url", struct platform_token_request, url, template_decode, .required = true),
	ENUM_ROW("method", struct platform_token_request, method, methods, .def = "POST"),
	CUSTOM_ROW("query", struct platform_token_request, query, decode_pairs),
	CUSTOM_ROW("headers", struct platform_token_request, headers, decode_pairs),
	CUSTOM_ROW("form", struct platform_token_request, form, decode_pairs),
	CUSTOM_ROW("json", struct platform_token_request, json, template_json_decode),
	CUSTOM_ROW("user", struct platform_token_request, user, decode_template_ref),
	CUSTOM_ROW("password", struct platform_token_request, password, decode_template_ref),
};
static const struct schema_table token_table =
	SCHEMA_TABLE(struct platform_token_request, token_rows, POS(struct platform_token_request));

static const struct schema_row auth_rows[] = {
	ENUM_ROW("kind", struct platform_auth, kind, platform_auth_names, .required = true),
	BOOL_ROW("optional", struct platform_auth, optional),
	CUSTOM_ROW("value", struct platform_auth, value, decode_template_ref),
	TEXT_ROW(struct platform_auth, name),
	CUSTOM_ROW("headers", struct platform_auth, headers, decode_pairs),
	CUSTOM_ROW("user", struct platform_auth, user, decode_template_ref),
	CUSTOM_ROW("password", struct platform_auth, password, decode_template_ref),
	ENUM_ROW("send", struct platform_auth, send, sends, .def = "bearer"),
	OBJECT_ROW("get", struct platform_auth, get, token_table),
	OBJECT_ROW("refresh", struct platform_auth, refresh, token_table),
	TEXT_ROW(struct platform_auth, access, .def = "access_token"),
	TEXT_ROW(struct platform_auth, refreshed, .def = "refresh_token"),
	TEXT_ROW(struct platform_auth, expires, .def = "expires_in"),
	DURATION_ROW("life", struct platform_auth, life_ms, .min = MINUTE_MS, .max = 3650 * DAY_MS, .def = "1h"),
	DURATION_ROW("ahead", struct platform_auth, ahead_ms, .max = 60 * DAY_MS, .def = "5m"),
	DURATION_ROW("warn", struct platform_auth, warn_ms, .max = 60 * DAY_MS, .def = "7d"),
	CUSTOM_ROW("expired", struct platform_auth, expired, decode_expression,
		   .pos_at = SCHEMA_AT(struct platform_auth, expired_pos)),
	TEXT_ROW(struct platform_auth, scope),
	CUSTOM_ROW("key", struct platform_auth, key, decode_template_ref),
};
const struct schema_table platform_auth_table =
	SCHEMA_TABLE(struct platform_auth, auth_rows, POS(struct platform_auth));

static const struct schema_row sign_rows[] = {
	TEXT_ROW(struct platform_hook_sign, header, .required = true),
	ENUM_ROW("algo", struct platform_hook_sign, algo, hook_algos),
	ENUM_ROW("encoding", struct platform_hook_sign, encoding, hook_encodings),
	ENUM_ROW("key", struct platform_hook_sign, key, hook_keys),
	TEXT_ROW(struct platform_hook_sign, prefix),
	TEXT_ROW(struct platform_hook_sign, before),
	TEXT_ROW(struct platform_hook_sign, time),
	TEXT_ROW(struct platform_hook_sign, id),
	CUSTOM_ROW("secret", struct platform_hook_sign, secret, decode_template_ref, .required = true),
};
static const struct schema_table sign_table =
	SCHEMA_TABLE(struct platform_hook_sign, sign_rows, POS(struct platform_hook_sign));

static const struct schema_row equal_rows[] = {
	TEXT_ROW(struct platform_hook_equal, header, .required = true),
	CUSTOM_ROW("value", struct platform_hook_equal, value, decode_template_ref, .required = true),
};
static const struct schema_table equal_table =
	SCHEMA_TABLE(struct platform_hook_equal, equal_rows, POS(struct platform_hook_equal));

static const struct schema_row webhook_rows[] = {
	ENUM_ROW("hello", struct platform_webhook, hello, hook_hellos),
	CUSTOM_ROW("verify", struct platform_webhook, verify, decode_template_ref),
	OBJECT_ROW("sign", struct platform_webhook, sign, sign_table),
	OBJECT_ROW("equal", struct platform_webhook, equal, equal_table),
};
static const struct schema_table webhook_table =
	SCHEMA_TABLE(struct platform_webhook, webhook_rows, POS(struct platform_webhook));

static const struct schema_row stream_rows[] = {
	DURATION_ROW("keepalive", struct platform_stream, keepalive_ms, .min = SECOND_MS, .max = HOUR_MS, .def = "90s"),
	DURATION_ROW("reconnect", struct platform_stream, reconnect_ms, .max = HOUR_MS, .def = "1s"),
	TEXTS_ROW("events", struct platform_stream, events, n_events),
	BOOL_ROW("filter", struct platform_stream, filter),
};
static const struct schema_table stream_table =
	SCHEMA_TABLE(struct platform_stream, stream_rows, POS(struct platform_stream));

static const struct schema_row mailbox_rows[] = {
	CUSTOM_ROW("folder", struct platform_mailbox, folder, template_decode),
	CUSTOM_ROW("security", struct platform_mailbox, security, template_decode),
	CUSTOM_ROW("ca_file", struct platform_mailbox, ca_file, template_decode),
};
static const struct schema_table mailbox_table =
	SCHEMA_TABLE(struct platform_mailbox, mailbox_rows, POS(struct platform_mailbox));

static const struct schema_row cursor_rows[] = {
	ENUM_ROW("kind", struct platform_cursor, kind, platform_cursor_names, .required = true),
	{.key = "fact", .type = SCHEMA_NAME, .at = offsetof(struct platform_cursor, fact), .def = "cursor"},
	DURATION_ROW("overlap", struct platform_cursor, overlap_ms, .max = 30 * DAY_MS, .def = "10m"),
	DURATION_ROW("first", struct platform_cursor, first_ms, .max = 365 * DAY_MS),
	CUSTOM_ROW("stale", struct platform_cursor, stale, decode_expression,
		   .pos_at = SCHEMA_AT(struct platform_cursor, stale_pos)),
};
static const struct schema_table cursor_table =
	SCHEMA_TABLE(struct platform_cursor, cursor_rows, POS(struct platform_cursor));

static const struct schema_row pages_rows[] = {
	ENUM_ROW("kind", struct platform_pages, kind, platform_pages_names, .required = true),
	INT_ROW("max_pages", struct platform_pages, max_pages, .min = 1, .max = PLATFORM_PAGES_MAX, .def = "10"),
	INT_ROW("max_items", struct platform_pages, max_items, .min = 1, .max = 100000),
	INT_ROW("first", struct platform_pages, first, .min = 0, .max = 1000, .def = "1"),
	INT_ROW("size", struct platform_pages, size, .min = 1, .max = 10000),
	BOOL_ROW("until_seen", struct platform_pages, until_seen),
	TEXTS_ROW("hosts", struct platform_pages, hosts, n_hosts),
	TEXT_ROW(struct platform_pages, total),
};
static const struct schema_table pages_table =
	SCHEMA_TABLE(struct platform_pages, pages_rows, POS(struct platform_pages));

static const struct schema_row limit_header_rows[] = {
	TEXT_ROW(struct platform_limit_headers, limit),
	TEXT_ROW(struct platform_limit_headers, remaining, .required = true),
	TEXT_ROW(struct platform_limit_headers, reset, .required = true),
	ENUM_ROW("as", struct platform_limit_headers, as, resets, .required = true),
};
static const struct schema_table limit_header_table =
	SCHEMA_TABLE(struct platform_limit_headers, limit_header_rows, POS(struct platform_limit_headers));

static const struct schema_row limits_rows[] = {
	DURATION_ROW("gap", struct platform_limits, gap_ms, .max = HOUR_MS),
	OBJECT_ROW("headers", struct platform_limits, headers, limit_header_table),
	TEXTS_ROW("usage", struct platform_limits, usage, n_usage),
	{.key = "usage_most", .type = SCHEMA_PART, .at = offsetof(struct platform_limits, usage_most), .def = "90%"},
	DURATION_ROW("window", struct platform_limits, window_ms, .min = SECOND_MS, .max = DAY_MS, .def = "1h"),
	{.key = "statuses",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct platform_limits, statuses),
	 .n_at = offsetof(struct platform_limits, n_statuses),
	 .one_or_list = true,
	 .max = 20,
	 .item = &status_item},
	CUSTOM_ROW("errors", struct platform_limits, errors, decode_expression,
		   .pos_at = SCHEMA_AT(struct platform_limits, errors_pos)),
	DURATION_ROW("wait", struct platform_limits, wait_ms, .max = DAY_MS),
};
static const struct schema_table limits_table =
	SCHEMA_TABLE(struct platform_limits, limits_rows, POS(struct platform_limits));

static const struct schema_row cost_rows[] = {
	TEXT_ROW(struct platform_cost, currency),
	CUSTOM_ROW("request", struct platform_cost, request_micros, decode_micros),
	CUSTOM_ROW("item", struct platform_cost, item_micros, decode_micros),
	INT_ROW("page_items", struct platform_cost, page_items, .min = 1, .max = 10000, .def = "100"),
	INT_ROW("calls_per_day", struct platform_cost, calls_per_day, .min = 1, .max = 1000000000),
	INT_ROW("calls_per_month", struct platform_cost, calls_per_month, .min = 1, .max = 1000000000),
	TEXT_ROW(struct platform_cost, zone),
};
static const struct schema_table cost_table = SCHEMA_TABLE(struct platform_cost, cost_rows, POS(struct platform_cost));

static const struct schema_row every_rows[] = {
	DURATION_ROW("default", struct platform_every, default_ms, .min = SECOND_MS, .max = 30 * DAY_MS, .def = "15m"),
	DURATION_ROW("least", struct platform_every, least_ms, .min = SECOND_MS, .max = 30 * DAY_MS, .def = "1m"),
};
static const struct schema_table every_table = SCHEMA_TABLE(struct platform_every, every_rows);

static const struct schema_row map_rows[] = {
	{.key = "use", .type = SCHEMA_NAME, .at = offsetof(struct platform_map, name)},
	{.key = "scope", .type = SCHEMA_NAME, .at = offsetof(struct platform_map, scope)},
	ENUM_ROW("format", struct platform_map, format, platform_format_names),
	{.key = "unwrap", .type = SCHEMA_NAME, .at = offsetof(struct platform_map, unwrap)},
	{.key = "outlet", .type = SCHEMA_BOOL, .at = offsetof(struct platform_map, outlet), .def = "false"},
	CUSTOM_ROW("facts", struct platform_map, facts, decode_programs),
};
static const struct schema_table map_table = SCHEMA_TABLE(struct platform_map, map_rows, POS(struct platform_map));

static const struct schema_row fixture_rows[] = {
	TEXT_ROW(struct platform_fixture, answer, .required = true,
		 .pos_at = SCHEMA_AT(struct platform_fixture, answer_pos)),
	TEXT_ROW(struct platform_fixture, mentions, .required = true,
		 .pos_at = SCHEMA_AT(struct platform_fixture, mentions_pos)),
	CUSTOM_ROW("with", struct platform_fixture, with, decode_programs),
};
static const struct schema_table fixture_table =
	SCHEMA_TABLE(struct platform_fixture, fixture_rows, POS(struct platform_fixture));
static const struct schema_row fixture_item = {.type = SCHEMA_OBJECT, .table = &fixture_table};

static const struct schema_row rows[] = {
	{.key = "platform", .type = SCHEMA_NAME, .at = offsetof(struct platform, name), .required = true},
	OBJECT_ROW("title", struct platform, title, platform_says_table, .required = true),
	OBJECT_ROW("help", struct platform, help, platform_says_table, .required = true),
	ENUM_ROW("transport", struct platform, transport, platform_transport_names),
	{.key = "params",
	 .type = SCHEMA_NAMED,
	 .at = offsetof(struct platform, params),
	 .n_at = offsetof(struct platform, n_params),
	 .max = PLATFORM_PARAMS_MAX,
	 .item = &platform_param_item},
	OBJECT_ROW("request", struct platform, request, request_table),
	OBJECT_ROW("lookup", struct platform, lookup, lookup_table),
	OBJECT_ROW("auth", struct platform, auth, platform_auth_table, .def = "{kind: none}"),
	OBJECT_ROW("stream", struct platform, stream, stream_table, .def = "{}"),
	OBJECT_ROW("webhook", struct platform, webhook, webhook_table),
	OBJECT_ROW("mailbox", struct platform, mailbox, mailbox_table, .def = "{}"),
	OBJECT_ROW("cursor", struct platform, cursor, cursor_table, .def = "{kind: none}"),
	OBJECT_ROW("pages", struct platform, pages, pages_table, .def = "{kind: one}"),
	OBJECT_ROW("limits", struct platform, limits, limits_table, .def = "{}"),
	OBJECT_ROW("cost", struct platform, cost, cost_table, .def = "{}"),
	OBJECT_ROW("every", struct platform, every, every_table, .def = "{}"),
	OBJECT_ROW("map", struct platform, map, map_table, .required = true),
	OBJECT_ROW("needs", struct platform, needs, platform_says_table),
	OBJECT_ROW("terms", struct platform, terms, platform_says_table),
	{.key = "fixtures",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct platform, fixtures),
	 .n_at = offsetof(struct platform, n_fixtures),
	 .max = PLATFORM_FIXTURES_MAX,
	 .item = &fixture_item},
};
const struct schema_table platform_table = SCHEMA_TABLE(struct platform, rows, POS(struct platform));
