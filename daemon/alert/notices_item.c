#include "alert/notices_inside.h"

#include <string.h>
#include <sys/random.h>

#include "alert/facts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"

void notices_key(char key[NOTICE_KEY_SIZE])
{
	uint8_t bytes[(NOTICE_KEY_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		abort(); /* so few are never cut short once the kernel has its seed */
	hash_hex(bytes, sizeof(bytes), key);
}

struct notice_item *notices_item(struct notices *n)
{
	struct notice_item *x = NEW(struct notice_item);

	x->all = n;
	x->created_ms = clock_wall_ms();
	x->first_ms = clock_steady_ms();
	TAILQ_INSERT_TAIL(&n->items, x, entry);
	n->n_items++;
	return x;
}

void notices_item_free(struct notice_item *x)
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

void notices_keep(struct notice_item *x)
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
			    .kind = x->ready ? NOTICES_DELIVERY
				    : x->to  ? NOTICES_TO_PERSON
					     : NOTICES_KIND,
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

void notices_kept(struct notice_token *t, int r, const char *thread)
{
	struct notices *n = t->all;
	struct notice_item *x = t->item;
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
		notices_keep(x);
	} else if (x->notice.state == NOTICE_TRYING && x->trying_kept && !x->sending) {
		if (r < 0)
			notices_event(x, (struct notice_event){.kind = NOTICE_EV_UNKEPT});
		else
			notices_send(x);
	} else if (x->notice.state == NOTICE_SENT || x->notice.state == NOTICE_GIVEN_UP) {
		notices_item_free(x); /* r < 0: the next start sends it again, and says so */
	}
	notices_look(n);
}
