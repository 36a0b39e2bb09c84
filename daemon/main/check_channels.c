#include "main/check_channels.h"

#include "alert/channel_example.h"
#include "alert/channel_kind.h"
#include "alert/config.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "main/config.h"
#include "main/config_channel.h"
#include "mention/body_job.h"
#include "pool/ask.h"

enum { TEXTS_MAX_BYTES = 64 * 1024 * 1024 };

struct running {
	struct ask *ask;
	struct channel_kinds *all;
	struct arena *arena;
	struct diag *d;
	const struct channel_kind *kind;
};

static void tell_failed(struct running *r, struct diag_pos pos, const char *name, const char *why)
{
	diag_error(r->d, pos, "fixtures", NULL, TEXT_CHANNEL_FIXTURE_FAILED, r->kind->base.name, name, why);
}

/* False: there is none, or it can't be read: told. */
static bool find(struct running *r, const char *name, struct diag_pos pos, const char **ret_text, size_t *ret_len)
{
	const char *file;
	int e = channel_kinds_fixture(r->all, name, r->d, ret_text, ret_len, &file);

	if (e == CHANNEL_KINDS_E_UNKNOWN)
		diag_error(r->d, pos, "fixtures", NULL, TEXT_CHANNEL_FIXTURE_NONE, name);
	return e == 0;
}

/* What a reader makes of the notice; NULL: told. Borrowed until the next one. */
static const char *make(struct running *r, const struct channel_fixture *f, const struct channel_example *e,
			size_t *ret_len)
{
	const struct job_body job = {.map = arena_printf(r->arena, CHANNEL_MAP_PREFIX "%s", r->kind->base.name),
				     .program = channel_way_names[e->call.way],
				     .ctx = e->ctx,
				     .document = e->document};
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES);
	const char *bytes, *text = "the reader did not survive it";
	bool made = false;
	size_t len;
	int failed;

	job_body_put(&payload, &job);
	failed = ask(r->ask, FRAME_BODY, &payload, &bytes, &len);
	buf_done(&payload);
	if (!failed && body_made_get(bytes, len, &made, &text, ret_len) != 0)
		made = false;
	if (!made)
		tell_failed(r, f->notice_pos, f->notice, text ? arena_strdup(r->arena, text) : "-");
	return made ? text : NULL;
}

static void run_example(struct running *r, const struct channel_fixture *f)
{
	const char *notice, *want, *made, *why = "";
	struct channel_difference how;
	struct channel_example e;
	size_t notice_len, want_len, len;

	if (!find(r, f->notice, f->notice_pos, &notice, &notice_len) ||
	    !find(r, f->request, f->request_pos, &want, &want_len))
		return;
	if (channel_example_read(r->kind, f, notice, notice_len, r->arena, &e, &why) != 0) {
		tell_failed(r, f->notice_pos, f->notice, why);
		return;
	}
	made = make(r, f, &e, &len);
	if (!made)
		return;
	switch (channel_example_compare(&e, made, len, want, want_len, r->arena, &how)) {
	case CHANNEL_EXAMPLE_E_WRONG:
		tell_failed(r, f->request_pos, f->request, how.why);
		break;
	case CHANNEL_EXAMPLE_E_DIFFERS:
		diag_error(r->d, f->request_pos, "fixtures", NULL, TEXT_CHANNEL_FIXTURE_DIFFERS, f->request, how.at,
			   how.expected, how.found);
		break;
	default:
		break;
	}
}

/* The kind of the channel, where no channel before it is of the same. */
static const struct channel_kind *first_of(const struct config *c, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (c->channels[k].as == c->channels[i].as)
			return NULL;
	return c->channels[i].as;
}

void check_channels(const struct config *c, struct diag *d)
{
	const struct ask_config config = {.maps = c->maps, .n_maps = c->n_maps};
	cleanup(arena_freep) struct arena *arena = arena_new(TEXTS_MAX_BYTES);
	cleanup(ask_freep) struct ask *ask = NULL;
	struct running r = {
		.all = channel_kinds_open(config_channel_folder(c->file, arena), arena), .arena = arena, .d = d};
	size_t i, k;

	for (i = 0; i < c->n_channels; i++) {
		r.kind = first_of(c, i);
		if (!r.kind || !r.kind->n_fixtures)
			continue;
		if (!ask && ask_open(&config, d, &ask) != 0)
			return;
		r.ask = ask;
		for (k = 0; k < r.kind->n_fixtures; k++)
			run_example(&r, &r.kind->fixtures[k]);
	}
}
