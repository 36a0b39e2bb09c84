#include "mention/map.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/wire.h"

enum { MAP_MIN_BYTES = 4 * 2, PROGRAM_MIN_BYTES = 4 * 5, NAME_MAX_BYTES = 100 };

void map_sources_put(struct buf *b, const struct map_source *v, size_t n)
{
	size_t i, k;

	wire_put_u32(b, (uint32_t)n);
	for (i = 0; i < n; i++) {
		wire_put_text(b, v[i].name);
		wire_put_u32(b, (uint32_t)v[i].n_programs);
		for (k = 0; k < v[i].n_programs; k++) {
			const struct map_program *p = &v[i].programs[k];

			wire_put_text(b, p->name);
			wire_put_text(b, p->text);
			wire_put_text(b, p->file);
			wire_put_u32(b, p->line);
			wire_put_u32(b, p->column);
		}
	}
}

static const char *name_get(struct wire_in *in, struct arena *a)
{
	const char *s = wire_get_text(in, a);

	if (!s || !*s || strlen(s) > NAME_MAX_BYTES || s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		in->bad = true;
	return s;
}

static void program_get(struct wire_in *in, struct arena *a, struct map_program *ret)
{
	ret->name = name_get(in, a);
	ret->text = wire_get_text(in, a);
	ret->file = wire_get_text(in, a);
	ret->line = wire_get_u32(in);
	ret->column = wire_get_u32(in);
	if (!ret->text || strlen(ret->text) > MAP_PROGRAM_MAX_BYTES)
		in->bad = true;
}

static void map_get(struct wire_in *in, struct arena *a, struct map_source *ret)
{
	struct map_program *programs;
	size_t i;

	ret->name = name_get(in, a);
	ret->n_programs = wire_get_count(in, PROGRAM_MIN_BYTES);
	if (ret->n_programs > MAP_PROGRAMS_MAX) {
		in->bad = true;
		return;
	}
	ret->programs = programs = ARENA_ARRAY(a, struct map_program, ret->n_programs);
	for (i = 0; i < ret->n_programs && !in->bad; i++)
		program_get(in, a, &programs[i]);
}

void map_sources_get(struct wire_in *in, struct arena *a, const struct map_source **ret, size_t *ret_n)
{
	size_t n = wire_get_count(in, MAP_MIN_BYTES), i;
	struct map_source *v;

	*ret = NULL;
	*ret_n = 0;
	if (n > MAPS_MAX) {
		in->bad = true;
		return;
	}
	v = ARENA_ARRAY(a, struct map_source, n);
	for (i = 0; i < n && !in->bad; i++)
		map_get(in, a, &v[i]);
	*ret = v;
	*ret_n = in->bad ? 0 : n;
}

const struct map_source *map_sources_copy(const struct map_source *v, size_t n, struct arena *a)
{
	struct map_source *copy = ARENA_ARRAY(a, struct map_source, n);
	size_t i, k;

	for (i = 0; i < n; i++) {
		struct map_program *programs = ARENA_ARRAY(a, struct map_program, v[i].n_programs);

		for (k = 0; k < v[i].n_programs; k++) {
			programs[k] = v[i].programs[k];
			programs[k].name = arena_strdup(a, v[i].programs[k].name);
			programs[k].text = arena_strdup(a, v[i].programs[k].text);
			programs[k].file = arena_strdup(a, v[i].programs[k].file);
		}
		copy[i] = v[i];
		copy[i].name = arena_strdup(a, v[i].name);
		copy[i].programs = programs;
	}
	return copy;
}
