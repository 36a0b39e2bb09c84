#pragma once
/*
 * platform/template: a text with places for what is known only at the poll: '{query}', '{@since:epoch}', '{@page}'.
 *
 *   {NAME}              a parameter of the source
 *   {@cursor}           what the platform gave to go on from; nothing on the first poll
 *   {@page}             which page, after the first
 *   {@since} {@until}   where the poll's time begins and ends, as the format says
 *   {@ids}              of posts that are asked for by their ids, in a lookup alone
 *   {@auth}             the token, in the address alone
 *   {@token} {@refresh} what was got before, in requests for tokens and in headers
 *   {{ }}               braces
 *
 * Formats: text (default), number, epoch, epoch_ms, iso, date, day, stamp. What is put is written as its place wants it: a path's
 * part and a query's value are percent-encoded, a header may hold no line break, a JSON text is escaped. So no value can
 * become another parameter, host or header.
 *
 * Owner: the arena of the document that it stands in. Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/err.h"

struct buf;
struct schema_row;
struct schema_run;
struct yaml_node;

enum { TEMPLATE_PARTS_MAX = 64 /* of one text */ };

enum template_what {
	TEMPLATE_LITERAL,
	TEMPLATE_PARAM,
	TEMPLATE_CURSOR,
	TEMPLATE_PAGE,
	TEMPLATE_SINCE,
	TEMPLATE_UNTIL,
	TEMPLATE_IDS,
	TEMPLATE_AUTH,
	TEMPLATE_TOKEN,
	TEMPLATE_REFRESH,
};

enum template_format {
	TEMPLATE_TEXT,
	TEMPLATE_NUMBER,   /* in JSON: without quotes */
	TEMPLATE_EPOCH,    /* 1793347200 */
	TEMPLATE_EPOCH_MS, /* 1793347200000 */
	TEMPLATE_ISO,      /* 2026-10-30T00:00:00Z */
	TEMPLATE_DATE,     /* 2026-10-30 */
	TEMPLATE_DAY,      /* 20261030 */
	TEMPLATE_STAMP,    /* 20261030000000 */
};

struct template_part {
	enum template_what what;
	enum template_format format;
	const char *text; /* the literal's, or the name */
	size_t len;
	struct diag_pos pos;
	int param; /* its index, once the platform has been checked */
};

struct template
{
	struct diag_pos pos;
	struct template_part *parts;
	size_t n;
};

/* For the tables: reads a text into a struct template. */
bool template_decode(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);

/* What stands for the names; NULL and TIME_NONE: nothing. */
struct template_values {
	const char *const *params; /* as many as the platform has */
	const char *cursor, *page, *ids, *auth, *token, *refresh;
	int64_t since_ms, until_ms;
};

enum template_place {
	TEMPLATE_URL,    /* a whole address: host, path and query each have their own way */
	TEMPLATE_QUERY,  /* a value of a query or a form */
	TEMPLATE_HEADER, /* valid text without controls */
	TEMPLATE_RAW,
};

enum {
	TEMPLATE_E_ABSENT = 1, /* a name has nothing to stand for it */
	TEMPLATE_E_VALUE,      /* it can't stand there: a slash in a host, a line break in a header */
};
/* On failure ret_part (may be NULL) is the part, and b holds what came before it. */
int template_put(struct buf *b, const struct template *t, const struct template_values *v, enum template_place place,
		 const struct template_part **ret_part) must_use;

/* --- JSON --- */

/* A YAML value whose texts are templates. In a map or a list, one with a name that has nothing to stand for it is left out. */
struct template_json {
	enum { TEMPLATE_JSON_TEXT, TEMPLATE_JSON_PLAIN, TEMPLATE_JSON_LIST, TEMPLATE_JSON_MAP } kind;
	const char *key;      /* in a map */
	struct template text; /* TEXT */
	const char *plain;    /* PLAIN: a number, true, false or null, which was written without quotes */
	struct template_json *v;
	size_t n;
};

/* For the tables: reads any value into a const struct template_json *. */
bool template_json_decode(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			  void *ret);
void template_json_put(struct buf *b, const struct template_json *t, const struct template_values *v);
/* Every template in it. */
void template_json_each(const struct template_json *t, void (*on_template)(void *arg, const struct template *t),
			void *arg);

/* A name or a value of a query, percent-encoded: but letters, digits and -._~ */
void template_put_query(struct buf *b, const char *text);
