#pragma once
/*
 * main/unheard: where people speak and the configuration has no ear, and what it would take. Pure.
 *
 * Judged are the platforms of sources, and the addresses of feeds: some networks have feeds.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum unheard_place {
	UNHEARD_NEWS, /* no feed at all */
	UNHEARD_YOUTUBE,
	UNHEARD_REDDIT,
	UNHEARD_MASTODON,
	UNHEARD_META, /* Facebook, Instagram, Threads, WhatsApp */
	UNHEARD_X,
	UNHEARD_NETWORKS, /* TikTok, LinkedIn */
	UNHEARD_REVIEWS,
	UNHEARD_MAIL,
	UNHEARD_PLACES,
};

struct unheard {
	bool heard[UNHEARD_PLACES];
};

void unheard_feed(struct unheard *u, const char *url); /* one that is listened to */
void unheard_platform(struct unheard *u, const char *name); /* the same, of a platform's file */
bool unheard_possible(enum unheard_place place);       /* a source in the configuration would do */
const char *unheard_code(enum unheard_place place);    /* "news", "youtube", … */
int unheard_find(const char *code);                    /* enum unheard_place; -1: none */
const char *unheard_name(enum text_lang lang, enum unheard_place place);
const char *unheard_takes(enum text_lang lang, enum unheard_place place); /* what it would take, in words */
char *unheard_names(const struct unheard *u,
		    enum text_lang lang) must_use; /* "YouTube, Reddit"; NULL: none. To be freed */
