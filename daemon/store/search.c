#include "store/search.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/utf8.h"
#include "store/mention_row.h"
#include "store/writer.h"

enum { FOLDED_MAX_BYTES = 4 << 20, COMBINING_TILDE = 0x303 };
static const char enye[] = "\u0272"; /* ɲ: a letter without decomposition, so that the tokenizer leaves it alone */

void search_fold(struct buf *b, const char *text)
{
	const char *end = text ? text + strlen(text) : NULL, *run = text;

	while (text && text < end) {
		const char *at = text, *ahead;
		uint32_t c = utf8_next(&text, end);
		bool found = c == 0xF1 || c == 0xD1;

		if (c == 'n' || c == 'N') { /* the same, decomposed */
			ahead = text;
			if (ahead < end && utf8_next(&ahead, end) == COMBINING_TILDE) {
				text = ahead;
				found = true;
			}
		}
		if (found) {
			buf_put(b, run, (size_t)(at - run));
			buf_puts(b, enye);
			run = text;
		}
	}
	if (text)
		buf_put(b, run, (size_t)(end - run));
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* One word or phrase: [s, end), as an FTS5 string. */
static void put_word(struct buf *b, const char *s, const char *end, bool prefix)
{
	buf_puts(b, b->len ? " \"" : "\"");
	for (; s < end; s++) {
		buf_putc(b, *s);
		if (*s == '"')
			buf_putc(b, '"');
	}
	buf_puts(b, prefix ? "\"*" : "\"");
}

void search_question(struct buf *b, const char *text)
{
	cleanup(buf_done) struct buf folded = BUF_INIT(2 * STORE_SEARCH_MAX_BYTES + 8);
	cleanup(freep) char *cut = xstrndup(text, utf8_cut(text, strlen(text), STORE_SEARCH_MAX_BYTES));
	const char *s, *end;
	size_t words;

	search_fold(&folded, cut);
	s = buf_str(&folded);
	end = s + folded.len;
	for (words = 0; words < STORE_SEARCH_MAX_WORDS; words++) {
		const char *start, *stop;
		bool phrase, prefix;

		while (s < end && is_space(*s))
			s++;
		if (s == end)
			break;
		phrase = *s == '"' && memchr(s + 1, '"', (size_t)(end - s - 1));
		start = s += phrase;
		while (s < end && (phrase ? *s != '"' : !is_space(*s)))
			s++;
		stop = s;
		s += phrase;
		prefix = !phrase && stop > start && stop[-1] == '*';
		put_word(b, start, stop - prefix, prefix);
	}
}

static void put_author(struct buf *b, const struct mention *m)
{
	search_fold(b, m->author.name);
	buf_putc(b, ' ');
	search_fold(b, m->author.handle);
}

static int change(struct db *db, enum sql sql, int64_t id, const struct mention *m)
{
	cleanup(query_end) struct query q = query_begin(db, sql);
	struct buf folded[3] = {BUF_INIT(FOLDED_MAX_BYTES), BUF_INIT(FOLDED_MAX_BYTES), BUF_INIT(FOLDED_MAX_BYTES)};
	size_t i;
	int r;

	search_fold(&folded[0], m->title);
	search_fold(&folded[1], m->text);
	put_author(&folded[2], m);
	query_put_int(&q, id);
	for (i = 0; i < ARRAY_LEN(folded); i++)
		query_put_text(&q, buf_str(&folded[i]));
	r = query_run(&q);
	query_end(&q); /* before what it borrows goes */
	for (i = 0; i < ARRAY_LEN(folded); i++)
		buf_done(&folded[i]);
	return r;
}

int search_put(struct db *db, int64_t id, const struct mention *m)
{
	return change(db, SQL_SEARCH_ADD, id, m);
}

int search_drop(struct db *db, int64_t id, const struct mention *m)
{
	return change(db, SQL_SEARCH_DROP, id, m);
}

static int set_mark(struct writer *w, int64_t mark)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SEARCH_SET_MARK);

	query_put_int(&q, mark);
	return query_run(&q);
}

/* Indexes what follows the mark, as far as a step goes. */
static int fill(struct writer *w, int64_t *mark, size_t *ret_n)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_MENTION_BEHIND);
	size_t n = 0, bytes = 0;
	int r;

	query_put_int(&q, *mark);
	query_put_int(&q, SEARCH_BATCH_ROWS);
	while (bytes < SEARCH_BATCH_BYTES && (r = query_next(&q)) > 0) {
		cleanup(arena_freep) struct arena *a = arena_new(SEARCH_BATCH_BYTES);
		struct mention_row row;

		r = mention_row_read(&q, a, &row);
		if (r < 0)
			return r;
		if (r == 0)
			r = search_put(w->db, row.id, &row.m);
		if (r < 0)
			return r;
		bytes += arena_used(a);
		*mark = row.id;
		n++;
	}
	*ret_n = n;
	return bytes < SEARCH_BATCH_BYTES ? r : 0;
}

/* Does the index know already from how many segments on it is to merge them? */
static int is_settled(struct db *db, bool *ret)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SEARCH_MERGES_FROM);
	int r = query_next(&q);

	*ret = r > 0 && query_get_int(&q) == SEARCH_MERGE_FROM;
	return r < 0 ? r : 0;
}

/* Written once in the life of a log; and not at its opening, since the disk may be full. */
static int settle(struct writer *w)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SEARCH_MERGE_FROM);
	int r = w->search_settled ? 0 : is_settled(w->db, &w->search_settled);

	if (r < 0 || w->search_settled)
		return r;
	query_put_int(&q, SEARCH_MERGE_FROM);
	r = query_run(&q);
	w->search_settled = r == 0;
	return r;
}

int search_step(struct writer *w, bool *ret_more)
{
	int64_t mark = w->search_mark;
	size_t n = 0;
	int r = settle(w);

	if (r == 0)
		r = fill(w, &mark, &n);
	if (r == 0 && n > 0)
		r = set_mark(w, mark);
	if (r == 0)
		w->search_mark = mark; /* a rollback loads it again: writer_reset() */
	*ret_more = r == 0 && n > 0;
	return r;
}
