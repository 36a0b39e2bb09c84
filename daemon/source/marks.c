#include "source/marks.h"

#include "loop/loop.h"
#include "source/inside.h"

static void on_wait(void *arg)
{
	marks_write(arg);
}

void marks_open(struct sources *s)
{
	s->marks_timer = loop_timer_new(s->loop, on_wait, s);
}

void marks_close(struct sources *s)
{
	loop_timer_free(s->marks_timer);
}

void marks_note(struct source *x)
{
	struct sources *s = x->all;

	if (x->marked)
		return;
	x->marked = true;
	if (s->marked++ == 0)
		loop_timer_set(s->marks_timer, MARKS_WAIT_MS);
}

void marks_drop(struct source *x)
{
	x->all->marked -= x->marked;
	x->marked = false;
}

/* What is being polled just now waits: a commit of it may be under way, which is newer. */
void marks_write(struct sources *s)
{
	struct source_mark *v;
	size_t i, n = 0;

	loop_timer_stop(s->marks_timer);
	if (!s->marked)
		return;
	v = xreallocarray(NULL, MARKS_MAX, sizeof(*v));
	for (i = 0; i < s->n; i++) {
		struct source *x = s->v[i];

		if (!x->marked || x->poll)
			continue;
		marks_drop(x);
		v[n++] = (struct source_mark){x->name, x->ok_ms, x->next_ms};
		if (n == MARKS_MAX) {
			s->ops->log.marks(s->arg, v, n);
			n = 0;
		}
	}
	if (n)
		s->ops->log.marks(s->arg, v, n);
	free(v);
	if (s->marked)
		loop_timer_set(s->marks_timer, MARKS_WAIT_MS);
}
