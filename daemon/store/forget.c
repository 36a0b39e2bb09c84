#include "store/forget.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "store/change.h"
#include "store/erase.h"
#include "store/evidence.h"
#include "store/keep.h"
#include "store/recent.h"
#include "store/redact.h"
#include "store/scrub.h"
#include "store/logkey.h"
#include "store/state.h"
#include "store/story.h"
#include "store/stream_id.h"

enum { DIGEST_BYTES = 32 };

/* --- who --- */

static const char BY_NAME[] = "name:";

/* One of them; in small letters, without @, scheme and the last slash. */
struct who {
	char *handle, *page, *name;
};

static void who_done(struct who *w)
{
	free(w->handle);
	free(w->page);
	free(w->name);
}

static char *small(const char *s)
{
	char *copy = xstrdup(s), *c;

	for (c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

static char *page_of(const char *url)
{
	const char *s = strstr(url, "://");
	char *page = small(s ? s + strlen("://") : url);
	size_t len = strlen(page);

	while (len && page[len - 1] == '/')
		page[--len] = '\0';
	return page;
}

static bool is_somebody(const struct who *w)
{
	return w->handle || w->page || w->name;
}

static bool who_read(const char *s, struct who *ret)
{
	*ret = (struct who){NULL};
	if (strlen(s) > FORGET_WHO_MAX_BYTES)
		return false;
	if (s[0] == '@' && s[1] && !strpbrk(s, " \t\n/"))
		ret->handle = small(s + 1);
	else if (!strncmp(s, BY_NAME, strlen(BY_NAME)) && s[strlen(BY_NAME)])
		ret->name = small(s + strlen(BY_NAME));
	else if (strstr(s, "://") && strstr(s, "://")[3])
		ret->page = page_of(s);
	return is_somebody(ret);
}

/* --- the keyed hash --- */

static int secret(struct writer *w, uint8_t ret[LOGKEY_BYTES])
{
	int r = logkey_make(w->db, "forgotten");

	return r < 0 ? r : logkey_read(w->db, "forgotten", ret) == 0 ? 0 : -EBADMSG;
}

/* SHA-256 of a key of a fixed length and what follows it: nobody gets to choose where the one ends. */
static int digest(struct writer *w, const char *kind, const char *text, uint8_t ret[DIGEST_BYTES])
{
	uint8_t key[LOGKEY_BYTES];
	int r = secret(w, key);

	if (r == 0)
		hash_sha256((struct hash_part[]){{key, sizeof(key)}, {kind, strlen(kind) + 1}, {text, strlen(text)}}, 3,
			    ret);
	return r;
}

static int who_digest(struct writer *w, const struct who *who, uint8_t ret[DIGEST_BYTES])
{
	if (who->name)
		return digest(w, "name", who->name, ret);
	return who->handle ? digest(w, "handle", who->handle, ret) : digest(w, "page", who->page, ret);
}

static int is_forgotten(struct writer *w, const struct who *who, bool *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_FORGOTTEN);
	uint8_t bytes[DIGEST_BYTES];
	int r = who_digest(w, who, bytes);

	if (r < 0)
		return r;
	query_put_blob(&q, bytes, sizeof(bytes));
	r = query_next(&q);
	*ret = r > 0;
	return r < 0 ? r : 0;
}

int forget_is_asked(struct writer *w, const struct mention *m, bool *ret)
{
	const char *handle = voice_handle(m);
	int r = 0;

	*ret = false;
	if (!w->forgotten)
		return 0;
	if (handle) {
		cleanup(who_done) struct who who = {.handle = small(handle)};

		r = is_forgotten(w, &who, ret);
	}
	if (r == 0 && !*ret && m->author.url) {
		cleanup(who_done) struct who who = {.page = page_of(m->author.url)};

		r = is_forgotten(w, &who, ret);
	}
	if (r == 0 && !*ret && !handle && m->author.name) {
		cleanup(who_done) struct who who = {.name = small(m->author.name)};

		r = is_forgotten(w, &who, ret);
	}
	return r;
}

/* --- what goes --- */

struct forget_request {
	struct request request;
	struct store *store;
	struct who who;
	bool really, done;
	bool answers, answers_next;  /* mentions are done: what was kept raw is looked through; from the next step on */
	int64_t after, next;         /* looked at: in the steps before, with this one */
	struct forgotten sum, found; /* of the steps before, of this one */
	store_forget_cb *cb;
	void *arg;
};

static int count_one(struct writer *w, enum sql sql, int64_t id, int64_t *sum)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);
	int r;

	query_put_int(&q, id);
	r = query_next(&q);
	*sum += r > 0 ? query_get_int(&q) : 0;
	return r < 0 ? r : 0;
}

static int run_one(struct writer *w, enum sql sql, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);

	query_put_int(&q, id);
	return query_run(&q);
}

/* Where it stands in the stream, or did; state as the view outbox has it. What waits may be on its way there just now. */
static int note_stream(struct writer *w, struct forget_request *p, int64_t id, int64_t stream)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STREAM_FIND);
	int64_t state = STREAM_KEPT;
	int r;

	query_put_int(&q, stream);
	r = query_next(&q);
	if (r > 0) {
		(void)query_get_int(&q);
		state = query_get_int(&q);
	}
	query_end(&q);
	p->found.waiting += state == STREAM_PENDING;
	p->found.sent += state == STREAM_SENT;
	if (r >= 0)
		r = count_one(w, SQL_FORMER_N, id, &p->found.sent);
	if (r == 0 && p->really)
		r = erase_mention(w, id, state == STREAM_KEPT ? 0 : stream);
	return r;
}

static int forget_mention(struct writer *w, struct forget_request *p, int64_t id, int64_t stream)
{
	int r = 0;

	p->found.mentions++;
	p->found.hits += stream != 0;
	if (stream)
		r = note_stream(w, p, id, stream);
	if (r == 0)
		r = count_one(w, SQL_VERSIONS_N, id, &p->found.versions);
	if (r == 0)
		r = count_one(w, SQL_TONED_N, id, &p->found.tones);
	if (r == 0)
		r = count_one(w, SQL_STORIES_LED, id, &p->found.stories);
	if (r < 0 || !p->really)
		return r;
	if (w->recent && stream)
		recent_forget(w->recent, stream);
	r = evidence_forget_mention(w, id);
	if (r == 0)
		r = run_one(w, SQL_TONED_DROP, id);
	if (r == 0)
		r = run_one(w, SQL_STORY_PRINT_DROP, id);
	if (r == 0)
		r = run_one(w, SQL_STORY_UNLED, id);
	return r < 0 ? r : keep_drop(w, id, stream);
}

static void put_who(struct query *q, const struct who *who)
{
	query_put_text(q, who->handle);
	query_put_text(q, who->page);
}

/* Some mentions further. */
static int step(struct writer *w, struct forget_request *p)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_FORGET_FIND);
	int64_t ids[FORGET_LOOK_ROWS], streams[FORGET_LOOK_ROWS];
	size_t n = 0, i;
	int r;

	put_who(&q, &p->who);
	query_put_int(&q, p->after);
	query_put_int(&q, p->next);
	query_put_text(&q, p->who.name);
	while (n < FORGET_LOOK_ROWS && (r = query_next(&q)) > 0) {
		ids[n] = query_get_int(&q);
		streams[n++] = query_get_int(&q);
	}
	query_end(&q);
	for (i = 0; r >= 0 && i < n; i++)
		r = forget_mention(w, p, ids[i], streams[i]);
	return r < 0 ? r : 0;
}

/* The ledger's lines, and that they spoke in stories; the last step. */
static int forget_authors(struct writer *w, struct forget_request *p)
{
	cleanup(query_end) struct query find = query_begin(w->db, SQL_AUTHOR_FIND);
	int r;

	put_who(&find, &p->who);
	query_put_text(&find, p->who.name);
	while ((r = query_next(&find)) > 0) {
		int64_t voice = query_get_int(&find);

		p->found.authors++;
		if (!p->really)
			continue;
		r = run_one(w, SQL_STORY_VOICE_DROP, voice);
		if (r == 0)
			r = run_one(w, SQL_STORY_LEADER_VOICE_DROP, voice);
		if (r == 0)
			r = run_one(w, SQL_STORY_PRINT_VOICE_DROP, voice);
		if (r == 0)
			r = run_one(w, SQL_TONED_VOICE_DROP, voice);
		if (r < 0)
			return r;
	}
	if (r == 0 && p->really) {
		cleanup(query_end) struct query drop = query_begin(w->db, SQL_AUTHOR_DROP);

		put_who(&drop, &p->who);
		query_put_text(&drop, p->who.name);
		r = query_run(&drop);
	}
	return r;
}

static int remember(struct writer *w, const struct who *who)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_FORGOTTEN_ADD);
	uint8_t bytes[DIGEST_BYTES];
	int r = who_digest(w, who, bytes);

	if (r < 0)
		return r;
	query_put_blob(&q, bytes, sizeof(bytes));
	query_put_int(&q, clock_wall_ms());
	r = query_run(&q);
	w->forgotten |= r == 0;
	return r;
}

/* Messages that have ended are never read again: nobody has to find out whom they quote. */
static int redact_messages(struct writer *w)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_NOTICE_REDACT);

	return query_run(&q);
}

/* What happened in incidents, where somebody wrote down who it was: the name goes, the line stays. They are few. */
static int redact_lines(struct writer *w, const char *who)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_INCIDENT_TEXTS);
	int r;

	while ((r = query_next(&q)) > 0) {
		int64_t id = query_get_int(&q);
		cleanup(freep) char *text = redact(query_get_text(&q), who);
		cleanup(query_end) struct query put = query_begin(w->db, SQL_INCIDENT_TEXT_SET);

		if (!text)
			continue;
		query_put_text(&put, text);
		query_put_int(&put, id);
		r = query_run(&put);
		if (r < 0)
			return r;
	}
	return r;
}

/* What was kept raw and names them; some answers further. */
static int look_through(struct writer *w, struct forget_request *p)
{
	const char *plain = p->who.name ? p->who.name : p->who.page;
	cleanup(freep) char *who = p->who.handle ? xasprintf("@%s", p->who.handle) : xstrdup(plain);
	bool more = false;
	int r;

	p->next = p->after;
	r = p->after ? 0 : redact_lines(w, who);
	if (r == 0 && !p->after)
		r = change_redact(w, who, &p->found.waiting, &p->found.sent);
	if (r == 0 && !p->after)
		r = redact_messages(w);
	if (r == 0)
		r = evidence_forget_named(w, who, &p->next, &more);
	p->done = !more;
	return r == 0 && p->done ? scrub_ask(w) : r;
}

static int write_forget(struct request *req, struct writer *w)
{
	struct forget_request *p = REQUEST_OF(req, struct forget_request);
	bool last;
	int r = 0;

	if (!is_somebody(&p->who))
		return -EINVAL;
	p->found = (struct forgotten){.mentions = 0};
	if (p->answers)
		return look_through(w, p);
	p->next = p->after + FORGET_LOOK_ROWS;
	last = p->after >= w->tally.last_mention;
	if (p->really && p->after == 0)
		r = remember(w, &p->who);
	if (r == 0)
		r = last ? forget_authors(w, p) : step(w, p);
	if (r == 0 && last && p->really && (p->sum.stories || p->found.authors))
		r = story_load(w); /* of what the steps before have left, and this one leaves */
	p->done = last && !p->really;
	p->answers_next = last;
	return r;
}

static void sum_up(struct forget_request *p)
{
	p->sum.mentions += p->found.mentions;
	p->sum.hits += p->found.hits;
	p->sum.waiting += p->found.waiting;
	p->sum.versions += p->found.versions;
	p->sum.authors += p->found.authors;
	p->sum.stories += p->found.stories;
	p->sum.tones += p->found.tones;
	p->sum.sent += p->found.sent;
	p->after = p->answers_next && !p->answers ? 0 : p->next;
	p->answers = p->answers_next;
}

static void post(struct store *s, struct forget_request *p);

static void finish_forget(struct request *req)
{
	struct forget_request *p = REQUEST_OF(req, struct forget_request);
	struct forget_request *next;

	if (req->r < 0) {
		p->cb(p->arg, req->r, NULL);
		return;
	}
	sum_up(p);
	if (p->done) {
		p->cb(p->arg, 0, &p->sum);
		return;
	}
	next = NEW(struct forget_request);
	*next = *p; /* takes its texts */
	p->who = (struct who){NULL};
	post(p->store, next);
}

static void drop_forget(struct request *req)
{
	struct forget_request *p = REQUEST_OF(req, struct forget_request);

	who_done(&p->who);
	free(p);
}

static void post(struct store *s, struct forget_request *p)
{
	static const struct request_class class = {.write = write_forget, .finish = finish_forget, .drop = drop_forget};

	p->request = (struct request){.class = &class, .rows = FORGET_LOOK_ROWS / 16};
	engine_post(s->engine, &p->request);
}

void store_forget(struct store *s, const char *who, bool really, store_forget_cb *cb, void *arg)
{
	struct forget_request *p = NEW(struct forget_request);

	*p = (struct forget_request){.store = s, .really = really, .cb = cb, .arg = arg};
	(void)who_read(who, &p->who); /* nobody: -EINVAL */
	post(s, p);
}

/* --- welcome again --- */

struct welcome_request {
	struct request request;
	struct who who;
	store_done_cb *cb;
	void *arg;
};

static int write_welcome(struct request *req, struct writer *w)
{
	struct welcome_request *p = REQUEST_OF(req, struct welcome_request);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_FORGOTTEN_DROP);
	uint8_t bytes[DIGEST_BYTES];
	int r = is_somebody(&p->who) ? who_digest(w, &p->who, bytes) : -EINVAL;

	if (r < 0)
		return r;
	query_put_blob(&q, bytes, sizeof(bytes));
	r = query_run(&q);
	return r == 0 && !db_changes(w->db) ? -ENOENT : r;
}

static void finish_welcome(struct request *req)
{
	struct welcome_request *p = REQUEST_OF(req, struct welcome_request);

	p->cb(p->arg, req->r);
}

static void drop_welcome(struct request *req)
{
	who_done(&REQUEST_OF(req, struct welcome_request)->who);
	free(req);
}

void store_welcome(struct store *s, const char *who, store_done_cb *cb, void *arg)
{
	static const struct request_class class = {
		.write = write_welcome, .finish = finish_welcome, .drop = drop_welcome};
	struct welcome_request *p = NEW(struct welcome_request);

	*p = (struct welcome_request){.request = {.class = &class, .rows = 1}, .cb = cb, .arg = arg};
	(void)who_read(who, &p->who);
	engine_post(s->engine, &p->request);
}
