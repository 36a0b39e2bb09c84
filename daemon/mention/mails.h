#pragma once
/*
 * mention/mails: several messages of one mailbox as one body, as a job of the format "mails" carries them (mention/job).
 *
 * A reader never trusts: what mails_put() didn't write ends the walk.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"

struct buf;

struct mails_entry {
	uint32_t uidvalidity, uid; /* where in its mailbox it lies */
	int64_t arrived_ms;        /* there; TIME_NONE: nobody said */
	const char *bytes;         /* borrowed */
	size_t len;
};
void mails_put(struct buf *b, const struct mails_entry *entry); /* behind those that are there */
/* in: WIRE_IN over the body. False: that was all; in->bad, if it wasn't. */
bool mails_next(struct wire_in *in, struct mails_entry *ret);
