#include "base/yaml_anchors.h"

#include <string.h>

bool yaml_anchors_add(struct yaml_anchors *a, const char *name, struct yaml_node *node)
{
	if (a->n == YAML_ANCHORS_MAX)
		return false;
	a->v = GROW(a->v, a->n, &a->cap);
	a->v[a->n++] = (struct yaml_anchor){.name = name, .node = node, .open = true};
	return true;
}

void yaml_anchors_close(struct yaml_anchors *a, const struct yaml_node *node)
{
	size_t i;

	for (i = a->n; i > 0; i--) {
		if (a->v[i - 1].node == node) {
			a->v[i - 1].open = false;
			break;
		}
	}
}

struct yaml_anchor *yaml_anchors_find(struct yaml_anchors *a, const char *name)
{
	size_t i;

	for (i = a->n; i > 0; i--) {
		if (strcmp(a->v[i - 1].name, name) == 0)
			return &a->v[i - 1];
	}
	return NULL;
}
