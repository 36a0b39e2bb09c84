/* The stages that a mention goes through, with one that nobody wrote. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alert/channel.h"
#include "alert/crisis.h"
#include "alert/notices.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"
#include "main/app_answers.h"
#include "main/app_canary_inside.h"
#include "main/app_crisis.h"
#include "main/series_said.h"
#include "mention/answer.h"
#include "mention/job.h"
#include "pool/pool.h"
#include "queue/queue.h"
#include "stats/topic.h"
#include "store/canary.h"

enum {
	ARENA_MAX_BYTES = 8 << 20,
	DOCUMENT_MAX_BYTES = 4096,
	VOICES = JUDGE_HALF_LEAST, /* that say it to the detector: enough for a crisis by itself */
};

static void passed(struct app_canary *k, enum canary_stage stage)
{
	canary_event(k, CANARY_EV_PASSED, stage);
}

static void failed(struct app_canary *k, enum canary_stage stage, const char *why)
{
	if (k->state.running && k->state.stage == stage) {
		buf_reset(&k->why);
		buf_puts(&k->why, why);
	}
	canary_event(k, CANARY_EV_FAILED, stage);
}

/* --- a reader, and the rules --- */

/* NULL: there is none. */
static const char *some_topic(const struct catalogue *c)
{
	size_t i;

	for (i = 0; i < c->n_topics; i++)
		if (strcmp(c->topics[i].role, "brand") == 0)
			return c->topics[i].name;
	return c->n_topics ? c->topics[0].name : NULL;
}

static void on_read(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	struct app_canary *k = arg;
	struct answer answer;

	k->job = 0;
	if (outcome == POOL_ENDED)
		return;
	if (outcome != POOL_DONE) {
		failed(k, CANARY_READER, bytes);
		return;
	}
	if (answer_get(bytes, len, k->arena, &answer) != 0 || answer.status != ANSWER_OK || answer.n_mentions != 1 ||
	    !answer.mentions[0].guid || strcmp(answer.mentions[0].guid, k->guid) != 0) {
		failed(k, CANARY_READER, "a reader made something else of it");
		return;
	}
	k->mention = answer.mentions[0];
	passed(k, CANARY_READER);
}

static void read_it(struct app_canary *k)
{
	struct buf document = BUF_INIT(DOCUMENT_MAX_BYTES),
		   payload = BUF_INIT(FRAME_MAX_BYTES); /* payload: the pool's */
	struct job_feed job = {.source = CANARY_TOPIC,
			       .platform = "feed",
			       .address = "canary:",
			       .content_type = "application/rss+xml",
			       .format = "feed",
			       .identity = IDENTITY_GUID,
			       .not_before_ms = TIME_NONE};

	k->at_ms = job.seen_ms = clock_wall_ms();
	k->arena = arena_new(ARENA_MAX_BYTES);
	k->topic = arena_strdup(k->arena, some_topic(&k->app->catalogue));
	k->guid = arena_printf(k->arena, "canary-%" PRId64 "-%" PRIu64, k->at_ms, k->run);
	buf_printf(&document,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>canary</title><item>"
		   "<guid isPermaLink=\"false\">%s</guid><title>canary</title>"
		   "<description>Nobody wrote this: escuchad tries whether a mention comes through.</description>"
		   "</item></channel></rss>",
		   k->guid);
	job.topic = k->topic;
	job.body = buf_str(&document);
	job.body_len = document.len;
	job_feed_put(&payload, &job);
	buf_done(&document);
	k->job = pool_submit(k->app->pool, FRAME_FEED, &payload, CANARY_TOPIC, POOL_FEED, on_read, k);
	if (!k->job)
		failed(k, CANARY_READER, "too much waits for the readers");
}

static void match_it(struct app_canary *k)
{
	size_t i;

	for (i = 0; k->topic && i < k->mention.n_hits; i++)
		if (strcmp(k->mention.hits[i].topic, k->topic) == 0)
			break;
	if (k->topic && i == k->mention.n_hits)
		failed(k, CANARY_MATCH, k->topic);
	else
		passed(k, CANARY_MATCH);
}

/* --- the log --- */

struct owed {
	struct app *app;
	uint64_t run;
};

static struct owed *owe(struct app_canary *k)
{
	struct owed *o = NEW(struct owed);

	*o = (struct owed){k->app, k->run};
	return o;
}

/* NULL: the end, or another run is on its way. */
static struct app_canary *owner_of(const struct owed *o)
{
	return o->app->canary && o->app->canary->run == o->run ? o->app->canary : NULL;
}

static void on_found(void *arg, int r, const struct store_canary *found)
{
	cleanup(freep) struct owed *o = arg;
	struct app_canary *k = owner_of(o);
	struct mention back;

	if (!k || r == -ECANCELED || !k->state.running || k->state.stage != CANARY_LOG)
		return;
	if (r == 0 && found && found->mention) {
		struct wire_in in = WIRE_IN((const char *)found->mention, found->len);

		mention_get(&in, k->arena, &back);
		if (wire_done(&in) && memcmp(back.id, k->mention.id, sizeof(back.id)) == 0) {
			k->mention = back; /* from here on it is what the log has */
			passed(k, CANARY_LOG);
			return;
		}
	}
	failed(k, CANARY_LOG, r < 0 ? strerror(-r) : "it gives back something else");
}

static void on_put(void *arg, int r)
{
	cleanup(freep) struct owed *o = arg;
	struct app_canary *k = owner_of(o);

	if (!k || r == -ECANCELED)
		return;
	if (r < 0)
		failed(k, CANARY_LOG, strerror(-r));
	else
		store_canary(k->app->store, on_found, TAKE(o));
}

static void keep_it(struct app_canary *k)
{
	cleanup(buf_done) struct buf b = BUF_INIT(STORE_CANARY_MAX_BYTES);
	const struct canary *c = &k->state;

	mention_put(&b, &k->mention);
	store_canary_put(k->app->store,
			 &(struct store_canary){.last_ms = c->last_ms,
						.since_ms = c->since_ms,
						.told_ms = c->told_ms,
						.failed = (int)c->failed,
						.mention = buf_str(&b),
						.len = b.len},
			 on_put, owe(k));
}

/* --- the queue --- */

static void on_status(void *arg, int r, const struct store_status *log)
{
	cleanup(freep) struct owed *o = arg;
	struct app_canary *k = owner_of(o);
	struct queue_status q = {.connected = true};

	if (!k || r < 0 || !k->state.running || k->state.stage != CANARY_QUEUE)
		return;
	if (app_queues_on(k->app))
		queue_status(k->app->queues[OUTBOX_HITS].queue, &q);
	buf_reset(&k->why);
	if (app_queues_on(k->app) && !q.connected)
		buf_puts(&k->why, q.error ? q.error : "not connected");
	else if (!app_queues_on(k->app) || !log->pending || log->oldest_pending.ms > k->at_ms)
		passed(k, CANARY_QUEUE);
	else
		buf_printf(&k->why, "%" PRId64 " hits wait", log->pending);
}

void canary_look(struct app_canary *k)
{
	if (k->state.stage == CANARY_QUEUE)
		store_status(k->app->store, on_status, owe(k));
}

/* --- the detector and the escalation --- */

/* As if so many people had complained at once. */
static bool is_crisis(const struct app_canary *k)
{
	cleanup(topic_freep) struct topic *t = topic_new(CANARY_TOPIC, true);
	struct said said = series_said(&k->mention);
	struct judge_facts facts;
	struct judge_verdict verdict;
	uint64_t i;

	said.tone = EVENT_NEGATIVE;
	said.late = false;
	said.at_ms = k->at_ms;
	for (i = 1; i <= VOICES; i++) {
		said.author = i;
		said.story = i;
		topic_say(t, &said);
	}
	topic_judge(t, k->at_ms + SECOND_MS, 12, &facts, &verdict);
	return verdict.severity == JUDGE_CRITICAL;
}

static const struct escalation_config *some_policy(const struct config *c)
{
	return c->defaults && c->defaults->escalation ? c->defaults->escalation
	       : c->n_escalations                     ? &c->escalations[0]
						      : NULL;
}

static void escalate(struct app_canary *k)
{
	const struct incident_event first = {.kind = INCIDENT_EV_JUDGED,
					     .alert = CANARY_TOPIC,
					     .severity = SEVERITY_CRITICAL,
					     .met = true,
					     .size = VOICES,
					     .window = VOICES};
	const struct escalation_config *policy = some_policy(k->app->config);
	cleanup(freep) struct crisis *x = NEW(struct crisis);
	struct crisis_actions actions;
	struct escalation_by by;
	size_t i;

	if (!is_crisis(k)) {
		failed(k, CANARY_ALERT, "the detector says nothing");
		return;
	}
	if (policy && app_crisis_by(k->app->crisis, CANARY_TOPIC, &by)) {
		by.policy = policy;
		by.muted_until = NULL;
		crisis_open(x, 1, CANARY_TOPIC, &first, &by, clock_steady_ms(), &actions);
		for (i = 0; i < actions.tell.n; i++)
			if (actions.tell.v[i].kind == ESCALATION_NOBODY) {
				failed(k, CANARY_ALERT, policy->name);
				return;
			}
	}
	passed(k, CANARY_ALERT);
}

/* --- channels --- */

static void add_why(struct app_canary *k, const char *channel, const char *why)
{
	buf_printf(&k->why, "%s%s: %s", k->why.len ? "; " : "", channel, why);
}

static void channel_ended(struct app_canary *k, const struct canary_try *t, const struct channel_result *r)
{
	k->n_waiting--;
	if (r->taken)
		k->n_worked++;
	else
		add_why(k, t->channel, r->answer ? r->answer : r->result);
	if (k->n_waiting)
		return;
	canary_event(k, k->why.len ? CANARY_EV_FAILED : CANARY_EV_PASSED, CANARY_CHANNEL);
}

static void on_tried(void *arg, const struct channel_result *r)
{
	struct canary_try *t = arg;
	struct app_canary *k = t->canary;

	t->busy = false;
	if (t->run == k->run && k->state.running && k->state.stage == CANARY_CHANNEL)
		channel_ended(k, t, r);
}

/* Whom a channel reaches, and where; NULL: nobody whose address is known. */
static const struct person_config *reached_by(struct app *a, const char *channel, const char **ret_address)
{
	const struct config *c = a->config;
	size_t i, r;

	for (i = 0; i < c->n_people; i++)
		for (r = 0; r < c->people[i].n_reach; r++) {
			const struct reach_config *reach = &c->people[i].reach[r];

			if (strcmp(reach->name, channel) != 0)
				continue;
			*ret_address = strcmp(reach->address, REACH_PAIRED) == 0
					       ? app_answers_paired(a, channel, c->people[i].name)
					       : reach->address;
			if (*ret_address)
				return &c->people[i];
		}
	return NULL;
}

static void try_one(struct app_canary *k, struct canary_try *t, const struct channel_config *channel)
{
	const char *address;
	const struct person_config *p = reached_by(k->app, channel->name, &address);

	if (!p)
		return;
	k->n_tried++;
	if (t->busy) { /* since an earlier run */
		add_why(k, t->channel, "no answer in time");
		return;
	}
	*t = (struct canary_try){.canary = k, .run = k->run};
	snprintf(t->channel, sizeof(t->channel), "%s", channel->name);
	t->busy = notices_dry(k->app->notices, channel->name, p, address, on_tried, t);
	k->n_waiting += t->busy;
	if (!t->busy)
		add_why(k, t->channel, "too much waits for it");
}

static void try_channels(struct app_canary *k)
{
	const struct config *c = k->app->config;
	size_t i;

	k->n_tried = k->n_worked = k->n_waiting = 0;
	buf_reset(&k->why);
	for (i = 0; i < c->n_channels && i < CHANNELS_MAX; i++)
		try_one(k, &k->tries[i], &c->channels[i]);
	if (!k->n_waiting)
		canary_event(k, k->why.len ? CANARY_EV_FAILED : CANARY_EV_PASSED, CANARY_CHANNEL);
}

/* --- the way --- */

void canary_go(struct app_canary *k)
{
	static void (*const stages[CANARY_STAGES])(struct app_canary * k) = {
		[CANARY_READER] = read_it,    [CANARY_MATCH] = match_it, [CANARY_LOG] = keep_it,
		[CANARY_QUEUE] = canary_look, [CANARY_ALERT] = escalate, [CANARY_CHANNEL] = try_channels};

	stages[k->state.stage](k);
}

void canary_leave(struct app_canary *k)
{
	size_t i;

	if (k->job)
		pool_cancel(k->app->pool, k->job);
	k->job = 0;
	for (i = 0; k->state.failed == CANARY_CHANNEL && i < CHANNELS_MAX; i++)
		if (k->tries[i].busy && k->tries[i].run == k->run)
			add_why(k, k->tries[i].channel, "no answer in time");
	k->arena = arena_free(k->arena);
}
