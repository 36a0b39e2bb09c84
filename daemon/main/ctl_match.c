/* match: which mentions, or lines of text, meet the rules. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "main/ctl_ask.h"
#include "main/ctl_command.h"
#include "main/ctl_record.h"
#include "main/ctl_settings.h"
#include "mention/job.h"
#include "pool/ask.h"

enum { BATCH_MAX = 256, BATCH_MAX_BYTES = 8 * 1024 * 1024, LINE_MAX_BYTES = 8 * 1024 * 1024, REFUSED_MAX_BYTES = 4096 };

struct matching {
	struct ctl *ctl;
	struct ask *ask;
	const char *path;
	bool all, wrong;
	size_t line, hits;
	int64_t now_ms;
	/* the batch */
	struct arena *arena;
	struct mention mentions[BATCH_MAX];
	size_t n, first_line;
};

static void take_text(struct matching *m, const char *line, size_t len, struct mention *ret)
{
	cleanup(freep) char *key = xasprintf("%zu", m->line);
	struct buf clean = BUF_INIT(LINE_MAX_BYTES);

	utf8_scrub(&clean, line, len);
	ret->text =
		arena_memdup0(m->arena, buf_str(&clean), utf8_cut(buf_str(&clean), clean.len, MENTION_TEXT_MAX_BYTES));
	ret->seen_ms = ret->published_ms = m->now_ms;
	mention_identity("line", key, ret->id);
	buf_done(&clean);
}

static bool send_batch(struct matching *m)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(freep) char *name = xasprintf("%s:%zu", m->path, m->first_line);
	struct buf job = BUF_INIT(FRAME_MAX_BYTES), line = BUF_INIT(LINE_MAX_BYTES);
	struct answer answer;
	bool done;
	size_t i;

	job_match_put(&job, NULL, m->all, m->mentions, m->n);
	done = m->n == 0 || ctl_ask(m->ctl, m->ask, FRAME_MATCH, &job, name, a, &answer);
	for (i = 0; done && m->n && i < answer.n_mentions; i++) {
		struct json j = JSON_OUT(&line);

		m->hits += answer.mentions[i].n_hits > 0;
		if (!m->all && answer.mentions[i].n_hits == 0)
			continue;
		buf_reset(&line);
		mention_json(&j, NULL, &answer.mentions[i]);
		fwrite(buf_str(&line), 1, line.len, stdout);
		putchar('\n');
	}
	m->n = 0;
	arena_free(m->arena);
	m->arena = arena_new(BATCH_MAX_BYTES);
	buf_done(&job);
	buf_done(&line);
	return done;
}

/* Told, and left out; with --all something stands in its place, so that what comes out has a line for each that went in. */
static bool refuse_line(struct matching *m, enum text_id id, const char *why)
{
	cleanup(freep) char *number = xasprintf("%zu", m->line);
	const char *const args[] = {number, why, NULL};
	cleanup(freep) char *text = text_make(m->ctl->lang, id, args);
	struct buf line = BUF_INIT(REFUSED_MAX_BYTES);
	struct json j = JSON_OUT(&line);

	m->wrong = true;
	ctl_complain(m->ctl, id, args);
	if (!m->all)
		return true;
	if (!send_batch(m)) /* what came before it goes before it */
		return false;
	json_begin_object(&j, NULL);
	json_int(&j, "line", (int64_t)m->line);
	json_text(&j, "error", text);
	json_end_object(&j);
	printf("%s\n", buf_str(&line));
	buf_done(&line);
	return true;
}

/* A line that begins with "{" is a record; any other is a text, and an empty one counts where each is wanted. */
static bool take_line(struct matching *m, const char *line, size_t len)
{
	struct mention *mention = &m->mentions[m->n];
	const char *text = line + strspn(line, " \t");
	const char *why = NULL;
	int r;

	m->line++;
	if (*text == '\0' && !m->all)
		return true;
	if (m->n == 0)
		m->first_line = m->line;
	mention_init(mention);
	if (*text == '{') {
		r = record_read(text, len - (size_t)(text - line), m->now_ms, m->arena, mention, &why);
		if (r)
			return refuse_line(m, r == RECORD_E_TEXT ? TEXT_CTL_MATCH_NO_TEXT : TEXT_CTL_MATCH_NO_JSON,
					   why);
	} else {
		take_text(m, text, len - (size_t)(text - line), mention);
	}
	m->n++;
	return (m->n < BATCH_MAX && !arena_full(m->arena)) || send_batch(m);
}

static bool match_lines(struct matching *m, FILE *f)
{
	size_t cap = 0;
	char *line = NULL;
	bool going = true;
	ssize_t len;

	while (going && (len = getline(&line, &cap, f)) >= 0) {
		while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			line[--len] = '\0';
		if (len > LINE_MAX_BYTES) {
			m->line++;
			going = refuse_line(m, TEXT_CTL_MATCH_LONG, NULL);
			continue;
		}
		going = take_line(m, line, (size_t)len);
	}
	free(line);
	return going && send_batch(m);
}

static int match_file(struct matching *m, const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	bool done;

	m->path = path;
	if (!f) {
		ctl_complain_errno(m->ctl, TEXT_CTL_FILE, path, errno);
		return CTL_NO;
	}
	done = match_lines(m, f);
	if (ferror(f)) {
		ctl_complain_errno(m->ctl, TEXT_CTL_FILE, path, errno);
		done = false;
	}
	if (f != stdin)
		fclose(f);
	return done && !m->wrong && (m->all || m->hits) ? CTL_DONE : CTL_NO;
}

struct values {
	struct ctl_list rules;
	bool all, no_prefilter;
};

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	const char *const *rules = v->rules.v;
	struct ctl *c = call->ctl;
	size_t n_rules = v->rules.n;
	struct matching *m;
	int r;

	if (!n_rules) { /* only then the configuration counts */
		if (!ctl_settings_read(c, false))
			return CTL_CONFIG;
		rules = (const char *const *)c->rules;
		n_rules = c->n_rules;
	}
	if (!n_rules) {
		CTL_COMPLAIN(c, TEXT_CTL_MATCH_NO_RULES);
		return CTL_USAGE;
	}
	m = NEW(struct matching);
	*m = (struct matching){.ctl = c, .all = v->all, .now_ms = clock_wall_ms()};
	m->ask = ctl_ask_open_config(
		c,
		&(struct ask_config){
			.rules = rules, .n_rules = n_rules, .no_prefilter = v->no_prefilter, .lexicon = c->lexicon},
		&r);
	if (m->ask) {
		m->arena = arena_new(BATCH_MAX_BYTES);
		r = match_file(m, call->n ? call->args[0] : "-");
		arena_free(m->arena);
		ask_free(m->ask);
	}
	free(m);
	return r;
}

static const struct ctl_option options[] = {
	{"rules", 'r', CTL_MANY, offsetof(struct values, rules)},
	{"all", 'a', CTL_FLAG, offsetof(struct values, all)},
	{"no-prefilter", 0, CTL_FLAG, offsetof(struct values, no_prefilter)},
};
const struct ctl_command ctl_match = {
	.name = "match",
	.run = run,
	.help = TEXT_CTL_HELP_MATCH,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
