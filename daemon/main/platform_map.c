#include "main/platform_map.h"

#include "base/arena.h"
#include "mention/map.h"
#include "platform/platform.h"
#include "platform/platforms.h"

/* Room for the program "mentions" and n more behind it. */
static struct map_program *programs_of(struct platforms *all, const char *map, size_t n, struct arena *a,
				       struct diag *d)
{
	struct map_program *v = ARENA_ARRAY(a, struct map_program, n + 1);

	v[0] = (struct map_program){.name = MAP_MENTIONS, .line = 1, .column = 1};
	return platforms_map(all, map, d, &v[0].text, &v[0].file) == 0 ? v : NULL;
}

bool platform_map_source(struct platforms *all, const struct platform *p, struct arena *a, struct diag *d,
			 struct map_source *ret)
{
	const struct platform_programs *facts = &p->map->facts;
	struct map_program *v;
	size_t i;

	if (!p->map->name)
		return false;
	v = programs_of(all, p->map->name, facts->n, a, d);
	if (!v)
		return false;
	for (i = 0; i < facts->n; i++)
		v[i + 1] = (struct map_program){.name = facts->v[i].name,
						.text = facts->v[i].text,
						.file = facts->v[i].pos.file,
						.line = facts->v[i].pos.line,
						.column = facts->v[i].pos.column};
	*ret = (struct map_source){.name = p->map->name, .programs = v, .n_programs = facts->n + 1};
	return true;
}

bool platform_map_named(struct platforms *all, const char *name, struct arena *a, struct diag *d,
			struct map_source *ret)
{
	struct map_program *v = programs_of(all, name, 0, a, d);

	if (v)
		*ret = (struct map_source){.name = name, .programs = v, .n_programs = 1};
	return v != NULL;
}
