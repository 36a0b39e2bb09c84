/* YAML files as bounded trees, and what is said of the mistakes in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/sanitized.h"
#include "base/yaml.h"

struct fixture {
	struct arena *arena;
	struct diag *diag;
	struct yaml_doc *doc;
};

static int parse(struct fixture *f, const char *text)
{
	return yaml_parse("f.yaml", text, strlen(text), f->arena, f->diag, &f->doc);
}

static int setup(void **state)
{
	struct fixture *f = NEW(struct fixture);

	f->arena = arena_new(64 << 20);
	f->diag = diag_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	diag_free(f->diag);
	free(f);
	return 0;
}

static void print_findings(const struct diag *d)
{
	diag_print(d, stderr, TEXT_EN);
}

static void a_tree_has_places(void **state)
{
	struct fixture *f = *state;
	const struct yaml_node *list, *node;

	assert_int_equal(parse(f, "ñ: 'it''s'\nlist:\n  - {á: b, c: [d, \"e\"]}\n  - |\n    uno\n     dos\n"), 0);
	assert_int_equal(diag_len(f->diag), 0);
	node = yaml_get(f->doc->root, "ñ");
	assert_string_equal(node->text, "it's");
	assert_int_equal(node->style, YAML_STYLE_SINGLE);
	assert_int_equal(node->pos.line, 1);
	assert_int_equal(node->pos.column, 4); /* code points, not bytes */
	list = yaml_get(f->doc->root, "list");
	assert_int_equal(list->n, 2);
	node = yaml_get(list->items[0], "c");
	assert_int_equal(node->pos.column, 15);
	assert_string_equal(node->items[1]->text, "e");
	assert_string_equal(list->items[1]->text, "uno\n dos\n");
	assert_int_equal(list->items[1]->style, YAML_STYLE_LITERAL);
	assert_null(yaml_get(f->doc->root, "none"));
}

static void places_inside_a_text(void **state)
{
	static const struct {
		const char *yaml;
		size_t offset;
		uint32_t line, column;
	} cases[] = {
		{"a: hola", 2, 1, 6},
		{"a: 'ñ''x'", 3, 1, 8}, /* ñ is two bytes and one column, '' one byte and two columns */
		{"a: \"hola\"", 2, 1, 7},
		{"a: \"h\\tla\"", 3, 1, 4}, /* behind an escape: the text's beginning */
		{"a: |\n  uno\n  dos\n", 4, 3, 3},
		{"a: |\r\n  uno\r\n   dos\r\n", 5, 3, 4},
		{"a: |\n\n   uno\n", 2, 3, 5},
		{"a: >\n  uno\n  dos\n", 4, 1, 4}, /* folded: the text's beginning */
		{"a: hola", 4, 1, 8},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct diag_pos pos;

		assert_int_equal(parse(f, cases[i].yaml), 0);
		pos = yaml_pos_at(f->doc, yaml_get(f->doc->root, "a"), cases[i].offset);
		if (pos.line != cases[i].line || pos.column != cases[i].column)
			fail_msg("%s: %u:%u", cases[i].yaml, pos.line, pos.column);
	}
}

static void an_empty_file_is_an_empty_map(void **state)
{
	static const char *const cases[] = {"", "\n\n", "# nada\n", "---\n", "---\n...\n", "\xEF\xBB\xBF"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(parse(f, cases[i]), 0);
		assert_int_equal(f->doc->root->kind, YAML_MAP);
		assert_int_equal(f->doc->root->n, 0);
	}
	assert_int_equal(parse(f, "\xEF\xBB\xBFx: y"), 0);
	assert_int_equal(f->doc->root->pairs[0].key->pos.column, 1);
}

/* Every trap, as it is told. */
static const struct {
	const char *yaml;
	const char *want; /* the whole finding, in Spanish */
} traps[] = {
	/* the six */
	{"words: @andino",
	 "f.yaml:1:8: error: words: un valor que empieza con @ significa otra cosa en YAML; póngalo entre "
	 "comillas: '@andino'"},
	{"own: [@andino, acme]", "f.yaml:1:7: error: own: un valor que empieza con @ significa otra cosa en YAML; "
				 "póngalo entre comillas: '@andino'"},
	{"words: #andino\nx: y",
	 "f.yaml:1:7: error: words: lo que sigue a # es un comentario en YAML, así que aquí no hay "
	 "valor; póngalo entre comillas: '#andino'"},
	{"words:\n  - #andino\n  - y\n",
	 "f.yaml:2:4: error: lo que sigue a # es un comentario en YAML, así que aquí no hay "
	 "valor; póngalo entre comillas: '#andino'"},
	{"words: [acme, #andino]\nx: y\n",
	 "f.yaml:1:15: error: words: lo que sigue a # es un comentario en YAML, así que "
	 "aquí no hay valor; póngalo entre comillas: '#andino'"},
	{"words: *andino",
	 "f.yaml:1:8: error: words: un valor que empieza con * significa otra cosa en YAML; póngalo entre "
	 "comillas: '*andino'"},
	{"words: *andino*",
	 "f.yaml:1:8: error: words: un valor que empieza con * significa otra cosa en YAML; póngalo entre "
	 "comillas: '*andino*'"},
	{"theft: \"\\bfraude\\b\"",
	 "f.yaml:1:8: error: theft: entre comillas dobles \\b significa otra cosa en YAML; use "
	 "comillas simples: '\\bfraude\\b'"},
	{"theft: \"rob\\w+\"",
	 "f.yaml:1:8: error: theft: entre comillas dobles \\w significa otra cosa en YAML; use comillas "
	 "simples: 'rob\\w+'"},
	{"- {regex: a{1,3}}",
	 "f.yaml:1:11: error: regex: entre [ ] o { } los signos , [ ] { } separan valores; ponga el valor "
	 "entre comillas: 'a{1,3}'"},
	{"- {text: Hola, mundo, ya, hits: none}",
	 "f.yaml:1:10: error: text: entre [ ] o { } los signos , [ ] { } separan "
	 "valores; ponga el valor entre comillas: 'Hola, mundo, ya'"},
	{"- {text: Hola, mundo}",
	 "f.yaml:1:10: error: text: entre [ ] o { } los signos , [ ] { } separan valores; ponga el "
	 "valor entre comillas: 'Hola, mundo'"},
	/* their neighbours */
	{"words: &andino",
	 "f.yaml:1:8: error: words: un valor que empieza con & significa otra cosa en YAML; póngalo entre "
	 "comillas: '&andino'"},
	{"words: !andino",
	 "f.yaml:1:8: error: words: un valor que empieza con ! significa otra cosa en YAML; póngalo entre "
	 "comillas: '!andino'"},
	{"words: %x # y",
	 "f.yaml:1:8: error: words: un valor que empieza con % significa otra cosa en YAML; póngalo entre "
	 "comillas: '%x'"},
	{"text: Hola: mundo",
	 "f.yaml:1:7: error: text: este valor lleva dos puntos y un espacio; póngalo entre comillas: "
	 "'Hola: mundo'"},
	{"- {text: Hola: mundo, hits: none}",
	 "f.yaml:1:10: error: text: este valor lleva dos puntos y un espacio; póngalo "
	 "entre comillas: 'Hola: mundo'"},
	{"text: 'it's fine'",
	 "f.yaml:1:11: error: text: las comillas se cierran antes de esto; ponga todo el valor entre "
	 "comillas, y doble el apóstrofo que haya dentro: 'it''s fine'"},
	{"a: 1\n\tb: 2", "f.yaml:2:1: error: esta línea empieza con un tabulador; sangre con espacios"},
	{"a: 1\n\u00a0 b: 2",
	 "f.yaml:2:1: error: aquí hay un espacio duro (los hacen los procesadores de texto); cámbielo por "
	 "un espacio común"},
	{"a: 'x\u200ey\u2028z'", "f.yaml:1:8: error: aquí hay un carácter invisible (U+2028); bórrelo"},
	{"a: \"\\x08\"",
	 "f.yaml:1:4: error: a: entre comillas dobles \\x significa otra cosa en YAML; use comillas simples: "
	 "'\\x08'"},
	{"a: 'x", "f.yaml:1:4: error: a: las comillas que se abren aquí no se cierran nunca"},
	{"a: [x, y\nb: 1\n", "f.yaml:1:4: error: a: el [ que se abre aquí no se cierra nunca, o falta una coma"},
	{"a: [x, , y]",
	 "f.yaml:1:8: error: a: no hay nada antes de este ,; escriba un valor o borre la coma que sobra"},
	{"a: 1\n  b: 2\n", "f.yaml:2:4: error: la sangría de esta línea no encaja con las líneas de arriba"},
	{"a:\n  - 1\n - 2\n", "f.yaml:3:2: error: la sangría de esta línea no encaja con las líneas de arriba"},
	{"a: 1\nhola\nb: 2\n",
	 "f.yaml:2:1: error: se esperaba \"clave: valor\"; faltan los dos puntos seguidos de un espacio"},
	{"a: - 1\n", "f.yaml:1:4: error: a: una lista empieza en su propia línea: una línea para cada \"- valor\""},
	{"a: | acme\n",
	 "f.yaml:1:4: error: a: detrás de | no puede ir nada más; el texto empieza en la línea siguiente"},
	{"a: 1\n---\nb: 2\n", "f.yaml:2:1: error: aquí empieza un segundo documento (---); un archivo lleva uno solo"},
	{"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: error: a: esta clave aparece dos veces; la primera está en la línea 1"},
	{"[a]: 1\n", "f.yaml:1:1: error: se esperaba una palabra como clave, no una lista, un mapa o nada"},
	{"a: &x [*x]\n", "f.yaml:1:8: error: *x está dentro del mismo valor que nombra"}, /* FAULTS C1 */
	{"a: \xFF\n", "f.yaml:1:4: error: estos bytes no son texto UTF-8; guarde el archivo como UTF-8"},
	{"a: \x01\n", "f.yaml:1:4: error: aquí hay un carácter invisible (U+0001); bórrelo"},
	/* what was read, and hardly meant */
	{"text: Hola #andino\n",
	 "f.yaml:1:7: aviso: text: #andino cuenta como comentario, pues lo preceden un espacio y #; si "
	 "es parte del valor, póngalo todo entre comillas: 'Hola #andino'"},
	{"text: “Hola”\n",
	 "f.yaml:1:7: aviso: text: la comilla tipográfica “ es parte de este valor; YAML solo conoce ' y \""},
	{"text: &andino hola\n",
	 "f.yaml:1:7: aviso: &andino le da un nombre a este valor en YAML, y nada lo usa; si es parte "
	 "del valor, póngalo entre comillas: '&andino hola'"},
	/* no finding holds a secret */
	{"password: @hunter2",
	 "f.yaml:1:11: error: password: un valor que empieza con @ significa otra cosa en YAML; póngalo "
	 "entre comillas: '…'"},
	{"token:\n  @hunter2",
	 "f.yaml:2:3: error: un valor que empieza con @ significa otra cosa en YAML; póngalo entre "
	 "comillas: '…'"},
};

static void traps_are_told_in_plain_words(void **state)
{
	struct fixture *f = *state;
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_LEN(traps); i++) {
		struct buf said = BUF_INIT(4096);

		diag_free(f->diag);
		f->diag = diag_new();
		if (parse(f, traps[i].yaml) == 0 && diag_count(f->diag, DIAG_ERROR))
			assert_true(f->doc->wrong);
		if (diag_len(f->diag))
			diag_render(&said, diag_at(f->diag, 0), TEXT_ES);
		if (diag_len(f->diag) != 1 || strcmp(buf_str(&said), traps[i].want) != 0) {
			fprintf(stderr, "%s\n", traps[i].yaml);
			diag_print(f->diag, stderr, TEXT_ES);
			fprintf(stderr, "wanted: %s\n", traps[i].want);
			wrong++;
		}
		buf_done(&said);
	}
	assert_int_equal(wrong, 0);
}

static void what_looks_like_a_trap_and_is_none(void **state)
{
	static const char *const cases[] = {
		"sources: #todas\n  - {name: x}\n",
		"queue: # none yet\n",
		"text: Hola # un comentario\n",
		"#comentario\ntext: '#andino'\n",
		"a: R&D\nb: a*b\nc: x@y\nd: C#\n",
		"a: \"tab\\t and \\\"quotes\\\" and \\\\b\"\n",
		"- [Hola, mundo]\n",
		"a: &x {k: v}\nb: *x\n",
		"a: 'hola: mundo #x'\n",
		"a: http://example.com/#top\n",
		"a: null\nb: ~\nc: no\nd: 0x10\n", /* text, all of it: no Norway */
		"%YAML 1.1\n---\na: b\n",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(parse(f, cases[i]), 0);
		print_findings(f->diag);
		assert_int_equal(diag_len(f->diag), 0);
		assert_false(f->doc->wrong);
	}
}

static void several_mistakes_are_told_at_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, "a: *b\nc: \"\\b\"\nd: #e\na: 1\nf: !g\n"), 0);
	assert_int_equal(diag_count(f->diag, DIAG_ERROR), 5);
	assert_true(f->doc->wrong);
}

/* head, then n times part (a % in it becomes the number), then tail. */
static char *repeat(const char *head, const char *part, size_t n, const char *tail)
{
	struct buf b = BUF_INIT(16 << 20);
	size_t i;

	buf_puts(&b, head);
	for (i = 0; i < n; i++) {
		size_t before = strcspn(part, "%");

		buf_put(&b, part, before);
		if (part[before])
			buf_printf(&b, "%zu%s", i, part + before + 1);
	}
	buf_puts(&b, tail);
	assert_false(b.full);
	return buf_steal(&b);
}

/* Of this process: the machine may have other work. */
static int64_t cpu_ms(void)
{
	return (int64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

/* FAULTS C1: each in less than a second, and none past its bound. */
static void bombs_are_refused_quickly(void **state)
{
	static const struct {
		const char *head, *part;
		size_t n;
		const char *tail;
		int r;
		enum text_id text; /* of the first finding */
	} cases[] = {
		{"", "- &a% x\n", 70000, "", YAML_E_INVALID, TEXT_YAML_ANCHORS},
		{"", "[", 50000, "", YAML_E_INVALID, TEXT_YAML_DEPTH},
		{"", "[\n", 50000, "", YAML_E_INVALID, TEXT_YAML_DEPTH},
		{"", "{a: ", 50000, "", YAML_E_INVALID, TEXT_YAML_DEPTH},
		{"", "- ", 50000, "", YAML_E_INVALID, TEXT_YAML_DEPTH},
		{"", "[", YAML_DEPTH_MAX, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", 0, TEXT_IDS},
		{"", "[", YAML_DEPTH_MAX + 1, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", YAML_E_INVALID, TEXT_YAML_DEPTH},
		{"[", "a,", YAML_NODES_MAX - 1, "]", 0, TEXT_IDS},
		{"[", "a,", YAML_NODES_MAX, "]", YAML_E_INVALID, TEXT_YAML_NODES},
		{"", "a%: b\n", 80000, "", 0, TEXT_IDS},
		{"", "a: b\n", 80000, "", 0, TEXT_YAML_DUPLICATE},
		{"- &a x\n", "- *a\n", YAML_ALIASED_MAX, "", 0, TEXT_IDS},
		{"- &a x\n", "- *a\n", YAML_ALIASED_MAX + 1, "", YAML_E_INVALID, TEXT_YAML_ALIASED},
		{"", "- &a% x\n", YAML_ANCHORS_MAX, "- *a0", 0, TEXT_YAML_ANCHOR_UNUSED},
		{"[", "*a,", 190000, "]", 0, TEXT_YAML_SIGN},
		{"[", "\"\\b\",", 150000, "]", 0, TEXT_YAML_ESCAPE},
		{"", "- x #y\n", 100000, "", 0, TEXT_YAML_HASH_CUT},
		{"{a: b,", "a,", 90000, "}", 0, TEXT_YAML_COMMA},
		{"", "a", YAML_FILE_MAX_BYTES, "", 0, TEXT_IDS},
		{"", "a", YAML_FILE_MAX_BYTES + 1, "", YAML_E_INVALID, TEXT_YAML_TOO_LONG},
		/* a billion laughs: seven of seven of seven of … */
		{"- &a [x,x,x,x,x,x,x]\n- &b [*a,*a,*a,*a,*a,*a,*a]\n- &c [*b,*b,*b,*b,*b,*b,*b]\n- &d "
		 "[*c,*c,*c,*c,*c,*c,*c]\n- &e [*d,*d,*d,*d,*d,*d,*d]\n",
		 "- [*e,*e]\n", 1, "", YAML_E_INVALID, TEXT_YAML_ALIASED},
	};
	const int64_t limit_ms = BUILT_SANITIZED ? 10000 : 1000;
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) char *text = repeat(cases[i].head, cases[i].part, cases[i].n, cases[i].tail);
		int64_t start = cpu_ms(), took;
		int r;

		setup(state);
		arena_free(f->arena);
		diag_free(f->diag);
		free(f);
		f = *state;
		r = parse(f, text);
		took = cpu_ms() - start;
		if (r != cases[i].r || took > limit_ms || (diag_len(f->diag) == 0) != (cases[i].text == TEXT_IDS) ||
		    (diag_len(f->diag) && diag_at(f->diag, 0)->text != cases[i].text)) {
			print_findings(f->diag);
			fail_msg("case %zu (%.20s): %d in %lld ms", i, text, r, (long long)took);
		}
	}
}

/* An alias may not build what could not be written. */
static void depth_counts_through_aliases(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, "- &a [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n- [[[[[[[[[[[[*a]]]]]]]]]]]]\n"),
			 YAML_E_INVALID);
	assert_int_equal(diag_at(f->diag, 0)->text, TEXT_YAML_DEPTH);
}

static void a_file_that_cannot_be_read_is_a_finding(void **state)
{
	static const struct {
		const char *path;
		enum text_id text;
	} files[] = {{"/nonexistent/x.yaml", TEXT_OS_ABSENT}, {"/", TEXT_OS_FOLDER}, {"/dev/zero", TEXT_OS_OTHER}};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(files); i++) {
		assert_int_equal(yaml_read(files[i].path, f->arena, f->diag, &f->doc), YAML_E_INVALID);
		assert_int_equal(diag_len(f->diag), i + 1);
		assert_int_equal(diag_at(f->diag, i)->text, files[i].text);
		assert_string_equal(diag_at(f->diag, i)->pos.file, files[i].path);
	}
}

static void a_file_is_read(void **state)
{
	struct fixture *f = *state;
	char path[] = "/tmp/test_yaml_XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0 && write(fd, "a: ñ\n", 6) == 6);
	close(fd);
	r = yaml_read(path, f->arena, f->diag, &f->doc);
	unlink(path);
	assert_int_equal(r, 0);
	assert_string_equal(yaml_get(f->doc->root, "a")->text, "ñ");
	assert_string_equal(f->doc->root->pos.file, path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tree_has_places),
		TEST(places_inside_a_text),
		TEST(an_empty_file_is_an_empty_map),
		TEST(traps_are_told_in_plain_words),
		TEST(what_looks_like_a_trap_and_is_none),
		TEST(several_mistakes_are_told_at_once),
		TEST(bombs_are_refused_quickly),
		TEST(depth_counts_through_aliases),
		TEST(a_file_that_cannot_be_read_is_a_finding),
		TEST(a_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
