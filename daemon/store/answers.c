#include "store/answers.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/state.h"

enum { ARENA_MAX_BYTES = 64 << 20 };

/* One question or order of any kind. */
struct answer_request {
	struct request request;
	struct arena *arena; /* the texts */
	uint8_t mark[ANSWERS_MARK_BYTES];
	int64_t until_ms;
	struct store_chat chat;
	const char *said;
	const char *key, *person, *matter;
	struct store_answers found;
	union {
		store_answers_cb *found;
		store_answer_cb *done;
		store_answer_sent_cb *sent;
	} cb;
	void *arg;
};

static struct answer_request *request_new(const struct request_class *class, void *arg)
{
	struct answer_request *p = NEW(struct answer_request);

	p->request = (struct request){.class = class, .rows = 1};
	p->arena = arena_new(ARENA_MAX_BYTES);
	p->arg = arg;
	return p;
}

static void drop(struct request *req)
{
	arena_free(REQUEST_OF(req, struct answer_request)->arena);
	free(req);
}

static void finish_done(struct request *req)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);

	p->cb.done(p->arg, req->r);
}

/* --- what there is --- */

static int read_key(struct db *db, struct answer_request *p)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_ANSWER_KEY);
	int r = query_next(&q);
	const void *key;
	size_t len;

	if (r <= 0)
		return r;
	key = query_get_blob(&q, &len);
	if (len != ANSWERS_KEY_BYTES)
		return -EBADMSG;
	p->found.key = (const uint8_t *)arena_memdup0(p->arena, key, len);
	return 0;
}

/* A log that has none yet gets one, before anything is signed by it. */
static int make_key(struct writer *w, struct answer_request *p)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_KEY_PUT);
	uint8_t key[ANSWERS_KEY_BYTES];

	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return -EIO;
	query_put_blob(&q, key, sizeof(key));
	p->found.key = (const uint8_t *)arena_memdup0(p->arena, (const char *)key, sizeof(key));
	return query_run(&q);
}

static int read_chats(struct db *db, struct answer_request *p)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_ANSWER_CHATS);
	struct store_chat *v = ARENA_ARRAY(p->arena, struct store_chat, ANSWERS_CHATS_MAX);
	int r;

	query_put_int(&q, ANSWERS_CHATS_MAX);
	while ((r = query_next(&q)) > 0 && !arena_full(p->arena)) {
		struct store_chat *c = &v[p->found.n_chats++];

		c->channel = query_get_copy(&q, p->arena);
		c->person = query_get_copy(&q, p->arena);
		c->chat = query_get_copy(&q, p->arena);
	}
	p->found.chats = v;
	return r < 0 ? r : 0;
}

static int read_said(struct db *db, struct answer_request *p)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_ANSWER_SAID);
	struct store_said *v = ARENA_ARRAY(p->arena, struct store_said, ANSWERS_SAID_MAX);
	int r;

	query_put_int(&q, ANSWERS_SAID_MAX);
	while ((r = query_next(&q)) > 0 && !arena_full(p->arena)) {
		struct store_said *said = &v[p->found.n_said];
		size_t len;
		const void *mark = query_get_blob(&q, &len);

		if (len != sizeof(said->mark))
			return -EBADMSG;
		memcpy(said->mark, mark, len);
		said->text = query_get_copy(&q, p->arena);
		p->found.n_said++;
	}
	p->found.said = v;
	return r < 0 ? r : 0;
}

static int write_found(struct request *req, struct writer *w)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);
	int r;

	memset(&p->found, 0, sizeof(p->found));
	r = read_key(w->db, p);
	if (r == 0 && !p->found.key)
		r = make_key(w, p);
	if (r == 0)
		r = read_chats(w->db, p);
	return r == 0 ? read_said(w->db, p) : r;
}

static void finish_found(struct request *req)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);

	p->cb.found(p->arg, req->r, req->r == 0 ? &p->found : NULL);
}

void store_answers(struct store *s, store_answers_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_found, .finish = finish_found, .drop = drop};
	struct answer_request *p = request_new(&class, arg);

	p->cb.found = cb;
	engine_post(s->engine, &p->request);
}

/* --- once --- */

static int write_use(struct request *req, struct writer *w)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);
	cleanup(query_end) struct query use = query_begin(w->db, p->said ? SQL_ANSWER_TAKE : SQL_ANSWER_USE);
	cleanup(query_end) struct query old = query_begin(w->db, SQL_ANSWER_USED_OLD);
	int r;

	query_put_blob(&use, p->mark, sizeof(p->mark));
	query_put_int(&use, p->until_ms);
	if (p->said)
		query_put_text(&use, p->said);
	r = query_run(&use);
	if (r < 0)
		return r;
	if (!db_changes(w->db))
		return -EEXIST;
	query_put_int(&old, clock_wall_ms());
	return query_run(&old);
}

static struct answer_request *about_mark(const struct request_class *class, const uint8_t mark[ANSWERS_MARK_BYTES],
					 store_answer_cb *cb, void *arg)
{
	struct answer_request *p = request_new(class, arg);

	memcpy(p->mark, mark, sizeof(p->mark));
	p->cb.done = cb;
	return p;
}

void store_answer_use(struct store *s, const uint8_t mark[ANSWERS_MARK_BYTES], int64_t until_ms, store_answer_cb *cb,
		      void *arg)
{
	static const struct request_class class = {.write = write_use, .finish = finish_done, .drop = drop};
	struct answer_request *p = about_mark(&class, mark, cb, arg);

	p->until_ms = until_ms;
	engine_post(s->engine, &p->request);
}

void store_answer_take(struct store *s, const struct store_said *said, int64_t until_ms, store_answer_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_use, .finish = finish_done, .drop = drop};
	struct answer_request *p = about_mark(&class, said->mark, cb, arg);

	p->until_ms = until_ms;
	p->said = arena_strdup(p->arena, said->text);
	engine_post(s->engine, &p->request);
}

static int write_done(struct request *req, struct writer *w)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_DONE);

	query_put_blob(&q, p->mark, sizeof(p->mark));
	return query_run(&q);
}

void store_answer_done(struct store *s, const uint8_t mark[ANSWERS_MARK_BYTES], store_answer_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_done, .finish = finish_done, .drop = drop};

	engine_post(s->engine, &about_mark(&class, mark, cb, arg)->request);
}

static int read_look(struct request *req, struct reader *rd)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_ANSWER_USED);
	int r;

	query_put_blob(&q, p->mark, sizeof(p->mark));
	r = query_next(&q);
	return r > 0 ? -EEXIST : r;
}

void store_answer_look(struct store *s, const uint8_t mark[ANSWERS_MARK_BYTES], store_answer_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_look, .finish = finish_done, .drop = drop};

	engine_post(s->engine, &about_mark(&class, mark, cb, arg)->request);
}

/* --- chats --- */

static int is_full(struct writer *w)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_CHATS_COUNT);
	int r = query_next(&q);

	return r < 0 ? r : query_get_int(&q) >= ANSWERS_CHATS_MAX ? -ENOSPC : 0;
}

static int write_chat(struct request *req, struct writer *w)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);
	cleanup(query_end) struct query q =
		query_begin(w->db, p->chat.chat ? SQL_ANSWER_CHAT_PUT : SQL_ANSWER_CHAT_DROP);
	int r = p->chat.chat ? is_full(w) : 0;

	if (r < 0)
		return r;
	query_put_text(&q, p->chat.channel);
	query_put_text(&q, p->chat.person);
	if (p->chat.chat) {
		query_put_text(&q, p->chat.chat);
		query_put_int(&q, clock_wall_ms());
	}
	return query_run(&q);
}

void store_answer_chat(struct store *s, const struct store_chat *chat, store_answer_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_chat, .finish = finish_done, .drop = drop};
	struct answer_request *p = request_new(&class, arg);

	p->chat = (struct store_chat){.channel = arena_strdup(p->arena, chat->channel),
				      .person = arena_strdup(p->arena, chat->person),
				      .chat = arena_strdup(p->arena, chat->chat)};
	p->cb.done = cb;
	engine_post(s->engine, &p->request);
}

/* --- messages that went --- */

static int read_sent(struct request *req, struct reader *rd)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_ANSWER_SENT);
	int r;

	query_put_text(&q, p->key);
	r = query_next(&q);
	if (r <= 0)
		return r;
	p->person = query_get_copy(&q, p->arena);
	p->matter = query_get_copy(&q, p->arena);
	return 0;
}

static void finish_sent(struct request *req)
{
	struct answer_request *p = REQUEST_OF(req, struct answer_request);

	p->cb.sent(p->arg, req->r, req->r == 0 ? p->person : NULL, req->r == 0 ? p->matter : NULL);
}

void store_answer_sent(struct store *s, const char *key, store_answer_sent_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_sent, .finish = finish_sent, .drop = drop};
	struct answer_request *p = request_new(&class, arg);

	p->key = arena_strdup(p->arena, key);
	p->cb.sent = cb;
	engine_post(s->engine, &p->request);
}
