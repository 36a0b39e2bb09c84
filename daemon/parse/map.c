#include "parse/map.h"

#include <errno.h>
#include <jq.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/utf8.h"

#include "mention/job.h"
#include "parse/charset.h"
#include "parse/feed_item.h"
#include "parse/feed_text.h"
#include "parse/json_scan.h"
#include "parse/map_lex.h"
#include "parse/map_prelude.h"
#include "parse/map_record.h"

enum {
	TEXT_GROWTH = 3, /* one byte of an old encoding is at most three of UTF-8 */
	TEXT_SLACK_BYTES = 1024,
	ERRORS_MAX_BYTES = 16 * 1024, /* of jq_compile() */
	PROGRAM_MAX_BYTES = (MAP_PROGRAMS_MAX + 1) * (MAP_PROGRAM_MAX_BYTES + 64),
};

struct map {
	const struct map_source *source; /* the maps' copy */
	const char *scope;
	const struct json_names *names; /* NULL: every member is read */
	struct json_names *own_names;
	size_t mentions; /* which program */
	jq_state *jq;    /* all of its programs in one: a compilation costs the same for one and for ten */
};

struct maps {
	struct arena *arena;
	struct map *v;
	size_t n;
};

/* --- loading --- */

static void on_jq_error(void *arg, jv message)
{
	struct buf *errors = arg;

	message = jq_format_error(message);
	if (jv_get_kind(message) == JV_KIND_STRING)
		buf_printf(errors, "%s\n", jv_string_value(message));
	jv_free(message);
}

/* Compiles programs [from, to) as one that takes [which, $ctx, document]. NULL: errors says why. */
static jq_state *compile(const struct map_source *m, size_t from, size_t to, struct buf *errors)
{
	cleanup(buf_done) struct buf text = BUF_INIT(PROGRAM_MAX_BYTES + sizeof(MAP_PRELUDE));
	jq_state *jq = jq_init();
	size_t i;

	if (!jq)
		abort(); /* out of memory */
	buf_puts(&text, MAP_PRELUDE ". as [$__which, $ctx, $__document] | $__document |\n");
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
	if (i == m->n_programs) {
		diag_error(d, ((struct diag_pos){.file = NULL}), NULL, NULL, TEXT_MAP_NO_MENTIONS, m->name);
		return false;
	}
	ret->source = m;
	ret->mentions = i;
	named = comment_of(&m->programs[i], "looks at named keys", a);
	ret->scope = comment_of(&m->programs[i], "scope: ", a);
	if (!ret->scope)
		ret->scope = m->name;
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

/* --- running --- */

/* One job's way through its bytes. */
struct run {
	struct map *map;
	struct arena *a;
	struct collector collector;
	struct record_told told;
	struct answer_fact facts[MAP_PROGRAMS_MAX];
	size_t n_facts;
	jv ctx;
	size_t values, broken; /* of the sequence */
	const char *failure;   /* of the program "mentions" */
};

static void start(struct run *r, size_t program, jv document)
{
	jv input = jv_array_append(
		jv_array_append(jv_array_append(jv_array_sized(3), jv_number((double)program)), jv_copy(r->ctx)),
		document);

	jq_start(r->map->jq, input, 0);
}

/* What jq says that went wrong, quoted and cut; NULL: the program came to its end. Takes end. */
static const char *failure_of(jv end, struct arena *a)
{
	jv message = jv_invalid_get_msg(end);
	const char *why = NULL;

	if (jv_get_kind(message) == JV_KIND_STRING)
		why = map_scalar(message, a, MAP_ERROR_MAX_BYTES);
	else if (jv_get_kind(message) != JV_KIND_NULL)
		why = "an error of the map's own";
	jv_free(message);
	return why;
}

static void mentions_run(struct run *r, jv document)
{
	size_t n = 0;
	jv output;

	start(r, r->map->mentions, document);
	while (jv_is_valid(output = jq_next(r->map->jq))) {
		if (n++ == MAP_OUTPUTS_MAX) {
			jv_free(output);
			r->failure = "it does not come to an end";
			return;
		}
		map_record_add(&r->collector, r->map->scope, output, &r->told);
	}
	if (!r->failure)
		r->failure = failure_of(output, r->a);
	else
		jv_free(output);
}

/* A fact that fails is none: "error" would not be asked of what is well. */
static void fact_run(struct run *r, size_t program, jv document)
{
	cleanup(buf_done) struct buf value = BUF_INIT(MENTION_FIELD_MAX_BYTES);
	size_t n = 0, i;
	const char *s;
	jv output;

	start(r, program, document);
	while (jv_is_valid(output = jq_next(r->map->jq)) && n++ < MAP_FACT_OUTPUTS_MAX) {
		s = map_scalar(output, r->a, MENTION_FIELD_MAX_BYTES);
		jv_free(output);
		if (s)
			buf_printf(&value, "%s%s", value.len ? "," : "", s);
	}
	jv_free(output);
	if (!value.len || value.full)
		return;
	for (i = 0; i < r->n_facts && strcmp(r->facts[i].name, r->map->source->programs[program].name) != 0; i++)
		;
	r->facts[i].name = r->map->source->programs[program].name;
	r->facts[i].value = arena_strdup(r->a, buf_str(&value)); /* of several documents the last one's word */
	if (i == r->n_facts)
		r->n_facts++;
}

static void document_run(struct run *r, jv document)
{
	size_t i;

	for (i = 0; i < r->map->source->n_programs; i++) {
		if (i != r->map->mentions)
			fact_run(r, i, jv_copy(document));
	}
	mentions_run(r, document);
}

/* Each value of the sequence; what is wrong with the first that is none. */
static const char *sequence_run(struct run *r, const struct buf *text)
{
	cleanup(buf_done) struct buf value = BUF_INIT(2 * text->len + 1024);
	const char *at = buf_str(text), *end = at + text->len, *wrong = NULL;
	int s;

	while ((s = json_scan(&at, end, r->map->names, &value)) != JSON_SCAN_E_END) {
		jv document = s ? jv_invalid() : jv_parse_sized(buf_str(&value), (int)value.len);

		if (jv_is_valid(document)) {
			r->values++;
			document_run(r, document);
		} else {
			if (r->broken++ == 0)
				wrong = s == JSON_SCAN_E_DEEP ? "it nests too deep" : "not JSON, or not all of it";
			jv_free(document);
		}
		buf_reset(&value);
	}
	return wrong;
}

/* The first words of what is no JSON, for the log. */
static const char *quoted(struct arena *a, const char *head, const struct buf *text)
{
	enum { QUOTE_MAX_BYTES = 60 };
	struct buf words = BUF_INIT(4 * QUOTE_MAX_BYTES);
	const char *why;

	text_fold(buf_str(text), utf8_cut(buf_str(text), text->len, QUOTE_MAX_BYTES), &words);
	why = arena_printf(a, "%s: \"%s\"", head, buf_str(&words));
	buf_done(&words);
	return why;
}

static void refuse(struct answer *ret, enum answer_status status, const char *why)
{
	ret->status = status;
	ret->why = why;
}

static const char *joined(struct arena *a, const char *first, const char *second)
{
	const char *why = first && second ? arena_printf(a, "%s; %s", first, second) : first ? first : second;

	return why ? arena_memdup0(a, why, utf8_cut(why, strlen(why), ANSWER_WHY_MAX - 1)) : NULL;
}

static void conclude(struct run *r, const struct buf *text, const char *wrong, struct answer *ret)
{
	const char *failed = r->failure ? arena_printf(r->a, "the map failed: %s", r->failure) : NULL;
	bool complains = false;
	size_t i;

	ret->facts = ARENA_ARRAY(r->a, struct answer_fact, r->n_facts);
	ret->n_facts = r->n_facts;
	memcpy(ret->facts, r->facts, r->n_facts * sizeof(*r->facts));
	for (i = 0; i < r->n_facts; i++)
		complains = complains || strcmp(r->facts[i].name, "error") == 0;
	if (!r->values) {
		const char *first = buf_str(text) + strspn(buf_str(text), " \t\r\n");

		if (!*first)
			refuse(ret, ANSWER_NOT_A_FEED, "an empty answer");
		else if (*first == '<')
			refuse(ret, ANSWER_NOT_A_FEED, quoted(r->a, "a page instead of JSON", text));
		else if (*first == '{' || *first == '[')
			refuse(ret, ANSWER_MALFORMED, wrong);
		else
			refuse(ret, ANSWER_NOT_A_FEED, quoted(r->a, "no JSON", text));
		ret->n_facts = 0;
		return;
	}
	if (failed && !r->collector.n && !complains) {
		refuse(ret, ANSWER_MALFORMED, failed);
		return;
	}
	if (r->broken)
		wrong = arena_printf(r->a, "%zu of %zu values: %s", r->broken, r->broken + r->values, wrong);
	ret->recovered = r->broken || (failed && !complains);
	ret->why = joined(r->a, joined(r->a, complains ? NULL : failed, wrong), map_record_why(&r->told, r->a));
	collector_answer(&r->collector, ret);
}

static struct map *map_find(const struct maps *maps, const char *name)
{
	size_t i;

	for (i = 0; maps && name && i < maps->n; i++)
		if (strcmp(maps->v[i].source->name, name) == 0)
			return &maps->v[i];
	return NULL;
}

void map_parse(struct maps *maps, const struct job_feed *job, struct arena *a, struct answer *ret)
{
	cleanup(buf_done) struct buf text = BUF_INIT(TEXT_GROWTH * job->body_len + TEXT_SLACK_BYTES);
	struct run r = {.map = map_find(maps, job->map), .a = a};

	*ret = (struct answer){.identity = job->identity};
	if (!r.map) {
		refuse(ret, ANSWER_REFUSED, "its map is not loaded");
		return;
	}
	if (charset_to_utf8(job->body, job->body_len, job->content_type, &text, NULL)) {
		refuse(ret, ANSWER_REFUSED, "its text is too long, or in UTF-7");
		return;
	}
	r.ctx = jv_parse(job->ctx ? job->ctx : "{}");
	if (jv_get_kind(r.ctx) != JV_KIND_OBJECT) {
		jv_free(r.ctx);
		refuse(ret, ANSWER_REFUSED, "its $ctx is no object");
		return;
	}
	collector_init(&r.collector, job, a);
	conclude(&r, &text, sequence_run(&r, &text), ret);
	collector_done(&r.collector);
	jv_free(r.ctx);
}
