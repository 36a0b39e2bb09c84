#pragma once
/*
 * fetch/transfer_socket: a transfer whose answer is a WebSocket: its messages to the receiver, its end as a result. Inside fetch/.
 */
#include "base/err.h"

struct loop;
struct transfer;

/* t has connected. on_end comes once, last, when what is to be told of its end stands in t, and its easy handle is still there; not after
 * t->frames is freed. -errno. */
int transfer_socket(struct transfer *t, struct loop *l, const char *user_agent,
		    void (*on_end)(struct transfer *t)) must_use;
