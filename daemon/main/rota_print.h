#pragma once
/*
 * main/rota_print: who is on call in the days to come, for people and as JSON.
 *
 * Blocks: reads the files of time zones.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct buf;
struct config;
struct rota_config;
struct rotas;

enum { ROTA_PRINT_DAYS = 14, ROTA_PRINT_DAYS_MAX = 366, ROTA_PRINT_MAX_BYTES = 16 * 1024 * 1024 };

void rota_print(struct buf *out, const struct config *c, const struct rotas *r, const struct rota_config *rota,
		int64_t wall_ms, int days, enum text_lang lang);
/* {"name": …, "timezone": …, "spans": [{"from": …, "to": …, "who": […], "by": "shift"|"otherwise"|"nobody"}, …]} */
struct json;
void rota_json(struct json *j, const struct config *c, const struct rotas *r, const struct rota_config *rota,
	       int64_t wall_ms, int days);
