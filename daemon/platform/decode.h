#pragma once
/*
 * platform/decode: what the tables of platform/platform have beyond base/schema. Inside platform/, but for money.
 */
#include <stdbool.h>

#include "base/schema.h"

bool decode_pairs(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);
/* Names and texts with their places: jq programs, or what a source says. */
bool decode_programs(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);
bool decode_expression(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);
bool decode_template_ref(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);
/* "0.005": an int64_t of millionths, not negative, at most six digits behind the point. */
bool decode_micros(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret);
bool micros_parse(const char *text, size_t len, int64_t *ret);
