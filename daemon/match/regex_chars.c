#include "match/regex_chars.h"

#include <ctype.h>
#include <string.h>

#include "match/regex_token.h"

/* What stands beyond ASCII, as far as sets tell it apart. */
enum { FAR_WORD = 1, FAR_SPACE = 2, FAR_REST = 4, FAR_ALL = 7 };

const struct regex_chars regex_chars_all = {{UINT64_MAX, UINT64_MAX}, FAR_ALL};

static void put(struct regex_chars *c, uint32_t from, uint32_t to)
{
	for (; from <= to && from < 0x80; from++)
		c->ascii[from / 64] |= UINT64_C(1) << from % 64;
}

/* With the other case; ſ and the Kelvin sign are s and k where case doesn't count. */
static void put_letters(struct regex_chars *c, uint32_t from, uint32_t to)
{
	put(c, from, to);
	for (; from <= to && from < 0x80; from++)
		if (isalpha((int)from)) {
			put(c, from ^ 0x20, from ^ 0x20);
			c->far |= (from | 0x20) == 's' || (from | 0x20) == 'k' ? FAR_WORD : 0;
		}
	if (to >= 0x80)
		c->far = FAR_ALL;
}

struct regex_chars regex_chars_joined(struct regex_chars a, struct regex_chars b)
{
	return (struct regex_chars){{a.ascii[0] | b.ascii[0], a.ascii[1] | b.ascii[1]}, a.far | b.far};
}

bool regex_chars_apart(struct regex_chars a, struct regex_chars b)
{
	return !(a.ascii[0] & b.ascii[0]) && !(a.ascii[1] & b.ascii[1]) && !(a.far & b.far);
}

bool regex_chars_none(struct regex_chars c)
{
	return !c.ascii[0] && !c.ascii[1] && !c.far;
}

/* \w and the like; false: another. exact: the far ones are all in it that are named, and no others. */
static bool set_chars(char letter, struct regex_chars *ret, bool *ret_exact)
{
	struct regex_chars c = {.far = 0};

	*ret_exact = true;
	switch (tolower(letter)) {
	case 'w':
		put(&c, '0', '9');
		put(&c, 'A', 'Z');
		put(&c, 'a', 'z');
		put(&c, '_', '_');
		c.far = FAR_WORD;
		break;
	case 's':
		put(&c, '\t', '\r');
		put(&c, ' ', ' ');
		c.far = FAR_SPACE;
		break;
	case 'd':
		put(&c, '0', '9');
		c.far = FAR_WORD;
		*ret_exact = false;
		break;
	default:
		return false;
	}
	if (isupper(letter)) /* \D has far letters as well: what is not exact keeps all of them */
		c = (struct regex_chars){{~c.ascii[0], ~c.ascii[1]}, *ret_exact ? FAR_ALL & ~c.far : FAR_ALL};
	*ret = c;
	return true;
}

/* One character of a class at *s; false: nobody can say which. */
static bool class_char(const char **s, const char *end, uint32_t *ret)
{
	const unsigned char *p = (const unsigned char *)*s;

	if (*p == '\\') {
		if (end - *s < 2 || isalnum(p[1]) || p[1] >= 0x80)
			return false;
		*ret = p[1];
		*s += 2;
		return true;
	}
	*ret = *p; /* of a far one, a byte: all the same */
	(*s)++;
	return *p != '[' || *s == end || (**s != ':' && **s != '.' && **s != '=');
}

/* The members between the brackets, from s to end. */
static struct regex_chars class_chars(const char *s, const char *end)
{
	bool inverse = s < end && *s == '^', exact = true, whole;
	struct regex_chars c = {.far = 0}, set;
	unsigned wholly = 0; /* of the far ones, those of which each is a member */
	uint32_t from, to;

	for (s += inverse; s < end;) {
		if (*s == '\\' && end - s >= 2 && set_chars(s[1], &set, &whole)) {
			c = regex_chars_joined(c, set);
			wholly |= whole ? set.far : 0;
			s += 2;
			continue;
		}
		exact &= class_char(&s, end, &from);
		to = from;
		if (exact && end - s >= 2 && *s == '-') {
			s++;
			exact = class_char(&s, end, &to);
		}
		if (!exact)
			return regex_chars_all;
		if (inverse)
			put(&c, from, to);
		else
			put_letters(&c, from, to);
	}
	return inverse ? (struct regex_chars){{~c.ascii[0], ~c.ascii[1]}, FAR_ALL & ~wholly} : c;
}

struct regex_chars regex_chars_of(const char *regex, const struct rx_token *x)
{
	struct regex_chars c = {.far = 0};
	bool exact;

	switch (x->kind) {
	case RX_LITERAL:
		put_letters(&c, x->c, x->c);
		return c;
	case RX_SET:
		return set_chars((char)x->c, &c, &exact) ? c : regex_chars_all;
	case RX_CLASS:
		return x->len < 2 ? regex_chars_all : class_chars(regex + x->at + 1, regex + x->at + x->len - 1);
	default:
		return regex_chars_all;
	}
}
