#pragma once
/*
 * fetch/resolver: the addresses of names, asked of the system (getaddrinfo: hosts file, DNS, whatever nsswitch.conf says) on
 * threads of its own, in a queue of its own.
 *
 * libcurl would start a thread for each transfer whose name it doesn't know, and leaves it behind when it gives up: with
 * dead name servers there would be as many as sources (FAULTS F2), and the wait for a turn would count against each
 * transfer's time. Here RESOLVER_THREADS look up, the rest waits in order, and nobody's patience begins before a thread has
 * taken up the name. Who asks for the same name shares the lookup.
 *
 * A name that nobody could tell in time is a suspect for RESOLVER_SUSPECT_MS: suspects queue behind all others and get
 * at most RESOLVER_SUSPECTS of the threads, so that hundreds of dead names hold up no living one.
 *
 * A lookup that doesn't return at all (a hung name service) keeps its thread and its name: after RESOLVER_STUCK_MS another
 * thread takes the place, so that the other names go on, until RESOLVER_THREADS_MAX threads are there.
 *
 * getaddrinfo can't be stopped, nor says how long an answer holds. So a thread may work on after its askers were told
 * RESOLVER_TIMEOUT (what it brings then is kept), answers hold for RESOLVER_KEEP_MS, and each try is bounded as below,
 * unless the system's own settings are stricter.
 *
 * Owner:  fetch. A struct asking is embedded in what waits, and belongs there. Loop thread alone.
 * Blocks: never; resolver_free() leaves busy threads to themselves.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/mem.h"

struct asking;
struct loop;
struct name;
struct resolver;

enum {
	RESOLVER_THREADS = 16,     /* at work, but … */
	RESOLVER_THREADS_MAX = 64, /* … with those that may never return */
	RESOLVER_SUSPECTS = 8,
	RESOLVER_KEPT_MAX = 4096, /* names known, and as many suspects; beyond, the oldest are forgotten */
	RESOLVER_ADDRESSES = 16,  /* of one name */
	RESOLVER_TRY_S = 3,       /* until a name server is asked again … */
	RESOLVER_TRIES = 2,       /* … so often */
};
#define RESOLVER_STUCK_MS   INT64_C(90000) /* more than all tries with all name servers of a strict system take */
#define RESOLVER_KEEP_MS    INT64_C(60000)
#define RESOLVER_SUSPECT_MS INT64_C(3600000)

/* The addresses of a name as libcurl's CURLOPT_RESOLVE wants them, "192.0.2.1,[2001:db8::1]". Shared. */
struct addresses;
const char *addresses_text(const struct addresses *a);
struct addresses *addresses_unref(struct addresses *a); /* NULL is fine; returns NULL */

enum resolver_outcome {
	RESOLVER_OK,
	RESOLVER_NONE,    /* there is no such name, or no address of it, or a name server could not say */
	RESOLVER_TIMEOUT, /* nobody answered in time */
};

/* addresses: a reference for the callee, NULL unless RESOLVER_OK. why: NULL if RESOLVER_OK. It may not
 * enter the resolver. */
typedef void resolver_cb(struct asking *a, enum resolver_outcome outcome, struct addresses *addresses, const char *why);

struct asking {
	TAILQ_ENTRY(asking) entry;
	struct name *name; /* NULL: it doesn't ask */
	resolver_cb *on_known;
};

/* Runs on a thread of its own, and blocks. *ret_list: as of addresses_text(), on the heap. 0, or an EAI_… of netdb.h. */
typedef int resolver_look(const char *name, char **ret_list);
resolver_look resolver_system;

int resolver_new(struct loop *l, resolver_look *look, struct resolver **ret) must_use;
struct resolver *resolver_free(struct resolver *r); /* nobody asks any more; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct resolver, resolver_free)

struct addresses *resolver_known(struct resolver *r, const char *name); /* a reference; NULL: ask */

/* Calls back once, never from within, unless cancelled. patience_ms counts from when a thread works on the name; of several
 * who ask for the same, the first one's. */
void resolver_ask(struct resolver *r, const char *name, uint32_t patience_ms, resolver_cb *on_known, struct asking *a);
void resolver_cancel(struct resolver *r, struct asking *a); /* fine if it doesn't ask */

size_t resolver_asking(const struct resolver *r);
