#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "mention/map.h"
#include "parse/channel_prelude.h"
#include "parse/json_names.h"
#include "parse/mail.h"
#include "parse/map.h"
#include "parse/map_inside.h"
#include "parse/map_lex.h"
#include "parse/map_prelude.h"

enum {
	ERRORS_MAX_BYTES = 16 * 1024, /* of jq_compile() */
	PROGRAM_MAX_BYTES = (MAP_PROGRAMS_MAX + 1) * (MAP_PROGRAM_MAX_BYTES + 64),
};

static void on_jq_error(void *arg, jv message)
{
	struct buf *errors = arg;

	message = jq_format_error(message);
	if (jv_get_kind(message) == JV_KIND_STRING)
		buf_printf(errors, "%s\n", jv_string_value(message));
	jv_free(message);
}

static bool has_program(const struct map_source *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->n_programs && strcmp(m->programs[i].name, name) != 0; i++)
		;
	return i < m->n_programs;
}

/* Compiles programs [from, to) as one that takes [which, $ctx, document]. NULL: errors says why. */
static jq_state *compile(const struct map_source *m, size_t from, size_t to, struct buf *errors)
{
	cleanup(buf_done) struct buf text = BUF_INIT(PROGRAM_MAX_BYTES + sizeof(MAP_PRELUDE) + sizeof(CHANNEL_PRELUDE));
	jq_state *jq = jq_init();
	size_t i;

	if (!jq)
		abort(); /* out of memory */
	buf_puts(&text, has_program(m, MAP_BODY) ? CHANNEL_PRELUDE : MAP_PRELUDE);
	buf_puts(&text, ". as [$__which, $ctx, $__document] | $__document |\n");
	for (i = from; i < to; i++) /* the program's first line is a line of its own: its errors are told by line */
		buf_printf(&text, "%s $__which == %zu then (\n%s\n)", i == from ? "if" : " elif", i,
			   m->programs[i].text);
	buf_puts(&text, " else empty end");
	jq_set_error_cb(jq, on_jq_error, errors);
	/* no library to import from: what got past map_lex finds nothing */
	jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	jq_set_attr(jq, jv_string("JQ_ORIGIN"), jv_string("/nonexistent"));
	jq_set_attr(jq, jv_string("PROGRAM_ORIGIN"), jv_string("/nonexistent"));
	if (!text.full && jq_compile(jq, buf_str(&text)))
		return jq;
	jq_teardown(&jq);
	return NULL;
}

enum { LINES_BEFORE = 3 }; /* of a program that is compiled alone */

/* "jq: error: foo/0 is not defined at <top-level>, line 4:\n…" to a finding: where foo stands in that line, else where the
 * line begins. */
static void error_tell(const struct map_program *p, const char *error, struct diag *d)
{
	static const char head[] = "jq: error: ", where[] = " at <top-level>, line ";
	const char *said = strncmp(error, head, strlen(head)) == 0 ? error + strlen(head) : error;
	const char *at = strstr(said, where), *end = at ? at : said + strcspn(said, "\n");
	const char *shell = strstr(said, " (Unix shell"), *line = p->text, *name;
	char word[64];
	char why[MAP_ERROR_MAX_BYTES + 1];
	long number = at ? strtol(at + strlen(where), NULL, 10) - LINES_BEFORE : 1;
	size_t len;

	if (shell && shell < end)
		end = shell;
	len = utf8_cut(said, (size_t)(end - said), MAP_ERROR_MAX_BYTES);
	memcpy(why, said, len);
	why[len] = '\0';
	while (number-- > 1 && strchr(line, '\n'))
		line = strchr(line, '\n') + 1;
	line += strspn(line, " \t");
	len = strcspn(why, "/ ");
	if ((why[len] == '/' || why[0] == '$') && len < sizeof(word)) {
		memcpy(word, why, len);
		word[len] = '\0';
		name = strstr(line, word);
		line = name && name < line + strcspn(line, "\n") ? name : line;
	}
	diag_error(d, map_lex_pos(p, (size_t)(line - p->text)), p->name, NULL, TEXT_MAP_JQ, why);
}

/* Which of its programs is it? Each alone; only of a map that does not compile. */
static void errors_tell(const struct map_source *m, struct diag *d)
{
	bool told = false;
	size_t i;

	for (i = 0; i < m->n_programs; i++) {
		cleanup(buf_done) struct buf errors = BUF_INIT(ERRORS_MAX_BYTES);
		jq_state *jq = compile(m, i, i + 1, &errors);

		if (jq) {
			jq_teardown(&jq);
			continue;
		}
		told = true;
		error_tell(&m->programs[i], buf_str(&errors), d);
	}
	if (!told)
		diag_error(d, map_lex_pos(&m->programs[0], 0), m->programs[0].name, NULL, TEXT_MAP_JQ, "-");
}

/* What the comments at the beginning of a program say; the value behind head, or NULL. */
static const char *comment_of(const struct map_program *p, const char *head, struct arena *a)
{
	const char *line = p->text, *s;
	size_t len;

	for (; *line == '#'; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		s = line + 1 + strspn(line + 1, " \t");
		if (strncmp(s, head, strlen(head)) == 0)
			return arena_memdup0(a, s + strlen(head), len - (size_t)(s - line) - strlen(head));
	}
	return NULL;
}

static bool map_load(const struct map_source *m, struct arena *a, struct diag *d, struct map *ret)
{
	cleanup(buf_done) struct buf errors = BUF_INIT(ERRORS_MAX_BYTES);
	const char *named;
	bool right = true;
	size_t i;

	for (i = 0; i < m->n_programs && strcmp(m->programs[i].name, MAP_MENTIONS) != 0; i++)
		;
	if (i == m->n_programs && has_program(m, MAP_BODY)) {
		i = 0; /* whose comments say nothing of mentions */
	} else if (i == m->n_programs) {
		diag_error(d, ((struct diag_pos){.file = NULL}), NULL, NULL, TEXT_MAP_NO_MENTIONS, m->name);
		return false;
	}
	ret->source = m;
	ret->mentions = has_program(m, MAP_MENTIONS) ? i : MAP_NO_MENTIONS;
	named = comment_of(&m->programs[i], "looks at named keys", a);
	ret->scope = comment_of(&m->programs[i], "scope: ", a);
	if (!ret->scope)
		ret->scope = m->name;
	ret->mail = comment_of(&m->programs[i], "reads mail", a) != NULL;
	if (ret->mail)
		mail_init();
	ret->own_names = json_names_new();
	ret->names = named ? ret->own_names : NULL;
	for (i = 0; i < m->n_programs; i++)
		right = !map_lex(&m->programs[i], named != NULL, ret->own_names, d) && right;
	if (!right)
		return false;
	ret->jq = compile(m, 0, m->n_programs, &errors);
	if (!ret->jq)
		errors_tell(m, d);
	return ret->jq != NULL;
}

int maps_load(const struct map_source *v, size_t n, struct diag *diag, struct maps **ret)
{
	cleanup(maps_freep) struct maps *maps = NEW(struct maps);
	bool right = true;
	size_t i;

	/* libjq reads ~/.jq at each compilation: a file of somebody's that no map may depend on */
	if (setenv("HOME", "/nonexistent", 1) < 0)
		return -errno;
	maps->arena = arena_new(SIZE_MAX);
	v = map_sources_copy(v, n, maps->arena);
	maps->v = ARENA_ARRAY(maps->arena, struct map, n);
	maps->n = n;
	for (i = 0; i < n; i++)
		right = map_load(&v[i], maps->arena, diag, &maps->v[i]) && right;
	if (!right)
		return MAPS_E_INVALID;
	*ret = TAKE(maps);
	return 0;
}

struct maps *maps_free(struct maps *maps)
{
	size_t i;

	if (!maps)
		return NULL;
	for (i = 0; i < maps->n; i++) {
		if (maps->v[i].jq)
			jq_teardown(&maps->v[i].jq);
		json_names_free(maps->v[i].own_names);
	}
	arena_free(maps->arena);
	free(maps);
	return NULL;
}
