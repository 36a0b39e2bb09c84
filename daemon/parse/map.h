#pragma once
/*
 * parse/map: the answers of APIs to mentions, by jq programs that are data (mention/map.h, conf/platforms/maps).
 *
 * maps_load() compiles in the nursery, 30 to 60 ms of CPU a map; readers inherit what it made by fork, and run it. One document or
 * a sequence of them (lines of JSON) is read alike; a line that is no JSON is passed over and told. A map that reads mail gets one
 * message (parse/map_mail).
 *
 * A program can't be stopped (libjq has no budget): the job's deadline and the sandbox's bound on memory do, and cost the
 * reader. What it may not use, and what libjq may not get, is seen to by map_lex and json_scan.
 *
 * Owner:    whoever called maps_load(). What map_parse() answers lies in the arena or is borrowed from the job. A struct maps
 *           is one process's: running it changes it.
 * Blocks:   no; CPU alone.
 * Outcomes: map_parse() never fails: ret->status and ret->why say what became of the bytes. What a record lacks or has wrong is
 *           counted in why, and the record is there; one that its program failed at is not, and the others are. An answer that
 *           the fact "error" speaks of is OK, with what else is in it.
 * Bounds:   ANSWER_ITEMS_MAX records, MAP_OUTPUTS_MAX outputs of one program, MENTION_*_MAX bytes a text.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct answer;
struct arena;
struct diag;
struct job_feed;
struct map_source;
struct maps;

enum {
	MAP_OUTPUTS_MAX = 20 * 1000, /* of one program, over one answer; a program that goes on is stopped */
	MAP_FACT_OUTPUTS_MAX = 1000, /* of a fact: ids, joined by commas */
	MAP_ERROR_MAX_BYTES = 200,   /* of jq's own words */
};

enum { MAPS_E_INVALID = 1 }; /* some map is wrong; every mistake is in diag, with file, line and column */
int maps_load(const struct map_source *v, size_t n, struct diag *diag, struct maps **ret) must_use;
struct maps *maps_free(struct maps *maps); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct maps, maps_free)

/* Of a job that asks for it (job_feed.sieve): whether anything could be wanted of a value with these texts (parse/json_texts). */
struct map_sieve {
	bool (*passes)(void *arg, const char *texts, size_t len);
	void *arg;
};

/* sieve NULL: all of it is read. Of values that don't pass, the last line of the document still tells its facts: it says where to go on.
 * maps NULL: there are none, and a job that asks for one is refused. */
void map_parse(struct maps *maps, const struct job_feed *job, const struct map_sieve *sieve, struct arena *a,
	       struct answer *ret);
