#pragma once
/*
 * alert/facts: what a notice to operators says, before it is in anybody's words: troubles that began, last, are over.
 *
 * Owner:  whoever called facts_new(). Blocks: never.
 * Bounds: FACTS_MAX troubles, the rest is counted; texts are cut at FACT_TEXT_MAX_BYTES.
 * Kept as JSON, by facts_json() and facts_parse(): a notice's words are made when it is sent, for who then gets it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"

struct buf;
struct facts;

enum { FACTS_MAX = 100, FACT_TEXT_MAX_BYTES = 600 };

enum fact_state { FACT_BEGINS, FACT_LASTS, FACT_OVER, FACT_HAPPENED };

struct fact {
	const char *kind;    /* "source_deaf", "log_full" */
	const char *subject; /* a source's name; NULL: escuchad itself */
	const char *why;     /* class, as the log has it: "dns", "http_404"; NULL */
	enum fact_state state;
	int64_t since_ms, until_ms;   /* wall; TIME_NONE */
	const char *text[TEXT_LANGS]; /* what it is, in words, without times */
};

struct facts *facts_new(void) must_use;
struct facts *facts_free(struct facts *f); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct facts, facts_free)

/* Copied. Of one trouble (kind and subject) the newest state stands, with the time when it began. */
void facts_add(struct facts *f, const struct fact *fact);
size_t facts_len(const struct facts *f);
size_t facts_more(const struct facts *f); /* that did not fit */
const struct fact *facts_at(const struct facts *f, size_t i);

void facts_json(const struct facts *f, struct buf *b);
enum { FACTS_E_FORMAT = 1 };
int facts_parse(const char *json, struct facts **ret) must_use; /* FACTS_E_FORMAT for what facts_json() did not write */
