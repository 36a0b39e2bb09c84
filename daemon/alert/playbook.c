#include "alert/playbook.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"

struct reading {
	struct playbook_step steps[PLAYBOOK_STEPS_MAX];
	size_t n;
	bool fenced, too_many;
	bool goes_on;    /* an indented line belongs to the step before it */
	struct buf step; /* its words so far */
	struct arena *arena;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Where the words of "- [ ] words" begin; NULL: the line is no step. One that came ticked off is to be done in each crisis anew. */
static const char *words_of(const char *s, const char *end)
{
	while (s < end && is_blank(*s))
		s++;
	if (end - s < 6 || !strchr("-*+", s[0]) || !is_blank(s[1]))
		return NULL;
	s += 2;
	while (s < end && is_blank(*s))
		s++;
	if (end - s < 4 || s[0] != '[' || !strchr(" xX", s[1]) || s[2] != ']' || !is_blank(s[3]))
		return NULL;
	return s + 4;
}

/* One blank between words, and no marks of emphasis. */
static void add_words(struct buf *b, const char *s, const char *end)
{
	bool blank = b->len > 0;

	for (; s < end; s++) {
		if (*s == '`' || (end - s > 1 && s[0] == '*' && s[1] == '*')) {
			s += *s == '*';
			continue;
		}
		if (is_blank(*s)) {
			blank = true;
			continue;
		}
		if (blank && b->len)
			buf_putc(b, ' ');
		blank = false;
		buf_putc(b, *s);
	}
}

static void end_step(struct reading *r)
{
	struct playbook_step *step = &r->steps[r->n];
	size_t len = utf8_cut(buf_str(&r->step), r->step.len, PLAYBOOK_STEP_MAX_BYTES);

	r->goes_on = false;
	if (!len)
		return;
	if (r->n == PLAYBOOK_STEPS_MAX) {
		r->too_many = true;
	} else {
		step->text = arena_memdup0(r->arena, buf_str(&r->step), len);
		step->id = hash_quick(step->text, len);
		r->n++;
	}
	buf_reset(&r->step);
}

static void read_line(struct reading *r, const char *s, const char *end)
{
	const char *first = s, *words;

	while (first < end && is_blank(*first))
		first++;
	if (end - first >= 3 && strncmp(first, "```", 3) == 0) {
		end_step(r);
		r->fenced = !r->fenced;
		return;
	}
	words = r->fenced ? NULL : words_of(s, end);
	if (words) {
		end_step(r);
		add_words(&r->step, words, end);
		r->goes_on = true;
	} else if (r->goes_on && first > s && first < end && !strchr("-*+#>|", *first)) {
		add_words(&r->step, first, end);
	} else {
		end_step(r);
	}
}

static bool says_twice(const struct reading *r)
{
	size_t i, k;

	for (i = 0; i < r->n; i++)
		for (k = 0; k < i; k++)
			if (r->steps[i].id == r->steps[k].id)
				return true;
	return false;
}

int playbook_parse(const char *text, size_t len, struct arena *a, struct playbook **ret)
{
	struct reading r = {.arena = a, .step = BUF_INIT(PLAYBOOK_MAX_BYTES)};
	const char *s = text, *end = text + len;
	struct playbook_step *steps;

	if (len > PLAYBOOK_MAX_BYTES)
		return PLAYBOOK_E_LONG;
	if (!utf8_valid_text(text, len))
		return PLAYBOOK_E_TEXT;
	while (s < end) {
		const char *line = s, *stop = memchr(s, '\n', (size_t)(end - s));

		s = stop ? stop + 1 : end;
		read_line(&r, line, stop ? stop : end);
	}
	end_step(&r);
	buf_done(&r.step);
	if (r.too_many)
		return PLAYBOOK_E_STEPS;
	if (says_twice(&r))
		return PLAYBOOK_E_TWICE;
	if (!r.n)
		return PLAYBOOK_E_NO_STEPS;
	*ret = ARENA_NEW(a, struct playbook);
	steps = ARENA_ARRAY(a, struct playbook_step, r.n);
	memcpy(steps, r.steps, r.n * sizeof(*steps));
	**ret = (struct playbook){.steps = steps, .n = r.n};
	return 0;
}

int playbook_read(const char *path, struct arena *a, struct playbook **ret)
{
	cleanup(buf_done) struct buf b = BUF_INIT(PLAYBOOK_MAX_BYTES);
	int r = file_read(path, &b, NULL);

	if (r < 0)
		return r;
	return b.full ? PLAYBOOK_E_LONG : playbook_parse(buf_str(&b), b.len, a, ret);
}

bool playbook_is_done(const struct playbook_done *d, uint64_t id)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->ids[i] == id)
			return true;
	return false;
}

void playbook_tick(struct playbook_done *d, uint64_t id, bool done)
{
	size_t i = 0;

	while (i < d->n && d->ids[i] != id)
		i++;
	if (i < d->n && !done) {
		memmove(&d->ids[i], &d->ids[i + 1], (d->n - i - 1) * sizeof(d->ids[0]));
		d->n--;
	}
	if (i < d->n || !done)
		return;
	if (d->n == PLAYBOOK_DONE_MAX)
		memmove(&d->ids[0], &d->ids[1], --d->n * sizeof(d->ids[0]));
	d->ids[d->n++] = id;
}

size_t playbook_next(const struct playbook *p, const struct playbook_done *d, size_t *ret, size_t max)
{
	size_t i, n = 0;

	for (i = 0; p && i < p->n && n < max; i++)
		if (!playbook_is_done(d, p->steps[i].id))
			ret[n++] = i;
	return n;
}
