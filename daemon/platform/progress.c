#include "platform/progress.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"
#include "platform/params.h"

enum { VERSION = 3 }; /* 1 did not know of behind, 2 not of what is asked for by ids */

static void put_spent(struct buf *b, const struct budget_spent *s)
{
	wire_put_i64(b, s->day);
	wire_put_i64(b, s->month);
	wire_put_i64(b, s->calls_day);
	wire_put_i64(b, s->calls_month);
	wire_put_i64(b, s->micros_day);
	wire_put_i64(b, s->micros_month);
}

static void get_spent(struct wire_in *in, struct budget_spent *s)
{
	s->day = wire_get_i64(in);
	s->month = wire_get_i64(in);
	s->calls_day = wire_get_i64(in);
	s->calls_month = wire_get_i64(in);
	s->micros_day = wire_get_i64(in);
	s->micros_month = wire_get_i64(in);
}

static void get_again(struct wire_in *in, struct progress *p)
{
	size_t i;

	p->n_again = wire_get_u8(in);
	if (p->n_again > PROGRESS_AGAIN_MAX)
		in->bad = true;
	for (i = 0; i < p->n_again && !in->bad; i++) {
		p->again[i].age_ms = wire_get_i64(in);
		p->again[i].at_ms = wire_get_i64(in);
		p->again[i].at_seq = wire_get_u64(in);
	}
}

void progress_put(struct buf *b, const struct params *params, const struct progress *p)
{
	struct buf sealed = BUF_INIT(PROGRESS_MAX_BYTES);
	size_t i;

	if (p->token.access || p->token.refresh)
		auth_seal(&sealed, params, &p->token);
	wire_put_u8(b, VERSION);
	wire_put_u64(b, params_signature(params));
	wire_put_text(b, p->cursor);
	wire_put_i64(b, p->since_ms);
	put_spent(b, &p->spent);
	wire_put_bytes(b, buf_str(&sealed), sealed.len);
	wire_put_u8(b, p->behind);
	put_spent(b, &p->spent_lookup);
	wire_put_u8(b, (uint8_t)p->n_again);
	for (i = 0; i < p->n_again; i++) {
		wire_put_i64(b, p->again[i].age_ms);
		wire_put_i64(b, p->again[i].at_ms);
		wire_put_u64(b, p->again[i].at_seq);
	}
	buf_done(&sealed);
}

bool progress_get(const struct params *params, const char *bytes, size_t len, struct arena *a, struct progress *ret)
{
	const struct progress blank = {.since_ms = TIME_NONE, .token = AUTH_TOKEN_NONE};
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
	get_spent(&in, &p.spent);
	sealed = wire_get_bytes(&in, &sealed_len);
	p.behind = version >= 2 && wire_get_u8(&in);
	if (version >= 3) {
		get_spent(&in, &p.spent_lookup);
		get_again(&in, &p);
	}
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
	ret->n_again = 0;
	return false;
}
