/* Which digits are a telephone number. What is as long and is none, an identity card's or an account's, may well go with it; a date, an
 * amount and a year may not, since a report lives by them. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "mention/pseudonym_inside.h"

enum { GROUPS_MAX = 8, DIGITS_LEAST = 8, DIGITS_MAX = 24, YEAR_DIGITS = 4 };

/* Groups of digits as they stand, with what is between them. */
struct groups {
	size_t digits[GROUPS_MAX];
	char before[GROUPS_MAX]; /* the first separator in front of it: one of " .-/(", or 0 */
	const char *at[GROUPS_MAX], *end[GROUPS_MAX];
	size_t n, all;
	bool plus;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One separator at s, as its like in ASCII; *ret_len 0: none. */
static char separator_at(const char *s, const char *end, size_t *ret_len)
{
	static const struct {
		const char *bytes;
		char as;
	} wide[] = {{"\u00a0", ' '}, {"\u202f", ' '}, {"\u2009", ' '},
		    {"\u2011", '-'}, {"\u2013", '-'}, {"\u2212", '-'}};
	size_t i;

	*ret_len = 0;
	if (s < end && strchr(" .-/()", *s) && *s) {
		*ret_len = 1;
		return *s == ')' ? '(' : *s;
	}
	for (i = 0; i < ARRAY_LEN(wide); i++)
		if ((size_t)(end - s) >= strlen(wide[i].bytes) && !memcmp(s, wide[i].bytes, strlen(wide[i].bytes))) {
			*ret_len = strlen(wide[i].bytes);
			return wide[i].as;
		}
	return 0;
}

/* At most two of them may stand between two groups: ") ", ". ", " (". */
static const char *skip_separators(const char *s, const char *end, char *ret_first)
{
	size_t len;
	int n;

	*ret_first = 0;
	for (n = 0; n < 2; n++) {
		char c = separator_at(s, end, &len);

		if (!len)
			break;
		if (!n)
			*ret_first = c;
		s += len;
	}
	return s;
}

static struct groups groups_at(const char *s, const char *end)
{
	struct groups g = {.plus = *s == '+'};
	char first = 0;

	if (*s == '+' || *s == '(')
		s++;
	if (s < end && *s == '(')
		s++;
	while (s < end && is_digit(*s) && g.n < GROUPS_MAX && g.all < DIGITS_MAX) {
		g.at[g.n] = s;
		g.before[g.n] = first;
		while (s < end && is_digit(*s))
			s++;
		g.digits[g.n] = (size_t)(s - g.at[g.n]);
		g.end[g.n] = s;
		g.all += g.digits[g.n++];
		s = skip_separators(s, end, &first);
	}
	return g;
}

static int number(const char *s, size_t n)
{
	int value = 0;

	while (n--)
		value = 10 * value + (*s++ - '0');
	return value;
}

static bool is_year(const char *s)
{
	return (s[0] == '1' && s[1] == '9') || (s[0] == '2' && s[1] == '0');
}

/* 2026-11-22, 22/11/2026, 20261122, and 2024-2026. */
static bool is_date(const struct groups *g)
{
	const size_t *d = g->digits;

	if (g->n == 1 && d[0] == 8) {
		int month = number(g->at[0] + YEAR_DIGITS, 2), day = number(g->at[0] + YEAR_DIGITS + 2, 2);

		return is_year(g->at[0]) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
	}
	if (g->n >= 2 && d[0] == YEAR_DIGITS && d[1] == YEAR_DIGITS && is_year(g->at[0]) && is_year(g->at[1]))
		return true;
	if (g->n < 3 || g->before[1] != g->before[2] || g->before[1] == '(')
		return false;
	return (d[0] == YEAR_DIGITS && is_year(g->at[0]) && d[1] <= 2 && d[2] <= 2) ||
	       (d[0] <= 2 && d[1] <= 2 && d[2] == YEAR_DIGITS && is_year(g->at[2]));
}

/* "1.500.000", "1 500 000", "3.14159265": of groups of three the first may be shorter. Nine digits in threes with spaces are how mobile
 * numbers are written, and with dots they are one where none begins below 6. */
static bool is_amount(const struct groups *g)
{
	size_t i;

	if (g->n == 2 && g->before[1] == '.')
		return true;
	if (g->n < 2 || g->digits[0] > 3)
		return false;
	for (i = 1; i < g->n; i++)
		if (g->digits[i] != 3 || g->before[i] != g->before[1])
			return false;
	if (g->before[1] == '.')
		return g->all != 9 || g->at[0][0] < '6';
	return g->before[1] == ' ' && g->digits[0] < 3;
}

static bool behind_currency(const char *text, const char *at)
{
	static const char *const signs[] = {"$",  "€",   "£",   "S/",  "Bs",  "USD", "EUR",
					    "R$", "MXN", "COP", "ARS", "CLP", "PEN"};
	size_t i;

	while (at > text && at[-1] == ' ')
		at--;
	for (i = 0; i < ARRAY_LEN(signs); i++) {
		size_t n = strlen(signs[i]);

		if ((size_t)(at - text) >= n && !memcmp(at - n, signs[i], n))
			return true;
	}
	return false;
}

static bool before_unit(const char *at, const char *end)
{
	static const char *const units[] = {"pesos", "soles",    "euros", "dólares", "dolares", "dollars",
					    "reais", "millones", "usd",   "eur",     "cop",     "mxn",
					    "clp",   "ars",      "pen",   "%",       "€",       "$"};
	size_t i;

	while (at < end && *at == ' ')
		at++;
	for (i = 0; i < ARRAY_LEN(units); i++) {
		size_t n = strlen(units[i]);

		if ((size_t)(end - at) >= n && !strncasecmp(at, units[i], n) && !name_char(at + n, end))
			return true;
	}
	return false;
}

size_t phone_at(const char *text, const char *at, const char *end, bool *ret_phone)
{
	struct groups g = groups_at(at, end);
	const char *last;

	*ret_phone = false;
	if (!g.n)
		return 0;
	last = g.end[g.n - 1];
	if (is_date(&g))
		return (size_t)(g.end[g.n < 3 ? g.n - 1 : 2] - at);
	if (!g.plus && (is_amount(&g) || behind_currency(text, at) || before_unit(last, end)))
		return (size_t)(last - at);
	*ret_phone = g.all >= (g.plus ? DIGITS_LEAST - 1 : DIGITS_LEAST) ||
		     (g.n == 2 && g.digits[0] == 3 && g.digits[1] == 4 && g.before[1] == '-');
	return (size_t)((*ret_phone ? last : g.end[0]) - at);
}
