#pragma once
/*
 * base/yaml_tree: libyaml's events into the tree of base/yaml, within its bounds. Inside base/ only.
 */
#include "base/yaml.h"

/* Fills root and wrong; file, source and len stand. 0 or YAML_E_INVALID, as yaml_parse(). */
int yaml_tree_read(struct yaml_doc *doc, struct arena *a, struct diag *d) must_use;
