/* A digest in words: numbers beside what is usual, the rest as people say it; a day without anything is one line. */
#include <stdio.h>
#include <string.h>

#include "alert/digest_inside.h"
#include "alert/mute.h"
#include "alert/notice_text.h"
#include "alert/page.h"
#include "base/buf.h"
#include "base/zone.h"

enum { TIME_SIZE = 40, NAMES_MAX_BYTES = 2000 };

struct telling {
	const struct digest *d;
	const struct digest_facts *f;
	enum text_lang lang;
	struct page *p;
	const struct notice_reader *to;
};

/* "2026-11-22 09:00" by the reader's clock. */
static const char *time_of(const struct notice_reader *to, int64_t wall_ms, char out[TIME_SIZE])
{
	struct zone_time t;

	zone_local(to->zone, wall_ms, &t);
	snprintf(out, TIME_SIZE, "%04lld-%02d-%02d %02d:%02d", (long long)t.year, t.month, t.day, t.hour, t.minute);
	return out;
}

static void line(const struct telling *t, enum text_id id, const char *const args[])
{
	cleanup(freep) char *words = text_make(t->lang, id, args);

	page_line(t->p, words);
}
#define LINE(t, id, ...) line((t), (id), TEXT_ARGS(__VA_ARGS__))

/* --- how much --- */

static void put_topic(const struct telling *t, const struct digest_topic *topic)
{
	char n[NOTICE_NUMBER_SIZE], usual[NOTICE_NUMBER_SIZE], negative[NOTICE_NUMBER_SIZE];
	cleanup(buf_done) struct buf aside = BUF_INIT(NAMES_MAX_BYTES);
	cleanup(freep) char *words = NULL, *bad = NULL;

	if (topic->usual >= 0)
		words = TEXT(t->lang, TEXT_DIGEST_USUAL, notice_number(t->lang, topic->usual, usual));
	else
		words = xstrdup(text_raw(t->lang, TEXT_DIGEST_USUAL_UNKNOWN));
	buf_puts(&aside, words);
	if (topic->negative) {
		bad = TEXT(t->lang, TEXT_DIGEST_NEGATIVE, notice_number(t->lang, (double)topic->negative, negative));
		buf_printf(&aside, "; %s", bad);
	}
	page_row(t->p, topic->name, notice_number(t->lang, (double)topic->n, n), buf_str(&aside));
}

static void put_role(const struct telling *t, const char *role, enum text_id heading)
{
	bool any = false;
	size_t i;

	for (i = 0; i < t->d->n_topics; i++) {
		if (strcmp(t->d->topics[i].role, role) != 0)
			continue;
		if (!any)
			page_heading(t->p, text_raw(t->lang, heading));
		any = true;
		put_topic(t, &t->d->topics[i]);
	}
}

/* --- what was said --- */

static void put_saying(const struct telling *t, const struct saying *s, const char *why)
{
	cleanup(buf_done) struct buf who = BUF_INIT(NAMES_MAX_BYTES);
	cleanup(freep) char *reach = NULL;
	char n[NOTICE_NUMBER_SIZE];

	if (s->who)
		buf_puts(&who, s->who);
	if (s->reach > 0) {
		reach = TEXT(t->lang, TEXT_INCIDENT_REACH, notice_number(t->lang, s->reach, n));
		buf_printf(&who, "%s%s", who.len ? ", " : "", reach);
	}
	if (s->source)
		buf_printf(&who, "%s%s", who.len ? ", " : "", s->source);
	page_said(t->p, s->text, who.len ? buf_str(&who) : NULL, why, s->url);
}

/* The story that most tell, but for those before it; NULL: no other is told twice. */
static const struct digest_story *largest(const struct digest *d, const struct digest_story *const before[], size_t n)
{
	const struct digest_story *found = NULL;
	size_t i, k;

	for (i = 0; i < d->n_stories; i++) {
		const struct digest_story *s = &d->stories[i];

		for (k = 0; k < n && before[k] != s; k++)
			;
		if (k == n && s->times > 1 && s->first.text && (!found || s->times > found->times))
			found = s;
	}
	return found;
}

static void put_telling(const struct telling *t)
{
	const struct digest *d = t->d;

	if (!d->loudest.text && !d->first.text)
		return;
	page_heading(t->p, text_raw(t->lang, TEXT_DIGEST_TELLING));
	if (d->loudest.text)
		put_saying(t, &d->loudest, text_raw(t->lang, TEXT_DIGEST_LOUDEST));
	if (d->first.text &&
	    (!d->loudest.text || d->first.at_ms != d->loudest.at_ms || strcmp(d->first.text, d->loudest.text) != 0))
		put_saying(t, &d->first, text_raw(t->lang, TEXT_DIGEST_FIRST));
}

static void put_stories(const struct telling *t)
{
	const struct digest_story *shown[DIGEST_SHOWN_STORIES];
	size_t n;

	for (n = 0; n < DIGEST_SHOWN_STORIES; n++) {
		char times[NOTICE_NUMBER_SIZE];
		cleanup(freep) char *why = NULL;

		shown[n] = largest(t->d, shown, n);
		if (!shown[n])
			return;
		if (!n)
			page_heading(t->p, text_raw(t->lang, TEXT_DIGEST_STORIES));
		why = TEXT(t->lang, TEXT_CARD_TIMES, notice_number(t->lang, (double)shown[n]->times, times));
		put_saying(t, &shown[n]->first, why);
	}
}

static void put_asked(const struct telling *t)
{
	char n[NOTICE_NUMBER_SIZE];
	size_t i;

	if (!t->d->n_all_asked)
		return;
	page_heading(t->p, text_raw(t->lang, TEXT_DIGEST_ASKED));
	LINE(t, TEXT_DIGEST_ASKED_MANY, notice_number(t->lang, (double)t->d->n_all_asked, n));
	for (i = 0; i < t->d->n_asked; i++)
		if (t->d->asked[i].text)
			put_saying(t, &t->d->asked[i], t->d->asked[i].topic);
}

/* --- what else --- */

static void put_names(const struct telling *t, const char *const *v, size_t n, enum text_id id)
{
	cleanup(buf_done) struct buf names = BUF_INIT(NAMES_MAX_BYTES);
	cleanup(freep) char *more = NULL;
	char rest[NOTICE_NUMBER_SIZE];
	size_t i;

	if (!n)
		return;
	for (i = 0; i < n && i < DIGEST_NAMES_MAX; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", v[i]);
	if (n > DIGEST_NAMES_MAX)
		more = TEXT(t->lang, TEXT_INCIDENT_NAMES_MORE, buf_str(&names),
			    notice_number(t->lang, (double)(n - DIGEST_NAMES_MAX), rest));
	LINE(t, id, more ? more : buf_str(&names));
}

static void put_mute(const struct telling *t, const struct mute *m)
{
	char until[TIME_SIZE];

	time_of(t->to, m->until_ms, until);
	if (m->why && *m->why)
		LINE(t, TEXT_DIGEST_MUTED_WHY, m->topic, until, m->who, m->why);
	else
		LINE(t, TEXT_DIGEST_MUTED, m->topic, until, m->who);
}

/* What somebody silenced is told here: it is what nobody hears of otherwise. */
static void put_muted(const struct telling *t)
{
	const struct digest_facts *f = t->f;
	char rest[NOTICE_NUMBER_SIZE];
	size_t i, n = 0;

	for (i = 0; i < f->n_muted; i++) {
		const struct mute *m = &f->muted[i];

		if (m->until_ms <= f->to_ms || (t->d->only && strcmp(t->d->only, m->topic) != 0))
			continue;
		if (n++ < DIGEST_NAMES_MAX)
			put_mute(t, m);
	}
	if (n > DIGEST_NAMES_MAX)
		LINE(t, TEXT_DIGEST_MUTED_MORE, notice_number(t->lang, (double)(n - DIGEST_NAMES_MAX), rest));
}

static void put_heard(const struct telling *t)
{
	const struct digest_facts *f = t->f;

	page_heading(t->p, text_raw(t->lang, TEXT_DIGEST_HEARD));
	if (!f->n_deaf)
		page_line(t->p, text_raw(t->lang, TEXT_DIGEST_ALL_HEARD));
	put_names(t, f->deaf, f->n_deaf, TEXT_DIGEST_DEAF);
	if (f->unheard)
		LINE(t, TEXT_DIGEST_UNHEARD, f->unheard);
	put_muted(t);
}

static bool is_spoken_of(const struct digest *d, const struct digest_topic *t, bool brands)
{
	return !brands || d->only || strcmp(t->role, "brand") == 0;
}

/* The brands, where there are any; else all that is watched. Returns how many mentions are theirs. */
static uint64_t put_watched(const struct digest *d, struct buf *b)
{
	bool brands = d->only != NULL;
	size_t i;

	for (i = 0; i < d->n_topics; i++)
		brands = brands || strcmp(d->topics[i].role, "brand") == 0;
	for (i = 0; i < d->n_topics; i++)
		if (is_spoken_of(d, &d->topics[i], brands))
			buf_printf(b, "%s%s", b->len ? ", " : "", d->topics[i].name);
	return brands ? d->n_brand : d->n_mentions;
}

static char *subject_of(const struct telling *t)
{
	cleanup(buf_done) struct buf watched = BUF_INIT(NAMES_MAX_BYTES);
	uint64_t many = put_watched(t->d, &watched);
	char n[NOTICE_NUMBER_SIZE], asked[NOTICE_NUMBER_SIZE];

	if (!many)
		return TEXT(t->lang, TEXT_DIGEST_SUBJECT_NONE, buf_str(&watched));
	if (t->d->n_all_asked)
		return TEXT(t->lang, TEXT_DIGEST_SUBJECT_ASKED, buf_str(&watched),
			    notice_number(t->lang, (double)many, n),
			    notice_number(t->lang, (double)t->d->n_all_asked, asked));
	return TEXT(t->lang, TEXT_DIGEST_SUBJECT, buf_str(&watched), notice_number(t->lang, (double)many, n));
}

char *digest_put(const struct digest *d, const struct digest_facts *f, const struct notice_reader *to, struct page *p)
{
	const struct telling t = {d, f, to->lang, p, to};
	char from[TIME_SIZE], until[TIME_SIZE];
	cleanup(freep) char *when = NULL;
	char *subject = subject_of(&t);

	page_begin(p, to->lang == TEXT_ES ? "es" : "en", subject);
	when = TEXT(to->lang, TEXT_DIGEST_WHEN, time_of(to, f->from_ms, from), time_of(to, f->to_ms, until));
	if (!d->n_mentions)
		page_line(p, text_raw(to->lang, TEXT_DIGEST_NOTHING));
	page_note(p, when);
	if (d->n_mentions) {
		put_role(&t, "brand", TEXT_DIGEST_BRANDS);
		put_names(&t, f->rose, f->n_rose, TEXT_DIGEST_ROSE);
		put_asked(&t);
		put_telling(&t);
		put_stories(&t);
		put_role(&t, "competitor", TEXT_DIGEST_COMPETITORS);
		put_role(&t, "industry", TEXT_DIGEST_INDUSTRY);
	}
	put_heard(&t);
	page_note(p, text_raw(to->lang, f->delivery ? TEXT_DIGEST_FOOT : TEXT_DIGEST_FOOT_DEFAULT));
	return subject;
}
