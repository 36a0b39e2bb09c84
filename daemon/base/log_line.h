#pragma once
/*
 * base/log_line: what an event looks like: as a plain line, as JSON, as one message among journald's fields.
 *
 * Pure: no clock, no output. Nothing here ends in a newline. A value is cut at LOG_VALUE_MAX_BYTES ("…"), and addresses
 * inside it lose their user part, the values of their query and their fragment, whoever wrote it.
 */
#include <stdint.h>

#include "base/log.h"

struct buf;

enum { LOG_VALUE_MAX_BYTES = 1024, LOG_LINE_MAX_BYTES = 64 * 1024 };

struct log_entry {
	int64_t at_ms; /* wall */
	enum log_level level;
	const char *event;
	const struct log_field *fields;
	size_t n;
	uint64_t held; /* of the same kind, held back before it */
};

void log_line_plain(struct buf *b, const struct log_entry *e);
void log_line_json(struct buf *b, const struct log_entry *e);
void log_line_message(struct buf *b, const struct log_entry *e); /* the plain line without time and level */
/* One field's value alone: masked, cut, escaped, unquoted. */
void log_line_value(struct buf *b, const struct log_field *f);
