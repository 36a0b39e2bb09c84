#pragma once
/*
 * alert/filter_inside: the tree of a condition: filter_parse.c makes it, filter.c judges by it. Inside alert/filter alone.
 */
#include <stdint.h>

#include "alert/filter.h"

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_KNOWN, NODE_TEST };
enum sign { SIGN_EQ, SIGN_NE, SIGN_GE, SIGN_GT, SIGN_LE, SIGN_LT };

struct node {
	enum node_kind kind;
	uint16_t child, next; /* numbers of nodes; 0: none, since the first node is never another's */
	enum filter_fact fact;
	enum sign sign; /* EQ of a list: one of them */
	double number;
	const char **values; /* in the form that is compared */
	size_t n_values;
};

struct filter {
	const char *text;
	struct node nodes[FILTER_NODES_MAX]; /* nodes[0] is the root */
	size_t n;
};

/* A word in the form that is compared, into to; returns its bytes, 0: there is nothing to compare. */
size_t filter_normal(enum filter_fact fact, const char *s, size_t len, char to[FILTER_VALUE_MAX_BYTES]);
