#pragma once
/*
 * alert/channel_example: an example of a kind of channel: a notice, and the request that it has to become, whole: method, address, headers
 * and body. Pure; what a reader makes of the notice comes from the caller.
 *
 * The file of a request is JSON: {"method":"POST","url":"https://…","headers":{"Content-Type":"application/json"},"body":{…}}, and "user"
 * and "password" where the kind says who it is by those. A form's body stands there as an object of its pairs. Each member counts, there or not.
 * What is signed is signed as if at CHANNEL_EXAMPLE_MS.
 *
 * Owner:  the arena given. Blocks: never.
 * Bounds: channel_kind's of a file; CHANNEL_EXAMPLE_SHOWN_MAX code points of a value that is told.
 */
#include <stddef.h>
#include <stdint.h>

#include "alert/channel_request.h"
#include "base/err.h"

struct arena;
struct channel_fixture;
struct channel_kind;

enum { CHANNEL_EXAMPLE_SHOWN_MAX = 200 };
#define CHANNEL_EXAMPLE_MS INT64_C(1790000000000)

struct channel_example {
	const struct channel_kind *kind;
	struct params *params;      /* what the example's channel says */
	struct channel_call call;   /* without what a program makes of document */
	const char *ctx, *document; /* for a reader (mention/body_job) */
};

/* What is wrong, in short English, or how the request differs: at says where ("body.text"); why NULL then. */
struct channel_difference {
	const char *why, *at, *expected, *found;
};

enum { CHANNEL_EXAMPLE_E_WRONG = 1 /* *ret_why */, CHANNEL_EXAMPLE_E_DIFFERS /* *ret */ };

/* text: the notice's file. */
int channel_example_read(const struct channel_kind *k, const struct channel_fixture *f, const char *text, size_t len,
			 struct arena *a, struct channel_example *ret, const char **ret_why) must_use;
/* made: what the program of the call's way makes; want: the request's file. */
int channel_example_compare(const struct channel_example *e, const char *made, size_t made_len, const char *want,
			    size_t want_len, struct arena *a, struct channel_difference *ret) must_use;
