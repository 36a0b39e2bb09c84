/* discover: where what stands at an address can be listened to, as sources to paste. */
#include "main/ctl_discover.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "fetch/fetch.h"
#include "loop/loop.h"
#include "main/ctl_ask.h"
#include "main/ctl_command.h"
#include "main/source_why.h"
#include "pool/ask.h"

enum { DISCOVER_ARENA_MAX_BYTES = 256 * 1024 * 1024 };

struct values {
	struct ctl_list allow_private;
};

/* --- what was found --- */

static void add(struct discover *d, struct found f)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (strcmp(d->v[i].platform, f.platform) == 0 && strcmp(d->v[i].value, f.value) == 0)
			return;
	if (d->n < DISCOVER_FOUND_MAX)
		d->v[d->n++] = f;
}

static void add_feed(struct discover *d, const char *url, const char *title)
{
	add(d, (struct found){.platform = "feed", .key = "url", .value = url, .title = title});
}

/* Feeds of comments end like that wherever WordPress makes them. */
static bool has_feed(const struct discover *d, bool of_comments)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (strcmp(d->v[i].platform, "feed") == 0 && !strstr(d->v[i].value, "comments") == !of_comments)
			return true;
	return false;
}

/* --- addresses --- */

/* "https://example.com" of "https://example.com/a/b". */
static const char *origin_of(const struct discover *d, const char *url)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	return arena_memdup0(d->a, url, (size_t)(host - url) + strcspn(host, "/?#"));
}

/* Where a blog's root is, by the address of its interface ("https://example.com/blog/wp-json/"). */
static const char *site_of(const struct discover *d, const char *interface, const char *page)
{
	const char *end = interface ? strstr(interface, "/wp-json") : NULL;

	return end ? arena_memdup0(d->a, interface, (size_t)(end - interface)) : origin_of(d, page);
}

/* --- further questions --- */

/* False: it could not be asked, or there have been enough questions. */
static bool probe(struct discover *d, const char *url, struct came *ret)
{
	*ret = (struct came){.body = BUF_INIT(0)};
	if (d->probes == DISCOVER_PROBES_MAX)
		return false;
	d->probes++;
	discover_get(d, url, ret);
	return ret->outcome == FETCH_OK;
}

static bool probe_feed(struct discover *d, const char *url)
{
	struct answer answer;
	struct came came;
	bool is_feed = probe(d, url, &came) && discover_read(d, &came, "feed", &answer) && answer.status == ANSWER_OK;

	if (is_feed)
		add_feed(d, url, answer.feed.title);
	buf_done(&came.body);
	return is_feed;
}

static bool probe_json(struct discover *d, const char *url)
{
	struct came came;
	bool is_json =
		probe(d, url, &came) && came.content_type && strncmp(came.content_type, "application/json", 16) == 0;

	buf_done(&came.body);
	return is_json;
}

static void look_at_wordpress(struct discover *d, const char *site)
{
	if (!has_feed(d, false))
		(void)probe_feed(d, arena_printf(d->a, "%s/feed/", site));
	if (!has_feed(d, true))
		(void)probe_feed(d, arena_printf(d->a, "%s/comments/feed/", site));
	if (probe_json(d, arena_printf(d->a, "%s/wp-json/wp/v2/posts?per_page=1", site)))
		add(d, (struct found){.platform = "wordpress", .key = "site", .value = site});
	if (probe_json(d, arena_printf(d->a, "%s/wp-json/wp/v2/comments?per_page=1", site)))
		add(d, (struct found){.platform = "wordpress-comments", .key = "site", .value = site});
}

static void look_at_discourse(struct discover *d, const char *site)
{
	(void)probe_feed(d, arena_printf(d->a, "%s/latest.rss", site));
	if (probe_json(d, arena_printf(d->a, "%s/posts.json", site)))
		add(d, (struct found){.platform = "discourse", .key = "base", .value = site});
}

static void look_at_mastodon(struct discover *d, const char *site)
{
	if (probe_json(d, arena_printf(d->a, "%s/api/v2/instance", site)))
		add(d, (struct found){.platform = "mastodon",
				      .key = "server",
				      .value = strstr(site, "://") + 3,
				      .more = "tag",
				      .say = "acme"});
}

/* A page that says nothing: where most sites have their feed. */
static void look_around(struct discover *d, const char *site)
{
	static const char *const usual[] = {"/feed/", "/rss.xml", "/atom.xml", "/feed.json"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(usual); i++)
		if (probe_feed(d, arena_printf(d->a, "%s%s", site, usual[i])))
			return;
}

/* --- the page --- */

static void take_links(struct discover *d, const struct answer *page)
{
	size_t i, len;

	for (i = 0; i < page->n_facts; i++) {
		const char *name = page->facts[i].name, *value = page->facts[i].value;

		if (strcmp(name, "rss") != 0 && strcmp(name, "atom") != 0 && strcmp(name, "json") != 0)
			continue;
		len = strcspn(value, " ");
		add_feed(d, arena_memdup0(d->a, value, len), value[len] ? value + len + 1 : NULL);
	}
}

static void look_at_page(struct discover *d, const char *url, const struct answer *page)
{
	const char *generator = answer_fact(page, "generator"), *interface = answer_fact(page, "wordpress");

	take_links(d, page);
	if (generator && strncasecmp(generator, "Discourse", 9) == 0)
		look_at_discourse(d, origin_of(d, url));
	else if (interface || (generator && strncasecmp(generator, "WordPress", 9) == 0))
		look_at_wordpress(d, site_of(d, interface, url));
	else if (answer_fact(page, "mastodon") || (generator && strncasecmp(generator, "Mastodon", 8) == 0))
		look_at_mastodon(d, origin_of(d, url));
	if (!d->n)
		look_around(d, origin_of(d, url));
}

/* False: told. */
static bool look(struct discover *d, const char *url)
{
	struct answer answer;
	struct came came;
	bool done = false;

	discover_get(d, url, &came);
	if (came.outcome != FETCH_OK) {
		cleanup(freep) char *why = source_why(d->ctl->lang, came.class_name, came.detail);

		CTL_COMPLAIN(d->ctl, TEXT_CTL_TRY_FAILED, url, why);
	} else if (discover_read(d, &came, "feed", &answer)) {
		done = true;
		if (answer.status == ANSWER_OK)
			add_feed(d, came.url, answer.feed.title);
		else if ((done = discover_read(d, &came, "page", &answer)))
			look_at_page(d, came.url, &answer);
	}
	buf_done(&came.body);
	return done;
}

/* --- the command --- */

static bool take_networks(struct discover *d, const struct ctl_list *networks)
{
	size_t i;

	for (i = 0; i < networks->n && i < DISCOVER_NETWORKS_MAX; i++) {
		if (cidr_parse(networks->v[i], &d->allow[i]) != 0) {
			CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCOVER_NETWORK, networks->v[i]);
			return false;
		}
		d->allowed[d->n_allow++] = networks->v[i];
	}
	return true;
}

static int look_and_tell(struct discover *d, const char *url)
{
	if (!look(d, strstr(url, "://") ? url : arena_printf(d->a, "https://%s", url)))
		return CTL_NO;
	if (d->ctl->json)
		discover_print_json(d);
	else if (d->n)
		discover_print(d);
	else
		CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCOVER_NONE, url);
	return d->n ? CTL_DONE : CTL_NO;
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	struct discover *d = NEW(struct discover);
	int r = CTL_NO, status;

	d->ctl = call->ctl;
	d->a = arena_new(DISCOVER_ARENA_MAX_BYTES);
	log_threshold(LOG_LEVEL_ERROR); /* what matters is said here in words */
	if (!take_networks(d, &v->allow_private)) {
		r = CTL_USAGE;
	} else if (loop_new(&d->loop) < 0 ||
		   fetch_new(d->loop, &(struct fetch_config){.contact = NULL}, &d->fetch) < 0) {
		CTL_COMPLAIN(d->ctl, TEXT_MAIN_NO_LOOP, "-");
	} else {
		d->ask = ctl_ask_open(d->ctl, NULL, 0, &status);
		r = d->ask ? look_and_tell(d, call->args[0]) : status;
	}
	ask_free(d->ask);
	fetch_free(d->fetch);
	loop_free(d->loop);
	arena_free(d->a);
	free(d);
	return r;
}

static const struct ctl_option options[] = {
	{"allow-private", 0, CTL_MANY, offsetof(struct values, allow_private)},
};
const struct ctl_command ctl_discover = {
	.name = "discover",
	.run = run,
	.help = TEXT_CTL_HELP_DISCOVER,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
