#include "parse/map_body.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "mention/body_job.h"
#include "mention/map.h"
#include "parse/map_inside.h"
#include "parse/map_value.h"

static struct map *find_map(const struct maps *maps, const char *name)
{
	size_t i;

	for (i = 0; maps && i < maps->n; i++)
		if (maps->v[i].mentions == MAP_NO_MENTIONS && strcmp(maps->v[i].source->name, name) == 0)
			return &maps->v[i];
	return NULL;
}

static int fail(struct arena *a, const char *head, const char *what, const char **ret_why)
{
	const char *why = arena_printf(a, "%s%s", head, what);

	*ret_why = arena_memdup0(a, why, utf8_cut(why, strlen(why), BODY_WHY_MAX_BYTES));
	return MAP_BODY_E_FAILED;
}

/* Takes all three; the program's first output. */
static jv run(struct map *map, size_t program, jv ctx, jv document)
{
	jv input = jv_array_append(jv_array_append(jv_array_append(jv_array_sized(3), jv_number((double)program)), ctx),
				   document);

	jq_start(map->jq, input, 0);
	return jq_next(map->jq);
}

static int finish(jv made, struct arena *a, struct buf *ret, const char **ret_why)
{
	jv_kind kind = jv_get_kind(made);
	const char *words = "";
	jv message, text;
	int r = 0;

	if (kind == JV_KIND_INVALID) {
		message = jv_invalid_get_msg(made);
		if (jv_get_kind(message) == JV_KIND_STRING)
			words = map_scalar(message, a, BODY_WHY_MAX_BYTES);
		r = fail(a, "its program failed: ", words ? words : "", ret_why);
		jv_free(message);
		return r;
	}
	if (kind != JV_KIND_OBJECT && kind != JV_KIND_ARRAY) {
		jv_free(made);
		return fail(a, "its program makes neither an object nor a list", "", ret_why);
	}
	text = jv_dump_string(made, 0);
	buf_put(ret, jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));
	jv_free(text);
	return ret->full || ret->len > BODY_MADE_MAX_BYTES ? fail(a, "it is too long", "", ret_why) : 0;
}

int map_body(struct maps *maps, const struct job_body *job, struct arena *a, struct buf *ret, const char **ret_why)
{
	struct map *map = find_map(maps, job->map);
	jv ctx, document;
	size_t i;

	if (!map)
		return fail(a, "its programs are not loaded", "", ret_why);
	for (i = 0; i < map->source->n_programs && strcmp(map->source->programs[i].name, job->program) != 0; i++)
		;
	if (i == map->source->n_programs)
		return fail(a, "it has no program ", job->program, ret_why);
	ctx = jv_parse(job->ctx);
	document = jv_parse(job->document);
	if (jv_get_kind(ctx) != JV_KIND_OBJECT || jv_get_kind(document) != JV_KIND_OBJECT) {
		jv_free(ctx);
		jv_free(document);
		return fail(a, "no notice", "", ret_why);
	}
	return finish(run(map, i, ctx, document), a, ret, ret_why);
}
