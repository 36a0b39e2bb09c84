#include "store/change.h"

#include <errno.h>
#include <libdeflate.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/wire.h"
#include "mention/mention.h"
#include "store/entry.h"
#include "store/incident.h"
#include "store/redact.h"
#include "store/request.h"
#include "store/stream_id.h"
#include "store/writer.h"

struct change {
	uint8_t key[MENTION_ID_BYTES];
	int64_t incident, at_ms, drill;
	const char *topic, *severity, *stage, *what, *person, *who, *text, *json; /* who, text: NULL: none */
};

static uint32_t crc_of(int64_t id, const struct change *c)
{
	const char *const texts[] = {c->topic, c->severity, c->stage, c->what, c->person, c->who, c->text, c->json};
	cleanup(buf_done) struct buf b = BUF_INIT(2 * CHANGE_ENTRY_MAX_BYTES);
	size_t i;

	wire_put_i64(&b, id);
	buf_put(&b, (const char *)c->key, sizeof(c->key));
	wire_put_i64(&b, c->incident);
	wire_put_i64(&b, c->at_ms);
	wire_put_i64(&b, c->drill);
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		buf_putc(&b, texts[i] ? 't' : '0');
		buf_puts(&b, texts[i] ? texts[i] : "");
		buf_putc(&b, '\0');
	}
	return libdeflate_crc32(0, b.data, b.len);
}

/* --- into the log --- */

static int add(struct writer *w, int64_t id, const struct change *c)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_CHANGE_ADD);
	const char *const texts[] = {c->topic, c->severity, c->stage, c->what, c->person, c->who, c->text, c->json};
	size_t i;

	query_put_int(&q, id);
	query_put_int(&q, STREAM_BY_MARK);
	query_put_int(&q, crc_of(id, c));
	query_put_blob(&q, c->key, sizeof(c->key));
	query_put_int(&q, c->incident);
	query_put_int(&q, c->at_ms);
	query_put_int(&q, c->drill);
	for (i = 0; i < ARRAY_LEN(texts); i++)
		query_put_text(&q, texts[i]);
	return query_run(&q);
}

int change_write(struct writer *w, const struct store_incident_put *put)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && w->config.outbox && i < put->n_changes; i++) {
		const struct store_incident_change *said = &put->changes[i];
		struct change c = {.incident = put->row.id,
				   .at_ms = said->at_ms,
				   .drill = put->drill,
				   .topic = put->row.topic,
				   .severity = put->severity,
				   .stage = put->stage,
				   .what = said->what,
				   .person = said->by,
				   .who = said->who,
				   .text = said->text,
				   .json = put->json};

		/* its own: an old copy of the log gives the same numbers to other changes */
		if (getrandom(c.key, sizeof(c.key), 0) != (ssize_t)sizeof(c.key))
			return -EIO;
		r = add(w, writer_next_id(w, OUTBOX_INCIDENTS, clock_wall_ms()), &c);
	}
	return r;
}

/* --- out of it --- */

/* 1: its key makes no sense. */
static int get(struct query *q, struct arena *a, struct change *ret)
{
	const char **const texts[] = {&ret->topic,  &ret->severity, &ret->stage, &ret->what,
				      &ret->person, &ret->who,      &ret->text,  &ret->json};
	const void *key;
	size_t len, i;

	key = query_get_blob(q, &len);
	if (len != sizeof(ret->key))
		return 1;
	memcpy(ret->key, key, len);
	ret->incident = query_get_int(q);
	ret->at_ms = query_get_int(q);
	ret->drill = query_get_int(q);
	for (i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = query_get_copy(q, a);
	return arena_full(a) || !ret->topic || !ret->severity || !ret->stage || !ret->what || !ret->person ||
	       !ret->json || ret->json[0] != '{';
}

/* 1: damaged. -ENOENT. */
static int find(struct db *db, int64_t id, struct arena *a, struct change *ret, int64_t *ret_crc)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_CHANGE_READ);
	int r;

	query_put_int(&q, id);
	r = query_next(&q);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_crc = query_get_int(&q);
	return get(&q, a, ret);
}

/* {"id":…, what the incident was, "events":[what happened]} */
static void put_json(const struct change *c, const char *id, struct buf *b)
{
	struct json j = JSON_OUT(b);
	cleanup(buf_done) struct buf events = BUF_INIT(CHANGE_ENTRY_MAX_BYTES);
	struct json e = JSON_OUT(&events);
	const size_t len = strlen(c->json); /* "{…}", with something in it */

	json_begin_array(&e, NULL);
	json_begin_object(&e, NULL);
	json_time(&e, "at", c->at_ms, true);
	json_text(&e, "what", c->what);
	json_text(&e, "who", c->who);
	json_text(&e, "text", c->text);
	json_end_object(&e);
	json_end_array(&e);
	json_begin_object(&j, NULL);
	json_text(&j, "id", id);
	buf_putc(b, ',');
	buf_put(b, c->json + 1, len - 2);
	json_raw(&j, "events", buf_str(&events));
	json_end_object(&j);
}

/* What an entry points into: the change, then its texts. */
struct block {
	struct outbox_change change;
	char texts[];
};

static size_t put_text(struct buf *b, const char *text)
{
	const size_t at = b->len;

	buf_puts(b, text);
	buf_putc(b, '\0');
	return at;
}

static bool make(int64_t id, const struct change *c, struct buf *b, struct entry *ret)
{
	char key[2 * MENTION_ID_BYTES + 1], at[CLOCK_RFC3339_SIZE];
	size_t topic, severity, stage, what, by, when, own;
	struct block *block;

	hash_hex(c->key, sizeof(c->key), key);
	buf_reset(b);
	put_json(c, key, b);
	buf_putc(b, '\0');
	own = put_text(b, key);
	topic = put_text(b, c->topic);
	severity = put_text(b, c->severity);
	stage = put_text(b, c->stage);
	what = put_text(b, c->what);
	by = put_text(b, c->person);
	when = put_text(b, clock_rfc3339(c->at_ms, true, at));
	if (b->full)
		return false;
	block = xmalloc(sizeof(*block) + b->len);
	memcpy(block->texts, b->data, b->len);
	block->change = (struct outbox_change){.incident = c->incident,
					       .severity = block->texts + severity,
					       .state = block->texts + stage,
					       .what = block->texts + what,
					       .by = block->texts + by,
					       .at = block->texts + when,
					       .drill = c->drill};
	*ret = (struct entry){.row = {.id = stream_id_unpack(id),
				      .mention = block->texts + own,
				      .json = block->texts,
				      .change = &block->change,
				      .topics = block->texts + topic,
				      .rules = "",
				      .tags = ""},
			      .block = (char *)block,
			      .bytes = sizeof(*block) + b->len};
	return true;
}

int change_entry(struct reader *rd, int64_t id, struct buf *scratch, struct entry *ret)
{
	cleanup(arena_freep) struct arena *a = arena_new(CHANGE_ENTRY_MAX_BYTES);
	struct change c;
	int64_t crc = 0;
	int r = find(rd->db, id, a, &c, &crc);

	if (r != 0)
		return r == -ENOENT ? -EBADMSG : r;
	return crc_of(id, &c) != crc || !make(id, &c, scratch, ret);
}

/* --- changed --- */

int change_move(struct writer *w, int64_t from, int64_t to)
{
	cleanup(arena_freep) struct arena *a = arena_new(CHANGE_ENTRY_MAX_BYTES);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_CHANGE_MOVE);
	struct change c;
	int64_t crc;
	int r = find(w->db, from, a, &c, &crc);

	if (r != 0)
		return r < 0 ? r : -EBADMSG;
	query_put_int(&q, to);
	query_put_int(&q, w->config.outbox ? STREAM_BY_MARK : STREAM_KEPT); /* above the mark, as the newest */
	query_put_int(&q, crc_of(to, &c));
	query_put_int(&q, from);
	return query_run(&q);
}

static int set_text(struct writer *w, int64_t id, const char *text)
{
	cleanup(arena_freep) struct arena *a = arena_new(CHANGE_ENTRY_MAX_BYTES);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_CHANGE_TEXT_SET);
	struct change c;
	int64_t crc;
	int r = find(w->db, id, a, &c, &crc);

	c.text = text;
	query_put_text(&q, text);
	query_put_int(&q, r == 0 ? crc_of(id, &c) : 0); /* what is damaged stays so */
	query_put_int(&q, id);
	return r < 0 ? r : query_run(&q);
}

/* It may be on its way there just now. */
static int erase_it(struct writer *w, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_CHANGE_ERASE_ADD);

	query_put_int(&q, id);
	return query_run(&q);
}

/* What was sent waits no more, whatever a stream may lose: else the next rewind would bring it there again. What waits goes
 * without the name, under an id of its own, since what has the old one is deleted. */
static int redact_one(struct writer *w, int64_t id, int64_t state, const char *text, int64_t *waiting, int64_t *sent)
{
	const bool is_sent = state == STREAM_BY_MARK && id <= w->tally.sent[OUTBOX_INCIDENTS];
	const bool waits = state == STREAM_AGAIN || (state == STREAM_BY_MARK && !is_sent);
	int r = is_sent || waits ? erase_it(w, id) : 0;

	*waiting += waits;
	*sent += is_sent;
	if (r == 0)
		r = set_text(w, id, text);
	if (r == 0 && is_sent) {
		cleanup(query_end) struct query q = query_begin(w->db, SQL_CHANGE_SET_STATE);

		query_put_int(&q, STREAM_KEPT);
		query_put_int(&q, id);
		query_put_int(&q, state);
		return query_run(&q);
	}
	return r == 0 && waits ? change_move(w, id, writer_next_id(w, OUTBOX_INCIDENTS, clock_wall_ms())) : r;
}

int change_redact(struct writer *w, const char *who, int64_t *waiting, int64_t *sent)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_CHANGE_TEXTS);
	const int64_t last = w->last_change; /* those that get another id come again behind it */
	int r;

	while ((r = query_next(&q)) > 0) {
		int64_t id = query_get_int(&q), state = query_get_int(&q);
		cleanup(freep) char *text = id <= last ? redact(query_get_text(&q), who) : NULL;

		if (text)
			r = redact_one(w, id, state, text, waiting, sent);
		if (r < 0)
			return r;
	}
	return r;
}

/* --- no longer kept --- */

static int drop_old(struct writer *w, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_CHANGE_OLD);

	query_put_int(&q, stream_id_pack((struct stream_id){.ms = now_ms - STORE_CHANGE_DAYS * DAY_MS}));
	query_put_int(&q, w->config.outbox ? w->tally.sent[OUTBOX_INCIDENTS] : INT64_MAX);
	return query_run(&q);
}

int change_sweep(struct writer *w, int64_t now_ms)
{
	cleanup(query_end) struct query past = query_begin(w->db, SQL_CHANGE_PAST);
	cleanup(query_end) struct query drop = query_begin(w->db, SQL_CHANGE_DROP);
	int64_t last;
	int r = drop_old(w, now_ms);

	if (r < 0)
		return r;
	query_put_int(&past, STORE_CHANGES_MAX);
	r = query_next(&past);
	if (r <= 0)
		return r;
	last = query_get_int(&past);
	query_end(&past);
	query_put_int(&drop, last);
	r = query_run(&drop);
	if (r == 0)
		LOG_ERROR("store.changes_dropped", LOG_I("rows", (int64_t)db_changes(w->db)),
			  LOG_S("why", "more changes of incidents are kept than there is room for: is Redis away?"));
	return r;
}
