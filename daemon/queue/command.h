#pragma once
/*
 * queue/command: commands as Redis reads them (RESP): *<arguments>, then each argument with its length, so that whatever
 * bytes stand in it need no escape.
 *
 * Never blocks. Owner of the buffer: the caller; its bound is the caller's too.
 */
#include <stddef.h>

#include "mention/outbox_row.h"

struct buf;

void command_begin(struct buf *b, size_t n_arguments); /* the command's name counts as the first of them */
void command_text(struct buf *b, const char *text);
void command_bytes(struct buf *b, const char *bytes, size_t len);
void command_number(struct buf *b, unsigned number);
void command_id(struct buf *b, struct stream_id id);

void command_xadd(struct buf *b, const char *stream, const struct outbox_row *row);
