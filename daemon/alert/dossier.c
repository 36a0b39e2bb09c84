#include "alert/dossier.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alert/chart.h"
#include "alert/incident_line.h"
#include "alert/notice_object.h"
#include "alert/notice_text.h"
#include "base/clock.h"
#include "base/zone.h"

enum {
	TIME_SIZE = 64,
	DAY_LENGTH = 10,
	TO_MINUTES = 16,
	LINE_BARS = 32,
	PICTURE_WIDTH = 600,
	PICTURE_HEIGHT = 120,
	WORDS_MAX_BYTES = 400
};

struct writing {
	const struct dossier *d;
	const struct notice_reader *to;
	struct page *p;
	struct buf *md;
};

/* --- both at once --- */

/* What could be taken for Markdown's own is escaped, and a line stays one. */
static void put_md(struct buf *b, const char *words)
{
	cleanup(buf_done) struct buf clean = BUF_INIT(PAGE_LINE_MAX_BYTES + 16);
	const char *s;

	notice_clean(&clean, words, PAGE_LINE_MAX_BYTES, false);
	for (s = buf_str(&clean); *s; s++) {
		if (strchr("\\`*_[]<>#|~", *s))
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
}

static void heading(struct writing *w, enum text_id id)
{
	const char *words = text_raw(w->to->lang, id);

	page_heading(w->p, words);
	buf_puts(w->md, "\n## ");
	put_md(w->md, words);
	buf_puts(w->md, "\n\n");
}

static void line(struct writing *w, char *words) /* freed */
{
	page_line(w->p, words);
	put_md(w->md, words);
	buf_puts(w->md, "\n\n");
	free(words);
}

static void row(struct writing *w, const char *name, const char *value, const char *aside)
{
	page_row(w->p, name, value, aside);
	buf_puts(w->md, "- ");
	put_md(w->md, name);
	buf_puts(w->md, ": **");
	put_md(w->md, value);
	buf_puts(w->md, "**");
	if (aside) {
		buf_puts(w->md, " (");
		put_md(w->md, aside);
		buf_putc(w->md, ')');
	}
	buf_putc(w->md, '\n');
}

static const char *time_text(const struct writing *w, int64_t ms, char text[TIME_SIZE])
{
	struct zone_time t;

	if (ms == TIME_NONE)
		return text_raw(w->to->lang, TEXT_DOSSIER_NOT_YET);
	zone_local(w->to->zone, ms, &t);
	snprintf(text, TIME_SIZE, "%04" PRId64 "-%02d-%02d %02d:%02d:%02d", t.year, t.month, t.day, t.hour, t.minute,
		 t.second);
	return text;
}

/* --- its parts --- */

/* Who had it; of somebody who did not answer any more, that, too. */
static void put_owner(struct writing *w)
{
	const struct dossier *d = w->d;
	cleanup(freep) char *lapsed = NULL;
	size_t i;

	for (i = d->owner ? 0 : d->n_lines; i-- > 0 && !lapsed;)
		if (strcmp(d->lines[i].what, "lapsed") == 0 && d->lines[i].who)
			lapsed = TEXT(w->to->lang, TEXT_DOSSIER_LAPSED, d->lines[i].who);
	row(w, text_raw(w->to->lang, TEXT_DOSSIER_OWNER),
	    d->owner ? d->owner : text_raw(w->to->lang, TEXT_DOSSIER_NOBODY), lapsed);
}

static void put_head(struct writing *w)
{
	const struct dossier *d = w->d;
	enum text_lang lang = w->to->lang;
	char from[TIME_SIZE], to[TIME_SIZE];
	cleanup(freep) char *n = xasprintf("%" PRId64, d->mentions), *bad = xasprintf("%" PRId64, d->negative),
			    *authors = xasprintf("%" PRId64, d->authors), *usual = NULL;

	line(w, TEXT(lang, TEXT_DOSSIER_WHEN, time_text(w, d->opened_ms, from), time_text(w, d->closed_ms, to),
		     w->to->zone_name ? w->to->zone_name : "UTC"));
	if (d->why)
		line(w, TEXT(lang, TEXT_DOSSIER_WHY, d->why));
	row(w, text_raw(lang, TEXT_DOSSIER_STATE), d->state, NULL);
	row(w, text_raw(lang, TEXT_DOSSIER_PEAK), severity_text(d->peak, lang), NULL);
	put_owner(w);
	if (d->usual >= 0) {
		char number[NOTICE_NUMBER_SIZE];

		usual = TEXT(lang, TEXT_DOSSIER_USUAL, notice_number(lang, d->usual, number));
	}
	row(w, text_raw(lang, TEXT_DOSSIER_MENTIONS), n, usual);
	row(w, text_raw(lang, TEXT_DOSSIER_NEGATIVE), bad, NULL);
	row(w, text_raw(lang, TEXT_DOSSIER_AUTHORS), authors, NULL);
}

static void put_bar(struct buf *b, double x, double width, double height, const char *color)
{
	if (height > 0)
		buf_printf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>", x,
			   PICTURE_HEIGHT - height, width, height, color);
}

/* From when to when, how long a bar is, and how much the highest. */
static void put_chart_note(struct writing *w, enum text_id id, int64_t bar_ms, int64_t most,
			   void (*to_page)(struct page *p, const char *words))
{
	const struct dossier *d = w->d;
	char from[TIME_SIZE], to[TIME_SIZE];
	cleanup(freep) char *top = xasprintf("%" PRId64, most), *minutes = xasprintf("%" PRId64, bar_ms / MINUTE_MS);
	cleanup(freep) char *words = NULL;

	time_text(w, d->bars[0].at_ms, from);
	time_text(w, d->bars[d->n_bars - 1].at_ms + d->bar_ms, to);
	from[TO_MINUTES] = to[TO_MINUTES] = '\0';
	words = TEXT(w->to->lang, id, from, to, minutes, top);
	to_page(w->p, words);
}

/* The same in the text, as a line that a phone does not break: so many bars as fit are one. */
static void put_chart_line(struct writing *w)
{
	const struct dossier *d = w->d;
	size_t together = (d->n_bars + LINE_BARS - 1) / LINE_BARS, n = 0, i;
	uint32_t v[LINE_BARS] = {0};
	int64_t most = 0;
	struct buf b = BUF_INIT(LINE_BARS * 4 + 16);

	for (i = 0; i < d->n_bars; i++) {
		n = i / together;
		v[n] += (uint32_t)d->bars[i].all;
		most = v[n] > most ? v[n] : most;
	}
	put_chart_note(w, TEXT_DOSSIER_CHART_LINE, d->bar_ms * (int64_t)together, most, page_text_only);
	chart_line(&b, v, n + 1);
	page_text_only(w->p, buf_str(&b));
	buf_done(&b);
}

/* Bars of all that was said, with the negative part of each in red; a line where it was opened. Numbers alone: nothing of it is foreign. */
static void put_chart(struct writing *w)
{
	const struct dossier *d = w->d;
	struct buf *b = &w->p->html;
	int64_t most = 1;
	double width;
	size_t i;

	if (!d->n_bars)
		return;
	heading(w, TEXT_DOSSIER_CHART);
	for (i = 0; i < d->n_bars; i++)
		most = d->bars[i].all > most ? d->bars[i].all : most;
	width = (double)PICTURE_WIDTH / (double)d->n_bars;
	buf_printf(b, "<svg viewBox=\"0 0 %d %d\" style=\"width:100%%;height:auto\" role=\"img\">", PICTURE_WIDTH,
		   PICTURE_HEIGHT + 1);
	buf_puts(w->md, "```\n");
	for (i = 0; i < d->n_bars; i++) {
		const struct dossier_bar *v = &d->bars[i];
		double scale = (double)(PICTURE_HEIGHT - 4) / (double)most, x = (double)i * width;
		char at[TIME_SIZE];
		int stars = (int)(v->all * 40 / most);

		put_bar(b, x, width * 0.85, (double)v->all * scale, "#9aa7b5");
		put_bar(b, x, width * 0.85, (double)v->negative * scale, "#c0392b");
		if (d->opened_ms >= v->at_ms && d->opened_ms < v->at_ms + d->bar_ms)
			buf_printf(b, "<path d=\"M%.1f 0V%d\" stroke=\"#1a1a1a\" stroke-dasharray=\"3 3\"/>", x,
				   PICTURE_HEIGHT);
		if (v->all)
			buf_printf(w->md, "%.16s %5" PRId64 " %.*s\n", time_text(w, v->at_ms, at), v->all, stars,
				   "########################################");
	}
	buf_printf(b, "<path d=\"M0 %dH%d\" stroke=\"#5b6670\"/></svg>\n", PICTURE_HEIGHT, PICTURE_WIDTH);
	buf_puts(w->md, "```\n");
	put_chart_note(w, TEXT_DOSSIER_CHART_NOTE, d->bar_ms, most, page_html_note);
	put_chart_line(w);
}

/* A day is said once, and a clock's time before what happened. at: of time_text(). */
static void put_moment(struct writing *w, char day[TIME_SIZE], char at[TIME_SIZE], const char *words)
{
	at[DAY_LENGTH] = '\0';
	if (strcmp(day, at) != 0)
		page_note(w->p, at);
	memcpy(day, at, DAY_LENGTH + 1);
	page_event(w->p, at + DAY_LENGTH + 1, words);
}

static void put_lines(struct writing *w)
{
	const struct dossier *d = w->d;
	char day[TIME_SIZE] = "";
	size_t i;

	heading(w, TEXT_DOSSIER_LINES);
	for (i = 0; i < d->n_lines && i < DOSSIER_LINES_MAX; i++) {
		char at[TIME_SIZE];
		cleanup(freep) char *words =
			incident_line_text(w->to->lang, d->lines[i].what, d->lines[i].who, d->lines[i].text);

		time_text(w, d->lines[i].at_ms, at);
		buf_printf(w->md, "- %s ", at);
		put_md(w->md, words);
		buf_putc(w->md, '\n');
		put_moment(w, day, at, words);
	}
}

static void put_steps(struct writing *w)
{
	const struct dossier *d = w->d;
	size_t i;

	if (!d->n_steps)
		return;
	heading(w, TEXT_DOSSIER_STEPS);
	for (i = 0; i < d->n_steps; i++) {
		const struct dossier_step *s = &d->steps[i];
		cleanup(freep) char *name = xasprintf("%zu. %s", i + 1, s->text);
		char at[TIME_SIZE];

		row(w, name, s->who ? s->who : text_raw(w->to->lang, TEXT_DOSSIER_STEP_OPEN),
		    s->who ? time_text(w, s->at_ms, at) : NULL);
	}
}

static void put_said(struct writing *w)
{
	const struct dossier *d = w->d;
	size_t i;

	heading(w, TEXT_DOSSIER_SAID);
	for (i = 0; i < d->n_said && i < DOSSIER_MENTIONS_MAX; i++) {
		const struct dossier_said *s = &d->said[i];
		char at[TIME_SIZE];
		cleanup(freep) char *reach = s->reach >= 0 ? xasprintf("%" PRId64, s->reach) : NULL;
		cleanup(freep) char *counted = reach ? TEXT(w->to->lang, TEXT_DOSSIER_REACH, reach) : NULL;
		cleanup(freep) char *who = xasprintf("%s%s%s%s%s", s->author ? s->author : "", s->author ? ", " : "",
						     s->source, counted ? "; " : "", counted ? counted : "");
		cleanup(buf_done) struct buf words = BUF_INIT(WORDS_MAX_BYTES + 16);

		notice_clean(&words, s->words, WORDS_MAX_BYTES, false);
		page_said(w->p, buf_str(&words), who, time_text(w, s->at_ms, at), s->url);
		buf_puts(w->md, "- ");
		put_md(w->md, buf_str(&words));
		buf_puts(w->md, "  \n  ");
		put_md(w->md, who);
		buf_printf(w->md, ", %s", at);
		if (s->url) {
			buf_puts(w->md, "  \n  ");
			put_md(w->md, s->url);
		}
		buf_putc(w->md, '\n');
	}
}

static bool same_source(const struct dossier_deaf *a, const struct dossier_deaf *b)
{
	return a->source && b->source ? strcmp(a->source, b->source) == 0 : a->source == b->source;
}

/* Whether b begins before a has been over for long. */
static bool goes_on(const struct dossier_deaf *a, const struct dossier_deaf *b)
{
	return a->to_ms == TIME_NONE || b->from_ms <= a->to_ms + DOSSIER_DEAF_JOIN_MS;
}

static void join(struct dossier_deaf *into, const struct dossier_deaf *d)
{
	if (d->from_ms < into->from_ms)
		into->from_ms = d->from_ms;
	if (into->to_ms != TIME_NONE && (d->to_ms == TIME_NONE || d->to_ms > into->to_ms))
		into->to_ms = d->to_ms;
}

size_t dossier_deaf_add(struct dossier_deaf *v, size_t n, const struct dossier_deaf *d)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (same_source(&v[i], d) && goes_on(&v[i], d) && goes_on(d, &v[i])) {
			join(&v[i], d);
			return n;
		}
	if (n < DOSSIER_DEAF_MAX)
		v[n++] = *d;
	return n;
}

static void put_deaf(struct writing *w)
{
	const struct dossier *d = w->d;
	size_t i;

	heading(w, TEXT_DOSSIER_DEAF);
	if (!d->n_deaf)
		line(w, xstrdup(text_raw(w->to->lang, TEXT_DOSSIER_DEAF_NONE)));
	for (i = 0; i < d->n_deaf && i < DOSSIER_DEAF_MAX; i++) {
		char from[TIME_SIZE], to[TIME_SIZE];
		cleanup(freep) char *when = xasprintf("%s \xE2\x80\x93 %s", time_text(w, d->deaf[i].from_ms, from),
						      time_text(w, d->deaf[i].to_ms, to));

		row(w, d->deaf[i].source ? d->deaf[i].source : text_raw(w->to->lang, TEXT_DOSSIER_DEAF_ALL), when,
		    NULL);
	}
}

static void put_proofs(struct writing *w)
{
	const struct dossier *d = w->d;
	size_t i;

	heading(w, TEXT_DOSSIER_EVIDENCE);
	line(w, xstrdup(text_raw(w->to->lang, d->n_proofs ? TEXT_DOSSIER_EVIDENCE_NOTE : TEXT_DOSSIER_EVIDENCE_NONE)));
	for (i = 0; i < d->n_proofs && i < DOSSIER_EVIDENCE_MAX; i++) {
		const struct dossier_proof *v = &d->proofs[i];
		char at[TIME_SIZE];
		cleanup(freep) char *name = v->gone ? xasprintf("%" PRId64 ". %s", v->id, v->gone)
						    : xasprintf("%" PRId64 ". %s, %s", v->id,
								v->source ? v->source : "?", v->url ? v->url : "");
		cleanup(freep) char *size = xasprintf("%" PRId64 " B", v->size);
		cleanup(freep) char *hashes =
			xasprintf("%s%sSHA-256 %s; %s %s", v->gone ? "" : time_text(w, v->at_ms, at),
				  v->gone ? "" : "; ", v->body, text_raw(w->to->lang, TEXT_DOSSIER_LINK), v->link);

		row(w, name, size, hashes);
	}
}

char *dossier_subject(const struct dossier *d, const struct notice_reader *to)
{
	cleanup(freep) char *n = xasprintf("%" PRId64, d->id);

	return TEXT(to->lang, TEXT_DOSSIER_TITLE, n, d->topic);
}

void dossier_put(const struct dossier *d, const struct notice_reader *to, struct page *p, struct buf *md)
{
	cleanup(freep) char *title = dossier_subject(d, to);
	struct writing w = {d, to, p, md};

	buf_puts(md, "# ");
	put_md(md, title);
	buf_puts(md, "\n\n");
	put_head(&w);
	put_chart(&w);
	put_lines(&w);
	put_steps(&w);
	put_said(&w);
	put_deaf(&w);
	put_proofs(&w);
}
