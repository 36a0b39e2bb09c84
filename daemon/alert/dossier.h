#pragma once
/*
 * alert/dossier: all that is known of one incident, for who was not there: what happened and when, how much was said against the usual,
 * who said it, what was not heard meanwhile, and the evidence, with the hashes that prove it. Written twice at once, as
 * Markdown and as HTML with nothing in it that is fetched from elsewhere (alert/page); in the reader's language and zone. Pure.
 *
 * Bounds: DOSSIER_LINES_MAX lines and DOSSIER_EVIDENCE_MAX answers are shown, DOSSIER_MENTIONS_MAX mentions, those with the largest
 * reach; the rest is counted.
 */
#include <stddef.h>
#include <stdint.h>

#include "alert/page.h"

struct notice_reader;

enum {
	DOSSIER_LINES_MAX = 300,
	DOSSIER_EVIDENCE_MAX = 200,
	DOSSIER_MENTIONS_MAX = 20,
	DOSSIER_BARS_MAX = 96,
	DOSSIER_DEAF_MAX = 50,
	DOSSIER_DEAF_JOIN_MS = 60 * 1000 /* heard for no longer than that between two spans: they are one */
};

struct dossier_line {
	int64_t at_ms;
	const char *what, *who, *text;
};
struct dossier_said {
	const char *words, *author, *source, *url;
	int64_t at_ms, reach; /* reach below 0: not known */
};
struct dossier_bar {
	int64_t at_ms, all, negative;
};
struct dossier_deaf {
	const char *source; /* NULL: nothing at all was heard */
	int64_t from_ms, to_ms;
};
/* Of the playbook; who NULL: it is not done. */
struct dossier_step {
	const char *text, *who;
	int64_t at_ms;
};
struct dossier_proof {
	int64_t id, at_ms, size;
	const char *source, *url, *gone; /* gone: why the bytes are not there; NULL: they are */
	int gone_as;                     /* the same, for who puts it into words */
	char body[65], link[65];
};

/* All borrowed. Times are wall; TIME_NONE: not yet. */
struct dossier {
	int64_t id, opened_ms, closed_ms;
	const char *topic, *peak, *state, *owner, *why; /* why: what opened it, in words; owner NULL: nobody */
	double usual;                                   /* mentions an hour; below 0: not known */
	const struct dossier_line *lines;
	const struct dossier_step *steps;
	const struct dossier_said *said;
	const struct dossier_bar *bars; /* equally long, in their order */
	const struct dossier_deaf *deaf;
	const struct dossier_proof *proofs;
	size_t n_lines, n_steps, n_said, n_bars, n_deaf, n_proofs;
	int64_t bar_ms, mentions, negative, authors; /* of the incident's time */
};
/* One more span, as they began: it lengthens the one of its source that it goes on from, else it is added, if there is room. Returns
 * how many there are. */
size_t dossier_deaf_add(struct dossier_deaf *v, size_t n, const struct dossier_deaf *d) must_use;
/* p was begun; md is empty. */
void dossier_put(const struct dossier *d, const struct notice_reader *to, struct page *p, struct buf *md);
char *dossier_subject(const struct dossier *d, const struct notice_reader *to) must_use; /* to be freed */
