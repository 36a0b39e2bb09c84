#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "main/ctl_client.h"
#include "main/ctl_log.h"
#include "main/ctl_output.h"
#include "main/ctl_record.h"
#include "main/ctl_why.h"
#include "store/stored.h"

enum { HTTP_NOT_FOUND = 404, TEXT_MAX_BYTES = 8 * 1024 * 1024, STORED_MAX_BYTES = 32 * 1024 * 1024 };

void why_asked_done(struct why_asked *a)
{
	json_decref(a->stored);
	arena_free(a->arena);
}

/* --- given --- */

static void take_text(struct why_asked *a, const char *text, size_t len)
{
	struct buf clean = BUF_INIT(TEXT_MAX_BYTES);
	struct mention *m = &a->job.mention;

	utf8_scrub(&clean, text, len);
	m->text =
		arena_memdup0(a->arena, buf_str(&clean), utf8_cut(buf_str(&clean), clean.len, MENTION_TEXT_MAX_BYTES));
	m->seen_ms = m->published_ms = clock_wall_ms();
	mention_identity("text", m->text, m->id);
	buf_done(&clean);
}

static bool take_record(struct ctl *c, struct why_asked *a, const char *json, size_t len)
{
	const char *why = NULL;
	int r = record_read(json, len, clock_wall_ms(), a->arena, &a->job.mention, &why);

	if (r)
		ctl_complain(c, r == RECORD_E_TEXT ? TEXT_CTL_MATCH_NO_TEXT : TEXT_CTL_MATCH_NO_JSON,
			     TEXT_ARGS("1", why));
	return r == 0;
}

static bool take_given(struct ctl *c, struct why_asked *a, const char *what, size_t len)
{
	const char *text = what + strspn(what, " \t\n");

	len -= (size_t)(text - what);
	if (*text == '{')
		return take_record(c, a, text, len);
	take_text(a, text, len);
	return true;
}

static bool take_input(struct ctl *c, struct why_asked *a)
{
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	char part[4096];
	bool done;
	size_t n;

	while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
		buf_put(&b, part, n);
	done = !b.full && !ferror(stdin);
	if (!done)
		CTL_COMPLAIN(c, TEXT_CTL_MATCH_LONG, "1");
	else
		done = take_given(c, a, buf_str(&b), b.len);
	buf_done(&b);
	return done;
}

/* --- of the log --- */

/* The topic that the configuration says all of a source speaks of; a list's sources are called "list/…". NULL: none. */
static const char *source_topic(const struct ctl *c, const char *source, struct arena *a)
{
	cleanup(diag_freep) struct diag *unheeded = diag_new();
	const struct yaml_node *sources = NULL;
	struct yaml_doc *doc;
	size_t i, len;

	if (c->config && source && yaml_read(c->config, a, unheeded, &doc) == 0 && doc->root->kind == YAML_MAP)
		sources = yaml_get(doc->root, "sources");
	for (i = 0; sources && sources->kind == YAML_LIST && i < sources->n; i++) {
		const struct yaml_node *item = sources->items[i], *name, *topic;

		if (item->kind != YAML_MAP)
			continue;
		name = yaml_get(item, "name");
		topic = yaml_get(item, "topic");
		if (!name || name->kind != YAML_TEXT || !topic || topic->kind != YAML_TEXT)
			continue;
		len = strlen(name->text);
		if (strncmp(source, name->text, len) == 0 && (source[len] == '\0' || source[len] == '/'))
			return topic->text;
	}
	return NULL;
}

/* The patterns that the daemon does not try any more. */
static void take_off(struct client *k, struct why_asked *a)
{
	json_t *status = NULL, *limit;
	long http;
	size_t i;

	if (!client_get(k, "/v1/status", 0, &http, &status))
		return;
	json_array_foreach(json_object_get(json_object_get(status, "rules"), "limits"), i, limit)
	{
		const char *topic = said_in(limit, "topic"), *pattern = said_in(limit, "pattern");

		if (!json_is_true(json_object_get(limit, "off")) || !topic || !pattern ||
		    a->job.n_off == JOB_WHY_OFF_MAX)
			continue;
		a->job.off[a->job.n_off].topic = arena_strdup(a->arena, topic);
		a->job.off[a->job.n_off++].pattern = arena_strdup(a->arena, pattern);
	}
	json_decref(status);
}

/* NULL: told. */
static json_t *ask_daemon(struct ctl *c, struct client *k, const char *id)
{
	cleanup(freep) char *target = xasprintf("/v1/mentions/%s", id);
	json_t *answer = NULL, *mention = NULL;
	long status;

	if (!client_get(k, target, HTTP_NOT_FOUND, &status, &answer))
		return NULL;
	if (status == HTTP_NOT_FOUND)
		CTL_COMPLAIN(c, TEXT_CTL_WHY_NO_MENTION, id);
	else
		mention = json_incref(json_object_get(answer, "mention"));
	json_decref(answer);
	return mention;
}

static json_t *read_log(struct ctl *c, struct why_asked *a, const char *id)
{
	struct buf b = BUF_INIT(STORED_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	uint8_t key[MENTION_ID_BYTES];
	struct mention m;
	json_t *json = NULL;
	int r;

	if (hash_unhex(id, key, sizeof(key)) || !ctl_log_quiet(c))
		return NULL;
	r = stored_mention(c->state, key, a->arena, &m);
	if (r == STORED_E_NONE)
		CTL_COMPLAIN(c, TEXT_CTL_WHY_NO_MENTION, id);
	else if (r == STORED_E_DAMAGED)
		CTL_COMPLAIN(c, TEXT_CTL_WHY_DAMAGED);
	else if (r < 0)
		ctl_complain_errno(c, TEXT_CTL_FILE, c->state, -r);
	if (r == 0) {
		mention_json(&j, NULL, &m);
		json = json_loadb(buf_str(&b), b.len, 0, NULL);
	}
	buf_done(&b);
	return json;
}

/* The daemon's word or the log's own: the same JSON, read as any record. */
static bool take_stored(struct ctl *c, struct why_asked *a, const char *id)
{
	cleanup(client_freep) struct client *k = client_new(c, true);
	char *bytes;
	bool done;

	a->stored = k ? ask_daemon(c, k, id) : read_log(c, a, id);
	if (!a->stored)
		return false;
	if (k)
		take_off(k, a);
	bytes = json_dumps(a->stored, JSON_COMPACT);
	done = take_record(c, a, bytes, strlen(bytes));
	free(bytes);
	a->job.source_topic = source_topic(c, a->job.mention.source, a->arena);
	return done;
}

bool why_mention(struct ctl *c, const char *what, struct why_asked *ret_asked, int *ret)
{
	enum { DIGITS = 2 * MENTION_ID_BYTES };
	struct why_asked *a = ret_asked;
	bool done;

	*a = (struct why_asked){.arena = arena_new(SIZE_MAX)};
	mention_init(&a->job.mention);
	*ret = CTL_USAGE;
	if (strlen(what) == DIGITS && strspn(what, "0123456789abcdef") == DIGITS) {
		*ret = CTL_NO;
		done = take_stored(c, a, what);
	} else if (strcmp(what, "-") == 0) {
		done = take_input(c, a);
	} else {
		done = take_given(c, a, what, strlen(what));
	}
	if (!done)
		why_asked_done(a);
	return done;
}
