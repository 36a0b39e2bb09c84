#pragma once
/*
 * parse/feed: the bytes of a feed to mentions: RSS 0.9x, 1.0, 2.0, Atom 0.3 and 1.0, JSON Feed, podcasts; and JSON lines
 * of mention_json(), for imports and tests.
 *
 * Owner:    everything in the answer lies in the arena, or is borrowed from the job (source, platform, lang).
 * Blocks:   never; it is CPU alone, about 10 µs an item. parse_init() was called once before.
 * Outcomes: it never fails. What became of the bytes is ret->status and ret->why; what could be saved of a malformed feed
 *           is there, and ret->recovered says so. Mentions come without hits.
 * Bounds:   ANSWER_ITEMS_MAX items, MENTION_*_MAX bytes a text, PRESCAN_*_MAX (parse/prescan.h) of the XML itself.
 */
struct answer;
struct arena;
struct job_feed;

void feed_parse(const struct job_feed *job, struct arena *a, struct answer *ret);
