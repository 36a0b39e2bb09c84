#include "fetch/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sanitized.h"
#include "fetch/decoder.h"
#include "fetch/hosts.h"
#include "fetch/multi.h"
#include "fetch/options.h"
#include "fetch/parts.h"
#include "fetch/transfer.h"
#include "fetch/transfer_socket.h"
#include "fetch/websocket.h"
#include "loop/loop.h"

enum {
	SLEPT_MS = 2000,                       /* since the last look: less is no sleep */
	TOLD_MAX = 8,                          /* transfers whose ends are told in one turn of the loop, … */
	SPARE_MAX = BUILT_SANITIZED ? 0 : 256, /* transfers whose memory is kept, where nobody looks for its misuse */
	TOLD_BYTES = 1 << 20, /* … unless their bodies come to this: whoever is told reads them all */
};

TAILQ_HEAD(transfer_list, transfer);

struct fetch {
	struct loop *loop;
	struct multi *multi;
	struct resolver *resolver;
	struct hosts *hosts;
	struct decoder *decoder;
	unsigned transfers;            /* at once */
	unsigned apart;                /* beside them */
	int64_t slept_ms;              /* of this machine's life, as of the last look */
	int64_t fresh_until_ms;        /* steady: no kept connection is used */
	struct loop_timer *pump_timer; /* something may be started, or is to be told */
	struct transfer_list asking, running, decoding, ended;
	bool *gone;      /* set when this is freed while somebody is told */
	unsigned untold; /* in decoding and ended: their bodies are held too, so that they take places */
	struct transfer *spare[SPARE_MAX + 1];
	unsigned n_spare;
	CURL **idle; /* easy handles that nobody uses; room for transfers of them */
	unsigned n_idle;
	char *user_agent, *ca_file;
	struct transfer_settings settings;
};

#define transfer_of(q)     ((struct transfer *)((char *)(q)-offsetof(struct transfer, queued)))
#define asking_transfer(a) ((struct transfer *)((char *)(a)-offsetof(struct transfer, asking)))

static void poke(struct fetch *f)
{
	if (!loop_timer_is_set(f->pump_timer))
		loop_timer_set(f->pump_timer, 0);
}

/* --- starting --- */

static CURL *easy_new(const struct transfer_settings *settings)
{
	CURL *easy = curl_easy_init();

	if (!easy)
		memory_out();
	if (options_set_once(easy, settings) == CURLE_OK)
		return easy;
	curl_easy_cleanup(easy);
	return NULL;
}

static CURL *easy_take(struct fetch *f)
{
	CURL *easy = f->n_idle ? f->idle[--f->n_idle] : easy_new(&f->settings);

	if (!easy) /* fetch_new() made one: what else than memory can be missing? */
		memory_out();
	return easy;
}

static void easy_put(struct fetch *f, CURL *easy)
{
	f->idle[f->n_idle++] = easy; /* as many as run at once, or apart: there is room */
}

/* Its place is another's. */
static void leave(struct fetch *f, struct transfer *t)
{
	hosts_remove(f->hosts, &t->queued);
	f->apart -= t->placed;
	t->placed = false;
}

static void end(struct fetch *f, struct transfer *t)
{
	leave(f, t);
	t->state = TRANSFER_ENDED;
	TAILQ_INSERT_TAIL(&f->ended, t, entry);
	f->untold++;
}

static void on_decoded(int r, struct buf *body, const char *why, void *arg)
{
	struct transfer *t = arg;
	struct fetch *f = t->fetch;

	t->decoding = NULL;
	transfer_decoded(t, r, body, why);
	TAILQ_REMOVE(&f->decoding, t, entry);
	f->untold--;
	end(f, t);
	poke(f);
}

static void decode_or_end(struct fetch *f, struct transfer *t)
{
	size_t max_bytes = transfer_coded(t);

	if (max_bytes) {
		t->decoding = decoder_start(f->decoder,
					    &(struct decoder_job){.codings = t->head.codings,
								  .body = &t->result.body,
								  .max_bytes = max_bytes,
								  .part = t->result.outcome != FETCH_OK},
					    on_decoded, t);
		if (t->decoding) {
			leave(f, t);
			t->state = TRANSFER_DECODING;
			TAILQ_INSERT_TAIL(&f->decoding, t, entry);
			f->untold++;
			return;
		}
		transfer_undecoded(t, "no thread can be started");
	}
	end(f, t);
}

/* A machine that slept finds its kept connections half open: nobody answers there, and nobody says so (FAULTS F15). libcurl
 * counts their age by a clock that stood still meanwhile, so that its own limit sees nothing; behind the wait it does. */
static bool woke(struct fetch *f)
{
	int64_t now_ms = clock_steady_ms(), slept_ms;
	struct timespec awake;

	clock_gettime(CLOCK_MONOTONIC, &awake);
	slept_ms = now_ms - ((int64_t)awake.tv_sec * SECOND_MS + awake.tv_nsec / 1000000);
	if (slept_ms - f->slept_ms > SLEPT_MS)
		f->fresh_until_ms = now_ms + (OPTIONS_IDLE_S + 1) * SECOND_MS;
	f->slept_ms = slept_ms;
	return now_ms < f->fresh_until_ms;
}

static void on_connected(void *arg);

/* Where its handle lives; NULL: nowhere can be made. */
static struct multi *multi_of(struct fetch *f, struct transfer *t)
{
	if (!t->websocket)
		return f->multi;
	if (!t->own && multi_new(f->loop, 1, on_connected, t, &t->own) < 0)
		return NULL;
	return t->own;
}

static void begin(struct fetch *f, struct transfer *t)
{
	CURL *easy = easy_take(f);
	struct multi *m = multi_of(f, t);
	CURLMcode multi_code;
	CURLcode code;

	t->fresh = t->fresh || woke(f);
	code = transfer_begin(t, easy, &f->settings);
	if (code != CURLE_OK) {
		easy_put(f, easy);
		transfer_fail(t, FETCH_FAILED, curl_easy_strerror(code));
		end(f, t);
		return;
	}
	multi_code = m ? multi_add(m, easy) : CURLM_INTERNAL_ERROR;
	if (multi_code != CURLM_OK) {
		transfer_abandon(t);
		easy_put(f, easy);
		transfer_fail(t, FETCH_FAILED, curl_multi_strerror(multi_code));
		end(f, t);
		return;
	}
	t->state = TRANSFER_RUNNING;
	TAILQ_INSERT_TAIL(&f->running, t, entry);
}

static void begin_apart(struct fetch *f, struct transfer *t)
{
	if (f->apart == FETCH_APART_MAX) {
		transfer_fail(t, FETCH_FAILED, "too many connections are kept open already");
		end(f, t);
		return;
	}
	t->placed = true;
	f->apart++;
	begin(f, t);
}

static void queue(struct fetch *f, struct transfer *t)
{
	if (t->apart) {
		begin_apart(f, t);
		return;
	}
	t->state = TRANSFER_WAITING;
	hosts_put(f->hosts, t->place.key, &t->queued);
}

static void on_addresses(struct asking *a, enum resolver_outcome outcome, struct addresses *addresses, const char *why)
{
	struct transfer *t = asking_transfer(a);
	struct fetch *f = t->fetch;

	TAILQ_REMOVE(&f->asking, t, entry);
	t->addresses = addresses;
	if (outcome == RESOLVER_OK) {
		queue(f, t);
	} else {
		transfer_fail(t, outcome == RESOLVER_TIMEOUT ? FETCH_DNS_TIMEOUT : FETCH_DNS, why);
		end(f, t);
	}
	poke(f);
}

/* Waits for its turn, once it is known where it leads: no place is taken, and no time counts, while a name is looked up. */
static void enqueue(struct fetch *f, struct transfer *t)
{
	if (transfer_needs_addresses(t, &f->settings))
		t->addresses = resolver_known(f->resolver, t->place.name);
	if (transfer_needs_addresses(t, &f->settings)) {
		t->state = TRANSFER_ASKING;
		TAILQ_INSERT_TAIL(&f->asking, t, entry);
		resolver_ask(f->resolver, t->place.name, t->connect_ms, on_addresses, &t->asking);
	} else {
		queue(f, t);
	}
}

static void pump(struct fetch *f)
{
	struct queued *q;

	while (hosts_running(f->hosts) + f->untold < f->transfers && (q = hosts_take(f->hosts)))
		begin(f, transfer_of(q));
}

/* --- ending --- */

/* Out of what it runs in. The connection of a WebSocket ends with it. */
static CURL *stop(struct fetch *f, struct transfer *t)
{
	CURL *easy = t->easy;

	TAILQ_REMOVE(&f->running, t, entry);
	t->frames = websocket_free(t->frames);
	multi_remove(t->own ? t->own : f->multi, easy);
	t->own = multi_free(t->own);
	return easy;
}

static void reap(struct fetch *f)
{
	struct transfer *t;
	CURLcode code;
	CURL *easy;

	while (multi_ended(f->multi, &easy, &code)) { /* all: one wake-up may end several */
		t = NULL;
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
		easy = stop(f, t);
		if (transfer_again(t, code)) {
			easy_put(f, easy);
			begin(f, t);
			continue;
		}
		if (transfer_onward(t)) {
			easy_put(f, easy);
			leave(f, t);
			enqueue(f, t);
			continue;
		}
		transfer_end(t, code);
		easy_put(f, easy);
		decode_or_end(f, t);
	}
}

/* --- WebSockets --- */

static void end_socket(struct transfer *t, CURLcode code)
{
	struct fetch *f = t->fetch;
	CURL *easy = t->easy;

	transfer_end(t, code); /* while its connection is there to be asked about */
	t->easy = easy;
	easy = stop(f, t);
	t->easy = NULL;
	easy_put(f, easy);
	end(f, t);
	poke(f);
}

static void on_socket_end(struct transfer *t)
{
	end_socket(t, CURLE_OK);
}

/* Of its own multi: the connection is there, or it can't be made. */
static void on_connected(void *arg)
{
	struct transfer *t = arg;
	CURLcode code;
	CURL *easy;
	int r;

	if (!multi_ended(t->own, &easy, &code))
		return;
	if (code == CURLE_OK) {
		r = transfer_socket(t, t->fetch->loop, t->fetch->user_agent, on_socket_end);
		if (r == 0)
			return;
		t->stopped_for = FETCH_FAILED;
		snprintf(t->error, sizeof(t->error), "%s", strerror(-r));
	}
	end_socket(t, code);
}

/* Its memory is the next one's. */
static void retire(struct fetch *f, struct transfer *t)
{
	if (f->n_spare == SPARE_MAX) {
		transfer_free(t);
		return;
	}
	transfer_done(t);
	f->spare[f->n_spare++] = t;
}

/* A few a turn and as the last thing: whoever is told may free f. */
static void tell(struct fetch *f)
{
	bool gone = false;
	size_t bytes = 0;
	unsigned n;

	f->gone = &gone;
	for (n = 0; n < TOLD_MAX && bytes < TOLD_BYTES && !TAILQ_EMPTY(&f->ended); n++) {
		struct transfer *t = TAILQ_FIRST(&f->ended);

		TAILQ_REMOVE(&f->ended, t, entry);
		f->untold--;
		bytes += t->result.body.len;
		t->on_fetched(&t->result, t->arg);
		if (gone) {
			transfer_free(t);
			return;
		}
		retire(f, t);
	}
	f->gone = NULL;
	if (!TAILQ_EMPTY(&f->ended) || (n && hosts_waiting(f->hosts))) /* else nothing has changed since pump() */
		poke(f);
}

static void on_activity(void *arg)
{
	struct fetch *f = arg;

	reap(f);
	pump(f);
	tell(f);
}

static void on_pump(void *arg)
{
	struct fetch *f = arg;

	pump(f);
	tell(f);
}

/* --- what others see --- */

struct transfer *fetch_start(struct fetch *f, const struct fetch_request *request,
			     void (*on_fetched)(struct fetch_result *result, void *arg), void *arg)
{
	struct transfer *t;
	const char *why;

	if (fetch_room(f) == 0)
		return NULL;
	t = transfer_new(f->n_spare ? f->spare[--f->n_spare] : NULL, request, on_fetched, arg);
	t->fetch = f;
	if (place_of(t->url, &t->place, &why) == 0) {
		enqueue(f, t);
	} else {
		transfer_fail(t, FETCH_BAD_URL, why);
		end(f, t);
	}
	poke(f); /* never from here: the caller isn't ready for its callback */
	return t;
}

void fetch_cancel(struct transfer *t)
{
	struct fetch *f;

	if (!t)
		return;
	f = t->fetch;
	if (t->state == TRANSFER_ENDED) {
		TAILQ_REMOVE(&f->ended, t, entry);
		f->untold--;
	}
	if (t->state == TRANSFER_DECODING) {
		TAILQ_REMOVE(&f->decoding, t, entry);
		f->untold--;
		decoder_cancel(t->decoding);
	}
	if (t->state == TRANSFER_RUNNING) {
		CURL *easy = stop(f, t);

		transfer_abandon(t);
		easy_put(f, easy);
	}
	if (t->state == TRANSFER_ASKING) {
		TAILQ_REMOVE(&f->asking, t, entry);
		resolver_cancel(f->resolver, &t->asking);
	}
	leave(f, t);
	transfer_free(t);
	poke(f);
}

void fetch_resume(struct transfer *t)
{
	if (!t->paused || t->state != TRANSFER_RUNNING)
		return;
	t->paused = false;
	if (t->frames) {
		websocket_resume(t->frames);
		return;
	}
	if (curl_easy_pause(t->easy, CURLPAUSE_CONT) != CURLE_OK) /* then it ends by itself, and says so */
		LOG_LIMITED("fetch.resume", LOG_S("why", t->error));
}

size_t fetch_room(const struct fetch *f)
{
	size_t waiting = fetch_waiting(f);

	return waiting < FETCH_WAITING_MAX ? FETCH_WAITING_MAX - waiting : 0;
}

size_t fetch_running(const struct fetch *f)
{
	return hosts_running(f->hosts);
}

size_t fetch_waiting(const struct fetch *f)
{
	return hosts_waiting(f->hosts) + resolver_asking(f->resolver);
}

struct fetch_parts fetch_parts(const struct fetch *f)
{
	return (struct fetch_parts){f->loop, f->resolver, &f->settings};
}

/* --- the engine itself --- */

static char *user_agent(const char *contact)
{
	char *text = contact && *contact ? xasprintf("escuchad/%s (+%s)", ESCUCHAD_VERSION, contact)
					 : xasprintf("escuchad/%s", ESCUCHAD_VERSION);
	char *p;

	for (p = text; *p; p++) /* it becomes a header line */
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
	return text;
}

static void settings_init(struct fetch *f, const struct fetch_config *config)
{
	const char *const *entry;

	f->user_agent = user_agent(config->contact);
	f->ca_file = config->ca_file ? xstrdup(config->ca_file) : NULL;
	f->settings.user_agent = f->user_agent;
	f->settings.ca_file = f->ca_file ? f->ca_file : options_ca_file();
	for (entry = config->resolve; entry && *entry; entry++) {
		struct curl_slist *longer = curl_slist_append(f->settings.resolve, *entry);

		if (!longer)
			memory_out();
		f->settings.resolve = longer;
	}
}

/* Sets every option once on a handle of no transfer's, so that a libcurl that can't is told at the start. */
static int settings_try(struct fetch *f)
{
	const struct fetch_request request = {.url = "http://example.invalid/", .user = ""};
	struct transfer *t = transfer_new(NULL, &request, NULL, NULL);
	CURL *easy = easy_new(&f->settings);
	CURLcode code = easy ? transfer_begin(t, easy, &f->settings) : CURLE_UNKNOWN_OPTION;

	if (code == CURLE_OK)
		transfer_abandon(t);
	if (easy)
		easy_put(f, easy);
	transfer_free(t);
	return code == CURLE_OK ? 0 : -EOPNOTSUPP;
}

int fetch_new(struct loop *l, const struct fetch_config *config, struct fetch **ret)
{
	cleanup(fetch_freep) struct fetch *f = NULL;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -EOPNOTSUPP;
	f = NEW(struct fetch);
	f->loop = l;
	f->slept_ms = INT64_MAX / 2; /* nothing is kept at the first look */
	TAILQ_INIT(&f->asking);
	TAILQ_INIT(&f->running);
	TAILQ_INIT(&f->decoding);
	TAILQ_INIT(&f->ended);
	f->transfers = config->transfers ? config->transfers : FETCH_TRANSFERS;
	f->hosts = hosts_new(config->per_host ? config->per_host : FETCH_PER_HOST);
	f->idle = xreallocarray(NULL, f->transfers + FETCH_APART_MAX, sizeof(*f->idle));
	f->pump_timer = loop_timer_new(l, on_pump, f);
	settings_init(f, config);
	r = multi_new(l, f->transfers + FETCH_APART_MAX, on_activity, f, &f->multi);
	if (r < 0)
		return r;
	r = settings_try(f);
	if (r < 0)
		return r;
	r = resolver_new(l, resolver_system, &f->resolver);
	if (r < 0)
		return r;
	r = decoder_new(l, &f->decoder);
	if (r < 0)
		return r;
	*ret = TAKE(f);
	return 0;
}

struct fetch *fetch_free(struct fetch *f)
{
	struct transfer *t;
	struct queued *q;

	if (!f)
		return NULL;
	if (f->gone)
		*f->gone = true;
	while ((q = hosts_first(f->hosts)))
		fetch_cancel(transfer_of(q));
	while ((t = TAILQ_FIRST(&f->asking)) || (t = TAILQ_FIRST(&f->running)) || (t = TAILQ_FIRST(&f->decoding)) ||
	       (t = TAILQ_FIRST(&f->ended)))
		fetch_cancel(t);
	while (f->n_spare)
		free(f->spare[--f->n_spare]);
	while (f->n_idle)
		curl_easy_cleanup(f->idle[--f->n_idle]);
	multi_free(f->multi);
	decoder_free(f->decoder);
	resolver_free(f->resolver);
	hosts_free(f->hosts);
	loop_timer_free(f->pump_timer);
	curl_slist_free_all(f->settings.resolve);
	free(f->idle);
	free(f->user_agent);
	free(f->ca_file);
	free(f);
	curl_global_cleanup();
	return NULL;
}
