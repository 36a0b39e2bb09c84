#include "platform/progress.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"
#include "platform/params.h"

enum { VERSION = 2 }; /* 1 did not know of behind */

void progress_put(struct buf *b, const struct params *params, const struct progress *p)
{
	struct buf sealed = BUF_INIT(PROGRESS_MAX_BYTES);

	if (p->token.access || p->token.refresh)
		auth_seal(&sealed, params, &p->token);
	wire_put_u8(b, VERSION);
	wire_put_u64(b, params_signature(params));
	wire_put_text(b, p->cursor);
	wire_put_i64(b, p->since_ms);
	wire_put_i64(b, p->spent.day);
	wire_put_i64(b, p->spent.month);
	wire_put_i64(b, p->spent.calls_day);
	wire_put_i64(b, p->spent.calls_month);
	wire_put_i64(b, p->spent.micros_day);
	wire_put_i64(b, p->spent.micros_month);
	wire_put_bytes(b, buf_str(&sealed), sealed.len);
	wire_put_u8(b, p->behind);
	buf_done(&sealed);
}

bool progress_get(const struct params *params, const char *bytes, size_t len, struct arena *a, struct progress *ret)
{
	static const struct progress blank = {.since_ms = TIME_NONE,
					      .token = {.got_ms = TIME_NONE, .until_ms = TIME_NONE}};
	struct wire_in in = WIRE_IN(bytes, len);
	struct progress p = blank;
	const char *sealed;
	size_t sealed_len;
	uint8_t version;

	*ret = blank;
	version = bytes ? wire_get_u8(&in) : 0;
	if (version < 1 || version > VERSION)
		return false;
	p.signature = wire_get_u64(&in);
	p.cursor = wire_get_text(&in, a);
	p.since_ms = wire_get_i64(&in);
	p.spent.day = wire_get_i64(&in);
	p.spent.month = wire_get_i64(&in);
	p.spent.calls_day = wire_get_i64(&in);
	p.spent.calls_month = wire_get_i64(&in);
	p.spent.micros_day = wire_get_i64(&in);
	p.spent.micros_month = wire_get_i64(&in);
	sealed = wire_get_bytes(&in, &sealed_len);
	p.behind = version >= 2 && wire_get_u8(&in);
	if (!wire_done(&in))
		return false;
	if (!auth_unseal(params, sealed, sealed_len, a, &p.token))
		p.token = blank.token;
	*ret = p;
	if (p.signature == params_signature(params))
		return true;
	ret->cursor = NULL;
	ret->since_ms = TIME_NONE;
	ret->behind = false;
	return false;
}
