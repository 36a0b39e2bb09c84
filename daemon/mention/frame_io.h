#pragma once
/*
 * mention/frame_io: frames over a stream socket pair, for the sides that wait: the nursery, a reader, an offline command.
 *
 * Blocks: yes. escuchad's own loop uses pool/link instead.
 */
#include <stdint.h>

#include "base/err.h"
#include "mention/frame.h"

/* pass_fd goes along with the header (SCM_RIGHTS) and stays the caller's; -1: none. -EPIPE: the peer is gone. */
int frame_send(int fd, enum frame_type type, uint64_t number, const char *bytes, size_t len, int pass_fd) must_use;

enum {
	FRAME_E_END = 3, /* the peer is gone, between two frames */
	FRAME_E_LATE,    /* nothing whole came until the deadline */
};
/* The next frame, whole; its bytes are b's and live until b changes. A length above b's bound is FRAME_E_BROKEN, and so
 * is an end in mid-frame. deadline_ms is on the steady clock, TIME_NONE: wait for ever. *ret_fd is a descriptor that came
 * along, close-on-exec, or -1; where ret_fd is NULL none is accepted. */
int frame_recv(int fd, struct buf *b, int64_t deadline_ms, struct frame *ret, int *ret_fd) must_use;
