#include "base/yaml_tree.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/yaml_anchors.h"
#include "base/yaml_source.h"
#include "base/yaml_traps.h"

struct reader {
	struct arena *arena;
	struct diag *diag;
	struct yaml_doc *doc;
	struct yaml_source source;
	struct traps traps;
	yaml_parser_t parser;
	struct yaml_anchors anchors;
	size_t n_nodes, n_aliased;
	unsigned depth;
	size_t flow_from; /* of the innermost open flow collection */
};

enum { READER_E_STOP = 1 }; /* what follows can't be read; told */

static void event_done(yaml_event_t *ev)
{
	yaml_event_delete(ev);
}

static struct diag_pos pos_of_mark(const struct reader *r, const yaml_mark_t *mark)
{
	return (struct diag_pos){r->doc->file, (uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
}

/* A bound of the header was passed. */
static int stop_at_bound(struct reader *r, struct diag_pos pos, enum text_id text, unsigned max)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", max);
	diag_error(r->diag, pos, NULL, NULL, text, number);
	return READER_E_STOP;
}

static int next_event(struct reader *r, yaml_event_t *ret)
{
	yaml_parser_t *p = &r->parser;
	struct yaml_stop stop;

	if (yaml_parser_parse(p, ret))
		return 0;
	if (p->error == YAML_MEMORY_ERROR)
		memory_out();
	stop = (struct yaml_stop){
		.problem = p->problem,
		.context = p->context,
		.at = yaml_byte_of(&r->source, p->problem_mark.index),
		.context_at = yaml_byte_of(&r->source, p->context ? p->context_mark.index : p->problem_mark.index),
		.in_flow = p->flow_level > 0 || r->flow_from != SIZE_MAX,
		.flow_from = r->flow_from,
	};
	traps_stop(&r->traps, &stop);
	return READER_E_STOP;
}

static void mark_wrong(struct reader *r, struct yaml_node *node)
{
	node->wrong = true;
	r->doc->wrong = true;
}

static int node_new(struct reader *r, const yaml_event_t *ev, struct yaml_node **ret)
{
	struct diag_pos pos = pos_of_mark(r, &ev->start_mark);
	struct yaml_node *node;

	if (++r->n_nodes > YAML_NODES_MAX)
		return stop_at_bound(r, pos, TEXT_YAML_NODES, YAML_NODES_MAX);
	node = ARENA_NEW(r->arena, struct yaml_node);
	node->pos = pos;
	node->from = yaml_byte_of(&r->source, ev->start_mark.index);
	node->to = yaml_byte_of(&r->source, ev->end_mark.index);
	node->nodes = 1;
	*ret = node;
	return 0;
}

/* Called at an anchor's value's beginning, so that an alias inside finds it open. */
static int anchor_add(struct reader *r, const yaml_char_t *name, struct yaml_node *node)
{
	if (name && !yaml_anchors_add(&r->anchors, arena_strdup(r->arena, (const char *)name), node))
		return stop_at_bound(r, node->pos, TEXT_YAML_ANCHORS, YAML_ANCHORS_MAX);
	return 0;
}

/* "&andino" as a value was read as a name that nothing uses. */
static void check_anchors_use(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->anchors.n; i++) {
		const struct yaml_anchor *anchor = &r->anchors.v[i];
		const struct yaml_node *node = anchor->node;

		if (!anchor->used && !node->wrong)
			diag_warning(r->diag, node->pos, NULL, NULL, TEXT_YAML_ANCHOR_UNUSED, anchor->name,
				     yaml_quoted(&r->source, node->from, yaml_value_end(&r->source, node->from, false),
						 r->arena));
	}
}

static int read_alias(struct reader *r, const yaml_event_t *ev, struct yaml_node **ret)
{
	const char *name = (const char *)ev->data.alias.anchor;
	struct diag_pos pos = pos_of_mark(r, &ev->start_mark);
	struct yaml_anchor *anchor = yaml_anchors_find(&r->anchors, name);
	struct yaml_node *node;
	int rc;

	if (anchor && !anchor->open) {
		node = anchor->node;
		r->n_aliased += node->nodes;
		if (r->n_aliased > YAML_ALIASED_MAX)
			return stop_at_bound(r, pos, TEXT_YAML_ALIASED, YAML_ALIASED_MAX);
		if (r->depth + node->levels > YAML_DEPTH_MAX)
			return stop_at_bound(r, pos, TEXT_YAML_DEPTH, YAML_DEPTH_MAX);
		anchor->used = true;
		*ret = node;
		return 0;
	}
	rc = node_new(r, ev, &node);
	if (rc)
		return rc;
	if (anchor) {
		anchor->used = true;
		diag_error(r->diag, pos, NULL, NULL, TEXT_YAML_ALIAS_OPEN, name);
	} else {
		traps_sign(&r->traps, node->from, pos, r->flow_from != SIZE_MAX);
	}
	node->text = "";
	mark_wrong(r, node);
	*ret = node;
	return 0;
}

static enum yaml_style style_of_scalar(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return YAML_STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return YAML_STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return YAML_STYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return YAML_STYLE_FOLDED;
	default:
		return YAML_STYLE_PLAIN;
	}
}

static int read_scalar(struct reader *r, const yaml_event_t *ev, struct yaml_node **ret)
{
	struct yaml_node *node;
	int rc = node_new(r, ev, &node);
	bool in_flow = r->flow_from != SIZE_MAX;

	if (rc)
		return rc;
	node->style = style_of_scalar(ev->data.scalar.style);
	node->text = arena_memdup0(r->arena, ev->data.scalar.value, ev->data.scalar.length);
	node->n = ev->data.scalar.length;
	rc = anchor_add(r, ev->data.scalar.anchor, node);
	if (rc)
		return rc;
	yaml_anchors_close(&r->anchors, node);
	if (ev->data.scalar.tag || (ev->data.scalar.anchor && yaml_empty(node))) {
		traps_sign(&r->traps, node->from, node->pos, in_flow);
		mark_wrong(r, node);
	} else if (yaml_empty(node) ? traps_empty(&r->traps, node)
				    : node->style == YAML_STYLE_DOUBLE && traps_double_quoted(&r->traps, node)) {
		mark_wrong(r, node);
	} else if (node->style == YAML_STYLE_PLAIN) {
		traps_plain(&r->traps, node);
	}
	*ret = node;
	return 0;
}

static int read_node(struct reader *r, const yaml_event_t *ev, struct yaml_node **ret);

static void count_child(struct yaml_node *node, const struct yaml_node *child)
{
	node->nodes += child->nodes;
	if (node->levels < child->levels + 1)
		node->levels = child->levels + 1;
}

static int read_items(struct reader *r, struct yaml_node *node)
{
	size_t cap = 0;
	cleanup(freep) struct yaml_node **items = NULL;

	node->kind = YAML_LIST;
	for (;;) {
		cleanup(event_done) yaml_event_t ev = {0};
		int rc = next_event(r, &ev);

		if (rc)
			return rc;
		if (ev.type == YAML_SEQUENCE_END_EVENT)
			break;
		items = GROW(items, node->n, &cap);
		rc = read_node(r, &ev, &items[node->n]);
		if (rc)
			return rc;
		count_child(node, items[node->n++]);
	}
	node->items = ARENA_ARRAY(r->arena, struct yaml_node *, node->n);
	if (node->n)
		memcpy(node->items, items, node->n * sizeof(*items));
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct yaml_node *const *x = a, *const *y = b;
	int order = strcmp((*x)->text, (*y)->text);

	return order ? order : ((*x)->from > (*y)->from) - ((*x)->from < (*y)->from);
}

static void check_duplicates(struct reader *r, const struct yaml_node *map)
{
	cleanup(freep) struct yaml_node **keys = xmalloc(map->n * sizeof(struct yaml_node *));
	const struct yaml_node *first = NULL;
	size_t i;

	for (i = 0; i < map->n; i++)
		keys[i] = map->pairs[i].key;
	qsort(keys, map->n, sizeof(*keys), by_key);
	for (i = 0; i < map->n; i++) {
		char line[16];

		if (keys[i]->wrong)
			continue;
		if (!first || strcmp(first->text, keys[i]->text) != 0) {
			first = keys[i];
			continue;
		}
		snprintf(line, sizeof(line), "%u", first->pos.line);
		diag_error(r->diag, keys[i]->pos, keys[i]->text, NULL, TEXT_YAML_DUPLICATE, line);
		mark_wrong(r, keys[i]);
	}
}

static int read_pair(struct reader *r, const yaml_event_t *key_event, struct yaml_pair *pair)
{
	cleanup(event_done) yaml_event_t ev = {0};
	int rc = read_node(r, key_event, &pair->key);

	if (!rc && (pair->key->kind != YAML_TEXT || yaml_empty(pair->key)) && !pair->key->wrong) {
		struct yaml_node *stand_in;

		diag_error(r->diag, pair->key->pos, NULL, NULL, TEXT_YAML_KEY);
		rc = node_new(r, key_event, &stand_in);
		if (rc)
			return rc;
		stand_in->text = "";
		mark_wrong(r, stand_in);
		pair->key = stand_in;
	}
	if (!rc)
		rc = next_event(r, &ev);
	return rc ? rc : read_node(r, &ev, &pair->value);
}

static int read_pairs(struct reader *r, struct yaml_node *node)
{
	size_t cap = 0;
	cleanup(freep) struct yaml_pair *pairs = NULL;

	node->kind = YAML_MAP;
	for (;;) {
		cleanup(event_done) yaml_event_t ev = {0};
		int rc = next_event(r, &ev);

		if (rc)
			return rc;
		if (ev.type == YAML_MAPPING_END_EVENT)
			break;
		pairs = GROW(pairs, node->n, &cap);
		rc = read_pair(r, &ev, &pairs[node->n]);
		if (rc)
			return rc;
		count_child(node, pairs[node->n].key);
		count_child(node, pairs[node->n++].value);
	}
	node->pairs = ARENA_ARRAY(r->arena, struct yaml_pair, node->n);
	if (node->n)
		memcpy(node->pairs, pairs, node->n * sizeof(*pairs));
	if (node->style == YAML_STYLE_FLOW && traps_flow_map(&r->traps, node))
		mark_wrong(r, node);
	check_duplicates(r, node);
	return 0;
}

static int read_collection(struct reader *r, const yaml_event_t *ev, struct yaml_node **ret)
{
	bool list = ev->type == YAML_SEQUENCE_START_EVENT;
	const yaml_char_t *tag = list ? ev->data.sequence_start.tag : ev->data.mapping_start.tag;
	bool flow = list ? ev->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
			 : ev->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	size_t flow_before = r->flow_from;
	struct yaml_node *node;
	int rc = node_new(r, ev, &node);

	if (rc)
		return rc;
	if (++r->depth > YAML_DEPTH_MAX)
		return stop_at_bound(r, node->pos, TEXT_YAML_DEPTH, YAML_DEPTH_MAX);
	node->style = flow ? YAML_STYLE_FLOW : YAML_STYLE_BLOCK;
	node->levels = 1;
	rc = anchor_add(r, list ? ev->data.sequence_start.anchor : ev->data.mapping_start.anchor, node);
	if (rc)
		return rc;
	if (tag) {
		traps_sign(&r->traps, node->from, node->pos, flow_before != SIZE_MAX);
		mark_wrong(r, node);
	}
	if (flow)
		r->flow_from = node->from;
	rc = list ? read_items(r, node) : read_pairs(r, node);
	if (rc)
		return rc;
	r->flow_from = flow_before;
	r->depth--;
	yaml_anchors_close(&r->anchors, node);
	*ret = node;
	return 0;
}

static int read_node(struct reader *r, const yaml_event_t *ev, struct yaml_node **ret)
{
	switch (ev->type) {
	case YAML_ALIAS_EVENT:
		return read_alias(r, ev, ret);
	case YAML_SCALAR_EVENT:
		return read_scalar(r, ev, ret);
	default:
		return read_collection(r, ev, ret);
	}
}

/* STREAM-START, then nothing or DOCUMENT-START, the root, DOCUMENT-END, STREAM-END. */
static int read_document(struct reader *r)
{
	cleanup(event_done) yaml_event_t start = {0}, document = {0}, first = {0}, end = {0}, last = {0};
	int rc = next_event(r, &start);

	if (!rc)
		rc = next_event(r, &document);
	if (rc || document.type == YAML_STREAM_END_EVENT)
		return rc;
	rc = next_event(r, &first);
	if (!rc)
		rc = read_node(r, &first, &r->doc->root);
	if (!rc)
		rc = next_event(r, &end);
	if (!rc)
		rc = next_event(r, &last);
	if (!rc && last.type != YAML_STREAM_END_EVENT) {
		diag_error(r->diag, pos_of_mark(r, &last.start_mark), NULL, NULL, TEXT_YAML_DOCUMENTS);
		r->doc->wrong = true;
	}
	return rc;
}

/* Nothing but comments: a map without keys, so that what is missing can be told. */
static void root_or_empty_map(struct reader *r)
{
	if (r->doc->root && !(yaml_empty(r->doc->root) && !r->doc->root->wrong))
		return;
	r->doc->root = ARENA_NEW(r->arena, struct yaml_node);
	r->doc->root->kind = YAML_MAP;
	r->doc->root->style = YAML_STYLE_BLOCK;
	r->doc->root->nodes = 1;
	r->doc->root->levels = 1;
	r->doc->root->pos = (struct diag_pos){r->doc->file, 1, 1};
}

int yaml_tree_read(struct yaml_doc *doc, struct arena *a, struct diag *d)
{
	struct reader r = {.arena = a, .diag = d, .doc = doc, .flow_from = SIZE_MAX};
	int rc;

	r.source = (struct yaml_source){.file = doc->file, .text = doc->source, .len = doc->len};
	r.traps = (struct traps){.source = &r.source, .arena = a, .diag = d};
	if (!yaml_source_check(&r.source, d))
		return YAML_E_INVALID;
	if (!yaml_parser_initialize(&r.parser))
		memory_out();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)doc->source, doc->len);
	rc = read_document(&r);
	yaml_parser_delete(&r.parser);
	if (!rc) {
		root_or_empty_map(&r);
		check_anchors_use(&r);
	}
	free(r.anchors.v);
	return rc ? YAML_E_INVALID : 0;
}
