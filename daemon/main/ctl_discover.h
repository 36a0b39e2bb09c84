#pragma once
/*
 * main/ctl_discover: what the files of "escuchactl discover" share.
 *
 *   ctl_discover.c        what is asked, and what follows from the answers
 *   ctl_discover_net.c    one request, and a reader's word on what came
 *   ctl_discover_print.c  what was found, as sources to paste
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "fetch/guard.h"
#include "fetch/outcome.h"
#include "main/ctl_options.h"
#include "mention/answer.h"

struct arena;
struct ask;
struct ctl;
struct fetch;
struct loop;

enum {
	DISCOVER_PROBES_MAX = 4, /* requests beside the page's own */
	DISCOVER_FOUND_MAX = 40,
	DISCOVER_NETWORKS_MAX = 16,
	DISCOVER_NAME_MAX = 48, /* letters of a source's name */
};

/* A source that could be listened to. Texts are the arena's. */
struct found {
	const char *platform;   /* "feed", or a platform's name */
	const char *key;        /* which of its parameters says where: url, site, base, server */
	const char *value;      /* … and what */
	const char *more, *say; /* another parameter that it must have, and an example; NULL: none */
	const char *title;      /* NULL: none */
};

struct discover {
	const struct ctl *ctl;
	struct arena *a;
	struct loop *loop;
	struct fetch *fetch;
	struct ask *ask;
	struct cidr allow[DISCOVER_NETWORKS_MAX];
	const char *allowed[DISCOVER_NETWORKS_MAX]; /* as they were given */
	size_t n_allow;
	unsigned probes; /* made */
	struct found v[DISCOVER_FOUND_MAX];
	size_t n;
};

/* What came of one request; texts are the arena's. */
struct came {
	enum fetch_outcome outcome;
	const char *class_name, *detail, *url, *content_type; /* url: after redirects */
	struct buf body;
};
void discover_get(struct discover *d, const char *url, struct came *ret); /* ret's body is the caller's */
/* A reader's word on it, as a feed or as a page. False: the reader fell over it, which is told. */
bool discover_read(struct discover *d, const struct came *came, const char *format, struct answer *ret);

void discover_print(const struct discover *d);
void discover_print_json(const struct discover *d);
