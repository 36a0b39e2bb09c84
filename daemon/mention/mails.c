#include "mention/mails.h"

#include "base/buf.h"

void mails_put(struct buf *b, const struct mails_entry *entry)
{
	wire_put_u32(b, entry->uidvalidity);
	wire_put_u32(b, entry->uid);
	wire_put_i64(b, entry->arrived_ms);
	wire_put_bytes(b, entry->bytes, entry->len);
}

bool mails_next(struct wire_in *in, struct mails_entry *ret)
{
	if (in->bad || in->p == in->end)
		return false;
	ret->uidvalidity = wire_get_u32(in);
	ret->uid = wire_get_u32(in);
	ret->arrived_ms = wire_get_i64(in);
	ret->bytes = wire_get_bytes(in, &ret->len);
	return !in->bad;
}
