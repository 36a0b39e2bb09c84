#pragma once
/*
 * base/schema: YAML nodes into typed C structs, by tables that the modules who use the values declare.
 *
 * One row a key: its name, its type, where it goes. Every mistake becomes a finding with place, key
 * ("sources[2].every"), what was expected and, for a near miss, "did you mean"; the decoding goes on behind it, so that
 * all are told at once.
 *
 *   struct keep { int64_t mentions_ms; };
 *   static const struct schema_row keep_rows[] = {
 *           {.key = "mentions", .type = SCHEMA_DURATION, .at = offsetof(struct keep, mentions_ms), .def = "7d"},
 *   };
 *   const struct schema_table keep_table = SCHEMA_TABLE(struct keep, keep_rows);
 *
 * Owner:  the arena given: what is decoded, texts included, lives in it (texts may be the very bytes of the document,
 * so use the document's arena). Blocks: a SECRET reads its file. Bounds: those of base/yaml. Defaults are written as a
 * person would ("7d"), and read by the same code.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/yaml.h"

struct arena;
struct secret;
struct schema_run;
struct schema_row;

enum schema_type {
	SCHEMA_STRING,   /* const char *: any text but an empty one (may_be_empty allows it) */
	SCHEMA_NAME,     /* const char *: [a-z0-9_-]+, at most SCHEMA_NAME_MAX bytes */
	SCHEMA_BOOL,     /* bool: true or false, no other word */
	SCHEMA_INT,      /* int64_t in min..max */
	SCHEMA_DURATION, /* int64_t milliseconds in min..max */
	SCHEMA_SIZE,     /* int64_t bytes in min..max */
	SCHEMA_PART,     /* double: 10% is 0.1 */
	SCHEMA_ENUM,     /* int: the index in names */
	SCHEMA_URL,      /* const char *: scheme in names (NULL: http, https), a host, no password, no blanks */
	SCHEMA_PATH,     /* const char *: a relative one is taken from the folder of the file that names it */
	SCHEMA_SECRET,   /* struct secret *: {env: …} | {file: …} | {credential: …} */
	SCHEMA_OBJECT, /* struct T *: a map by table; NULL where absent and without def ("{}" decodes an empty one). As
			* the item of a LIST or a NAMED: the struct itself */
	SCHEMA_LIST, /* T *, and size_t at n_at: items as item says (no LIST or NAMED); one_or_list takes a single value too */
	SCHEMA_NAMED,  /* T *, and size_t at n_at: a map from names to items; the name goes to table/item's name_at */
	SCHEMA_CUSTOM, /* what decode makes of it, item_size bytes */
	SCHEMA_NODE,   /* const struct yaml_node *: as it stands, for a later reader */
};
enum { SCHEMA_NAME_MAX = 100 };

/* A position's or a name's place in a struct; 0 in a table or row means: not wanted. */
#define SCHEMA_AT(type, member) (offsetof(type, member) + 1)

/* Decodes node into ret (item_size zeroed bytes, or the struct's member). Puts a finding and returns false if it can't.
 */
typedef bool schema_decode_fn(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			      void *ret);

struct schema_row {
	const char *key; /* NULL in an item */
	enum schema_type type;
	size_t at, n_at; /* offsets in the struct; at is 0 in an item */
	bool required, one_or_list, may_be_empty;
	const char *def;                  /* what it is where absent, in YAML's flow style; NULL: zero */
	int64_t min, max;                 /* INT, DURATION, SIZE: max 0 is no limit; LIST, NAMED: of items */
	size_t pos_at;                    /* SCHEMA_AT(T, x_pos): a struct diag_pos, where the value stands */
	size_t node_at;                   /* SCHEMA_AT(T, x_node): a const struct yaml_node *, for yaml_pos_at() */
	const char *const *names;         /* ENUM, URL; NULL at the end */
	const char *const *meant;         /* ENUM: what others call it, and its name here, in pairs; NULL at the end */
	const struct schema_table *table; /* OBJECT, and what CUSTOM documents */
	const struct schema_row *item;    /* LIST, NAMED */
	schema_decode_fn *decode;         /* CUSTOM */
	size_t item_size;                 /* CUSTOM */
	size_t name_at;                   /* NAMED with a CUSTOM item: SCHEMA_AT(T, name) */
};

struct schema_table {
	const struct schema_row *rows;
	size_t n, size;
	size_t pos_at;  /* SCHEMA_AT(T, pos): where the map stands */
	size_t name_at; /* SCHEMA_AT(T, name): a const char *, its key in a NAMED; in a LIST, items may not share it */
	const char *const *later; /* keys that a later version will know; NULL at the end */
	/* A key that no row knows, which may be somebody else's all the same. True: it was read, or told; false: unknown. */
	bool (*other)(struct schema_run *run, const struct yaml_node *map, const struct yaml_pair *pair, void *object);
	/* What no row can say; called once all rows of an object are right. False: wrong, and told. */
	bool (*check)(struct schema_run *run, const struct yaml_node *node, void *object);
};
#define SCHEMA_TABLE(type, r, ...)                                                                                     \
	{                                                                                                              \
		.rows = (r), .n = ARRAY_LEN(r), .size = sizeof(type), __VA_ARGS__                                      \
	}

enum { SCHEMA_E_INVALID = 1 };
/* ret is a table->size struct, written on success alone. Fails on a document that is wrong in itself, too. */
int schema_decode(const struct yaml_doc *doc, const struct schema_table *table, struct arena *a, struct diag *d,
		  void *ret) must_use;

/* The same, but ret is written in any case, as far as it went (what is wrong is zero): for a caller who has more to find in
 * what is right. */
int schema_decode_partly(const struct yaml_doc *doc, const struct schema_table *table, struct arena *a, struct diag *d,
			 void *ret) must_use;

/* --- for decode and check --- */
struct arena *schema_arena(const struct schema_run *run);
const struct yaml_doc *schema_doc(const struct schema_run *run);
struct diag *schema_diag(const struct schema_run *run); /* for what another file says */
/* The key being decoded, "patterns.theft"; valid until the next call. */
const char *schema_key(const struct schema_run *run);
/* What the decoders of one document share: NULL until one of them puts something there. */
enum { SCHEMA_SLOTS = 2 }; /* one a kind of thing */
void **schema_slot(struct schema_run *run, size_t i);
/* A value by a row's type (its key, at, def and required don't count), or a map by a table. False: told already. */
bool schema_value(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);
bool schema_object(struct schema_run *run, const struct yaml_node *node, const struct schema_table *table, void *ret);
/* A finding at node (or, for _at, at a place) about the key being decoded, or a key below it. Returns false. */
bool schema_fail(struct schema_run *run, const struct yaml_node *node, const char *below, const char *guess,
		 enum text_id text, const char *const args[]);
bool schema_fail_at(struct schema_run *run, struct diag_pos pos, const char *below, const char *guess,
		    enum text_id text, const char *const args[]);
/* What is right, and yet not as it should be. */
void schema_warn(struct schema_run *run, const struct yaml_node *node, const char *below, enum text_id text,
		 const char *const args[]);
#define SCHEMA_FAIL(run, node, below, guess, text, ...)                                                                \
	schema_fail((run), (node), (below), (guess), (text), TEXT_ARGS(__VA_ARGS__))

/* Every key of a table and of the tables under it: "sources[].every", "queue.redis", "patterns.NAME.regex"; for tests
 * that each stands in the manual. row is the key's own. */
void schema_each(const struct schema_table *table,
		 void (*on_key)(const char *key, const struct schema_row *row, void *arg), void *arg);
