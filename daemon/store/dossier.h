#pragma once
/*
 * store/dossier: dossiers that somebody is owed: an incident is over, which was kept, and the process ended before its dossier was. The message
 * itself is the mark: who has one, sent or not, is owed none.
 *
 * Owner, threads and answers are as store/store.h says. Bounds: STORE_OWED_MAX of one answer; incidents that closed over STORE_OWED_DAYS ago
 * are let be.
 */
#include <stddef.h>
#include <stdint.h>

struct store;

enum { STORE_OWED_MAX = 200, STORE_OWED_DAYS = 7 /* fewer than messages are kept, or they would be owed anew */ };
#define STORE_DOSSIER_MATTER "dossier " /* of such a message: behind it "NUMBER PERSON" */

struct store_owed {
	int64_t incident;
	const char *person; /* who was told of it */
};
typedef void store_owed_cb(void *arg, int r, const struct store_owed *v, size_t n); /* by incident */
void store_dossiers_owed(struct store *s, store_owed_cb *cb, void *arg);
