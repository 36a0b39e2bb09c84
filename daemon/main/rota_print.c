#include "main/rota_print.h"

#include <string.h>

#include "alert/rota.h"
#include "base/buf.h"
#include "base/json.h"
#include "main/config.h"
#include "main/ctl_output.h"

enum {
	CELL_MAX_BYTES = 4096,
};

static const char *zone_name(const struct config *c, const struct rota_config *rota)
{
	return rota->timezone ? rota->timezone : c->timezone;
}

/* "lun 2026-11-23 07:00" */
static char *when(const struct zone *zone, int64_t wall_ms, enum text_lang lang)
{
	const char *names = text_raw(lang, TEXT_ONCALL_WEEKDAYS);
	struct zone_time t;
	int i;

	zone_local(zone, wall_ms, &t);
	for (i = 0; i < t.weekday; i++)
		names += strcspn(names, " ") + 1;
	return xasprintf("%.*s %04lld-%02d-%02d %02d:%02d", (int)strcspn(names, " "), names, (long long)t.year, t.month,
			 t.day, t.hour, t.minute);
}

static char *who(const struct rota_set *set, enum text_lang lang)
{
	struct buf names = BUF_INIT(CELL_MAX_BYTES);
	char *cell;
	size_t i;

	for (i = 0; i < set->n; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", set->v[i]->name);
	if (set->by == ROTA_BY_NOBODY)
		buf_puts(&names, text_raw(lang, TEXT_ONCALL_NOBODY));
	cell = set->by == ROTA_BY_OTHERWISE ? TEXT(lang, TEXT_ONCALL_OTHERWISE, buf_str(&names)) : buf_steal(&names);
	buf_done(&names);
	return cell;
}

void rota_print(struct buf *out, const struct config *c, const struct rotas *r, const struct rota_config *rota,
		int64_t wall_ms, int days, enum text_lang lang)
{
	int64_t until_ms = wall_ms + days * DAY_MS, next_ms;
	cleanup(freep) char *head = TEXT(lang, TEXT_ONCALL_HEAD, rota->name, zone_name(c, rota));
	cleanup(zone_freep) struct zone *zone = NULL;
	struct table *table = table_new(3);
	struct rota_set set;

	if (zone_load(zone_name(c, rota), &zone) != 0)
		zone = NULL;
	buf_printf(out, "%s\n", head);
	TABLE_ROW(table, text_raw(lang, TEXT_ONCALL_COLUMN_FROM), text_raw(lang, TEXT_ONCALL_COLUMN_TO),
		  text_raw(lang, TEXT_ONCALL_COLUMN_WHO));
	for (; wall_ms < until_ms; wall_ms = next_ms) {
		cleanup(freep) char *from = when(zone, wall_ms, lang), *to = NULL, *names = NULL;

		next_ms = rota_next(r, rota, wall_ms, until_ms);
		rota_at(r, rota, wall_ms, &set);
		to = when(zone, next_ms, lang);
		names = who(&set, lang);
		TABLE_ROW(table, from, to, names);
	}
	table_print(table, out);
	table_free(table);
}

void rota_json(struct json *j, const struct config *c, const struct rotas *r, const struct rota_config *rota,
	       int64_t wall_ms, int days)
{
	static const char *const by[] = {
		[ROTA_BY_NOBODY] = "nobody", [ROTA_BY_SHIFT] = "shift", [ROTA_BY_OTHERWISE] = "otherwise"};
	int64_t until_ms = wall_ms + days * DAY_MS, next_ms;
	struct rota_set set;
	size_t i;

	json_begin_object(j, NULL);
	json_text(j, "name", rota->name);
	json_text(j, "timezone", zone_name(c, rota));
	json_begin_array(j, "spans");
	for (; wall_ms < until_ms; wall_ms = next_ms) {
		next_ms = rota_next(r, rota, wall_ms, until_ms);
		rota_at(r, rota, wall_ms, &set);
		json_begin_object(j, NULL);
		json_time(j, "from", wall_ms, false);
		json_time(j, "to", next_ms, false);
		json_begin_array(j, "who");
		for (i = 0; i < set.n; i++)
			json_text(j, NULL, set.v[i]->name);
		json_end_array(j);
		json_text(j, "by", by[set.by]);
		json_end_object(j);
	}
	json_end_array(j);
	json_end_object(j);
}
