#include "main/check.h"

#include <stdio.h>

#include "alert/rota.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "main/app_inside.h"
#include "main/app_webhook.h"
#include "main/check_channels.h"
#include "main/check_fixtures.h"
#include "main/config_alerts.h"
#include "main/config_oncall.h"
#include "main/config_people.h"
#include "main/rota_print.h"
#include "mention/catalogue.h"
#include "main/unheard.h"
#include "pool/ask.h"
#include "source/config.h"

enum { CATALOGUE_MAX_BYTES = 256 * 1024 * 1024, JSON_MAX_BYTES = 16 * 1024 * 1024 };

struct tally {
	size_t sources, topics, rules, patterns, always;
};

/* Streams whose filter is of no use, since some topic can be met without any of its words. */
static void tell_whole(const struct config *c, const struct catalogue *catalogue, struct diag *d)
{
	size_t i;

	for (i = 0; i < c->n_sources && catalogue->whole; i++) {
		const struct source_config *s = &c->sources[i];
		cleanup(freep) char *key = xasprintf("sources[%zu]", i);

		if (source_sifts(s))
			diag_warning(d, s->pos, key, NULL, TEXT_MAIN_CHECK_WHOLE, s->name, catalogue->whole);
	}
}

/* The rules as a nursery of its own sees them, and what the configuration wants of them. */
static void check_rules(const struct config *c, struct diag *d, struct tally *ret)
{
	const struct ask_config config = {
		.rules = c->rules, .n_rules = c->n_rules, .maps = c->maps, .n_maps = c->n_maps, .lexicon = c->lexicon};
	cleanup(arena_freep) struct arena *arena = arena_new(CATALOGUE_MAX_BYTES);
	cleanup(ask_freep) struct ask *ask = NULL;
	struct catalogue catalogue;
	const char *bytes;
	size_t len, i;

	if (ask_open(&config, d, &ask) != 0) /* of rules or of maps */
		return;
	check_fixtures(c, d);
	check_channels(c, d);
	bytes = ask_catalogue(ask, &len);
	if (catalogue_get(bytes, len, arena, &catalogue) != 0)
		return;
	(void)app_check_topics(c, &catalogue, d);
	tell_whole(c, &catalogue, d);
	ret->topics = catalogue.n_topics;
	ret->patterns = catalogue.n_patterns;
	ret->always = catalogue.n_always;
	for (i = 0; i < catalogue.n_topics; i++)
		ret->rules += catalogue.topics[i].n_rules;
}

static void print_json(const struct diag *d, enum text_lang lang)
{
	struct buf b = BUF_INIT(JSON_MAX_BYTES);

	diag_json(&b, d, lang);
	printf("%s\n", buf_str(&b));
	buf_done(&b);
}

/* Which of the places where people speak no source listens to; what a list of feeds names is not looked into. */
static void tell_unheard(const struct config *c, enum text_lang lang)
{
	struct unheard u = {.heard = {false}};
	cleanup(freep) char *names = NULL;
	size_t i;

	for (i = 0; i + c->n_own_sources < c->n_sources; i++) {
		u.heard[UNHEARD_NEWS] = u.heard[UNHEARD_NEWS] || c->sources[i].platform == SOURCE_OPML;
		if (c->sources[i].params)
			unheard_platform(&u, source_platform_name(&c->sources[i]));
		if (c->sources[i].url)
			unheard_feed(&u, c->sources[i].url);
	}
	names = unheard_names(&u, lang);
	if (names) {
		cleanup(freep) char *said = TEXT(lang, TEXT_MAIN_CHECK_UNHEARD, names);

		printf("%s\n", said);
	}
}

/* How many patterns no letters are known of that a text must have: each has its finding, but for those of packs. */
static void tell_always(const struct tally *tally, enum text_lang lang)
{
	cleanup(freep) char *always = xasprintf("%zu", tally->always), *patterns = xasprintf("%zu", tally->patterns);
	cleanup(freep) char *said = TEXT(lang, TEXT_MAIN_CHECK_ALWAYS, always, patterns);

	if (tally->always)
		printf("%s\n", said);
}

/* Who is on call, and when nobody is: of the next days, to be looked over. */
static void tell_rotas(const struct config *c, enum text_lang lang)
{
	cleanup(rotas_freep) struct rotas *r = config_rotas(c);
	int64_t now_ms = clock_wall_ms() / MINUTE_MS * MINUTE_MS;
	struct buf out = BUF_INIT(ROTA_PRINT_MAX_BYTES);
	size_t i;

	for (i = 0; i < c->n_rotas; i++)
		rota_print(&out, c, r, &c->rotas[i], now_ms, ROTA_PRINT_DAYS, lang);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

int check_run(const char *path, bool json)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(config_freep) struct config *c = NULL;
	enum text_lang lang = config_language(path);
	struct tally tally = {.sources = 0};
	int r = config_load(path, d, &c);

	if (r < 0)
		diag_error(d, (struct diag_pos){.file = path}, NULL, NULL, TEXT_MAIN_CHECK_FAILED);
	if (r == 0) {
		tally.sources = c->n_sources;
		check_rules(c, d, &tally);
		config_people_tell(c, d);
		config_oncall_tell(c, d, clock_wall_ms());
		config_alerts_tell(c, d, clock_wall_ms());
		app_webhook_check(c, d);
	}
	diag_sort(d);
	r = diag_count(d, DIAG_ERROR) ? 1 : 0;
	if (json) {
		print_json(d, lang);
		return r;
	}
	diag_print(d, stdout, lang);
	if (r == 0) {
		cleanup(freep) char *sources = xasprintf("%zu", tally.sources),
				    *topics = xasprintf("%zu", tally.topics);
		cleanup(freep) char *rules = xasprintf("%zu", tally.rules);
		cleanup(freep) char *said = TEXT(lang, TEXT_MAIN_CHECK_OK, path, sources, topics, rules);

		printf("%s\n", said);
		tell_always(&tally, lang);
		tell_unheard(c, lang);
		tell_rotas(c, lang);
		if (!c->n_operators && !c->n_people && !c->n_channels)
			printf("%s\n", text_raw(lang, TEXT_PEOPLE_NOBODY));
	} else {
		cleanup(freep) char *errors = xasprintf("%zu", diag_count(d, DIAG_ERROR));
		cleanup(freep) char *said = TEXT(lang, TEXT_MAIN_CHECK_WRONG, errors);

		printf("%s\n", said);
	}
	return r;
}
