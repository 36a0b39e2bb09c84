#include "queue/erase.h"

#include <hiredis/hiredis.h>
#include <string.h>

#include "base/buf.h"
#include "queue/command.h"
#include "queue/resp.h"

void erase_begin(struct erase *e, const char *stream, const struct outbox_erase *rows, size_t n)
{
	*e = (struct erase){.round = ERASE_LOOK, .stream = stream};
	e->n = n < OUTBOX_GROUP_MAX ? n : OUTBOX_GROUP_MAX;
	memcpy(e->rows, rows, e->n * sizeof(*rows));
}

static void fail_by(struct erase *e, const struct redisReply *reply)
{
	static const char strange[] = "an answer that makes no sense";
	bool error = resp_is_error(reply);

	if (e->fault)
		return;
	e->fault = error ? fault_of(reply->str, reply->len) : FAULT_STRANGE;
	exchange_why(e->why, error ? reply->str : strange, error ? reply->len : sizeof(strange) - 1);
}

/* --- whose they are --- */

static void ask_whose(struct erase *e, struct buf *out)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		command_begin(out, 4);
		command_text(out, "XRANGE");
		command_text(out, e->stream);
		command_id(out, e->rows[i].id);
		command_id(out, e->rows[i].id);
	}
	e->n_commands = e->n;
}

static void take_whose(struct erase *e, size_t i, const struct redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ARRAY) {
		fail_by(e, reply);
		return;
	}
	e->ours[i] = reply->elements == 1 && exchange_holds(reply->element[0], e->rows[i].mention);
	e->n_ours += e->ours[i];
}

/* --- away with them --- */

static void delete_ours(struct erase *e, struct buf *out)
{
	size_t i;

	command_begin(out, 2 + e->n_ours);
	command_text(out, "XDEL");
	command_text(out, e->stream);
	for (i = 0; i < e->n; i++) {
		if (e->ours[i])
			command_id(out, e->rows[i].id);
	}
	e->n_commands = 1;
}

static void take_deleted(struct erase *e, const struct redisReply *reply)
{
	if (reply->type == REDIS_REPLY_INTEGER)
		e->deleted = reply->integer;
	else
		fail_by(e, reply);
}

/* --- the rounds --- */

size_t erase_next(struct erase *e, struct buf *out)
{
	e->n_commands = e->n_replies = 0;
	if (e->round == ERASE_LOOK)
		ask_whose(e, out);
	else if (e->round == ERASE_DELETE)
		delete_ours(e, out);
	return e->n_commands;
}

bool erase_reply(struct erase *e, const struct redisReply *reply)
{
	size_t i = e->n_replies++;

	if (e->round == ERASE_LOOK && i < e->n)
		take_whose(e, i, reply);
	else if (e->round == ERASE_DELETE)
		take_deleted(e, reply);
	if (e->n_replies < e->n_commands)
		return false;
	e->round = e->round == ERASE_LOOK && !e->fault && e->n_ours ? ERASE_DELETE : ERASE_END;
	return true;
}

bool erase_ended(const struct erase *e)
{
	return e->round == ERASE_END;
}
