#pragma once
/*
 * parse/map_record: one output of a map's program "mentions" to one item (PLATFORMS: the record that all maps yield).
 *
 * Members: id url title title_format text text_format author author_name author_url followers verified published updated lang
 * country likes shares replies views rating version parent repeats kind scope; hydrate and source are known and not kept; error is
 * what went wrong. Nothing, "" and what is absent are alike. Where a text belongs a number will do, and the other way round.
 *
 * Owner:  the collector's arena. Blocks: no. Nothing is refused for one member: it is left out, and counted in told.
 */
#include <jv.h>
#include <stddef.h>

struct arena;
struct collector;

enum { RECORD_FIELDS_MAX = 32, RECORD_NAME_MAX_BYTES = 40 };

/* What was wrong with the records of one answer. */
struct record_told {
	size_t records;                  /* that there were */
	size_t wrong[RECORD_FIELDS_MAX]; /* by field: a value that it can't have */
	size_t no_id;
	size_t failed; /* that their program failed at */
	size_t no_objects;
	const char *failure;  /* the first one's words; NULL: none */
	const char *stranger; /* a member that no record has */
};

/* Takes the output. scope is the map's. */
void map_record_add(struct collector *c, const char *scope, jv record, struct record_told *told);
/* In one line, in the arena; NULL: nothing was wrong. */
const char *map_record_why(const struct record_told *told, struct arena *a);
