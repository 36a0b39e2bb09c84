/*
 * A configuration of any bytes: YAML, its traps, the tables, and each finding in both languages.
 *
 * What must hold whatever comes: a file that decodes has no error in diag, one that does not has one; findings stand inside
 * the file; a place inside a text is a place in the file.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/schema.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "main/config.h"

enum { ARENA_MAX_BYTES = 256 * 1024 * 1024, RENDER_MAX_BYTES = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void look_at(const struct yaml_doc *doc, const struct yaml_node *node, unsigned depth)
{
	size_t i;

	demand(depth <= YAML_DEPTH_MAX + 1);
	demand(node->from <= node->to && node->to <= doc->len);
	if (node->kind == YAML_TEXT) {
		demand(utf8_valid_text(node->text, node->n) || node->wrong);
		for (i = 0; i <= node->n; i += node->n / 8 + 1)
			demand(yaml_pos_at(doc, node, i).line >= node->pos.line);
	}
	for (i = 0; i < node->n && node->kind == YAML_LIST; i++)
		look_at(doc, node->items[i], depth + 1);
	for (i = 0; i < node->n && node->kind == YAML_MAP; i++) {
		look_at(doc, node->pairs[i].key, depth + 1);
		look_at(doc, node->pairs[i].value, depth + 1);
	}
}

static void render(const struct diag *d)
{
	struct buf b = BUF_INIT(RENDER_MAX_BYTES);
	size_t i;

	for (i = 0; i < diag_len(d); i++) {
		buf_reset(&b);
		diag_render(&b, diag_at(d, i), i % 2 ? TEXT_ES : TEXT_EN);
		demand(b.len && utf8_valid_text(b.data, b.len));
	}
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	cleanup(diag_freep) struct diag *d = diag_new();
	struct yaml_doc *doc = NULL;
	struct config config;
	int r = yaml_parse("fuzz.yaml", (const char *)data, size, a, d, &doc);

	demand(r == 0 || (r == YAML_E_INVALID && diag_count(d, DIAG_ERROR)));
	if (r == 0) {
		if (doc->root->nodes < 2000)
			look_at(doc, doc->root, 0);
		r = schema_decode(doc, &config_table, a, d, &config);
		demand((r == 0) == (diag_count(d, DIAG_ERROR) == 0));
	}
	render(d);
	return 0;
}
