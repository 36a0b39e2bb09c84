#pragma once
/*
 * pool/link: frames over a socket on the loop, both ways, never waiting: to a nursery, or to a reader.
 *
 * Owner:  of its descriptor, and of a few bytes; large ones are borrowed (link_send).
 * Bounds: LINK_QUEUE_MAX frames wait to be written; what comes is at most FRAME_MAX_BYTES a frame, or what link_bound()
 *         said, else it is broken as soon as its header is there.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "mention/frame.h"

struct link;
struct loop;

enum {
	LINK_QUEUE_MAX = 256,
	LINK_INLINE_BYTES = 256,
	LINK_TURN_BYTES = 256 * 1024, /* read or written before others have their turn */
};

enum link_end { LINK_CLOSED /* by the other side */, LINK_BROKEN /* what came is no frame */ };
struct link_ops {
	void (*on_frame)(void *arg, const struct frame *f); /* may free the link */
	void (*on_end)(void *arg, enum link_end how);       /* nothing comes after it; the link is still to be freed */
};

/* Takes fd, in every case. -errno */
int link_new(struct loop *loop, int fd, const struct link_ops *ops, void *arg, struct link **ret) must_use;
struct link *link_free(struct link *l); /* NULL is fine; returns NULL; closes; fine within its own callbacks */
DEFINE_CLEANUP(struct link, link_free)

/* The most bytes that a frame of the other side may have from now on: one that owes nothing must not fill our memory. */
void link_bound(struct link *l, size_t max_bytes);
bool link_sending(const struct link *l); /* something waits to be written, and its bytes are still borrowed */

/* bytes are copied up to LINK_INLINE_BYTES; longer ones must stay until the link is freed or the other side has answered
 * them. pass_fd is taken; -1: none. Failure to write shows as the link's end. */
void link_send(struct link *l, enum frame_type type, uint64_t number, const char *bytes, size_t len, int pass_fd);
