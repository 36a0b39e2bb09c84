#pragma once
/*
 * alert/pair: the codes by which a person ties a chat to their name: whoever writes it there is that person. Pure but for the bytes of
 * chance that a code is made of.
 *
 * A code has PAIR_CODE_LEN signs of an alphabet of 32 without those that look alike (40 bits), lasts PAIR_CODE_MS, and is used once.
 * Guessing is bounded: a chat that was wrong (or said hello) PAIR_TRIES_MAX times is not listened to until PAIR_CODE_MS after the first of them, and
 * a code is void after PAIR_WRONG_MAX wrong tries by anybody: one in 1,000,000,000 is then right.
 *
 * Owner:  whoever holds it by value. Blocks: never.
 * Bounds: PAIR_CODES_MAX codes at once (the oldest goes), PAIR_CHATS_MAX chats that are counted (the one whose count is over first goes).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/schema.h"

enum {
	PAIR_CODE_LEN = 8,
	PAIR_CODE_SIZE = PAIR_CODE_LEN + 2, /* shown as "ABCD-EFGH", with its NUL */
	PAIR_CODES_MAX = 32,
	PAIR_CHATS_MAX = 256,
	PAIR_TRIES_MAX = 5,
	PAIR_WRONG_MAX = 1000,
};
#define PAIR_CODE_MS HOUR_MS

struct pair_code {
	char code[PAIR_CODE_LEN + 1]; /* "": none */
	char person[SCHEMA_NAME_MAX + 1];
	int64_t until_ms; /* steady, as all times here */
	unsigned wrong;
};
struct pair_chat {
	uint64_t chat; /* a hash of channel and chat; 0: none */
	unsigned wrong;
	int64_t until_ms;
};
struct pair {
	struct pair_code codes[PAIR_CODES_MAX];
	struct pair_chat chats[PAIR_CHATS_MAX];
};

/* A new code for this person, in the place of an earlier one of theirs. chance: of getrandom(). */
void pair_begin(struct pair *p, const char *person, const uint8_t chance[PAIR_CODE_LEN], int64_t now_ms,
		char ret[PAIR_CODE_SIZE]);

enum pair_heard {
	PAIR_NO_CODE, /* something else was written */
	PAIR_HELLO,   /* who comes to a bot begins it: "/start" */
	PAIR_RIGHT,   /* *ret_person (borrowed until pair_begin()); the code stands until pair_used() */
	PAIR_WRONG,
	PAIR_HELD, /* this chat was wrong too often: nothing is said to it */
};
/* What a chat wrote: "ABCD-EFGH", "abcd efgh", "/start ABCDEFGH". */
enum pair_heard pair_hear(struct pair *p, uint64_t chat, const char *text, int64_t now_ms, const char **ret_person);
void pair_used(struct pair *p, const char *person);
