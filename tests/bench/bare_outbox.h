#pragma once
/*
 * What the outbox is held against: one program that does nothing but SQLite, one that does nothing but XADD.
 *
 * Blocks: yes. A failure ends the process: there is nothing to measure then.
 */
#include <stddef.h>

/* rows of bytes and a key of 16 bytes into a log in WAL mode with FULL, in groups: each is committed, and in a second
 * transaction noted as sent. */
void bare_outbox_log(const char *path, size_t rows, size_t group, size_t bytes);

/* As many entries by their own ids, in MULTI groups, one in flight. */
void bare_outbox_stream(const char *socket, const char *stream, size_t rows, size_t group, size_t bytes);
