#pragma once
/*
 * alert/links: a link by which one person may say one thing to one crisis, once: base64url of what it says and of an
 * HMAC-SHA-256 of that, cut to 128 bits. Who has it needs no password; whoever changes a byte of it has none. Pure.
 *
 * That it is used once is the caller's to keep (store/answers), by its mark; that it runs out stands in the link itself.
 * Blocks: never.
 */
#include <stddef.h>
#include <stdint.h>

#include "alert/verbs.h"
#include "base/err.h"

enum {
	LINK_KEY_BYTES = 32,
	LINK_MARK_BYTES = 16,
	LINK_DAYS = 7,        /* from the message that brought it */
	LINK_TEXT_SIZE = 256, /* of the longest person's name, with its NUL */
};

struct link {
	uint64_t incident;
	enum verb verb;
	int64_t made_ms, until_ms; /* wall; until_ms in whole seconds */
	char person[VERBS_NAME_SIZE];
	uint8_t mark[LINK_MARK_BYTES]; /* its own, by which it is known as used; set by link_make() and link_read() */
};

void link_make(const uint8_t key[LINK_KEY_BYTES], struct link *l, char out[LINK_TEXT_SIZE]);

enum {
	LINK_E_WRONG = 1, /* cut, changed, or signed by another key */
	LINK_E_OLD,       /* ours, but it has run out; *ret is set */
};
int link_read(const uint8_t key[LINK_KEY_BYTES], const char *text, int64_t now_ms, struct link *ret) must_use;
