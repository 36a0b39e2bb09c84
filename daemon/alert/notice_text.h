#pragma once
/*
 * alert/notice_text: the words of a notice to operators: what, since when, why, what to do, which command shows more; in
 * the reader's language and zone. Made when it is sent.
 *
 * Blocks: never.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct buf;
struct facts;
struct zone;

enum {
	NOTICE_TEXT_MAX_BYTES = 256 * 1024,
	NOTICE_NUMBER_SIZE = 32,
	NOTICE_SHOWN_MAX = 40, /* troubles of one message; the rest is counted */
	NOTICE_NETWORK_LEAST =
		5, /* sources that fell silent together, none of them to be reached: it is our own network */
};

struct notice_reader {
	enum text_lang lang;
	const struct zone *zone; /* NULL: UTC */
	const char *zone_name;
	bool heard; /* what they write right there is read */
};

/* maybe: it may have arrived before. */
void notice_subject(struct buf *b, const struct facts *facts, const struct notice_reader *to, bool maybe);
void notice_body(struct buf *b, const struct facts *facts, const struct notice_reader *to, bool maybe);

/* "12"; below ten with what is behind the point, if there is any: "2,5" in Spanish. */
const char *notice_number(enum text_lang lang, double v, char out[NOTICE_NUMBER_SIZE]);

/* Of a message that only shows that a channel works. */
void notice_test_body(struct buf *b, const char *channel, const char *person, const struct notice_reader *to);
