#include "alert/notices_inside.h"

#include <string.h>

#include "alert/facts.h"
#include "alert/incident_text.h"
#include "alert/ready.h"
#include "base/clock.h"
#include "base/log.h"

static size_t find_route(const struct notices *n, bool operators, const char *person, const char *channel)
{
	const struct person_config *p = operators || !person ? NULL : notices_person(n, person);
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
	const struct notice_item *x;

	TAILQ_FOREACH(x, &n->items, entry)
	{
		if (strcmp(x->key, key) == 0)
			return true;
	}
	return false;
}

static bool is_ready(const struct notice_row *row)
{
	return strcmp(row->kind, NOTICES_DELIVERY) == 0;
}

/* What it says: facts for operators, news for a person. False: it can't be read, or there is no room. */
static bool is_readable(const struct notices *n, const struct notice_row *row, bool operators, struct facts **ret_facts)
{
	bool full = operators ? n->n_items == NOTICES_MAX : n->n_for_people == NOTICES_PEOPLE_MAX;

	if (full || strlen(row->key) >= NOTICE_KEY_SIZE)
		return false;
	if (operators)
		return facts_parse(row->facts, ret_facts) == 0;
	return row->person && (is_ready(row) ? ready_parse(row->facts, NULL, NULL) : incident_text_check(row->facts));
}

/* NULL: told. */
static struct notice_item *item_of_row(struct notices *n, const struct notice_row *row)
{
	bool operators = strcmp(row->kind, NOTICES_KIND) == 0;
	struct facts *facts = NULL;
	struct notice_item *x;

	if (!is_readable(n, row, operators, &facts)) {
		LOG_ERROR("notice.unreadable", LOG_S("key", row->key));
		return NULL;
	}
	x = notices_item(n);
	x->facts = facts;
	memcpy(x->key, row->key, strlen(row->key) + 1);
	x->matter = xstrdup(row->matter);
	x->thread = row->thread ? xstrdup(row->thread) : NULL;
	x->why = row->why ? xstrdup(row->why) : NULL;
	x->to = operators ? NULL : xstrdup(row->person);
	x->news = operators ? NULL : xstrdup(row->facts);
	x->ready = is_ready(row);
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
	struct notice_item *x =
		is_known(n, row->key) ? NULL : item_of_row(n, row); /* told while the log was being read */

	if (!x)
		return;
	x->first_ms = x->notice.due_ms - n->setup.pace->gather_ms;
	if (x->first_ms > clock_steady_ms()) /* the clock was set */
		x->first_ms = clock_steady_ms();
	if (!x->to && row->state == NOTICE_NEW && !row->tries && !row->rounds && !n->open)
		n->open = x;
	notices_event(x, (struct notice_event){.kind = NOTICE_EV_FOUND});
}

/* What waits for the same person about the same matter is older than this: they need not read both. */
static void drop_older(struct notices *n, const char *matter)
{
	struct notice_item *x;

	TAILQ_FOREACH(x, &n->items, entry)
	{
		if (!x->to || x->ready || x->notice.state != NOTICE_NEW || strcmp(x->matter, matter) != 0)
			continue;
		x->notice.state = NOTICE_GIVEN_UP;
		free(x->why);
		x->why = xstrdup("a newer one follows");
		notices_keep(x);
	}
}

bool notices_post(struct notices *n, const struct notice_row *row)
{
	struct notice_item *x;

	drop_older(n, row->matter);
	x = item_of_row(n, row);
	if (x)
		notices_look(n);
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
	notices_look(n);
}
