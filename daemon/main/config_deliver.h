#pragma once
/*
 * main/config_deliver: the key deliver of the configuration (alert/deliver.h): which mentions go to whom, and when.
 */
#include <stdbool.h>

#include "base/err.h"

struct catalogue;
struct config;
struct diag;
struct schema_run;
struct yaml_node;

extern const struct schema_row deliver_item;

/* schema_row.decode: '08:30', an int: minutes of the day. */
struct schema_row;
bool config_decode_time(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);

/* Who is named is there; what is left out is a daily digest to everybody. False: told. */
bool config_deliver_check(struct schema_run *run, const struct yaml_node *node, struct config *c);
/* Whether the rules have what its conditions name. False: told, as errors. */
bool config_deliver_topics(const struct config *c, const struct catalogue *catalogue, struct diag *d);
