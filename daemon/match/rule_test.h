#pragma once
/*
 * match/rule_test: the tests that a rule file carries, run by the matcher that will serve. Inside match/ only.
 */
#include <stddef.h>

struct diag;
struct matcher;
struct ruleset;
struct topic;
struct topic_def;

/* x is of rs, t def's topic there. How many of def's tests failed; each is a finding. */
size_t rule_tests_run(const struct ruleset *rs, const struct topic *t, struct matcher *x, const struct topic_def *def,
		      struct diag *d);
