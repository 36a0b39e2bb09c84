#pragma once
/*
 * store/change: what happened to incidents, as entries of the stream of them: committed with the step that it is part of
 * (store/incident), sent by the same outbox as hits (store/outbox_kind).
 *
 * Where nothing is sent, nothing is kept. What was sent is kept STORE_CHANGE_DAYS, since a stream may lose it; what waits stays,
 * however old, up to STORE_CHANGES_MAX rows of any state: past them the oldest go, which is told. A change whose text named somebody
 * who is forgotten loses the name, and goes from the stream (store/forget, store/erase).
 *
 * Runs on the writer's thread, inside a transaction, but for change_entry(), which is the reader's.
 */
#include <stdint.h>

#include "base/err.h"

struct buf;
struct entry;
struct reader;
struct store_incident_put;
struct writer;

enum { STORE_CHANGE_DAYS = 90, STORE_CHANGES_MAX = 10000, CHANGE_ENTRY_MAX_BYTES = 1 << 20 };

int change_write(struct writer *w, const struct store_incident_put *put) must_use;
int change_redact(struct writer *w, const char *who, int64_t *waiting,
		  int64_t *sent) must_use; /* as store/redact.h has it */
int change_sweep(struct writer *w, int64_t now_ms) must_use;

/* Of store/outbox_kind. */
int change_entry(struct reader *rd, int64_t id, struct buf *scratch, struct entry *ret) must_use;
int change_move(struct writer *w, int64_t from, int64_t to) must_use;
