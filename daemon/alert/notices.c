#include "alert/notices.h"

#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "alert/channel.h"
#include "alert/config.h"
#include "alert/facts.h"
#include "alert/gather.h"
#include "alert/incident_text.h"
#include "alert/notice_step.h"
#include "alert/notice_text.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/zone.h"
#include "loop/loop.h"

enum { ROUTES_MAX = OPERATORS_MAX * REACH_MAX, MATTER_MAX_BYTES = 200 };

/* One way to one person. */
struct route {
	const struct person_config *person;
	const struct reach_config *reach;
	struct zone *zone; /* NULL: UTC */
};

struct item {
	TAILQ_ENTRY(item) entry;
	struct notices *all;
	struct notice notice;
	char key[NOTICE_KEY_SIZE];
	char *thread, *matter, *why;
	struct facts *facts;          /* for operators; else NULL, and … */
	char *to, *news;              /* … the person whom it is for, and what it says (alert/incident_text) */
	int64_t created_ms, first_ms; /* wall; steady: of the first news */
	bool keeping, again;          /* the log has an order that it did not answer; what changed since must follow */
	bool trying_kept;             /* that order says that it is tried */
	bool sending;
	char person[100 + 1], channel[100 + 1]; /* of the last try */
};

struct notices {
	struct loop *loop;
	struct notices_ops ops;
	void *arg;
	struct notices_setup setup;
	struct notice_pace pace;
	struct channels *channels;
	struct route routes[ROUTES_MAX];
	size_t n_routes;
	TAILQ_HEAD(item_list, item) items;
	size_t n_items, n_for_people; /* the former without the latter */
	struct item *open;            /* takes what is told until it leaves; NULL: none */
	struct gather gather;
	struct loop_timer *timer;
	struct notice_token *tokens; /* orders that the log has not answered */
	size_t lost;
	bool found; /* what the log has is known */
};

struct notice_token {
	struct notice_token *next;
	struct notices *all; /* NULL: gone meanwhile */
	struct item *item;
};

static void look(struct notices *n);
static void step(struct item *x, struct notice_event e);

/* --- routes --- */

static struct zone *load_zone(const char *name)
{
	struct zone *z = NULL;

	return name && zone_load(name, &z) == 0 ? z : NULL;
}

static const struct person_config *find_person(const struct notices *n, const char *name)
{
	size_t i;

	for (i = 0; i < n->setup.n_people; i++)
		if (strcmp(n->setup.people[i].name, name) == 0)
			return &n->setup.people[i];
	return NULL;
}

/* The ways there are for it: those of operators, or of the one whom it is for. */
static size_t ways(const struct item *x)
{
	const struct person_config *p = x->to ? find_person(x->all, x->to) : NULL;

	return !x->to ? x->all->n_routes : p ? p->n_reach : 0;
}

/* --- items --- */

void notices_key(char key[NOTICE_KEY_SIZE])
{
	uint8_t bytes[(NOTICE_KEY_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		abort(); /* so few are never cut short once the kernel has its seed */
	hash_hex(bytes, sizeof(bytes), key);
}

static struct item *item_new(struct notices *n)
{
	struct item *x = NEW(struct item);

	x->all = n;
	x->created_ms = clock_wall_ms();
	x->first_ms = clock_steady_ms();
	TAILQ_INSERT_TAIL(&n->items, x, entry);
	n->n_items++;
	return x;
}

static void item_free(struct item *x)
{
	struct notices *n = x->all;

	if (n->open == x)
		n->open = NULL;
	TAILQ_REMOVE(&n->items, x, entry);
	n->n_items -= !x->to;
	n->n_for_people -= x->to != NULL;
	facts_free(x->facts);
	free(x->to);
	free(x->news);
	free(x->thread);
	free(x->matter);
	free(x->why);
	free(x);
}

/* --- kept --- */

static void keep(struct item *x)
{
	struct notices *n = x->all;
	struct notice_token *t;
	struct buf facts = BUF_INIT(NOTICE_FACTS_MAX_BYTES);
	bool ended = x->notice.state == NOTICE_SENT || x->notice.state == NOTICE_GIVEN_UP;

	if (x->keeping) {
		x->again = true;
		return;
	}
	if (x->facts)
		facts_json(x->facts, &facts);
	t = NEW(struct notice_token);
	*t = (struct notice_token){.next = n->tokens, .all = n, .item = x};
	n->tokens = t;
	x->keeping = true;
	x->trying_kept = x->notice.state == NOTICE_TRYING;
	n->ops.keep(n->arg,
		    &(struct notice_row){
			    .key = x->key,
			    .kind = x->to ? NOTICES_TO_PERSON : NOTICES_KIND,
			    .matter = x->matter,
			    .facts = x->to ? x->news : buf_str(&facts),
			    .person = x->to          ? x->to
				      : x->person[0] ? x->person
						     : NULL,
			    .channel = x->channel[0] ? x->channel : NULL,
			    .state = x->notice.state,
			    .tries = x->notice.tries,
			    .tries_here = x->notice.tries_here,
			    .rounds = x->notice.rounds,
			    .maybe = x->notice.maybe,
			    .created_ms = x->created_ms,
			    .next_ms = ended ? TIME_NONE : clock_wall_ms() + x->notice.due_ms - clock_steady_ms(),
			    .ended_ms = ended ? clock_wall_ms() : TIME_NONE,
			    .why = x->why,
		    },
		    t);
	buf_done(&facts);
}

/* --- sent --- */

static void on_sent(void *arg, const struct channel_result *r)
{
	struct item *x = arg;
	struct notices *n = x->all;
	struct notice_event e = {.maybe = r->maybe};

	x->sending = false;
	n->ops.on_result(n->arg, x->channel, r->result);
	if (r->taken) {
		LOG_INFO("notice.sent", LOG_S("key", x->key), LOG_S("person", x->person), LOG_S("channel", x->channel),
			 LOG_I("tries", x->notice.tries), LOG_S("answer", r->answer));
		e.kind = NOTICE_EV_TAKEN;
	} else {
		LOG_WARN("notice.failed", LOG_S("key", x->key), LOG_S("person", x->person),
			 LOG_S("channel", x->channel), LOG_I("tries", x->notice.tries), LOG_S("class", r->result),
			 LOG_S("answer", r->answer));
		free(x->why);
		x->why = xstrdup(r->answer);
		e.kind = r->never ? NOTICE_EV_NEVER : NOTICE_EV_LATER;
	}
	step(x, e);
	look(n);
}

static enum text_lang lang_of(const struct notices *n, const struct person_config *p)
{
	return p->language < 0 ? n->setup.lang : (enum text_lang)p->language;
}

static struct notice_reader reader_of(const struct notices *n, const struct person_config *p, const struct zone *zone)
{
	return (struct notice_reader){
		.lang = lang_of(n, p), .zone = zone, .zone_name = p->timezone ? p->timezone : n->setup.timezone};
}

static const char *tag_of(enum text_lang lang)
{
	static const char *const tags[TEXT_LANGS] = {[TEXT_EN] = "en", [TEXT_ES] = "es"};

	return tags[lang];
}

static bool send_by(struct item *x, const struct person_config *person, const struct reach_config *reach,
		    const struct zone *zone)
{
	const struct notice_reader to = reader_of(x->all, person, zone);
	struct buf subject = BUF_INIT(NOTICE_TEXT_MAX_BYTES), body = BUF_INIT(NOTICE_TEXT_MAX_BYTES);

	snprintf(x->person, sizeof(x->person), "%s", person->name);
	snprintf(x->channel, sizeof(x->channel), "%s", reach->name);
	if (x->to) {
		incident_text(&subject, &body, x->news, &to, x->notice.maybe);
	} else {
		notice_subject(&subject, x->facts, &to, x->notice.maybe);
		notice_body(&body, x->facts, &to, x->notice.maybe);
	}
	x->sending = channels_send(x->all->channels, x->channel,
				   &(struct channel_message){.to = reach->address,
							     .subject = buf_str(&subject),
							     .body = buf_str(&body),
							     .key = x->key,
							     .thread = x->thread,
							     .lang = tag_of(to.lang),
							     .zone = to.zone},
				   on_sent, x) != NULL;
	buf_done(&subject);
	buf_done(&body);
	return x->sending;
}

/* The words of it, by the route that was chosen, which a new configuration may have taken away meanwhile. */
static void send_item(struct item *x)
{
	struct notices *n = x->all;
	bool sent = false;

	x->sending = false;
	if (x->to && x->notice.route < ways(x)) {
		const struct person_config *p = find_person(n, x->to);
		cleanup(zone_freep) struct zone *zone = load_zone(p->timezone ? p->timezone : n->setup.timezone);

		sent = send_by(x, p, &p->reach[x->notice.route], zone);
	} else if (!x->to && x->notice.route < n->n_routes) {
		const struct route *route = &n->routes[x->notice.route];

		sent = send_by(x, route->person, route->reach, route->zone);
	}
	if (!sent) /* nobody is there at present */
		step(x, (struct notice_event){.kind = NOTICE_EV_LATER});
}

void notices_kept(struct notice_token *t, int r, const char *thread)
{
	struct notices *n = t->all;
	struct item *x = t->item;
	struct notice_token **p;

	if (!n) {
		free(t);
		return;
	}
	for (p = &n->tokens; *p != t; p = &(*p)->next)
		;
	*p = t->next;
	free(t);
	x->keeping = false;
	if (r == 0 && !x->thread && thread)
		x->thread = xstrdup(thread);
	if (x->again) {
		x->again = false;
		keep(x);
	} else if (x->notice.state == NOTICE_TRYING && x->trying_kept && !x->sending) {
		if (r < 0)
			step(x, (struct notice_event){.kind = NOTICE_EV_UNKEPT});
		else
			send_item(x);
	} else if (x->notice.state == NOTICE_SENT || x->notice.state == NOTICE_GIVEN_UP) {
		item_free(x); /* r < 0: the next start sends it again, and says so */
	}
	look(n);
}

/* --- steps --- */

/* A person has it, or (once a round) none of their channels took it. */
static void tell_outcome(const struct item *x, bool has)
{
	if (x->to && x->all->ops.on_person)
		x->all->ops.on_person(x->all->arg, x->matter, x->to, has);
}

static void step(struct item *x, struct notice_event e)
{
	struct notices *n = x->all;
	uint32_t rounds = x->notice.rounds;

	e.n_routes = ways(x);
	switch (notice_step(&x->notice, &e, &n->pace, clock_steady_ms())) {
	case NOTICE_NOTHING:
		return;
	case NOTICE_TRY:
		if (n->open != x)
			break;
		n->open = NULL;
		gather_left(&n->gather, clock_steady_ms(), n->setup.pace->pause_ms);
		break;
	case NOTICE_WAIT:
		if (n->open == x) /* nobody was there when it was due: from now on its rounds say when */
			n->open = NULL;
		break;
	case NOTICE_END:
		if (x->notice.state != NOTICE_GIVEN_UP) {
			tell_outcome(x, true);
			break;
		}
		n->lost++;
		n->ops.on_result(n->arg, NULL, "undelivered");
		LOG_ERROR("notice.undelivered", LOG_S("key", x->key), LOG_S("about", x->matter),
			  LOG_I("tries", x->notice.tries), LOG_S("why", x->why));
		break;
	}
	keep(x);
	if (x->notice.rounds > rounds)
		tell_outcome(x, false);
}

/* Of what is still being gathered. */
static int64_t open_due(const struct notices *n)
{
	return gather_due(&n->gather, n->open->first_ms, n->setup.pace->gather_ms, n->setup.pace->pause_ms);
}

/* What is due is tried; the timer is set to what comes next. */
static void look(struct notices *n)
{
	int64_t now_ms = clock_steady_ms(), next_ms = INT64_MAX;
	struct item *x;

	if (!n->found)
		return;
	if (n->open)
		n->open->notice.due_ms = open_due(n);
	TAILQ_FOREACH(x, &n->items, entry)
	{
		if (x->notice.state == NOTICE_NEW && x->notice.due_ms <= now_ms)
			step(x, (struct notice_event){.kind = NOTICE_EV_DUE});
		if (x->notice.state == NOTICE_NEW && x->notice.due_ms < next_ms)
			next_ms = x->notice.due_ms;
	}
	if (next_ms != INT64_MAX)
		loop_timer_set(n->timer, next_ms - now_ms);
	else
		loop_timer_stop(n->timer);
}

static void on_timer(void *arg)
{
	look(arg);
}

/* --- what others see --- */

struct notices *notices_new(struct loop *l, const struct notices_ops *ops, void *arg)
{
	struct notices *n = NEW(struct notices);

	n->loop = l;
	n->ops = *ops;
	n->arg = arg;
	n->channels = channels_new(l);
	TAILQ_INIT(&n->items);
	n->timer = loop_timer_new(l, on_timer, n);
	return n;
}

static void drop_routes(struct notices *n)
{
	while (n->n_routes)
		zone_free(n->routes[--n->n_routes].zone);
}

struct notices *notices_free(struct notices *n)
{
	struct notice_token *t;

	if (!n)
		return NULL;
	channels_free(n->channels);
	for (t = n->tokens; t; t = t->next)
		t->all = NULL;
	while (!TAILQ_EMPTY(&n->items))
		item_free(TAILQ_FIRST(&n->items));
	drop_routes(n);
	loop_timer_free(n->timer);
	free(n);
	return NULL;
}

void notices_configure(struct notices *n, const struct notices_setup *setup)
{
	struct item *x;
	size_t i, k;

	n->setup = *setup;
	n->pace.retry_ms = setup->pace->retry_ms;
	channels_configure(n->channels, setup->channels, setup->n_channels);
	drop_routes(n);
	for (i = 0; i < setup->n_operators; i++) {
		const struct person_config *p = setup->operators[i].person;

		for (k = 0; k < p->n_reach && n->n_routes < ROUTES_MAX; k++)
			n->routes[n->n_routes++] =
				(struct route){p, &p->reach[k], load_zone(p->timezone ? p->timezone : setup->timezone)};
	}
	TAILQ_FOREACH(x, &n->items, entry)
	step(x, (struct notice_event){.kind = NOTICE_EV_ROUTES});
	look(n);
}

static size_t find_route(const struct notices *n, bool operators, const char *person, const char *channel)
{
	const struct person_config *p = operators || !person ? NULL : find_person(n, person);
	size_t i;

	for (i = 0; !operators && channel && p && i < p->n_reach; i++)
		if (strcmp(p->reach[i].name, channel) == 0)
			return i;
	if (!operators)
		return 0;
	for (i = 0; person && channel && i < n->n_routes; i++)
		if (strcmp(n->routes[i].person->name, person) == 0 && strcmp(n->routes[i].reach->name, channel) == 0)
			return i;
	return 0;
}

static bool is_known(const struct notices *n, const char *key)
{
	const struct item *x;

	TAILQ_FOREACH(x, &n->items, entry)
	{
		if (strcmp(x->key, key) == 0)
			return true;
	}
	return false;
}

/* What it says: facts for operators, news for a person. False: it can't be read, or there is no room. */
static bool is_readable(const struct notices *n, const struct notice_row *row, bool operators, struct facts **ret_facts)
{
	bool full = operators ? n->n_items == NOTICES_MAX : n->n_for_people == NOTICES_PEOPLE_MAX;

	if (full || strlen(row->key) >= NOTICE_KEY_SIZE)
		return false;
	return operators ? facts_parse(row->facts, ret_facts) == 0 : row->person && incident_text_check(row->facts);
}

/* NULL: told. */
static struct item *item_of_row(struct notices *n, const struct notice_row *row)
{
	bool operators = strcmp(row->kind, NOTICES_KIND) == 0;
	struct facts *facts = NULL;
	struct item *x;

	if (!is_readable(n, row, operators, &facts)) {
		LOG_ERROR("notice.unreadable", LOG_S("key", row->key));
		return NULL;
	}
	x = item_new(n);
	x->facts = facts;
	memcpy(x->key, row->key, strlen(row->key) + 1);
	x->matter = xstrdup(row->matter);
	x->thread = row->thread ? xstrdup(row->thread) : NULL;
	x->why = row->why ? xstrdup(row->why) : NULL;
	x->to = operators ? NULL : xstrdup(row->person);
	x->news = operators ? NULL : xstrdup(row->facts);
	n->n_items -= !operators;
	n->n_for_people += !operators;
	x->created_ms = row->created_ms;
	x->notice = (struct notice){
		.state = row->state,
		.tries = row->tries,
		.tries_here = row->tries_here,
		.rounds = row->rounds,
		.maybe = row->maybe,
		.route = find_route(n, operators, row->person, row->channel),
		.due_ms = clock_steady_ms() + (row->next_ms == TIME_NONE ? 0 : row->next_ms - clock_wall_ms()),
	};
	return x;
}

static void take_row(struct notices *n, const struct notice_row *row)
{
	struct item *x = is_known(n, row->key) ? NULL : item_of_row(n, row); /* told while the log was being read */

	if (!x)
		return;
	x->first_ms = x->notice.due_ms - n->setup.pace->gather_ms;
	if (x->first_ms > clock_steady_ms()) /* the clock was set */
		x->first_ms = clock_steady_ms();
	if (!x->to && row->state == NOTICE_NEW && !row->tries && !row->rounds && !n->open)
		n->open = x;
	step(x, (struct notice_event){.kind = NOTICE_EV_FOUND});
}

/* What waits for the same person about the same matter is older than this: they need not read both. */
static void drop_older(struct notices *n, const char *matter)
{
	struct item *x;

	TAILQ_FOREACH(x, &n->items, entry)
	{
		if (!x->to || x->notice.state != NOTICE_NEW || strcmp(x->matter, matter) != 0)
			continue;
		x->notice.state = NOTICE_GIVEN_UP;
		free(x->why);
		x->why = xstrdup("a newer one follows");
		keep(x);
	}
}

bool notices_post(struct notices *n, const struct notice_row *row)
{
	struct item *x;

	drop_older(n, row->matter);
	x = item_of_row(n, row);
	if (x)
		look(n);
	return x != NULL;
}

void notices_resume(struct notices *n, const struct notice_row *rows, size_t n_rows)
{
	size_t i;

	for (i = 0; i < n_rows; i++)
		take_row(n, &rows[i]);
}

void notices_found(struct notices *n, const struct notice_row *rows, size_t n_rows, const int64_t *recent_ms,
		   size_t n_recent, size_t lost)
{
	int64_t ahead_ms = clock_steady_ms() - clock_wall_ms();
	size_t i;

	for (i = 0; i < n_recent; i++)
		if (recent_ms[i] + ahead_ms <= clock_steady_ms()) /* else the clock was set */
			gather_left(&n->gather, recent_ms[i] + ahead_ms, n->setup.pace->pause_ms);
	notices_resume(n, rows, n_rows);
	n->lost += lost;
	n->found = true;
	look(n);
}

/* Where news go: with what is gathered; a message of their own; or, past the bound, with the last that waits. */
static struct item *item_for(struct notices *n, const struct fact *fact)
{
	struct item *x = n->open;

	if (!x && n->n_items == NOTICES_MAX)
		TAILQ_FOREACH_REVERSE(x, &n->items, item_list, entry)
	if (!x->to && x->notice.state == NOTICE_NEW)
		return x;
	if (x || n->n_items == NOTICES_MAX)
		return x;
	x = n->open = item_new(n);
	notices_key(x->key);
	x->matter =
		fact->subject ? xasprintf("%s %.*s", fact->kind, MATTER_MAX_BYTES, fact->subject) : xstrdup(fact->kind);
	x->facts = facts_new();
	return x;
}

void notices_tell(struct notices *n, const struct fact *fact)
{
	struct item *x;

	if (!n->n_routes)
		return;
	x = item_for(n, fact);
	if (!x) {
		LOG_ERROR("notice.dropped", LOG_S("kind", fact->kind), LOG_S("subject", fact->subject));
		return;
	}
	facts_add(x->facts, fact);
	if (x == n->open)
		x->notice.due_ms = open_due(n);
	keep(x);
	look(n);
}

bool notices_test(struct notices *n, const char *channel, const struct person_config *person, const char *address,
		  void (*on_tested)(void *arg, const struct channel_result *result), void *arg)
{
	cleanup(zone_freep) struct zone *zone = load_zone(person->timezone ? person->timezone : n->setup.timezone);
	const struct notice_reader to = reader_of(n, person, zone);
	struct buf body = BUF_INIT(NOTICE_TEXT_MAX_BYTES);
	char key[NOTICE_KEY_SIZE];
	struct sending *sending;

	notices_key(key);
	notice_test_body(&body, channel, person->name, &to);
	sending = channels_send(n->channels, channel,
				&(struct channel_message){.to = address,
							  .subject = text_raw(to.lang, TEXT_NOTICE_TEST_SUBJECT),
							  .body = buf_str(&body),
							  .key = key,
							  .lang = tag_of(to.lang),
							  .zone = zone},
				on_tested, arg);
	buf_done(&body);
	return sending != NULL;
}

void notices_status(const struct notices *n, struct notices_status *ret)
{
	const struct item *x;

	*ret = (struct notices_status){.undelivered = n->lost, .since_ms = TIME_NONE};
	TAILQ_FOREACH(x, &n->items, entry)
	{
		if (x->notice.state != NOTICE_NEW && x->notice.state != NOTICE_TRYING)
			continue;
		ret->waiting++;
		if (!x->why)
			continue;
		ret->failing++;
		if (ret->since_ms == TIME_NONE || x->created_ms < ret->since_ms) {
			ret->since_ms = x->created_ms;
			ret->why = x->why;
		}
	}
}

size_t notices_sending(const struct notices *n)
{
	return n ? channels_sending(n->channels) : 0;
}
