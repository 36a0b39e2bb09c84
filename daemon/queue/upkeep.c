#include "queue/upkeep.h"

#include <hiredis/hiredis.h>
#include <string.h>

#include "base/buf.h"
#include "queue/command.h"
#include "queue/resp.h"

void upkeep_begin(struct upkeep *u, const char *stream, struct stream_id keep_from)
{
	u->round = UPKEEP_GROUPS;
	u->stream = stream;
	u->keep_from = keep_from;
	u->n_groups = u->n_commands = u->n_replies = 0;
	u->verdict = (struct trim_verdict){.trim = false};
	u->trimmed = 0;
	u->fault = FAULT_NONE;
	u->why[0] = '\0';
}

static void fail(struct upkeep *u, enum fault fault, const char *why, size_t len)
{
	if (u->fault)
		return;
	u->fault = fault;
	exchange_why(u->why, why, len);
}

static void fail_by(struct upkeep *u, const struct redisReply *reply, const char *otherwise)
{
	if (resp_is_error(reply))
		fail(u, fault_of(reply->str, reply->len), reply->str, reply->len);
	else
		fail(u, FAULT_STRANGE, otherwise, strlen(otherwise));
}

/* --- the groups --- */

static void ask_groups(struct upkeep *u, struct buf *out)
{
	command_begin(out, 3);
	command_text(out, "XINFO");
	command_text(out, "GROUPS");
	command_text(out, u->stream);
	u->n_commands = 1;
}

static bool take_group(struct trim_group *g, const struct redisReply *reply)
{
	const struct redisReply *name = resp_field(reply, "name"), *pending = resp_field(reply, "pending"),
				*delivered = resp_field(reply, "last-delivered-id");

	if (!name || !resp_is_text(name) || name->len > TRIM_NAME_MAX_BYTES || !pending ||
	    pending->type != REDIS_REPLY_INTEGER || !delivered || !resp_id(delivered, &g->delivered))
		return false;
	memcpy(g->name, name->str, name->len);
	g->name[name->len] = '\0';
	g->name_len = name->len;
	g->pending = pending->integer > 0;
	g->needs_any = false;
	return true;
}

static void take_groups(struct upkeep *u, const struct redisReply *reply)
{
	static const char many[] = "more groups than can be looked after";
	size_t i;

	if (resp_is_error(reply) && fault_of(reply->str, reply->len) == FAULT_NO_KEY) {
		u->round = UPKEEP_END; /* there is no stream yet */
		return;
	}
	if (reply->type != REDIS_REPLY_ARRAY) {
		fail_by(u, reply, "an answer that makes no sense");
		return;
	}
	if (reply->elements > TRIM_GROUPS_MAX) {
		fail(u, FAULT_STRANGE, many, sizeof(many) - 1);
		return;
	}
	for (i = 0; i < reply->elements; i++) {
		if (!take_group(&u->groups[i], reply->element[i])) {
			fail_by(u, reply->element[i], "a group that makes no sense");
			return;
		}
	}
	u->n_groups = reply->elements;
}

/* --- what each of them needs --- */

static void ask_pending(const struct upkeep *u, const struct trim_group *g, struct buf *out)
{
	command_begin(out, 3);
	command_text(out, "XPENDING");
	command_text(out, u->stream);
	command_bytes(out, g->name, g->name_len);
}

static void ask_next_entry(const struct upkeep *u, const struct trim_group *g, struct buf *out)
{
	command_begin(out, 6);
	command_text(out, "XRANGE");
	command_text(out, u->stream);
	command_id(out, trim_after(g->delivered));
	command_text(out, "+");
	command_text(out, "COUNT");
	command_number(out, 1);
}

/* A group that was given what is younger than keep, and owes no answer, holds nothing that could be trimmed. */
static bool is_asked(const struct upkeep *u, const struct trim_group *g)
{
	return g->pending || stream_id_cmp(g->delivered, u->keep_from) < 0;
}

static bool some_are_asked(const struct upkeep *u)
{
	size_t i;

	for (i = 0; i < u->n_groups; i++) {
		if (is_asked(u, &u->groups[i]))
			return true;
	}
	return false;
}

static void ask_needs(struct upkeep *u, struct buf *out)
{
	size_t i;

	u->n_commands = 0;
	for (i = 0; i < u->n_groups; i++) {
		const struct trim_group *g = &u->groups[i];

		if (!is_asked(u, g))
			continue;
		if (g->pending)
			ask_pending(u, g, out);
		else
			ask_next_entry(u, g, out);
		u->asked[u->n_commands++] = i;
	}
}

/* XPENDING: count, smallest id, largest, consumers. Count 0: all was acknowledged meanwhile. */
static void take_pending(struct upkeep *u, struct trim_group *g, const struct redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 || reply->element[0]->type != REDIS_REPLY_INTEGER) {
		fail_by(u, reply, "an answer that makes no sense");
		return;
	}
	g->needs_any = true;
	if (reply->element[0]->integer == 0)
		g->needs = trim_after(g->delivered);
	else if (!resp_id(reply->element[1], &g->needs))
		fail_by(u, reply, "an answer that makes no sense");
}

static void take_next_entry(struct upkeep *u, struct trim_group *g, const struct redisReply *reply)
{
	const struct redisReply *entry = reply->type == REDIS_REPLY_ARRAY && reply->elements ? reply->element[0] : NULL;

	if (reply->type != REDIS_REPLY_ARRAY)
		fail_by(u, reply, "an answer that makes no sense");
	else if (entry &&
		 (entry->type != REDIS_REPLY_ARRAY || !entry->elements || !resp_id(entry->element[0], &g->needs)))
		fail_by(u, entry, "an entry that makes no sense");
	g->needs_any = entry;
}

/* --- the trimming --- */

/* "~": whole nodes of the stream alone, which costs next to nothing and may leave some entries more. */
static void ask_trim(struct upkeep *u, struct buf *out)
{
	command_begin(out, 7);
	command_text(out, "XTRIM");
	command_text(out, u->stream);
	command_text(out, "MINID");
	command_text(out, "~");
	command_id(out, u->verdict.min);
	command_text(out, "LIMIT");
	command_number(out, UPKEEP_TRIM_MAX);
	u->n_commands = 1;
}

static void take_trimmed(struct upkeep *u, const struct redisReply *reply)
{
	if (reply->type == REDIS_REPLY_INTEGER)
		u->trimmed = reply->integer;
	else
		fail_by(u, reply, "an answer that makes no sense");
}

/* --- the rounds --- */

size_t upkeep_next(struct upkeep *u, struct buf *out)
{
	u->n_commands = u->n_replies = 0;
	switch (u->round) {
	case UPKEEP_GROUPS:
		ask_groups(u, out);
		break;
	case UPKEEP_NEEDS:
		ask_needs(u, out);
		break;
	case UPKEEP_TRIM:
		ask_trim(u, out);
		break;
	case UPKEEP_END:
		break;
	}
	return u->n_commands;
}

static void decide(struct upkeep *u)
{
	u->verdict = trim_decide(u->groups, u->n_groups, u->keep_from);
	u->round = u->verdict.trim ? UPKEEP_TRIM : UPKEEP_END;
}

/* All its replies are in. */
static void end_round(struct upkeep *u)
{
	if (u->fault || u->round == UPKEEP_TRIM)
		u->round = UPKEEP_END;
	else if (u->round == UPKEEP_GROUPS && some_are_asked(u))
		u->round = UPKEEP_NEEDS;
	else if (u->round != UPKEEP_END)
		decide(u);
}

bool upkeep_reply(struct upkeep *u, const struct redisReply *reply)
{
	size_t i = u->n_replies++;

	if (u->round == UPKEEP_GROUPS) {
		take_groups(u, reply);
	} else if (u->round == UPKEEP_TRIM) {
		take_trimmed(u, reply);
	} else if (u->round == UPKEEP_NEEDS && i < u->n_commands) {
		struct trim_group *g = &u->groups[u->asked[i]];

		if (g->pending)
			take_pending(u, g, reply);
		else
			take_next_entry(u, g, reply);
	}
	if (u->n_replies < u->n_commands)
		return false;
	end_round(u);
	return true;
}

bool upkeep_ended(const struct upkeep *u)
{
	return u->round == UPKEEP_END;
}

bool upkeep_more(const struct upkeep *u)
{
	return !u->fault && u->trimmed >= UPKEEP_TRIM_MAX / 2; /* it stops before the node that would pass the bound */
}
