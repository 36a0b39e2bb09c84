#pragma once
/*
 * parse/page: what a web page says of where its site can be listened to: the feeds that it links, and which program made it.
 *
 * Owner:    everything in the answer lies in the arena.
 * Blocks:   never; one pass over the tags, no tree, no recursion, linear in the page's length.
 * Outcomes: it never fails. What is found stands in ret->facts, at most once an address, in the page's order:
 *             rss, atom, json   a feed: its address, and behind a space its title, if it has one
 *             wordpress         the address of its interface (rel="https://api.w.org/")
 *             mastodon          it speaks ActivityPub, or is Mastodon's own page; the value says by what
 *             generator         what <meta name="generator"> says
 * Bounds:   PAGE_MAX_BYTES are looked at; PAGE_LINKS_MAX feeds, PAGE_ATTRS_MAX attributes of one tag.
 */
#include "mention/answer.h"

struct arena;
struct job_feed;

enum {
	PAGE_MAX_BYTES = 2 * 1024 * 1024,
	PAGE_LINKS_MAX = 24,
	PAGE_ATTRS_MAX = 32,
	PAGE_VALUE_MAX_BYTES = 2048, /* of an address; a longer one is none */
	PAGE_TITLE_MAX_BYTES = 200,
};
_Static_assert(PAGE_LINKS_MAX + 3 <= ANSWER_FACTS_MAX, "the facts of a page fit into an answer");

/* job's address is the page's, after redirects. */
void page_parse(const struct job_feed *job, struct arena *a, struct answer *ret);
