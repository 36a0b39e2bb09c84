#pragma once
/*
 * fetch/imap_text: IMAP4rev1 (RFC 3501) as far as fetch/imap speaks it: how names and words are written, and what a server's bytes
 * say. Pure.
 *
 * A server's bytes come as responses: lines, with literals ("{5}" and then five bytes) within. The reader gives one response at a
 * time, as one line without its literals; of those only a message's is kept (BODY[]), apart, its beginning where it is longer than
 * that. So nothing that stands within a message can be taken for the server's words.
 *
 * Bounds: IMAP_LINE_MAX of a response without its literals, IMAP_LITERAL_KEPT_MAX of a literal; the rest of that is read over.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	IMAP_LINE_MAX = 1200 * 1000, /* one that names IMAP_WINDOW UIDs is shorter */
	IMAP_LITERAL_KEPT_MAX = 1 << 20,
	IMAP_FOLDER_MAX_BYTES = 1024,
};

/* --- what is said --- */

/* "a \"b\"": an astring. What it can't hold (a line break) makes it a mere "". */
void imap_put_quoted(struct buf *b, const char *text);
/* A folder's name in UTF-8 as the server knows it: modified UTF-7 (RFC 3501, 5.1.3), quoted. */
void imap_put_folder(struct buf *b, const char *name);
/* 22-Nov-2026, the day in UTC. */
void imap_put_day(struct buf *b, int64_t ms);

/* --- what is heard --- */

struct imap_reader {
	struct buf line;
	struct buf literal;
	size_t begun;         /* where in line the present piece of it begins */
	uint64_t left;        /* bytes of a literal still to come */
	uint64_t literal_len; /* of the message's, as announced */
	bool keeps;           /* this literal is the message's */
	bool has_literal;     /* the message's came */
};
void imap_reader_init(struct imap_reader *r);
void imap_reader_done(struct imap_reader *r);

enum {
	IMAP_READ_MORE = 1, /* all was taken, and the response isn't whole yet */
	IMAP_READ_WRONG,    /* a line or a number that no server means well with */
};
/* 0: a response is whole: r->line and, with has_literal, r->literal, until the next call. *ret_used: bytes that were taken. */
int imap_read(struct imap_reader *r, const char *bytes, size_t len, size_t *ret_used) must_use;

enum imap_status { IMAP_NONE, IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };
/* "TAG OK …", "* BYE …": what it is with that tag, and its words behind that; IMAP_NONE: another response. */
enum imap_status imap_status_of(const char *line, const char *tag, const char **ret_words);
bool imap_has_code(const char *words, const char *code);                   /* "[CODE …] …", letter case ignored */
bool imap_number_code(const char *words, const char *code, uint32_t *ret); /* "[CODE 5] …" */
bool imap_exists(const char *line, uint32_t *ret);                         /* "* 5 EXISTS" */

/* "* SEARCH 2 84 882": calls for each number; false: another response. */
bool imap_search_each(const char *line, void (*on_number)(void *arg, uint32_t n), void *arg);

/* "* 5 FETCH (UID 7 …)". Absent: 0, TIME_NONE, false. */
struct imap_item {
	uint32_t uid, size;
	int64_t arrived_ms;
	bool has_body;  /* the message is the reader's literal, unless … */
	size_t text_at; /* … it stands in the line, quoted: so many bytes from there, escapes within */
	size_t text_len;
};
bool imap_item_of(const char *line, struct imap_item *ret);
