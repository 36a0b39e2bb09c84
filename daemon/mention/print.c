#include "mention/print.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/wire.h"

/* How far the estimate may be trusted: the standard error of 64 mins at a share of one half is 6 %. */
static const double ALIKE_SHORT = 0.5, ALIKE_LONG = 0.3, NUMERALS_FROM = 0.7;
/* One in the other: the estimate needs some common mins to mean anything, and the shorter some length. */
static const double INSIDE = 0.85, INSIDE_ALIKE = 0.15;
enum { INSIDE_WORDS = 10 };

void print_put(struct buf *b, const struct print *p)
{
	wire_put_u64(b, p->exact);
	wire_put_u64(b, p->link);
	wire_put_u32(b, p->words);
	wire_put_u32(b, p->parts);
	wire_put_u8(b, (uint8_t)p->n_numerals);
	wire_put_u32s(b, p->numerals, p->n_numerals);
	if (print_has_mins(p))
		wire_put_u32s(b, p->min, PRINT_MINS);
}

const struct print *print_get(struct wire_in *in, struct arena *a)
{
	struct print *p = ARENA_NEW(a, struct print);
	size_t i;

	p->exact = wire_get_u64(in);
	p->link = wire_get_u64(in);
	p->words = wire_get_u32(in);
	p->parts = wire_get_u32(in);
	p->n_numerals = wire_get_u8(in);
	if (p->n_numerals > PRINT_NUMERALS_MAX || p->words > PRINT_PARTS_MAX || p->parts > PRINT_PARTS_MAX ||
	    p->parts < (p->words > 0) || (p->words && !p->exact)) {
		in->bad = true;
		p->n_numerals = p->words = 0;
	}
	for (i = 0; i < p->n_numerals; i++)
		p->numerals[i] = wire_get_u32(in);
	for (i = 0; print_has_mins(p) && i < PRINT_MINS; i++)
		p->min[i] = wire_get_u32(in);
	return p;
}

static double share_of(const struct print *a, const struct print *b)
{
	unsigned same = 0;
	size_t i;

	for (i = 0; i < PRINT_MINS; i++)
		same += a->min[i] == b->min[i];
	return (double)same / PRINT_MINS;
}

static bool has_numeral(const struct print *p, uint32_t numeral)
{
	size_t i;

	for (i = 0; i < p->n_numerals; i++)
		if (p->numerals[i] == numeral)
			return true;
	return false;
}

/* Each of few's is one of many's. */
static bool numerals_among(const struct print *few, const struct print *many)
{
	size_t i;

	for (i = 0; i < few->n_numerals; i++)
		if (!has_numeral(many, few->numerals[i]))
			return false;
	return true;
}

/* Of the shorter how much is in the longer, as its share of both says. */
static bool inside(const struct print *a, const struct print *b, double share)
{
	const struct print *few = a->parts <= b->parts ? a : b, *many = few == a ? b : a;
	double common = share / (1 + share) * ((double)a->parts + (double)b->parts);

	return share >= INSIDE_ALIKE && few->words >= INSIDE_WORDS && common >= INSIDE * (double)few->parts &&
	       numerals_among(few, many);
}

double print_alike(const struct print *a, const struct print *b)
{
	double share, least = a->words < PRINT_WORDS_LONG || b->words < PRINT_WORDS_LONG ? ALIKE_SHORT : ALIKE_LONG;

	if ((a->exact && a->exact == b->exact) || (a->link && a->link == b->link))
		return 1;
	if (!print_has_mins(a) || !print_has_mins(b))
		return 0;
	share = share_of(a, b);
	if (share >= NUMERALS_FROM || inside(a, b, share))
		return share;
	return share >= least && numerals_among(a, b) && numerals_among(b, a) ? share : 0;
}
