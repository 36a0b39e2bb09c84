#include "queue/command.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { ID_SIZE = 48, HEAD_BYTES = 32 /* '$', a length, and twice "\r\n" */ };

void command_begin(struct buf *b, size_t n_arguments)
{
	buf_putc(b, '*');
	buf_put_int(b, (int64_t)n_arguments);
	buf_put(b, "\r\n", 2);
}

static char *put_end(char *to)
{
	*to++ = '\r';
	*to++ = '\n';
	return to;
}

static char *put_digits(char *to, uint64_t v)
{
	char digits[ID_SIZE / 2], *at = digits + sizeof(digits);
	size_t n;

	do {
		*--at = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	n = (size_t)(digits + sizeof(digits) - at);
	memcpy(to, at, n);
	return to + n;
}

void command_bytes(struct buf *b, const char *bytes, size_t len)
{
	char *at = buf_reserve(b, len + HEAD_BYTES), *to = at;

	if (!at)
		return;
	*to++ = '$';
	to = put_digits(to, len);
	to = put_end(to);
	memcpy(to, bytes, len);
	to = put_end(to + len);
	buf_commit(b, (size_t)(to - at));
}

void command_text(struct buf *b, const char *text)
{
	command_bytes(b, text, strlen(text));
}

void command_number(struct buf *b, unsigned number)
{
	char text[16];

	command_bytes(b, text, (size_t)snprintf(text, sizeof(text), "%u", number));
}

void command_id(struct buf *b, struct stream_id id)
{
	char text[ID_SIZE];

	char *to = text;

	if (id.ms < 0)
		*to++ = '-';
	to = put_digits(to, id.ms < 0 ? -(uint64_t)id.ms : (uint64_t)id.ms);
	*to++ = '-';
	to = put_digits(to, id.seq);
	command_bytes(b, text, (size_t)(to - text));
}

/* XADD <stream> <id> incident <json> number … topic … severity … state … change … by … at … [drill yes] */
static void xadd_change(struct buf *b, const char *stream, const struct outbox_row *row)
{
	const struct outbox_change *c = row->change;
	char number[ID_SIZE];
	const struct {
		const char *name, *value;
	} fields[] = {{"incident", row->json},
		      {"number", number},
		      {"topic", row->topics},
		      {"severity", c->severity},
		      {"state", c->state},
		      {"change", c->what},
		      {"by", c->by},
		      {"at", c->at},
		      {"drill", c->drill ? "yes" : NULL}};
	const size_t n = ARRAY_LEN(fields) - !c->drill;
	size_t i;

	snprintf(number, sizeof(number), "%" PRId64, c->incident);
	command_begin(b, 3 + 2 * n);
	command_text(b, "XADD");
	command_text(b, stream);
	command_id(b, row->id);
	for (i = 0; i < n; i++) {
		command_text(b, fields[i].name);
		command_text(b, fields[i].value);
	}
}

/* XADD <stream> <id> mention <json> topics … rules … tags … [sentiment …] [published …]: what is unknown is left out. */
void command_xadd(struct buf *b, const char *stream, const struct outbox_row *row)
{
	if (row->change) {
		xadd_change(b, stream, row);
		return;
	}
	command_begin(b, 3 + 8 + (row->sentiment ? 2 : 0) + (row->published ? 2 : 0));
	command_text(b, "XADD");
	command_text(b, stream);
	command_id(b, row->id);
	command_text(b, "mention");
	command_text(b, row->json);
	command_text(b, "topics");
	command_text(b, row->topics);
	command_text(b, "rules");
	command_text(b, row->rules);
	command_text(b, "tags");
	command_text(b, row->tags);
	if (row->sentiment) {
		command_text(b, "sentiment");
		command_text(b, row->sentiment);
	}
	if (row->published) {
		command_text(b, "published");
		command_text(b, row->published);
	}
}
