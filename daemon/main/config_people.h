#pragma once
/*
 * main/config_people: the keys channels, people and operators of the configuration (alert/config.h), and what holds
 * between them.
 */
#include <stdbool.h>

struct config;
struct diag;
struct person_config;
struct schema_run;

extern const struct schema_row channel_item, person_item, operator_item;
extern const struct schema_table notices_table;

/* Who names whom is there, and an address fits its channel. False: told. */
bool config_people_check(struct schema_run *run, struct config *c);
/* How operators are reached, and what is missing for it: notes and warnings. */
void config_people_tell(const struct config *c, struct diag *d);

const struct person_config *config_person(const struct config *c, const char *name); /* NULL: nobody of that name */
