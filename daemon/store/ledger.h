#pragma once
/*
 * store/ledger: who speaks, and of what many speak: questions to the log (store/store.h says what holds for all).
 *
 * Rows are JSON objects, one each; their id and topics are empty.
 *
 * A story: {"story","mentions","counted","authors","sources","potential_reach","reach_known","first","last","leader":ID,
 *   "source","title","url","text"}: potential_reach is the sum of the followers of its reach_known authors of
 *   whom followers are known. What is of the leader alone is absent once retention has let that go.
 * An author: {"author":{…as of a mention},"platform","mentions","negative","neutral","positive","interactions","influence",
 *   "first","last","vip","ignored"}.
 * Of a topic the first row is a sum: {"topic","since","mentions","counted","authors","unnamed","first_heard","largest_story":
 *   {"story","share"},"loudest":SHARE,"more"}. Shares are of mentions, from 0 to 1; first_heard: whose author had never been
 *   heard before this time; loudest: by one author. They are what a flood looks like, and what many people look like, too.
 *   Then its authors, each with what of the topic and the time is theirs. unnamed: mentions of nobody.
 */
#include "store/store.h"

enum { LEDGER_HITS_MAX = 50000 }; /* of a topic that are looked at, the newest; there are others: "more" */

struct store_ledger_filter {
	int64_t since_ms;  /* TIME_NONE: all that is kept */
	const char *topic; /* of authors: of this one's hits; NULL: of all that is kept of them */
	size_t limit;      /* of authors or stories; 0: STORE_ROWS_MAX */
	struct voice_names vip, ignore;
};

/* The largest first; of stories those of two mentions or more, of authors those with the most mentions. filter: copied. */
void store_stories(struct store *s, const struct store_ledger_filter *filter, store_rows_cb *cb, void *arg);
void store_authors(struct store *s, const struct store_ledger_filter *filter, store_rows_cb *cb, void *arg);
