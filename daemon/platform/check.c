#include "platform/check.h"

#include <string.h>

#include "base/units.h"
#include "platform/check_inside.h"
#include "platform/platforms.h"

void check_fail(struct checking *c, struct diag_pos pos, enum text_id text, const char *const args[])
{
	diag_add(c->d, DIAG_ERROR, pos, c->key, NULL, text, args);
	c->right = false;
}

/* --- where it goes on --- */

static void need_fact(struct checking *c, struct diag_pos pos, const char *fact)
{
	if (!platform_has_fact(c->p, fact))
		check_fail(c, pos, TEXT_PLATFORM_FACT, TEXT_ARGS(fact));
}

static void check_map(struct checking *c)
{
	struct platform_map *m = c->p->map;

	c->key = "map";
	if (!m->name && m->format != PLATFORM_FEED)
		check_fail(c, m->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("map", "use"));
	if (!m->name && m->facts.n)
		check_fail(c, m->pos, TEXT_PLATFORM_FEED_FACTS, TEXT_ARGS());
}

static void check_course(struct checking *c)
{
	const struct platform *p = c->p;
	int cursor = p->cursor->kind, pages = p->pages->kind;

	c->key = "cursor";
	if (cursor == PLATFORM_CURSOR_SINCE_ID || cursor == PLATFORM_CURSOR_MIN_ID ||
	    cursor == PLATFORM_CURSOR_OFFSET || cursor == PLATFORM_CURSOR_STREAM_TIME)
		need_fact(c, p->cursor->pos, p->cursor->fact);
	if ((cursor == PLATFORM_CURSOR_EVENT_ID || p->stream->n_events) && p->transport != PLATFORM_SSE)
		check_fail(c, cursor == PLATFORM_CURSOR_EVENT_ID ? p->cursor->pos : p->stream->pos, TEXT_PLATFORM_NEEDS,
			   TEXT_ARGS(cursor == PLATFORM_CURSOR_EVENT_ID ? "event_id" : "events", "transport: sse"));
	c->key = "stream";
	if (p->stream->filter && platform_has_fact(p, "error")) /* nobody would see it */
		check_fail(c, p->stream->pos, TEXT_PLATFORM_FILTER_ERROR, TEXT_ARGS());
	c->key = "pages";
	if (pages == PLATFORM_PAGES_TOKEN || pages == PLATFORM_PAGES_URL)
		need_fact(c, p->pages->pos, "next");
	if ((pages == PLATFORM_PAGES_TOKEN || pages == PLATFORM_PAGES_NUMBER || pages == PLATFORM_PAGES_OFFSET) !=
	    c->page)
		check_fail(c, p->pages->pos, TEXT_PLATFORM_PAGE, TEXT_ARGS(platform_pages_names[pages]));
	if (pages == PLATFORM_PAGES_CURSOR && cursor != PLATFORM_CURSOR_MIN_ID && cursor != PLATFORM_CURSOR_OFFSET)
		check_fail(c, p->pages->pos, TEXT_PLATFORM_PAGES_CURSOR, TEXT_ARGS(platform_cursor_names[cursor]));
	if (p->cost->calls_per_day || p->cost->calls_per_month || p->cost->currency)
		return;
	c->key = "cost";
	if (p->cost->item_micros || p->cost->request_micros)
		check_fail(c, p->cost->pos, TEXT_PLATFORM_CURRENCY, TEXT_ARGS());
}

/* --- parameters --- */

static void check_default(struct checking *c, const struct platform_param *x)
{
	if (x->secret && x->def)
		check_fail(c, x->pos, TEXT_PLATFORM_PARAM_SECRET, TEXT_ARGS(x->name));
	if (x->required && x->def)
		check_fail(c, x->pos, TEXT_PLATFORM_PARAM_DEFAULT, TEXT_ARGS(x->name));
}

static void check_params(struct checking *c)
{
	/* what any source may say, whatever its platform */
	static const char *const taken[] = {"name",  "platform",      "url",    "file",     "path",
					    "every", "slowest",       "as",     "backfill", "topic",
					    "lang",  "allow_private", "budget", "recheck",  "filter"};
	size_t i, k;

	c->key = "params";
	for (i = 0; i < c->p->n_params; i++) {
		const struct platform_param *x = &c->p->params[i];

		for (k = 0; k < ARRAY_LEN(taken); k++) {
			if (strcmp(x->name, taken[k]) == 0)
				check_fail(c, x->pos, TEXT_PLATFORM_PARAM_TAKEN, TEXT_ARGS(x->name));
		}
		if (strcmp(x->name, x->secret ? "user" : "password") == 0) /* source/config reads these two */
			check_fail(c, x->pos, TEXT_PLATFORM_PARAM_TAKEN, TEXT_ARGS(x->name));
		check_default(c, x);
	}
}

/* What a fixture says is what a source could. */
static void check_fixture(struct checking *c, const struct platform_fixture *f)
{
	const struct platform *p = c->p;
	size_t i;
	int at;

	if (!platforms_fixture_name(f->answer))
		check_fail(c, f->answer_pos, TEXT_PLATFORM_FIXTURE_NAME, TEXT_ARGS(f->answer));
	if (!platforms_fixture_name(f->mentions))
		check_fail(c, f->mentions_pos, TEXT_PLATFORM_FIXTURE_NAME, TEXT_ARGS(f->mentions));
	for (i = 0; i < f->with.n; i++) {
		const char *name = f->with.v[i].name;

		at = platform_param_find(p, name, strlen(name));
		if (at < 0)
			check_fail(c, f->with.v[i].pos, TEXT_PLATFORM_TEMPLATE_UNKNOWN, TEXT_ARGS(name));
		else if (p->params[at].secret)
			check_fail(c, f->with.v[i].pos, TEXT_PLATFORM_TEMPLATE_SECRET, TEXT_ARGS(name));
	}
}

static void check_fixtures(struct checking *c)
{
	size_t i;

	c->key = "fixtures";
	for (i = 0; i < c->p->n_fixtures; i++)
		check_fixture(c, &c->p->fixtures[i]);
}

static void check_pace(struct checking *c)
{
	const struct platform_every *e = c->p->every;
	char least[UNITS_TEXT_SIZE], usual[UNITS_TEXT_SIZE];

	c->key = "every";
	if (e->default_ms < e->least_ms)
		check_fail(
			c, c->p->pos, TEXT_CONFIG_SLOWEST_LEAST,
			TEXT_ARGS(units_duration_text(e->least_ms, least), units_duration_text(e->default_ms, usual)));
}

bool platform_check(struct platform *p, struct diag *d)
{
	struct checking c = {.p = p, .d = d, .right = true};

	check_params(&c);
	check_request(&c);
	check_lookup(&c);
	check_map(&c);
	check_course(&c);
	check_auth(&c);
	check_webhook(&c);
	check_mailbox(&c);
	check_pace(&c);
	check_fixtures(&c);
	return c.right;
}
