#pragma once
/*
 * base/yaml_anchors: the names (&name) that a file gives its values. Inside base/ only.
 *
 * Bounds: YAML_ANCHORS_MAX, so that looking one up may be a walk.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/yaml.h"

struct yaml_anchor {
	const char *name; /* borrowed */
	struct yaml_node *node;
	bool open; /* its value is still being read */
	bool used;
};

struct yaml_anchors {
	struct yaml_anchor *v; /* free() it in the end */
	size_t n, cap;
};

bool yaml_anchors_add(struct yaml_anchors *a, const char *name, struct yaml_node *node); /* open; false: full */
void yaml_anchors_close(struct yaml_anchors *a, const struct yaml_node *node);           /* if it has one */
struct yaml_anchor *yaml_anchors_find(struct yaml_anchors *a, const char *name); /* the latest of the name; NULL */
