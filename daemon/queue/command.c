#include "queue/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

enum { ID_SIZE = 48 };

void command_begin(struct buf *b, size_t n_arguments)
{
	buf_putc(b, '*');
	buf_put_int(b, (int64_t)n_arguments);
	buf_put(b, "\r\n", 2);
}

void command_bytes(struct buf *b, const char *bytes, size_t len)
{
	buf_putc(b, '$');
	buf_put_int(b, (int64_t)len);
	buf_put(b, "\r\n", 2);
	buf_put(b, bytes, len);
	buf_put(b, "\r\n", 2);
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

	command_bytes(b, text, (size_t)snprintf(text, sizeof(text), "%" PRId64 "-%" PRIu64, id.ms, id.seq));
}

/* XADD <stream> <id> mention <json> topics … rules … tags … [sentiment …] [published …]: what is unknown is left out. */
void command_xadd(struct buf *b, const char *stream, const struct outbox_row *row)
{
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
