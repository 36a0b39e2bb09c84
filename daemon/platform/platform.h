#pragma once
/*
 * platform/platform: how a kind of source is spoken to: one file of conf/platforms as structs with positions.
 *
 * What the file says is data: how to ask (request), who we are (auth), where to go on (cursor, pages), how fast (limits,
 * every), what it costs (cost, budget) and what an answer holds (map: jq programs, which readers run and escuchad never
 * looks into). What is done with it stands in platform/request, answer, auth and budget, as pure steps.
 *
 * Owner:  the arena given; all of it lives as long as that.
 * Blocks: platform_read() parses; a file of the user's is read by platform/platforms.
 * Bounds: below, each told as a finding.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/schema.h"
#include "platform/template.h"

struct arena;

enum {
	PLATFORM_PARAMS_MAX = 32,
	PLATFORM_PAIRS_MAX = 32,         /* of a query, of headers, of a form */
	PLATFORM_FACTS_MAX = 16,         /* named programs beside "mentions" */
	PLATFORM_PAGES_MAX = 100,        /* of one poll, whatever a file says */
	PLATFORM_VALUE_MAX_BYTES = 2048, /* of a parameter: a search query may be long */
	PLATFORM_IDS_MAX = 100,          /* of one lookup */
	PLATFORM_FIXTURES_MAX = 16,
};

enum platform_transport {
	PLATFORM_POLL,
	PLATFORM_LONGPOLL,
	PLATFORM_NDJSON,
	PLATFORM_SSE,
	PLATFORM_WEBSOCKET,
	PLATFORM_WEBHOOK,
	PLATFORM_IMAP,
};
extern const char *const platform_transport_names[];

/* What people read, in both languages. */
struct platform_says {
	const char *es, *en;
};
const char *platform_says(const struct platform_says *says, enum text_lang lang); /* NULL gives "" */

/* --- what a source says --- */

enum platform_param_kind {
	PLATFORM_PARAM_TEXT,
	PLATFORM_PARAM_HOST,   /* a host's name, perhaps with a port: the place of a server */
	PLATFORM_PARAM_URL,    /* http or https, to begin a request's address with */
	PLATFORM_PARAM_NUMBER, /* digits */
	PLATFORM_PARAM_PATH,   /* a file's, relative to the one that names it */
};

struct platform_param {
	struct diag_pos pos;
	const char *name;
	int kind; /* enum platform_param_kind */
	bool required, secret;
	const char *def;     /* NULL: none */
	const char *example; /* for "escuchactl platforms NAME"; NULL: none */
	const char *pattern; /* what the whole of it has to be, a POSIX extended expression; NULL: anything */
	struct diag_pos pattern_pos;
	const char *const *choices;
	size_t n_choices;
	const struct platform_says *help;
};

/* --- how it is asked --- */

/* A name and what stands for it. Where a placeholder of the value has nothing to stand for it, the pair is left out. */
struct platform_pair {
	struct diag_pos pos;
	const char *name;
	struct template value;
};
struct platform_pairs {
	const struct platform_pair *v;
	size_t n;
};

enum platform_method { PLATFORM_GET, PLATFORM_POST };

struct platform_body {
	struct diag_pos pos;
	const struct template_json *json; /* NULL: none */
	struct platform_pairs form;
	const char *graphql;                   /* the query; NULL: none */
	const struct template_json *variables; /* of it */
};

struct platform_request {
	struct diag_pos pos;
	struct template url;
	struct platform_pairs query, headers;
	const struct platform_body *body; /* NULL: none */
	int method;                       /* enum platform_method */
};

/* Posts that are known by their ids: asked for their counts once more (a source's recheck), and those that came as an id alone
 * (the fact "hydrate"). What is answered is read by the platform's own map. */
struct platform_lookup {
	struct diag_pos pos;
	const struct platform_request *request;
	int64_t most;          /* ids of one request */
	const char *join;      /* between them */
	bool repeat;           /* … no: a pair that is {@ids} alone is there once an id */
	int64_t calls_per_day; /* it counts these requests apart from the others, and gives so many; 0: with them */
};

/* --- who we are --- */

enum platform_auth_kind {
	PLATFORM_AUTH_NONE,
	PLATFORM_AUTH_BEARER, /* a token that doesn't change: "Authorization: Bearer …" */
	PLATFORM_AUTH_HEADER, /* headers of its own */
	PLATFORM_AUTH_QUERY,  /* a parameter of the query */
	PLATFORM_AUTH_PATH,   /* {@auth} in the address */
	PLATFORM_AUTH_BASIC,
	PLATFORM_AUTH_CLIENT_CREDENTIALS,
	PLATFORM_AUTH_REFRESH,         /* a refresh token gives access tokens, and perhaps its own successor */
	PLATFORM_AUTH_EXCHANGE,        /* a token is exchanged for a longer-lived one, again and again */
	PLATFORM_AUTH_SESSION,         /* a name and a password open a session, which is refreshed */
	PLATFORM_AUTH_SERVICE_ACCOUNT, /* Google's: a signed statement is exchanged for a token */
	PLATFORM_AUTH_XOAUTH2,         /* PLATFORM_AUTH_REFRESH, for a mailbox */
};
extern const char *const platform_auth_names[];

/* A request for a token. */
struct platform_token_request {
	struct diag_pos pos;
	struct template url;
	int method;
	struct platform_pairs query, headers, form;
	const struct template_json *json;       /* NULL: none */
	const struct template *user, *password; /* HTTP Basic; NULL: none */
};

struct platform_auth {
	struct diag_pos pos;
	int kind;
	bool optional;                          /* nothing is sent where the source names no secret */
	const struct template *value;           /* bearer, query, path: the token as given */
	const char *name;                       /* query: the parameter's name */
	struct platform_pairs headers;          /* header */
	const struct template *user, *password; /* basic */
	/* kinds that get a token: */
	int send; /* BEARER, QUERY or HEADER: how what was got is sent; {@token} stands for it in headers */
	const struct platform_token_request *get, *refresh; /* refresh NULL: get is asked again */
	const char *access, *refreshed, *expires; /* names in the answer: access_token, refresh_token, expires_in */
	int64_t life_ms;                          /* where the answer doesn't say */
	int64_t ahead_ms;                         /* refreshed so long before its end */
	int64_t warn_ms;                          /* one that can't be refreshed: told so long before its end */
	const char *
		expired; /* what an error says when the token is too old: a POSIX extended expression; NULL: 401 alone */
	struct diag_pos expired_pos;
	const char *scope;          /* service account */
	const struct template *key; /* service account: its JSON */
};

/* --- what it sends by itself (transport webhook; platform/hook) --- */

enum platform_hook_hello { PLATFORM_HOOK_SILENT, PLATFORM_HOOK_HUB, PLATFORM_HOOK_CRC, PLATFORM_HOOK_CHALLENGE };
enum platform_hook_algo { PLATFORM_HOOK_SHA256, PLATFORM_HOOK_SHA1 };
enum platform_hook_encoding { PLATFORM_HOOK_HEX, PLATFORM_HOOK_BASE64 };
enum platform_hook_key { PLATFORM_HOOK_KEY_TEXT, PLATFORM_HOOK_KEY_BASE64 };

struct platform_hook_sign {
	struct diag_pos pos;
	const char *header;
	int algo, encoding, key;
	const char *prefix;            /* of each signature in the header; NULL: none */
	const char *before;            /* what is signed in front of the body; NULL: nothing */
	const char *time, *id;         /* headers that {time} and {id} of before stand for; NULL: it has none */
	const struct template *secret; /* what it is signed with */
};

/* A header that holds what both know, and nobody else. */
struct platform_hook_equal {
	struct diag_pos pos;
	const char *header;
	const struct template *value;
};

struct platform_webhook {
	struct diag_pos pos;
	int hello;                     /* enum platform_hook_hello: how it asks whether we are there */
	const struct template *verify; /* hub: the token that it asks with */
	const struct platform_hook_sign *sign;
	const struct platform_hook_equal *equal;
};

/* --- what it tells as it comes (transports ndjson, sse and websocket) --- */

struct platform_stream {
	struct diag_pos pos;
	int64_t keepalive_ms;      /* it is never silent for so long while the connection lives */
	int64_t reconnect_ms;      /* between two connections, where the first one was good for something */
	const char *const *events; /* sse: whose data is wanted; none: all */
	size_t n_events;
	/* Titles, texts and authors are texts of the frame as they stand there, plain or HTML: so that one in which no rule's word
	 * stands needs no map. Addresses may be made by the map. */
	bool filter;
};

/* --- what lies in a mailbox (transport imap; platform/mailbox) --- */

struct platform_mailbox {
	struct diag_pos pos;
	struct template folder, security, ca_file; /* no parts: not said */
};

/* --- where it goes on --- */

enum platform_cursor_kind {
	PLATFORM_CURSOR_NONE,
	PLATFORM_CURSOR_SINCE_ID,    /* the newest id of the first page, newest first */
	PLATFORM_CURSOR_MIN_ID,      /* the newest id of each page, oldest first: pages are asked for with it */
	PLATFORM_CURSOR_UNTIL_SEEN,  /* nothing is sent: newest first, until what is known */
	PLATFORM_CURSOR_SINCE_TIME,  /* when it was asked last, less the overlap */
	PLATFORM_CURSOR_OFFSET,      /* one more than the greatest number seen */
	PLATFORM_CURSOR_CONDITIONAL, /* ETag and Last-Modified */
	PLATFORM_CURSOR_EVENT_ID,
	PLATFORM_CURSOR_STREAM_TIME, /* microseconds, less the overlap */
	PLATFORM_CURSOR_UID,
};
extern const char *const platform_cursor_names[];

struct platform_cursor {
	struct diag_pos pos;
	int kind;
	const char *fact;   /* the one that holds it */
	int64_t overlap_ms; /* asked for once more, against what was late to be indexed */
	int64_t first_ms;   /* how far back where nothing was asked before; 0: not said to the platform */
	const char *
		stale; /* what an error says when it is too old to go on from: a POSIX extended expression; NULL: none is */
	struct diag_pos stale_pos;
};

enum platform_pages_kind {
	PLATFORM_PAGES_ONE,
	PLATFORM_PAGES_TOKEN,  /* the fact "next" is {@page} */
	PLATFORM_PAGES_URL,    /* the fact "next" is the next address */
	PLATFORM_PAGES_LINK,   /* Link: <…>; rel="next" */
	PLATFORM_PAGES_NUMBER, /* {@page} is 1, 2, 3 */
	PLATFORM_PAGES_OFFSET, /* {@page} is how many items were passed */
	PLATFORM_PAGES_CURSOR, /* the same request with the new cursor, until nothing new comes */
};
extern const char *const platform_pages_names[];

struct platform_pages {
	struct diag_pos pos;
	int kind;
	int64_t max_pages, max_items; /* of one poll; max_items 0: no bound of its own */
	int64_t first;                /* NUMBER, OFFSET: of the first page */
	int64_t size;                 /* items of a full page: a shorter one is the last; 0: not known */
	bool until_seen;              /* newest first: a page without anything new is the last */
	const char *const
		*hosts; /* URL, LINK: where it may lead, beside the request's own host; .example.com: and below */
	size_t n_hosts;
	const char *total; /* a header that counts the pages; NULL: none */
};

/* --- how fast --- */

enum platform_reset { PLATFORM_RESET_EPOCH, PLATFORM_RESET_SECONDS, PLATFORM_RESET_ISO };

struct platform_limit_headers {
	struct diag_pos pos;
	const char *limit, *remaining, *reset; /* names */
	int as;                                /* enum platform_reset: what reset is */
};

struct platform_limits {
	struct diag_pos pos;
	int64_t gap_ms; /* between two requests */
	const struct platform_limit_headers *headers;
	const char *const *usage; /* headers with percentages in JSON (Meta's) */
	size_t n_usage;
	double usage_most;       /* above this part it waits */
	int64_t window_ms;       /* usage: how long, where nothing says it */
	const int64_t *statuses; /* beside 429 that mean patience, not a fault */
	size_t n_statuses;
	const char *errors; /* words of an error that mean the same: a POSIX extended expression */
	struct diag_pos errors_pos;
	int64_t wait_ms; /* … and for so long, where nobody says it; 0: as any failure */
};

/* --- what it costs --- */

struct platform_cost {
	struct diag_pos pos;
	const char *currency;                /* NULL: no money */
	int64_t request_micros, item_micros; /* of the currency's unit */
	int64_t page_items;                  /* the most that a request may return: what is set aside before it */
	int64_t calls_per_day;               /* 0: no bound */
	int64_t calls_per_month;
	const char *zone; /* at whose midnight the day ends; NULL: UTC */
};

struct platform_every {
	int64_t default_ms; /* the pace where a source names none */
	int64_t least_ms;   /* the fastest that may be asked for */
};

/* --- what an answer holds --- */

/* A jq program, and where it stands. */
struct platform_program {
	struct diag_pos pos; /* of the text's first character, where that can be told */
	const char *name, *text;
};

struct platform_programs {
	const struct platform_program *v;
	size_t n;
};

enum platform_format { PLATFORM_JSON, PLATFORM_LINES, PLATFORM_FEED, PLATFORM_MAIL };
extern const char *const platform_format_names[];

struct platform_map {
	struct diag_pos pos;
	const char *
		name; /* of the program for mentions, among the shipped or beside the file; NULL: a feed, which needs none */
	const char *scope; /* of the mentions' ids, and what they call their platform; NULL: a feed's */
	int format;
	const char *unwrap; /* feed: the parameter of its links that holds the article's own address; NULL: none */
	bool outlet;        /* feed: an item's <source> is who wrote it, and the end of its title */
	struct platform_programs facts;
	const char *program, *program_file; /* the map's, by platform/platforms */
};

/* A recorded answer, and what it is to become: files of the folder fixtures beside the platform's own (platforms_fixture()). */
struct platform_fixture {
	struct diag_pos pos;
	const char *answer, *mentions;
	struct diag_pos answer_pos, mentions_pos;
	struct platform_programs with; /* what a source says, by the parameters' names */
};

struct platform {
	struct diag_pos pos;
	const char *name;
	const char *file; /* as findings name it */
	const struct platform_says *title, *help;
	int transport;
	const struct platform_param *params;
	size_t n_params;
	const struct platform_request *request;
	const struct platform_lookup *lookup; /* NULL: it can't be asked for posts by their ids */
	const struct platform_auth *auth;
	const struct platform_stream *stream;
	const struct platform_webhook *webhook; /* NULL unless that is its transport */
	const struct platform_mailbox *mailbox;
	const struct platform_cursor *cursor;
	const struct platform_pages *pages;
	const struct platform_limits *limits;
	const struct platform_cost *cost;
	const struct platform_every *every;
	struct platform_map *map;
	const struct platform_says *needs, *terms; /* NULL: nothing */
	const struct platform_fixture *fixtures;
	size_t n_fixtures;
};

enum { PLATFORM_E_INVALID = 1 };
/* name is what the file has to call itself. Everything that is wrong is in diag. */
int platform_read(const char *name, const char *file, const char *bytes, size_t len, struct arena *a, struct diag *d,
		  struct platform **ret) must_use;

/* The index among its parameters; -1: it has none of that name. */
int platform_param_find(const struct platform *p, const char *name, size_t len);

bool platform_has_fact(const struct platform *p, const char *name);

extern const struct schema_table platform_table;
/* Parts of it that other files have, too (alert/channel_kind). */
extern const struct schema_table platform_says_table, platform_auth_table;
extern const struct schema_row platform_param_item;

/* Whether the whole of text is what a POSIX extended expression says. The expression was checked when it was read. */
bool platform_is(const char *pattern, const char *text);
/* … or some of it, letter case ignored. pattern NULL: no. */
bool platform_says_so(const char *pattern, const char *text);
