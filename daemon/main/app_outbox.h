#pragma once
/*
 * main/app_outbox: the API's questions about the outboxes (serve/serve.h: outbox, requeue, drop), answered from the log.
 *
 * Owner: app; arg is its. Blocks: never. Without a queue: 409 no_queue.
 */
#include <stddef.h>
#include <stdint.h>

#include "mention/outbox_row.h"

struct reply;

void app_outbox_list(void *arg, enum outbox_stream which, struct stream_id after, size_t limit, struct reply *reply);
void app_outbox_requeue(void *arg, enum outbox_stream which, int64_t back_ms, struct reply *reply);
void app_outbox_drop(void *arg, enum outbox_stream which, const struct stream_id *ids, size_t n, struct reply *reply);
