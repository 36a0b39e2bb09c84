#pragma once
/*
 * mention/notice_row: a message to a person, as it is kept from before it is first sent until long after: made by alert/,
 * stored by store/, which may not see each other.
 *
 * Texts are borrowed, or of the arena that the record was read into; NULL: none. Times are wall milliseconds, TIME_NONE:
 * not yet.
 */
#include <stdbool.h>
#include <stdint.h>

enum notice_state {
	NOTICE_NEW,     /* waits for its time */
	NOTICE_TRYING,  /* is on its way; found so by a start, nobody knows whether it arrived */
	NOTICE_SENT,    /* a channel took it */
	NOTICE_GIVEN_UP /* none did, for as long as it made sense */
};

enum {
	NOTICE_KEY_SIZE = 33,
	NOTICE_FACTS_MAX_BYTES = 2 * 1024 * 1024,
	NOTICE_WHY_MAX_BYTES = 500,
	NOTICE_SENT_AS_MAX_BYTES = 200, /* of what a channel calls a message; a longer one is as none */
};

struct notice_row {
	const char *key;              /* 32 hex, the same over all tries: Message-ID, Idempotency-Key */
	const char *thread;           /* key of the notice that the same matter began with; NULL: this one */
	const char *kind;             /* "operators" */
	const char *matter;           /* what it is about: "source_deaf prensa" */
	const char *facts;            /* JSON, in no language: what its words are made of */
	const char *person, *channel; /* of the try that is next, or was last */
	enum notice_state state;
	uint32_t tries;      /* all of them */
	uint32_t tries_here; /* of them with this person and channel, in this round */
	uint32_t rounds;     /* how often everybody was tried in vain */
	bool maybe;          /* an earlier try may have arrived: the next one says so */
	int64_t created_ms, next_ms, ended_ms;
	const char *why; /* what the last try failed by */
};

/* What a channel calls its first message about a matter to an address: what later ones follow. All are there. */
struct notice_sent_as {
	const char *channel, *address, *matter, *id;
};
