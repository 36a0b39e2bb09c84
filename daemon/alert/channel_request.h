#pragma once
/*
 * alert/channel_request: one message as a request, and what its answer means. Pure.
 *
 * Owner: the arena given. Secrets: the request holds them; words for people (channel_verdict.words) have none: wherever a secret of
 * the channel stands in what a receiver says, there is *** instead.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/channel_kind.h"
#include "platform/request.h"

struct arena;
struct params;

enum {
	CHANNEL_WORDS_MAX_BYTES = 300, /* of a receiver's words */
	CHANNEL_ANSWER_MAX_BYTES = 64 * 1024,
};

struct channel_call {
	enum channel_way_kind way;
	const char *to, *id, *key, *matter; /* NULL: none */
	const char *made;                   /* the program's JSON, which is judged here */
	size_t made_len;
	int64_t now_ms; /* wall */
};

enum { CHANNEL_REQUEST_E_VALUE = 1 /* *ret_why: what can't be made, in short English */ };
int channel_request_make(const struct channel_kind *k, const struct params *params, const struct channel_call *call,
			 struct arena *a, struct request *ret, const char **ret_why) must_use;

/* What a kind can do best: the end of a matter, a change of an earlier message for what nobody has to act on, an answer to it, a new
 * message. */
enum channel_way_kind channel_way_for(const struct channel_kind *k, bool has_matter, bool has_id, bool quiet,
				      bool ended);

struct channel_said {
	int status;       /* 0: none came */
	const char *body; /* with a NUL behind it */
	size_t len;
	int64_t retry_after_ms; /* 0: not said */
	const char *failure;    /* status 0: what went wrong, in the transfer's words */
	bool maybe;             /* status 0: it may have arrived all the same */
};

enum channel_outcome {
	CHANNEL_TAKEN,
	CHANNEL_LATER,
	CHANNEL_LIMITED, /* not before wait_ms have passed */
	CHANNEL_NEVER,
	CHANNEL_LOGIN, /* … since it does not know us */
	CHANNEL_GONE,  /* the earlier message is no more: once more, as a new one */
};

struct channel_verdict {
	enum channel_outcome outcome;
	bool maybe;
	int64_t wait_ms;
	const char *id;    /* TAKEN: what the channel calls the message; NULL: not said */
	const char *words; /* one line */
};
void channel_judge(const struct channel_kind *k, const struct params *params, const struct channel_said *said,
		   struct arena *a, struct channel_verdict *ret);

/* text without the channel's secrets, on one line, cut. */
const char *channel_without_secrets(const struct params *params, const char *text, struct arena *a);
