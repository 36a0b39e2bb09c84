#include "main/check_fixtures.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/yaml.h"
#include "main/config.h"
#include "main/fixture.h"
#include "main/platform_map.h"
#include "mention/answer.h"
#include "mention/job.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/platforms.h"
#include "pool/ask.h"

enum { TEXTS_MAX_BYTES = 256 * 1024 * 1024, ANSWER_MAX_BYTES = 64 * 1024 * 1024 };

struct running {
	struct ask *ask;
	struct platforms *all;
	struct arena *arena;
	struct diag *d;
};

/* What a source that says this would have as $ctx. */
static void put_ctx(struct buf *b, const struct platform *p, const struct platform_fixture *f)
{
	struct json j = JSON_OUT(b);
	size_t i, k;

	json_begin_object(&j, NULL);
	for (i = 0; i < p->n_params; i++) {
		const struct platform_param *x = &p->params[i];
		const char *value = x->def;

		for (k = 0; k < f->with.n; k++)
			if (strcmp(f->with.v[k].name, x->name) == 0)
				value = f->with.v[k].text;
		if (!x->secret)
			json_text(&j, x->name, value);
	}
	json_end_object(&j);
}

/* False: there is none, or it can't be read: told. */
static bool find(struct running *r, const char *name, struct diag_pos pos, const char **ret_text, size_t *ret_len,
		 const char **ret_file)
{
	int e = platforms_fixture(r->all, name, r->d, ret_text, ret_len, ret_file);

	if (e == PLATFORMS_E_UNKNOWN)
		diag_error(r->d, pos, "fixtures", NULL, TEXT_PLATFORM_FIXTURE_NONE, name);
	return e == 0;
}

/* What a reader makes of the recorded answer. False: told. */
static bool read_answer(struct running *r, const struct platform *p, const struct platform_fixture *f, struct arena *a,
			struct answer *ret)
{
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES), ctx = BUF_INIT(MAP_CTX_MAX_BYTES);
	struct job_feed job = {.source = p->name,
			       .platform = p->map->name ? p->map->scope : p->name,
			       .address = "",
			       .format = p->map->name ? "map" : "auto",
			       .map = p->map->name ? p->name : NULL,
			       .unwrap = p->map->unwrap,
			       .outlet = p->map->outlet,
			       .seen_ms = clock_wall_ms(),
			       .not_before_ms = TIME_NONE};
	const char *bytes, *file, *why = NULL;
	size_t len;

	if (!find(r, f->answer, f->answer_pos, &job.body, &job.body_len, &file))
		return false;
	put_ctx(&ctx, p, f);
	job.ctx = buf_str(&ctx);
	job_feed_put(&payload, &job);
	if (ask(r->ask, FRAME_FEED, &payload, &bytes, &len) != 0 || answer_get(bytes, len, a, ret) != 0)
		why = "-";
	else if (ret->status != ANSWER_OK)
		why = ret->why ? ret->why : "-";
	else if (ret->why && p->map->name)
		diag_warning(r->d, f->answer_pos, "fixtures", NULL, TEXT_PLATFORM_FIXTURE_NOTED, p->name, f->answer,
			     ret->why);
	if (why)
		diag_error(r->d, f->answer_pos, "fixtures", NULL, TEXT_PLATFORM_FIXTURE_FAILED, p->name, f->answer,
			   why);
	buf_done(&ctx);
	buf_done(&payload);
	return !why;
}

static void run_fixture(struct running *r, const struct platform *p, const struct platform_fixture *f)
{
	cleanup(arena_freep) struct arena *a = arena_new(ANSWER_MAX_BYTES);
	const struct fixture_names names = {p->name, f->answer};
	const char *text, *file;
	struct answer answer;
	struct yaml_doc *doc;
	size_t len;

	if (!find(r, f->mentions, f->mentions_pos, &text, &len, &file) || !read_answer(r, p, f, a, &answer))
		return;
	if (yaml_parse(file, text, len, a, r->d, &doc) == 0 && !doc->wrong)
		fixture_compare(doc, answer.mentions, answer.n_mentions, &names, r->d);
}

/* Without rules and lexicons: what is compared is what the map says, and not what we make of it. */
void check_fixtures(const struct config *c, struct diag *d)
{
	const struct ask_config config = {.maps = c->maps, .n_maps = c->n_maps};
	cleanup(arena_freep) struct arena *arena = arena_new(TEXTS_MAX_BYTES);
	cleanup(ask_freep) struct ask *ask = NULL;
	struct running r = {.all = platforms_open(c->platforms, arena), .arena = arena, .d = d};
	size_t i, k;

	for (i = 0; i < c->n_sources; i++) {
		const struct platform *p = c->sources[i].params ? c->sources[i].params->platform : NULL;

		for (k = 0; p && k < i; k++)
			if (c->sources[k].params && c->sources[k].params->platform == p)
				p = NULL; /* it had its turn */
		if (!p || !p->n_fixtures)
			continue;
		if (!ask && ask_open(&config, d, &ask) != 0)
			return;
		r.ask = ask;
		for (k = 0; k < p->n_fixtures; k++)
			run_fixture(&r, p, &p->fixtures[k]);
	}
}
