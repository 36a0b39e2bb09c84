#pragma once
/*
 * match/rule_test: the tests that a rule file carries, run by the matcher that will serve. Inside match/ only.
 */
#include <stddef.h>

struct diag;
struct matcher;
struct topic_def;

/* How many of def's tests failed; each is a finding. */
size_t rule_tests_run(struct matcher *x, const struct topic_def *def, struct diag *d);
