#pragma once
/*
 * alert/digest_inside: what a digest has gathered: digest.c feeds it, digest_text.c puts it into words. Inside alert/digest alone.
 */
#include "alert/digest.h"

struct digest_topic {
	char *name, *role;
	double usual; /* below 0: not known */
	uint64_t n, negative, positive;
};

struct saying {
	char *text, *url, *who, *source, *topic; /* NULL: not known; text NULL: there is none */
	double reach;                            /* 0: not known */
	int64_t at_ms;
	uint64_t story;
	bool negative;
};

struct digest_story {
	uint64_t story, times;
	struct saying first;
};

struct digest {
	const struct filter *when;
	char *only;
	struct digest_topic topics[DIGEST_TOPICS_MAX];
	size_t n_topics;
	uint64_t n_mentions; /* that count, each once */
	uint64_t n_brand;    /* of them, those of a brand, or of the topic that was asked for */
	struct digest_story *stories;
	size_t n_stories, stories_cap;
	struct saying loudest, first;
	struct saying asked[DIGEST_ASKED_MAX];
	size_t n_asked;
	uint64_t n_all_asked;
};
