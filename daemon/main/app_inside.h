#pragma once
/*
 * main/app_inside: what the files of app share. Nobody else includes it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "loop/loop.h"
#include "main/app.h"
#include "main/app_systemd.h"
#include "main/config.h"
#include "main/unheard.h"
#include "mention/catalogue.h"
#include "mention/outbox_row.h"

struct answer;
struct app_canary;
struct app_crisis;
struct app_deliver;
struct app_heartbeat;
struct app_inspect;
struct app_quiet;
struct app_rules;
struct app_series;
struct app_webhooks;
struct arena;
struct diag;
struct reply;
struct serve_ops;
struct source_status;
struct notices;
struct pool_event;
struct telling;
struct poll_report;
struct poll_result;
struct queue;
struct queue_status;
struct store_incident;

enum {
	APP_REPLIES_MAX = 16,
	APP_ONCE_REDIS_MS = 30000,
	APP_ONCE_LOOK_MS = 100,
	APP_ONCE_FALLS =
		8, /* readers and nurseries in a row that fall by themselves: with the pool's waits, some ten seconds */
	APP_DRAIN_MS = 3000,
	APP_DRAIN_LOOK_MS = 20
};

/* A reload under way. */
struct app_reload {
	struct config *config; /* the new one, waiting for its rules */
	int http_fd;           /* with config: it listens where that wants it, and nobody comes in yet; -1: no change */
	uint64_t generation;   /* of its rules */
	bool wanted;           /* asked for again meanwhile: the last wins */
	bool failed;           /* the last one did, and nobody has mended it since */
	struct reply *replies[APP_REPLIES_MAX]; /* who waits for this one */
	size_t n_replies;
	struct reply *later[APP_REPLIES_MAX]; /* who waits for the next */
	size_t n_later;
};

/* Reads hits from the log as they come. */
struct app_follow {
	struct stream_id last;
	bool known; /* where the log ends at the start */
	bool reading, again;
};

struct app_once {
	bool settled;
	struct loop_timer *again;
	int64_t until_ms; /* steady */
	size_t sources, failed, new_mentions, hits, printed;
	uint64_t jobs; /* that readers had done when … */
	size_t falls;  /* … the first of so many fell, without another done since */
};

/* What is not heard, and signs of life. */
struct app_coverage {
	struct loop_timer *timer; /* NULL: escuchad never began to listen */
	int64_t alive_ms;         /* steady: the last sign */
	int64_t full_ms;          /* wall: since when the log is full; 0: it isn't */
	int64_t full_told_ms;     /* steady */
	const char *gap_why;      /* the last time that it stood still, as far as this process knows; NULL: never */
	int64_t gap_from_ms, gap_to_ms;
	struct unheard unheard; /* what the sources hear, … */
	uint64_t heard_of;      /* … as they were at this sources_changes() */
};

/* A trouble that is looked for: since when (wall), and when it was told last (steady). told_ms 0: it is not there. */
struct app_trouble_one {
	int64_t since_ms, told_ms;
};

struct app_trouble {
	struct loop_timer *timer;
	struct app_trouble_one refuses, high, damaged;
	bool replaced;
	struct app_trouble_seen {
		uint64_t hash;
		int64_t told_ms;
	} seen[64];
};

struct app_drain {
	struct loop_timer *again;
	int64_t until_ms; /* steady */
};

struct app {
	struct config *config;
	bool stopping; /* nothing new begins: who asks whether we are ready is told that we are not */
	bool log_full;
	bool once, serving; /* serving: rules are loaded, and everything above them runs */
	int status;         /* the exit status */
	int64_t started_ms;

	struct loop *loop;
	struct loop_signal *signals[3];
	struct loop_wakeup *log_answers;
	struct store *store;
	struct fetch *fetch;
	struct pool *pool;
	struct sources *sources;
	struct app_queue {
		struct app *app;
		enum outbox_stream which;
		struct queue *queue; /* NULL: none is configured, or nothing is served yet */
	} queues[OUTBOX_STREAMS];
	struct serve *serve;
	struct app_metrics *metrics;
	struct app_inspect *inspect; /* NULL with --once */
	struct app_rules *rules;
	struct app_quiet *quiet;
	struct app_series *series;     /* NULL: --once, or rules are not there yet */
	struct app_webhooks *webhooks; /* NULL: no source is there yet */

	struct arena *catalogue_arena;
	struct catalogue catalogue;
	int64_t rules_ms;

	struct app_reload reload;
	struct app_follow follow;
	struct app_once summary;
	struct app_systemd systemd;
	struct app_drain drain;
	struct app_coverage coverage;
	struct app_trouble trouble;
	struct notices *notices;         /* NULL: --once, or the end */
	struct app_crisis *crisis;       /* the same */
	struct app_deliver *deliver;     /* NULL: --once */
	struct app_answers *answers;     /* the same */
	struct app_mutes *mutes;         /* the same */
	struct app_heartbeat *heartbeat; /* the same */
	struct app_canary *canary;       /* the same */
};

void app_stop(struct app *a, int status);
static inline enum text_lang app_lang(const struct app *a)
{
	return (enum text_lang)a->config->language;
}

/* app_log.c */
extern const struct sources_ops app_sources_ops;
struct store_config app_store_config(const struct config *c);
void app_log_failed(struct app *a, const char *what, int r); /* the log could not do something: told; the disk: ends */

/* source: who brought it; NULL: a hand-made mention. */
void app_log_committed(struct app *a, const char *source, const struct poll_result *result);

/* app_queue.c: one queue a stream */
void app_queues_open(struct app *a); /* where there is to be any */
void app_queues_close(struct app *a);
void app_queues_configure(struct app *a);
void app_queue_poke(struct app *a, enum outbox_stream which); /* rows were committed */
void app_queues_erase(struct app *a);
bool app_queues_on(const struct app *a);
bool app_queues_idle(const struct app *a);
void app_queues_status(const struct app *a,
		       struct queue_status *ret); /* of both, where they are on: the worse one's why */

/* app_reload.c */
void app_reload(struct app *a, struct reply *reply); /* reply NULL: nobody waits */
void app_reload_next(struct app *a);                 /* nothing is under way: who asked meanwhile gets the next */
void app_reload_ready(struct app *a, uint64_t generation, const struct diag *warnings);
void app_reload_failed(struct app *a, uint64_t generation, const struct diag *findings);
void app_reload_done(struct app *a); /* at the end: nobody is kept waiting */
bool app_check_topics(const struct config *c, const struct catalogue *catalogue, struct diag *d);

/* app_follow.c */
void app_follow_start(struct app *a);
void app_follow_known(struct app *a);                       /* app.c: where the log ends is known */
void app_follow_poke(struct app *a, struct stream_id last); /* hits were committed, up to this one */

/* app_evidence.c */
struct poll_came;
void app_evidence_came(void *arg, const struct poll_came *came); /* of source_ops */

/* app_dossier.c */
void app_dossier_ask(void *arg, uint64_t id, struct reply *reply); /* of serve_ops */
void app_dossier_send(struct app *a, uint64_t id);                 /* to all who were told of it */
void app_dossier_resume(struct app *a);                            /* to whom a process that ended still owed one */

/* app_cert.c */
struct source_cert;
void app_on_cert(void *arg, const struct source_cert *cert);

/* app_tell.c */
void app_tell_operators(struct app *a, const struct telling *t); /* main/telling.h */

/* app_alert.c */
struct json;
void app_alert_start(struct app *a);
void app_alert_configure(struct app *a); /* a->config is another one */
void app_alert_tell(struct app *a, const struct telling *t);
void app_alert_status(const struct app *a, struct json *j);                                   /* "notices" */
void app_alert_test(void *arg, const char *channel, const char *person, struct reply *reply); /* person NULL: any */

/* app_trouble.c */
void app_trouble_start(struct app *a);
void app_trouble_stop(struct app *a);
void app_trouble_event(void *arg, const struct pool_event *e);
void app_trouble_textless(struct app *a, const char *source); /* some of what came to it stays without its text */

/* app_rules.c */
struct app_rules *app_rules_new(void) must_use;
struct app_rules *app_rules_free(struct app_rules *r); /* NULL is fine; returns NULL */
void app_rules_judged(void *arg, uint64_t generation, const char *source, const struct answer *answer);
void app_rules_serve(struct app *a, uint64_t generation);   /* these serve from now on */
void app_rules_status(const struct app *a, struct json *j); /* "limits" */

/* app_coverage.c */
struct serve_coverage;
struct source_deaf;
struct source_fields;
void app_coverage_start(struct app *a); /* from now on sources are listened to */
void app_coverage_stop(struct app *a);
void app_log_full(void *arg, bool full); /* polls rest while it is */
void app_coverage_deaf(void *arg, const struct source_deaf *d);
void app_coverage_fields(void *arg, const struct source_fields *f);
void app_coverage_ask(void *arg, const struct serve_coverage *ask, struct reply *reply);
void app_coverage_status(struct app *a, struct json *j); /* "unheard", "paused", "gap" */

/* app_api.c */
struct serve_add;
void app_api_add(struct app *a, const struct serve_add *add, void (*on_added)(void *arg, bool added), void *arg);
extern const struct serve_ops app_serve_ops;

/* app_drain.c */
void app_drain(struct app *a, int signo); /* the end, in good order; the second time at once */
void app_drain_done(struct app *a);

/* app_once.c */
void app_once_report(struct app *a, const struct source_status *status, const struct poll_report *report);
void app_once_fell(struct app *a, const struct pool_event *e); /* it ends if readers do nothing but fall */
void app_once_hit(struct app *a, const char *json);
void app_once_settled(struct app *a);
void app_once_look(struct app *a); /* something may have been delivered */
