/* fetch/imap: questions, and what a server answers to them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "fetch/echo.h"
#include "fetch/imap_inside.h"
#include "loop/loop.h"

enum { RECEIVE_BYTES = 16 * 1024 };

/* --- the end of a question --- */

static void stop_waiting(struct imap *s)
{
	loop_timer_stop(s->deadline);
	loop_timer_stop(s->silence);
	s->doing = IMAP_IDLE;
}

static void done(struct imap *s)
{
	stop_waiting(s);
	s->result.class_name = NULL;
	s->result.detail = "";
	loop_timer_set(s->tell, 0);
}

/* class_name is a literal; detail is copied by nobody, and stays. */
void imap_failed(struct imap *s, const char *class_name, const char *detail)
{
	stop_waiting(s);
	s->result.class_name = class_name;
	s->result.detail = detail;
	loop_timer_set(s->tell, 0);
}

/* It is of no use any more. */
void imap_lost(struct imap *s, const char *class_name, const char *detail)
{
	s->watch = loop_watch_free(s->watch);
	loop_timer_stop(s->more);
	if (s->doing != IMAP_IDLE) /* else the next question finds that out */
		imap_failed(s, class_name, detail);
}

/* Words that hold the password are nobody's to read. */
void imap_note_words(struct imap *s, const char *words)
{
	struct buf b = BUF_INIT(4 * (IMAP_WORDS_MAX + 4));
	size_t len = strcspn(words, "\r\n"), i;

	if (echo_holds(words, len, s->password) || echo_holds(words, len, s->token)) {
		snprintf(s->words, sizeof(s->words), "***");
		return;
	}
	utf8_scrub(&b, words, len < IMAP_WORDS_MAX ? len : IMAP_WORDS_MAX);
	len = utf8_cut(buf_str(&b), b.len, IMAP_WORDS_MAX);
	snprintf(s->words, sizeof(s->words), "%.*s", (int)len, buf_str(&b));
	for (i = 0; s->words[i]; i++)
		if (iscntrl((unsigned char)s->words[i]))
			s->words[i] = ' ';
	buf_done(&b);
}

/* --- what the server says --- */

static void note_untagged(struct imap *s, const char *line)
{
	const char *words;
	enum imap_status status = imap_status_of(line, "*", &words);
	struct imap_result *r = &s->result;
	uint32_t n;

	if (status == IMAP_BYE) {
		imap_note_words(s, words);
	} else if (s->doing == IMAP_EXAMINE && status == IMAP_OK) {
		if (imap_number_code(words, "UIDVALIDITY", &n))
			r->uidvalidity = n;
		else if (imap_number_code(words, "UIDNEXT", &n))
			r->uidnext = n;
	} else if (s->doing == IMAP_EXAMINE && imap_exists(line, &n)) {
		r->exists = n;
	}
}

static void on_uid(void *arg, uint32_t uid)
{
	struct imap *s = arg;

	if (uid < s->search.from || uid > s->search.to || s->n_uids == IMAP_WINDOW) /* "5:*" names the last one, too */
		return;
	s->uids = GROW(s->uids, s->n_uids, &s->cap_uids);
	s->uids[s->n_uids++] = uid;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void sort_uids(struct imap *s)
{
	size_t i, n = 0;

	if (s->n_uids)
		qsort(s->uids, s->n_uids, sizeof(*s->uids), by_number);
	for (i = 0; i < s->n_uids; i++)
		if (!n || s->uids[n - 1] != s->uids[i])
			s->uids[n++] = s->uids[i];
	s->result.uids = s->uids;
	s->result.n_uids = n;
}

/* Whether it was asked for, and is told for the first time. */
static bool is_wanted(const struct imap *s, uint32_t uid)
{
	size_t i;

	for (i = 0; i < s->result.n_mails; i++)
		if (s->mails[i].uid == uid)
			return false;
	for (i = 0; i < s->n_asked; i++)
		if (s->asked[i] == uid)
			return true;
	return false;
}

static void put_unquoted(struct buf *b, const char *p, size_t len)
{
	const char *end = p + len;

	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		buf_putc(b, *p);
	}
}

static void note_mail(struct imap *s, const struct imap_item *item)
{
	const char *line = buf_str(&s->reader.line);
	struct imap_mail *m = &s->mails[s->result.n_mails];
	size_t *at = &s->at[s->result.n_mails];

	if (!is_wanted(s, item->uid) || (s->doing == IMAP_FETCH && !item->has_body) ||
	    (s->doing == IMAP_SIZES && !item->size))
		return;
	*m = (struct imap_mail){.uid = item->uid, .size = item->size, .arrived_ms = item->arrived_ms};
	*at = s->bodies.len;
	if (s->doing == IMAP_FETCH && item->text_at)
		put_unquoted(&s->bodies, line + item->text_at, item->text_len);
	else if (s->doing == IMAP_FETCH)
		buf_put(&s->bodies, buf_str(&s->reader.literal), s->reader.literal.len);
	m->len = s->bodies.len - *at;
	m->cut = item->size > m->len || (s->reader.has_literal && s->reader.literal_len > m->len);
	s->result.n_mails++;
}

static void finish(struct imap *s)
{
	size_t i;

	if (s->doing == IMAP_EXAMINE && !s->result.uidvalidity) {
		imap_lost(s, "protocol", "it gives no UIDVALIDITY");
		return;
	}
	if (s->doing == IMAP_SEARCH)
		sort_uids(s);
	for (i = 0; s->doing == IMAP_FETCH && i < s->result.n_mails; i++)
		s->mails[i].bytes = buf_str(&s->bodies) + s->at[i];
	s->result.mails = s->mails;
	done(s);
}

/* "NO [UNAVAILABLE] …" (RFC 5530): it is not about us. */
bool imap_says_later(const char *words)
{
	static const char *const codes[] = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (imap_has_code(words, codes[i]))
			return true;
	return false;
}

static void refuse(struct imap *s, const char *words)
{
	bool folder = s->doing == IMAP_EXAMINE && !imap_says_later(words);

	imap_note_words(s, words);
	s->result.refused = true;
	s->result.limited = imap_says_later(words);
	s->result.lasting = folder;
	imap_failed(s, folder ? "folder" : s->result.limited ? "limited" : "mail_server", s->words);
}

/* False: the connection is lost, or nothing more is awaited. */
static bool take_response(struct imap *s)
{
	const char *line = buf_str(&s->reader.line), *words;
	struct imap_item item;

	switch (imap_status_of(line, s->tag, &words)) {
	case IMAP_OK:
		finish(s);
		return false;
	case IMAP_NONE:
		break;
	default:
		refuse(s, words);
		return false;
	}
	if (s->doing == IMAP_SEARCH && imap_search_each(line, on_uid, s))
		return true;
	if (imap_item_of(line, &item)) {
		if ((s->doing == IMAP_SIZES || s->doing == IMAP_FETCH) && s->result.n_mails < s->n_asked)
			note_mail(s, &item);
		return true;
	}
	note_untagged(s, line);
	return true;
}

static bool take(struct imap *s, const char *bytes, size_t len)
{
	size_t used;
	int r;

	s->answer_bytes += len;
	s->result.answered = true;
	while (len > 0 && (r = imap_read(&s->reader, bytes, len, &used)) != IMAP_READ_MORE) {
		if (r) {
			imap_lost(s, "protocol", "a line of it is too long, or holds NUL");
			return false;
		}
		bytes += used;
		len -= used;
		if (s->doing != IMAP_IDLE && !take_response(s))
			return s->watch != NULL; /* what stands behind the answer to a question is nobody's */
	}
	if (s->answer_bytes > IMAP_ANSWER_MAX || s->bodies.full) {
		imap_lost(s, "too_large", "more than was asked for");
		return false;
	}
	if (s->doing != IMAP_IDLE)
		loop_timer_set(s->silence, s->silent_ms);
	return true;
}

/* --- bytes --- */

static void watch_set(struct imap *s)
{
	int r = loop_watch_set(s->watch, LOOP_READ | (s->out.len ? LOOP_WRITE : 0));

	if (r < 0) /* then its time is over some time */
		LOG_LIMITED("imap.watch", LOG_I("errno", -r));
}

/* False: the connection is lost. */
static bool send_out(struct imap *s)
{
	CURLcode code = CURLE_OK;
	size_t n;

	while (s->out.len && (code = curl_easy_send(s->easy, buf_str(&s->out), s->out.len, &n)) == CURLE_OK)
		buf_drop(&s->out, n);
	if (code == CURLE_OK || code == CURLE_AGAIN)
		return true;
	imap_lost(s, "aborted", s->words);
	return false;
}

/* TLS may hold bytes that poll doesn't see: all are taken, or there is another turn. */
static void receive(struct imap *s)
{
	char bytes[RECEIVE_BYTES];
	size_t n, turn = 0;
	CURLcode code;

	while (turn < IMAP_TURN_BYTES) {
		code = curl_easy_recv(s->easy, bytes, sizeof(bytes), &n);
		if (code == CURLE_AGAIN)
			return;
		if (code != CURLE_OK || n == 0) {
			imap_lost(s, "aborted", s->words);
			return;
		}
		turn += n;
		if (!take(s, bytes, n))
			return;
	}
	loop_timer_set(s->more, 0);
}

void imap_on_more(void *arg)
{
	struct imap *s = arg;

	if (s->watch)
		receive(s);
}

void imap_on_ready(int fd, unsigned what, void *arg)
{
	struct imap *s = arg;

	(void)fd;
	if ((what & LOOP_WRITE) && !send_out(s))
		return;
	watch_set(s);
	if (what & LOOP_READ)
		receive(s);
}

/* --- questions --- */

static void begin(struct imap *s, enum imap_doing doing, struct buf *command)
{
	s->doing = doing;
	s->result.n_uids = s->result.n_mails = s->n_uids = 0;
	s->result.refused = s->result.limited = s->result.lasting = false;
	s->answer_bytes = 0;
	s->words[0] = '\0';
	buf_reset(&s->bodies);
	snprintf(s->tag, sizeof(s->tag), "E%u", ++s->questions);
	buf_printf(&s->out, "%s %s\r\n", s->tag, buf_str(command));
	buf_done(command);
	loop_timer_set(s->deadline, s->answer_ms);
	loop_timer_set(s->silence, s->silent_ms);
	if (!s->watch) {
		imap_failed(s, "aborted", s->words);
		return;
	}
	if (send_out(s))
		watch_set(s);
}

void imap_examine(struct imap *s)
{
	struct buf b = BUF_INIT(IMAP_COMMAND_MAX_BYTES);

	buf_puts(&b, "EXAMINE ");
	imap_put_folder(&b, s->folder);
	begin(s, IMAP_EXAMINE, &b);
}

void imap_search(struct imap *s, const struct imap_search *search)
{
	struct buf b = BUF_INIT(IMAP_COMMAND_MAX_BYTES);

	s->search = *search;
	buf_printf(&b, "UID SEARCH UID %u:%u", search->from, search->to);
	if (search->arrived_ms != TIME_NONE) {
		buf_puts(&b, " SINCE ");
		imap_put_day(&b, search->arrived_ms);
	}
	if (search->sent_ms != TIME_NONE) {
		buf_puts(&b, " SENTSINCE ");
		imap_put_day(&b, search->sent_ms);
	}
	begin(s, IMAP_SEARCH, &b);
}

static void ask(struct imap *s, enum imap_doing doing, const uint32_t *uids, size_t n, const char *items)
{
	struct buf b = BUF_INIT(IMAP_COMMAND_MAX_BYTES);
	size_t i;

	buf_puts(&b, "UID FETCH ");
	for (i = 0; i < n && i < IMAP_PAGE; i++) {
		buf_printf(&b, "%s%u", i ? "," : "", uids[i]);
		s->asked[i] = uids[i];
	}
	s->n_asked = i;
	buf_printf(&b, " %s", items);
	begin(s, doing, &b);
}

void imap_sizes(struct imap *s, const uint32_t *uids, size_t n)
{
	ask(s, IMAP_SIZES, uids, n, "(UID RFC822.SIZE)");
}

void imap_fetch(struct imap *s, const uint32_t *uids, size_t n)
{
	char items[64];

	snprintf(items, sizeof(items), "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.%d>)", IMAP_MAIL_BYTES);
	ask(s, IMAP_FETCH, uids, n, items);
}
