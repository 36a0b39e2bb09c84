#include "store/author.h"

#include <string.h>

#include "base/buf.h"
#include "mention/mention.h"
#include "mention/voice.h"
#include "store/writer.h"

static const char *const labels[] = {"negative", "neutral", "positive"};

enum { SLOTS = 2 * AUTHORS_GROUP, TEXTS_BYTES = 4 << 20, TEXTS_KEPT_BYTES = 256 << 10 };
_Static_assert(SLOTS <= UINT16_MAX && (SLOTS & (SLOTS - 1)) == 0, "a line's number, and a mask");

/* What the group has heard of an author. Of what may change the last word counts that was said. */
struct line {
	uint64_t voice;
	size_t platform, handle, name, url; /* where they begin in texts; 0: none */
	int64_t verified, followers;        /* COUNT_NONE: not said */
	int64_t mentions, tones[ARRAY_LEN(labels)], interactions;
	int64_t first_ms, last_ms;
};

struct authors {
	struct line lines[AUTHORS_GROUP];
	size_t n;
	uint16_t slots[SLOTS]; /* by voice: which line, and one more; 0: none */
	struct buf texts;      /* behind a NUL */
};

struct authors *authors_new(void)
{
	struct authors *a = NEW(struct authors);

	buf_init(&a->texts, TEXTS_BYTES);
	return a;
}

struct authors *authors_free(struct authors *a)
{
	if (!a)
		return NULL;
	buf_done(&a->texts);
	free(a);
	return NULL;
}

void authors_clear(struct authors *a)
{
	if (a->n == 0)
		return;
	memset(a->slots, 0, sizeof(a->slots));
	a->n = 0;
	if (a->texts.cap > TEXTS_KEPT_BYTES)
		buf_done(&a->texts);
	else
		buf_reset(&a->texts);
}

/* Where the line of a voice is, or would be. A voice is a digest: its bits are spread. */
static uint16_t *slot_of(struct authors *a, uint64_t voice)
{
	size_t i = voice & (SLOTS - 1);

	while (a->slots[i] && a->lines[a->slots[i] - 1].voice != voice)
		i = (i + 1) & (SLOTS - 1);
	return &a->slots[i];
}

/* What was said last, unless nothing is said of it. */
static void say(struct authors *a, size_t *at, const char *s)
{
	if (!s || (*at && strcmp(a->texts.data + *at, s) == 0))
		return;
	if (a->texts.len == 0)
		buf_putc(&a->texts, '\0');
	*at = a->texts.len;
	buf_put(&a->texts, s, strlen(s) + 1);
}

static const char *said(const struct authors *a, size_t at)
{
	return at ? a->texts.data + at : NULL;
}

static int64_t interactions(const struct mention_counts *c)
{
	const int64_t v[] = {c->likes, c->shares, c->replies};
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(v); i++)
		sum += v[i] > 0 ? v[i] : 0;
	return sum;
}

static void put_voice(struct query *q, uint64_t voice, const struct mention *m)
{
	query_put_int(q, (int64_t)voice);
	query_put_text(q, m->platform);
	query_put_text(q, voice_handle(m));
	query_put_text(q, m->author.name);
	query_put_text(q, m->author.url);
}

int author_known(struct writer *w, const struct mention *m, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_AUTHOR_KNOWN);
	const uint64_t voice = voice_of(m);

	if (!voice)
		return 0;
	put_voice(&q, voice, m);
	query_put_int(&q, now_ms);
	return query_run(&q);
}

static int write_line(const struct authors *a, const struct line *l, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_AUTHOR_SAID);
	size_t i;

	query_put_int(&q, (int64_t)l->voice);
	query_put_text(&q, said(a, l->platform));
	query_put_text(&q, said(a, l->handle));
	query_put_text(&q, said(a, l->name));
	query_put_text(&q, said(a, l->url));
	query_put_count(&q, l->verified);
	query_put_int(&q, l->mentions);
	for (i = 0; i < ARRAY_LEN(labels); i++)
		query_put_int(&q, l->tones[i]);
	query_put_count(&q, l->followers);
	query_put_int(&q, l->interactions);
	query_put_int(&q, l->first_ms);
	query_put_int(&q, l->last_ms);
	return query_run(&q);
}

int authors_write(struct authors *a, struct db *db)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < a->n; i++)
		r = write_line(a, &a->lines[i], db);
	authors_clear(a);
	return r;
}

/* The line of a voice, made if there is room for it. */
static struct line *line_of(struct authors *a, uint64_t voice, int64_t now_ms)
{
	uint16_t *slot = slot_of(a, voice);

	if (!*slot) {
		a->lines[a->n] = (struct line){.voice = voice,
					       .verified = COUNT_NONE,
					       .followers = COUNT_NONE,
					       .first_ms = now_ms,
					       .last_ms = now_ms};
		*slot = (uint16_t)++a->n;
	}
	return &a->lines[*slot - 1];
}

int author_said(struct writer *w, const struct mention *m, uint64_t voice, int64_t now_ms)
{
	struct authors *a = w->authors;
	struct line *l;
	size_t i;

	if (!voice)
		return 0;
	if (a->n == AUTHORS_GROUP || a->texts.len > TEXTS_BYTES / 2) {
		int r = authors_write(a, w->db);

		if (r < 0)
			return r;
	}
	l = line_of(a, voice, now_ms);
	if (!l->platform)
		say(a, &l->platform, m->platform);
	say(a, &l->handle, voice_handle(m));
	say(a, &l->name, m->author.name);
	say(a, &l->url, m->author.url);
	if (m->author.verified)
		l->verified = m->author.verified == VERIFIED_YES;
	l->mentions++;
	for (i = 0; i < ARRAY_LEN(labels); i++)
		l->tones[i] += m->sentiment.label && strcmp(m->sentiment.label, labels[i]) == 0;
	if (m->author.followers > l->followers)
		l->followers = m->author.followers;
	l->interactions += interactions(&m->counts);
	l->first_ms = now_ms < l->first_ms ? now_ms : l->first_ms;
	l->last_ms = now_ms > l->last_ms ? now_ms : l->last_ms;
	return 0;
}

int author_moved(struct writer *w, const struct mention *m, const struct mention_counts *from,
		 const struct mention_counts *to)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_AUTHOR_MOVED);
	const int64_t more = interactions(to) - interactions(from);
	const uint64_t voice = more ? voice_of(m) : 0;
	const uint16_t *slot = slot_of(w->authors, voice);

	if (!voice)
		return 0;
	if (*slot) {
		w->authors->lines[*slot - 1].interactions += more;
		return 0;
	}
	query_put_int(&q, (int64_t)voice);
	query_put_int(&q, more);
	return query_run(&q);
}

int author_toned(struct writer *w, const struct mention *m, const char *from, const char *to)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_AUTHOR_TONED);
	uint64_t voice = voice_of(m);
	size_t i;

	if (!voice)
		return 0;
	query_put_int(&q, (int64_t)voice);
	for (i = 0; i < ARRAY_LEN(labels); i++)
		query_put_int(&q, (to && strcmp(to, labels[i]) == 0) - (from && strcmp(from, labels[i]) == 0));
	return query_run(&q);
}
