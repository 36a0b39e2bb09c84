#include "queue/exchange.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"
#include "queue/command.h"
#include "queue/config.h"
#include "queue/resp.h"

void exchange_why(char out[EXCHANGE_WHY_MAX + 1], const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < EXCHANGE_WHY_MAX; i++)
		out[i] = text[i] >= ' ' && text[i] < 0x7F ? text[i] : '?';
	out[i] = '\0';
}

static void begin(struct exchange *x, enum exchange_kind kind)
{
	x->kind = kind;
	x->n_commands = x->n_replies = x->role = 0;
	x->fault = FAULT_NONE;
	x->why[0] = '\0';
}

/* --- what is asked --- */

static void ask_last_id(struct exchange *x, const char *stream, struct buf *out)
{
	command_begin(out, 3);
	command_text(out, "XINFO");
	command_text(out, "STREAM");
	command_text(out, stream);
	x->n_commands++;
}

static void ask_word(struct exchange *x, const char *word, struct buf *out)
{
	command_begin(out, 1);
	command_text(out, word);
	x->n_commands++;
}

void exchange_greet(struct exchange *x, const struct queue_config *config, const char *stream, struct buf *out)
{
	begin(x, EXCHANGE_GREETING);
	if (config->password) {
		command_begin(out, config->user ? 3 : 2);
		command_text(out, "AUTH");
		if (config->user)
			command_text(out, config->user);
		command_text(out, secret_value(config->password));
		x->n_commands++;
	}
	if (config->redis.database) {
		command_begin(out, 2);
		command_text(out, "SELECT");
		command_number(out, config->redis.database);
		x->n_commands++;
	}
	if (config->redis.master) {
		ask_word(x, "ROLE", out);
		x->role = x->n_commands;
	}
	ask_last_id(x, stream, out);
}

size_t exchange_fit(const struct outbox_row *rows, size_t n, size_t *ret_bytes)
{
	enum { ROW_BYTES = 200 /* of names and lengths */ };
	size_t i, bytes = 0;

	for (i = 0; i < n && i < OUTBOX_GROUP_MAX; i++) {
		size_t row = ROW_BYTES + strlen(rows[i].json) + strlen(rows[i].topics) + strlen(rows[i].rules) +
			     strlen(rows[i].tags);

		if (i && bytes + row > EXCHANGE_GROUP_BYTES)
			break;
		bytes += row;
	}
	*ret_bytes = bytes;
	return i;
}

void exchange_group(struct exchange *x, const char *stream, const struct outbox_row *rows, size_t n, struct buf *out)
{
	size_t i;

	begin(x, EXCHANGE_GROUP);
	ask_word(x, "MULTI", out);
	for (i = 0; i < n; i++) {
		command_xadd(out, stream, &rows[i]);
		x->n_commands++;
		x->ids[i] = rows[i].id;
		x->fates[i] = OUTBOX_FAILED;
		memset(x->mentions[i], 0, sizeof(x->mentions[i]));
		memcpy(x->mentions[i], rows[i].mention, strnlen(rows[i].mention, 2 * MENTION_ID_BYTES));
	}
	x->n = x->n_group = n;
	ask_word(x, "EXEC", out);
}

void exchange_check(struct exchange *x, const char *stream, const struct stream_id *ids, size_t n, struct buf *out)
{
	size_t i, at = 0;

	begin(x, EXCHANGE_CHECK);
	for (i = 0; i < n; i++, at++) {
		while (at < x->n_group && stream_id_cmp(x->ids[at], ids[i]) != 0)
			at++;
		x->at[i] = at;
		command_begin(out, 4);
		command_text(out, "XRANGE");
		command_text(out, stream);
		command_id(out, ids[i]);
		command_id(out, ids[i]);
		x->n_commands++;
	}
	x->n = n;
	ask_last_id(x, stream, out);
}

/* --- what is answered --- */

/* The first fault is the cause; what follows follows from it. */
static void fail(struct exchange *x, enum fault fault, const char *why, size_t len)
{
	if (x->fault)
		return;
	x->fault = fault;
	exchange_why(x->why, why, len);
}

static void fail_by(struct exchange *x, const struct redisReply *reply)
{
	static const char strange[] = "an answer that makes no sense";

	if (resp_is_error(reply))
		fail(x, fault_of(reply->str, reply->len), reply->str, reply->len);
	else
		fail(x, FAULT_STRANGE, strange, sizeof(strange) - 1);
}

static void take_last_id(struct exchange *x, const struct redisReply *reply) /* of XINFO STREAM */
{
	const struct redisReply *last = resp_field(reply, "last-generated-id");

	x->top = (struct stream_id){.ms = 0};
	if (resp_is_error(reply) && fault_of(reply->str, reply->len) == FAULT_NO_KEY)
		return;
	if (!last || !resp_id(last, &x->top))
		fail_by(x, reply);
}

/* ROLE: an array, the role first. The Sentinels may have named one that was replaced, or is not yet what they say. */
static void take_role(struct exchange *x, const struct redisReply *reply)
{
	static const char other[] = "what the Sentinels name is no master";

	if (reply->type != REDIS_REPLY_ARRAY || !reply->elements)
		fail_by(x, reply);
	else if (!resp_is(reply->element[0], "master"))
		fail(x, FAULT_ELSEWHERE, other, sizeof(other) - 1);
}

static void take_row(struct exchange *x, size_t i, const struct redisReply *reply)
{
	enum fault fault = resp_is_error(reply) ? fault_of(reply->str, reply->len) : FAULT_NONE;

	if (resp_is_text(reply))
		x->fates[i] = OUTBOX_TAKEN_IN;
	else if (fault == FAULT_NOT_LARGER)
		x->fates[i] = OUTBOX_REFUSED;
	else
		fail_by(x, reply);
}

/* MULTI and each XADD say "OK" and "QUEUED", or why not: then EXEC says no more than that the group was dropped. */
static void take_group(struct exchange *x, const struct redisReply *reply)
{
	size_t i;

	if (x->n_replies < x->n_commands) {
		if (!resp_is_text(reply))
			fail_by(x, reply);
		return;
	}
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != x->n) {
		fail_by(x, reply);
		return;
	}
	for (i = 0; i < x->n; i++)
		take_row(x, i, reply->element[i]);
}

/* Its field "mention", or "incident", begins with our id, as it was written. */
bool exchange_holds(const struct redisReply *entry, const char *mention)
{
	const struct redisReply *value;
	char begins[sizeof("{\"id\":\"\"") + 2 * MENTION_ID_BYTES];
	size_t len;

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2)
		return false;
	value = resp_field(entry->element[1], "mention");
	if (!value)
		value = resp_field(entry->element[1], "incident");
	len = (size_t)snprintf(begins, sizeof(begins), "{\"id\":\"%s\"", mention);
	return value && resp_is_text(value) && value->len >= len && memcmp(value->str, begins, len) == 0;
}

static void take_entry(struct exchange *x, size_t i, const struct redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ARRAY) {
		fail_by(x, reply);
		return;
	}
	x->fates[i] = x->at[i] < x->n_group && reply->elements == 1 &&
				      exchange_holds(reply->element[0], x->mentions[x->at[i]])
			      ? OUTBOX_TAKEN_IN
			      : OUTBOX_FOREIGN;
}

bool exchange_reply(struct exchange *x, const struct redisReply *reply)
{
	size_t i = x->n_replies++;

	switch (x->kind) {
	case EXCHANGE_NONE:
		break;
	case EXCHANGE_GREETING:
		if (x->n_replies == x->n_commands)
			take_last_id(x, reply);
		else if (x->n_replies == x->role)
			take_role(x, reply);
		else if (!resp_is_text(reply))
			fail_by(x, reply);
		break;
	case EXCHANGE_GROUP:
		take_group(x, reply);
		break;
	case EXCHANGE_CHECK:
		if (x->n_replies == x->n_commands)
			take_last_id(x, reply);
		else
			take_entry(x, i, reply);
		break;
	}
	if (x->n_replies < x->n_commands)
		return false;
	x->kind = EXCHANGE_NONE;
	return true;
}
