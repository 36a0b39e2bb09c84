#pragma once
/*
 * alert/channel_kind: how a kind of channel is spoken to: one file of conf/channels (channels/ beside the configuration wins) as
 * structs with positions. What it has of a platform's file (parameters, who we are) is platform/platform's, and so are the
 * templates; here is what a channel has beyond that: where a message goes, what is asked for a new one, for one that follows, for a
 * change of an earlier one and for the end of a matter, what an answer means, how fast.
 *
 * In templates stand, beside the parameters: {@auth} (the address alone), {@to} (the address of who is told), {@id} (what the
 * channel called an earlier message), {@key} (the notice's own, the same over all tries) and {@matter}.
 *
 * Owner:  the arena given. Blocks: channel_kinds_find() reads a file of the folder, each name once.
 * Bounds: platform/platform's, and below.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/err.h"
#include "platform/platform.h"

struct arena;
struct channel_kinds;
struct map_source;

enum { CHANNEL_FIXTURES_MAX = 16, CHANNEL_FIXTURE_MAX_BYTES = 256 * 1024 };

/* CHANNEL_PRESSED: whoever pressed a button under a message is told at once what came of it. */
enum channel_way_kind { CHANNEL_NEW, CHANNEL_FOLLOW, CHANNEL_EDIT, CHANNEL_CLOSE, CHANNEL_PRESSED, CHANNEL_WAYS };
extern const char
	*const channel_way_names[]; /* "new", "follow", "edit", "close", "pressed": keys, and programs; NULL at the end */

enum channel_method { CHANNEL_POST, CHANNEL_PUT, CHANNEL_PATCH };
extern const char *const channel_method_names[];

/* One request. Its body is what the program of its name makes. */
struct channel_way {
	struct platform_request request; /* url, query, headers */
	int method;                      /* enum channel_method */
};

enum channel_as { CHANNEL_JSON, CHANNEL_FORM };

struct channel_body {
	struct diag_pos pos;
	int as;                            /* enum channel_as */
	struct platform_programs programs; /* by channel_way_names */
	struct platform_pairs put; /* members beside what the program makes: what no reader may know, such as tokens */
};

/* Where a person is. */
struct channel_address {
	struct diag_pos pos;
	const char *pattern; /* what the whole of it has to be, a POSIX extended expression; NULL: anything */
	struct diag_pos pattern_pos;
	const char *example;
	const struct platform_says *help;
};

/* What an answer says. Names of members lead through objects: result.message_id */
struct channel_reply {
	struct diag_pos pos;
	const char *ok;    /* has to be true, beside a status of 2xx; NULL: the status says it all */
	const char *id;    /* what the channel calls the message; NULL: nothing */
	const char *error; /* its words */
	const char *wait;  /* seconds to wait, beside Retry-After */
	/* What its words mean, as POSIX extended expressions; NULL: nothing more than the status does. */
	const char *later, *never;
	const char *same; /* it is there already as it should be */
	const char *gone; /* the earlier message is no more: a new one is sent */
	struct diag_pos later_pos, never_pos, same_pos, gone_pos;
};

struct channel_pace {
	struct diag_pos pos;
	int64_t gap_ms; /* between two requests */
};

/* "t=SECONDS,v1=HEX" of HMAC-SHA-256 over "SECONDS.BODY". */
struct channel_sign {
	struct diag_pos pos;
	const char *header;
	const struct template *secret;
};

/* A notice, and the request that it has to become (alert/channel_example): files of the folder fixtures beside the kind's own. */
struct channel_fixture {
	struct diag_pos pos;
	const char *notice, *request;
	struct diag_pos notice_pos, request_pos;
	struct platform_programs with; /* what a channel says, by the parameters' names */
};

struct channel_kind {
	struct platform base; /* name, title, help, params, auth, needs, terms; request: that of CHANNEL_NEW */
	const char *bytes;    /* the file's */
	size_t len;
	const struct channel_address *address;
	const struct channel_way *ways[CHANNEL_WAYS]; /* NULL: it can't */
	const struct channel_body *body;
	const struct channel_reply *answer;
	const struct channel_pace *limits;
	const struct channel_sign *sign; /* NULL: not signed */
	const char *replies; /* the platform by which what is answered there is read, buttons too; its parameters are of the same names; NULL: none */
	struct diag_pos replies_pos;
	const struct channel_fixture *fixtures;
	size_t n_fixtures;
	int to, id, key, matter; /* which of the parameters these are */
};

extern const struct schema_table channel_kind_table; /* its keys; struct channel_kind */

enum { CHANNEL_KIND_E_INVALID = 1 }; /* all that is wrong is in diag */
int channel_kind_read(const char *name, const char *file, const char *bytes, size_t len, struct arena *a,
		      struct diag *d, struct channel_kind **ret) must_use;

/* Its programs as nurseries take them (mention/map), by the name channel_kind_map() gives. */
void channel_kind_source(const struct channel_kind *k, struct arena *a, struct map_source *ret);
#define CHANNEL_MAP_PREFIX "channel--"

/* --- by name --- */

struct channel_kinds *channel_kinds_open(const char *folder, struct arena *a); /* folder NULL: the shipped ones alone */
enum { CHANNEL_KINDS_E_UNKNOWN = 1, CHANNEL_KINDS_E_INVALID /* told in d, the first time */ };
int channel_kinds_find(struct channel_kinds *c, const char *name, struct diag *d,
		       const struct channel_kind **ret) must_use;
const char *channel_kinds_guess(const char *name); /* did you mean; NULL */
/* A file of fixtures/, as it stands there. */
int channel_kinds_fixture(struct channel_kinds *c, const char *name, struct diag *d, const char **ret_text,
			  size_t *ret_len, const char **ret_file) must_use;
/* Those that came with the program, by name. */
const char *const *channel_kinds_names(struct channel_kinds *c, size_t *ret_n);
