#pragma once
/*
 * fetch/transfer: one transfer: what was asked, what libcurl's callbacks saw of the answer, what is told in the end.
 *
 * Owner:  fetch. While it runs, an easy handle points here: transfer_begin() sets that up, transfer_end() takes out what
 *         will be told and undoes it, and transfer_done() lets go of all that it has.
 */
#include <curl/curl.h>
#include <netinet/in.h>

#include "fetch/decoder.h"
#include "fetch/extra.h"
#include "fetch/fetch.h"
#include "fetch/hosts.h"
#include "fetch/place.h"
#include "fetch/resolver.h"

enum {
	TRANSFER_HOPS_MAX = FETCH_REDIRECTS + 1,
	TRANSFER_ROOM_BYTES = 768, /* for texts: all that most transfers have */
};

enum transfer_state {
	TRANSFER_ASKING, /* for addresses */
	TRANSFER_WAITING,
	TRANSFER_RUNNING,
	TRANSFER_DECODING, /* it came; its handle and its host are others' already */
	TRANSFER_ENDED,
};

/* What one answer said; each redirect brings a new one. */
struct answer_head {
	int status; /* 0: none yet; 1xx don't count */
	bool open;  /* header lines still come: what follows the body are trailers, and mean nothing */
	bool moved; /* it names another place */
	size_t bytes;
	char *etag, *last_modified;
	int64_t retry_after_ms;
	int64_t max_age_s; /* -1: not said */
	int64_t age_s;
	int64_t expires_ms; /* from now on */
	struct codings codings;
};

/* What the guard did for the present hop. */
struct hop {
	bool refused, opened, connected;
	char refused_address[INET6_ADDRSTRLEN]; /* the last */
};

struct transfer {
	struct fetch *fetch;
	enum transfer_state state;
	struct asking asking;
	struct queued queued;
	bool placed;                 /* apart, and counted there */
	TAILQ_ENTRY(transfer) entry; /* of what asks, what runs, what is decoded, or what ended */
	void (*on_fetched)(struct fetch_result *result, void *arg);
	void *arg;

	/* the request */
	char *url, *etag, *last_modified, *accept, *accept_language, *user, *password;
	struct cidr *allow;
	size_t n_allow, max_bytes;
	uint32_t connect_ms, total_ms, slow_bytes, slow_s;
	struct fetch_receiver receiver; /* on_bytes NULL: none */
	bool apart;
	bool connect_only;
	bool websocket; /* … is asked for; url is http's all the same */
	uint32_t ping_ms;
	struct extra extra;

	/* on its way */
	CURL *easy;
	struct place place;          /* who is asked now */
	struct addresses *addresses; /* of its name; NULL: it needs none */
	char *onward_url;            /* of a redirect to a place whose addresses weren't known: begun there anew */
	bool onward;                 /* … as soon as the present handle has ended */
	bool foreign;                /* it isn't the host that was asked for: it gets no credentials */
	unsigned redirects_before;
	uint32_t spent_ms;
	bool fresh; /* second try, on a connection of its own */
	struct curl_slist *headers, *resolve;
	CURLU *parts; /* of the URL; NULL: libcurl takes it apart */
	char error[CURL_ERROR_SIZE];
	struct hop hop;
	struct answer_head head;
	uint64_t hops[TRANSFER_HOPS_MAX]; /* hashes of the URLs that answered */
	unsigned n_hops;
	bool paused;                    /* by its receiver */
	bool chain_broken;              /* a redirect that wasn't permanent came */
	uint64_t body_bytes;            /* of the answers so far, as they came */
	enum fetch_outcome stopped_for; /* why a callback of ours ended it; FETCH_OK: none did */
	int64_t asked_ms;               /* steady */

	struct multi
		*own; /* a WebSocket's: what lives on its connection (fetch/websocket says why it is alone there) */
	struct websocket *frames;
	void (*on_socket_end)(struct transfer *t);

	struct decoding *decoding;
	struct fetch_result result; /* its texts are owned here */
	char class_name[16];

	/* Texts of this transfer's length, one behind the other; what has no room here is on the heap. Not cleared: last. */
	size_t used;
	char room[TRANSFER_ROOM_BYTES];
};

/* What all transfers share; borrowed. */
struct transfer_settings {
	const char *user_agent, *ca_file;
	struct curl_slist *resolve;
};

/* spare: what transfer_done() left, whose memory is used once more; NULL: none. */
struct transfer *transfer_new(struct transfer *spare, const struct fetch_request *request,
			      void (*on_fetched)(struct fetch_result *, void *), void *arg) must_use;
void transfer_done(struct transfer *t); /* not while an easy handle points here. What is left is a spare one */
struct transfer *transfer_free(struct transfer *t); /* the same, and of a spare one; NULL is fine; returns NULL */

/* Memory that lasts as long as the transfer, or until it is dropped. */
char *transfer_room(struct transfer *t, size_t size) must_use;
char *transfer_keep(struct transfer *t, const char *text, size_t len) must_use; /* a copy, with a NUL behind it */
void transfer_drop(struct transfer *t, const void *memory);                     /* NULL is fine */

/* Sets the options of a handle as after curl_easy_init(). The CURLcode is of the first that this libcurl refused, which is
 * logged: without the guard nothing may be fetched. */
CURLcode transfer_begin(struct transfer *t, CURL *easy, const struct transfer_settings *settings) must_use;
void transfer_abandon(struct transfer *t);            /* leaves its handle, which is out of the multi already */
void transfer_end(struct transfer *t, CURLcode code); /* the same, and takes the result from it first */
/* The result has a body that is coded: decode() it, with at most so many bytes (0: it isn't), and say here what came of it,
 * as decode() does. body is taken. */
size_t transfer_coded(const struct transfer *t);
void transfer_undecoded(struct transfer *t, const char *why); /* or that it could not be tried */
void transfer_decoded(struct transfer *t, int r, struct buf *body, const char *why);
/* Instead of transfer_end(): true if the answer was spoilt by what an earlier one left on a kept connection (a 304 with a
 * body does it), or none came on one that had died. The transfer is as before transfer_begin() then, and to be begun once
 * more. */
bool transfer_again(struct transfer *t, CURLcode code);
/* The same for a redirect that libcurl could not follow, since it wasn't told the addresses of its host: t->place says who is
 * asked next, and t->addresses is to be filled in. */
bool transfer_onward(struct transfer *t);
bool transfer_needs_addresses(const struct transfer *t, const struct transfer_settings *settings);
void transfer_fail(struct transfer *t, enum fetch_outcome outcome, const char *why); /* it never ran */
