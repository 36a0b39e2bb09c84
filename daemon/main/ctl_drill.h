#pragma once
/*
 * main/ctl_drill: how long each person took in a drill, as a table.
 */
#include <jansson.h>

struct ctl;

/* people: as /v1/incidents/N has it; NULL: it is no drill, and nothing is printed. */
void drill_print(const struct ctl *c, const json_t *people);
