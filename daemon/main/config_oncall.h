#pragma once
/*
 * main/config_oncall: the keys oncall and escalations of the configuration, and people's quiet hours and absences
 * (alert/config.h), and who is named by them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct config;
struct diag;
struct rotas;
struct schema_row;
struct schema_run;
struct who_config;
struct yaml_node;

extern const struct schema_row rota_item, escalation_item, quiet_item, away_item, who_item;

/* 'mon-fri': a schema's decoder of days, uint8_t. */
bool config_decode_days(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);

/* Who is named in a list is there, people or (where that may be) those on call. False: told, at below[i]. */
bool config_who_find(struct schema_run *run, const struct config *c, const struct who_config *v, size_t n,
		     bool rota_may_be, const char *below);
/* The same for what the keys of this file name. */
bool config_oncall_check(struct schema_run *run, struct config *c);

enum { ONCALL_AHEAD_DAYS = 366 };
/* Rotas with a gap that nobody meant in the time to come: warnings. */
void config_oncall_tell(const struct config *c, struct diag *d, int64_t wall_ms);
/* "2026-07-14 08:00" by the clock of a zone, or (NULL) the configuration's. To be freed. */
char *config_time(const struct config *c, const char *timezone, int64_t wall_ms) must_use;
/* Borrows c. To be freed with rotas_free(). */
struct rotas *config_rotas(const struct config *c) must_use;
