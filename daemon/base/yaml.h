#pragma once
/*
 * base/yaml: one YAML file as a bounded tree with positions, and its mistakes in words that a non-programmer can act
 * on.
 *
 * Read by libyaml's event interface (its document interface takes quadratic time: FAULTS C1), never by its tags: a
 * scalar is text, and what it means is for base/schema to say. Refused: more than one document, tags, duplicate keys,
 * keys that are no plain text, ill-formed UTF-8, controls, tabs as indentation, aliases that contain themselves. What
 * YAML makes of an unquoted @name, #tag, *name, of "\b", and of a comma or a colon in a value has a message of its own
 * each.
 *
 * Owner:  the arena given; nodes, texts and the source live in it. An alias is the very node that its anchor names.
 * Blocks: yaml_read() reads a file.
 * Bounds: below; YAML_E_INVALID past each.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct arena;

enum {
	YAML_FILE_MAX_BYTES = 1024 * 1024,
	YAML_DEPTH_MAX = 32,         /* collections inside one another */
	YAML_NODES_MAX = 200 * 1000, /* written in the file */
	YAML_ANCHORS_MAX = 1000,
	YAML_ALIASED_MAX = 10 * 1000, /* nodes that all aliases together stand for */
};

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };
enum yaml_style {
	YAML_STYLE_PLAIN,
	YAML_STYLE_SINGLE,  /* '…' */
	YAML_STYLE_DOUBLE,  /* "…" */
	YAML_STYLE_LITERAL, /* | */
	YAML_STYLE_FOLDED,  /* > */
	YAML_STYLE_BLOCK,   /* list or map by indentation */
	YAML_STYLE_FLOW,    /* [ ] or { } */
};

struct yaml_pair;

struct yaml_node {
	enum yaml_kind kind;
	enum yaml_style style;
	bool wrong; /* a finding stands for it already: say no more of it */
	struct diag_pos pos;
	size_t from, to; /* its bytes in the source */
	size_t n;        /* TEXT: bytes; LIST: items; MAP: pairs */
	uint32_t nodes;  /* it and all in it, aliases counted as what they stand for */
	uint32_t levels; /* of lists and maps, itself included */
	union {
		const char *text; /* TEXT: valid UTF-8 without controls but tab and LF, and a NUL behind it */
		struct yaml_node **items;
		struct yaml_pair *pairs; /* in the file's order */
	};
};

struct yaml_pair {
	struct yaml_node *key; /* TEXT */
	struct yaml_node *value;
};

struct yaml_doc {
	const char *file;
	const char *source; /* a NUL behind it */
	size_t len;
	struct yaml_node *root; /* an empty file: an empty MAP */
	bool wrong;             /* some node is */
};

enum {
	YAML_E_INVALID = 1, /* no tree; every mistake that could be found is in diag */
};
/* 0 may leave findings in diag as well: mistakes that did not hide the rest of the file (doc->wrong). Decode such a
 * document all the same, so that all of a file's mistakes are told at once; schema_decode() fails on it in the end.
 * A file that can't be read is a finding. file is copied. */
int yaml_read(const char *path, struct arena *a, struct diag *d, struct yaml_doc **ret) must_use;
int yaml_parse(const char *file, const char *bytes, size_t len, struct arena *a, struct diag *d,
	       struct yaml_doc **ret) must_use;

/* The value of a key; NULL if absent or not a map. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* Nothing was written where a value stands: "key:" or "- ". ('' is not empty in this sense.) */
bool yaml_empty(const struct yaml_node *node);
/* Where the byte at offset of a text stands in the file: exact for plain, single-quoted and literal (|) texts, the
 * start of the node for others. For findings inside word lists, expressions and patterns. */
struct diag_pos yaml_pos_at(const struct yaml_doc *doc, const struct yaml_node *text, size_t offset);
