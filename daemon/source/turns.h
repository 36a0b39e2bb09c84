#pragma once
/*
 * source/turns: no host takes all the polls that may run at once. Of the sources of one host at most TURNS_PER_HOST are
 * polled at a time; the others wait here in their order and hold no place meanwhile, or a dead host with a thousand feeds
 * would silence everybody else.
 *
 * Owner: source/sources. A turn is embedded in its owner's record, zeroed at first. Pure.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/mem.h"

struct turns;
struct turns_host;

enum { TURNS_HELD_MAX = 1024 };
enum { TURNS_PER_HOST = 8 }; /* more than fetch has on the network at once, so that its own queue is never empty */

struct turn {
	struct turns_host *host; /* NULL: outside */
	bool waiting;
	TAILQ_ENTRY(turn) entry; /* while it waits */
};

struct turns *turns_new(void) must_use;
struct turns *turns_free(struct turns *t); /* when all have left; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct turns, turns_free)

/* A host asked for patience: none of its sources is to be polled before until_ms. Of at most TURNS_HELD_MAX hosts it is kept;
 * the others are told one by one. */
void turns_hold(struct turns *t, const char *url, int64_t until_ms, int64_t now_ms);
int64_t turns_held_ms(const struct turns *t, const char *url, int64_t now_ms); /* how much longer; 0: not */

/* Whether it may begin; url NULL: it may. If not it waits, until turns_leave() of another gives it its turn. */
bool turns_enter(struct turns *t, struct turn *turn, const char *url);
/* It has ended or goes, wherever it stands. Returns whose turn it is now, which may begin; NULL: nobody's. */
struct turn *turns_leave(struct turns *t, struct turn *turn) must_use;
