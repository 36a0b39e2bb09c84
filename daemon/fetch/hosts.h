#pragma once
/*
 * fetch/hosts: who waits for which host, and whose turn it is.
 *
 * Each host has a queue in the order of asking and a count of what runs; hosts that may start something take turns, so
 * that one host with thousands waiting holds up none with one. A host is forgotten once nothing waits or runs.
 *
 * Owner:  fetch. A struct queued is embedded in what waits, and belongs there.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/mem.h"

struct host;
struct hosts;

struct queued {
	TAILQ_ENTRY(queued) entry;
	struct host *host; /* NULL: neither waiting nor running */
	bool running;
};

struct hosts *hosts_new(unsigned per_host) must_use;
struct hosts *hosts_free(struct hosts *h); /* nothing waits or runs any more; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct hosts, hosts_free)

void hosts_put(struct hosts *h, const char *key, struct queued *q); /* waits from now on */
struct queued *hosts_take(struct hosts *h);           /* the next that may run, and runs from now on; NULL: none may */
struct queued *hosts_first(struct hosts *h);          /* anyone that waits, for tearing down; NULL: none */
void hosts_remove(struct hosts *h, struct queued *q); /* it runs or waits no more; fine if it never did */

size_t hosts_waiting(const struct hosts *h);
size_t hosts_running(const struct hosts *h);
