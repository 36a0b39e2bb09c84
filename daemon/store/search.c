#include "store/search.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "mention/mention.h"
#include "store/writer.h"

enum { FOLDED_MAX_BYTES = 4 << 20 };
static const char enye[] = "\u0272"; /* ɲ: a letter without decomposition, so that the tokenizer leaves it alone */

/* Where the next ñ is, and how long: as one letter, or an n with its tilde behind it. NULL: there is none. No other byte of
 * UTF-8 is 0xC3 or 0xCC but the first of two. */
static const char *find_enye(const char *from, size_t *ret_len)
{
	const unsigned char *s;

	for (s = (const unsigned char *)from; *s; s++) {
		*ret_len = 2;
		if (*s == 0xC3 && (s[1] == 0xB1 || s[1] == 0x91))
			return (const char *)s;
		*ret_len = 3;
		if ((*s == 'n' || *s == 'N') && s[1] == 0xCC && s[2] == 0x83)
			return (const char *)s;
	}
	return NULL;
}

void search_fold(struct buf *b, const char *text)
{
	const char *at;
	size_t len;

	if (!text)
		return;
	for (; (at = find_enye(text, &len)); text = at + len) {
		buf_put(b, text, (size_t)(at - text));
		buf_put(b, enye, sizeof(enye) - 1);
	}
	buf_puts(b, text);
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

/* What of a mention is searched, as it came. */
struct words {
	const char *title, *text, *name, *handle;
};

static struct words words_of(const struct mention *m)
{
	return (struct words){m->title, m->text, m->author.name, m->author.handle};
}

static int change(struct db *db, enum sql sql, int64_t id, const struct words *w)
{
	cleanup(query_end) struct query q = query_begin(db, sql);
	struct buf folded[3] = {BUF_INIT(FOLDED_MAX_BYTES), BUF_INIT(FOLDED_MAX_BYTES), BUF_INIT(FOLDED_MAX_BYTES)};
	size_t i;
	int r;

	search_fold(&folded[0], w->title);
	search_fold(&folded[1], w->text);
	search_fold(&folded[2], w->name);
	buf_putc(&folded[2], ' ');
	search_fold(&folded[2], w->handle);
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
	const struct words w = words_of(m);

	return change(db, SQL_SEARCH_ADD, id, &w);
}

int search_drop(struct db *db, int64_t id, const struct mention *m)
{
	const struct words w = words_of(m);

	return change(db, SQL_SEARCH_DROP, id, &w);
}

static int set_mark(struct writer *w, int64_t mark)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SEARCH_SET_MARK);

	query_put_int(&q, mark);
	return query_run(&q);
}

static size_t bytes_of(const struct words *w)
{
	const char *const v[] = {w->title, w->text, w->name, w->handle};
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LEN(v); i++)
		n += v[i] ? strlen(v[i]) : 0;
	return n;
}

/* Indexes what follows the mark, as far as a step goes. *ret_end: nothing is left behind it. */
static int fill(struct writer *w, int64_t *mark, bool *ret_end)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SEARCH_BEHIND);
	size_t n = 0, bytes = 0;
	int r = 0;

	query_put_int(&q, *mark);
	query_put_int(&q, SEARCH_BATCH_ROWS);
	while (r == 0 && bytes < SEARCH_BATCH_BYTES) {
		struct words words;
		int64_t id;

		r = query_next(&q);
		if (r <= 0)
			break;
		id = query_get_int(&q);
		words.title = query_get_text(&q);
		words.text = query_get_text(&q);
		words.name = query_get_text(&q);
		words.handle = query_get_text(&q);
		r = change(w->db, SQL_SEARCH_ADD, id, &words);
		bytes += bytes_of(&words);
		*mark = id;
		n++;
	}
	*ret_end = n < SEARCH_BATCH_ROWS && bytes < SEARCH_BATCH_BYTES;
	return r;
}

/* --- how the index is kept --- */

static const struct {
	const char *name;
	int64_t value;
} settings[] = {{"automerge", SEARCH_MERGE_FROM}, {"hashsize", SEARCH_HASH_BYTES}};

static int is_set(struct db *db, size_t i, bool *ret)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SEARCH_SETTING);
	int r;

	query_put_text(&q, settings[i].name);
	r = query_next(&q);
	*ret = r > 0 && query_get_int(&q) == settings[i].value;
	return r < 0 ? r : 0;
}

static int set(struct db *db, size_t i)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SEARCH_SET);

	query_put_text(&q, settings[i].name);
	query_put_int(&q, settings[i].value);
	return query_run(&q);
}

/* Written once in the life of a log; and not at its opening, since the disk may be full. */
static int settle(struct writer *w)
{
	bool known = false;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && !w->search_settled && i < ARRAY_LEN(settings); i++) {
		r = is_set(w->db, i, &known);
		if (r == 0 && !known)
			r = set(w->db, i);
	}
	w->search_settled = r == 0;
	return r;
}

/* --- when --- */

static int step(struct writer *w, bool *ret_end)
{
	int64_t mark = w->search_mark;
	int r = settle(w);

	if (r == 0)
		r = fill(w, &mark, ret_end);
	if (r == 0 && *ret_end)
		mark = w->tally.last_mention; /* the last ones may be gone */
	if (r == 0 && mark != w->search_mark)
		r = set_mark(w, mark);
	if (r == 0)
		w->search_mark = mark; /* a rollback loads it again: writer_reset() */
	return r;
}

bool search_is_due(int64_t behind, int64_t rested_ms, bool idle)
{
	if (!idle)
		return behind >= SEARCH_BEHIND_ROWS;
	return behind >= SEARCH_BATCH_ROWS || (behind > 0 && rested_ms >= SEARCH_REST_MS);
}

int search_step(struct writer *w, bool idle, bool *ret_more)
{
	const int64_t steady_ms = clock_steady_ms();
	bool end;
	int r;

	*ret_more = false;
	if (!search_is_due(w->tally.last_mention - w->search_mark, steady_ms - w->searched_at_ms, idle))
		return 0;
	r = step(w, &end);
	if (r == 0 && end)
		w->searched_at_ms = steady_ms;
	*ret_more = r == 0 && !end;
	return r;
}

int search_catch_up(struct writer *w)
{
	bool end = w->search_mark >= w->tally.last_mention;
	size_t rows;
	int r = 0;

	for (rows = 0; r == 0 && !end && rows <= SEARCH_BEHIND_ROWS; rows += SEARCH_BATCH_ROWS)
		r = step(w, &end);
	return r;
}
