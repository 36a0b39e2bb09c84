#pragma once
/*
 * alert/filter_inside: the parts of a condition: filter_parse.c makes them, filter.c judges by them. Inside alert/filter alone.
 */
#include <stdint.h>

#include "alert/filter.h"

struct test {
	bool asks; /* only whether it is known */
	enum filter_fact fact;
	enum sign sign; /* EQ of a list: one of them */
	double number;
	const char **values; /* in the form that is compared */
	size_t n_values;
};

struct filter {
	struct condition condition;
	struct test tests[CONDITION_NODES_MAX]; /* of leaves, by their numbers */
};

/* A word in the form that is compared, into to; returns its bytes, 0: there is nothing to compare. */
size_t filter_normal(enum filter_fact fact, const char *s, size_t len, char to[FILTER_VALUE_MAX_BYTES]);
