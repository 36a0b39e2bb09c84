#include "main/platform_map.h"

#include <string.h>

#include "base/arena.h"
#include "main/config.h"
#include "mention/map.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/platforms.h"

static bool says(const char *program, const char *comment)
{
	const char *at = strstr(program, comment);

	return at && (at == program || at[-1] == '\n');
}

/* What tells ids apart and how answers are read are the map's, not the platform's: said in the program itself, as mention/map has
 * it. */
static const char *commented(const struct platform *p, struct arena *a)
{
	const struct platform_map *m = p->map;
	const char *program = m->program;

	if (strcmp(m->scope, p->name) != 0 && !says(program, "# scope:"))
		program = arena_printf(a, "# scope: %s\n%s", m->scope, program);
	if (m->format == PLATFORM_MAIL && !says(program, "# reads mail\n"))
		program = arena_printf(a, "# reads mail\n%s", program);
	return program;
}

bool platform_map_source(const struct platform *p, struct arena *a, struct map_source *ret)
{
	const struct platform_programs *facts = &p->map->facts;
	struct map_program *v;
	size_t i;

	if (!p->map->name)
		return false;
	v = ARENA_ARRAY(a, struct map_program, facts->n + 1);
	v[0] = (struct map_program){
		.name = MAP_MENTIONS, .text = commented(p, a), .file = p->map->program_file, .line = 1, .column = 1};
	for (i = 0; i < facts->n; i++)
		v[i + 1] = (struct map_program){.name = facts->v[i].name,
						.text = facts->v[i].text,
						.file = facts->v[i].pos.file,
						.line = facts->v[i].pos.line,
						.column = facts->v[i].pos.column};
	*ret = (struct map_source){.name = p->name, .programs = v, .n_programs = facts->n + 1};
	return true;
}

bool platform_map_named(struct platforms *all, const char *name, struct arena *a, struct diag *d,
			struct map_source *ret)
{
	struct map_program *v = ARENA_NEW(a, struct map_program);

	*v = (struct map_program){.name = MAP_MENTIONS, .line = 1, .column = 1};
	if (platforms_map(all, name, d, &v->text, &v->file) != 0)
		return false;
	*ret = (struct map_source){.name = name, .programs = v, .n_programs = 1};
	return true;
}

void platform_maps(struct config *c)
{
	struct map_source *v = ARENA_ARRAY(c->arena, struct map_source, MAPS_MAX);
	size_t i, k, n = 0;

	for (i = 0; i < c->n_sources && n < MAPS_MAX; i++) {
		const struct params *params = c->sources[i].params;

		if (!params)
			continue;
		for (k = 0; k < n && strcmp(v[k].name, params->platform->name) != 0; k++)
			;
		if (k == n && platform_map_source(params->platform, c->arena, &v[n]))
			n++;
	}
	c->maps = v;
	c->n_maps = n;
}
