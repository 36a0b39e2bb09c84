#pragma once
/*
 * main/config_alerts: the keys defaults, alerts, planned and heartbeat of the configuration (alert/config.h), and whether whom they
 * wake can be woken.
 */
#include <stdbool.h>
#include <stdint.h>

struct alert_config;
struct catalogue;
struct catalogue_topic;
struct config;
struct diag;
struct playbook;
struct schema_run;

extern const struct schema_row alert_item, planned_item;
extern const struct schema_table canary_table, defaults_table, heartbeat_table;

/* Who is named is there. False: told. */
bool config_alerts_check(struct schema_run *run, struct config *c);
/* Whether the rules have what alerts and plans name. False: told, as errors. */
bool config_alerts_topics(const struct config *c, const struct catalogue *catalogue, struct diag *d);
/* Whether it is one of this topic's. */
bool config_alert_is_of(const struct alert_config *a, const struct catalogue_topic *t);
/* What to do where this alert opened a crisis; NULL: nobody has said. */
const struct playbook *config_playbook(const struct config *c, const char *alert);
/* Hours of the time to come at which a live alert that is critical, or may become so, reaches nobody: errors. */
void config_alerts_tell(const struct config *c, struct diag *d, int64_t wall_ms);
