#pragma once
/*
 * base/yaml_traps: what a person meant where YAML stopped, or read something else. Inside base/ only.
 *
 * Each function looks at the source and puts findings whose text says what to write instead. Outcome: whether one was put.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/yaml.h"
#include "base/yaml_source.h"

struct traps {
	struct yaml_source *source;
	struct arena *arena;
	struct diag *diag;
	size_t said; /* findings; past DIAG_MAX nothing more is looked at, since each costs a look along its line */
};

/* Where libyaml stopped, and what it said. */
struct yaml_stop {
	const char *problem, *context; /* libyaml's words; NULL: none */
	size_t at, context_at;         /* bytes in the source */
	bool in_flow;                  /* inside [ ] or { } */
	size_t flow_from;              /* where the innermost of them stands; SIZE_MAX: not known */
};
void traps_stop(struct traps *t, const struct yaml_stop *stop);

/* A value that began with a sign of YAML's (* & ! @ ` %), which was read as such. */
void traps_sign(struct traps *t, size_t at, struct diag_pos pos, bool in_flow);
/* An empty value: was it "#andino"? */
bool traps_empty(struct traps *t, const struct yaml_node *node);
/* A plain text: was " #word" behind it, or does it begin with “ or ‘? Warnings. */
void traps_plain(struct traps *t, const struct yaml_node *node);
/* A double-quoted text: is there a "\b" in it? */
bool traps_double_quoted(struct traps *t, const struct yaml_node *node);
/* {text: Hola, mundo}: keys without a value. */
bool traps_flow_map(struct traps *t, const struct yaml_node *map);
