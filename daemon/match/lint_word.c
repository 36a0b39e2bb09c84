/* One word of a list: what is written as for another program, or on one line, and so is looked for as it stands and found nowhere. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "match/lint_inside.h"

enum { COMPANY_BYTES = 4 }; /* "Acme, S.A.", "Acme, Inc": no list */

static bool is_letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* --- an expression --- */

static bool sign_of_regex(const char *s, size_t len, size_t i)
{
	char next = i + 1 < len ? s[i + 1] : '\0';

	switch (s[i]) {
	case '\\':
	case '|':
		return true;
	case '.':
		return next == '*' || next == '+';
	case '(':
		return next == '?' || (i && is_letter(s[i - 1]) && is_letter(next)); /* estafador(es) */
	case '^':
		return !i && is_letter(next);
	case '?':
		return i && is_letter(s[i - 1]) && is_letter(next); /* go?l */
	case '[':
		return next != ']' && memchr(s + i, ']', len - i) != NULL;
	default:
		return false;
	}
}

/* What means something in an expression, and in a list only itself. "estafas?" alone is no question. */
static bool looks_like_regex(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (sign_of_regex(s, len, i))
			return true;
	return len > 1 && s[len - 1] == '?' && is_letter(s[len - 2]) && !memchr(s, ' ', len) && !memmem(s, len, "¿", 2);
}

/* --- several in one --- */

/* Commas between words, but of a firm's form behind its name; handles and hashtags. */
static bool is_several(const char *s, size_t len)
{
	size_t commas = 0, signs = 0, last = 0, i;

	for (i = 0; i + 1 < len; i++) {
		bool begins = !i || s[i - 1] == ' ' || s[i - 1] == ',';

		signs += begins && (s[i] == '@' || s[i] == '#') && s[i + 1] != ' ';
		if ((s[i] != ',' && s[i] != ';') || !i || isdigit((unsigned char)s[i - 1]))
			continue;
		commas++;
		last = i + 1 + (s[i + 1] == ' ');
	}
	if (commas == 1 && (len - last <= COMPANY_BYTES || memchr(s + last, '.', len - last)))
		commas = 0;
	return commas || signs > 1;
}

static bool holds(const char *s, size_t len, const char *sign)
{
	return memmem(s, len, sign, strlen(sign)) != NULL;
}

/* What search boxes have between words. */
static const char *boolean_of(const char *s, size_t len)
{
	return holds(s, len, " AND ") ? "AND" : holds(s, len, " OR ") ? "OR" : holds(s, len, " NOT ") ? "NOT" : NULL;
}

static bool is_file(const char *s, size_t len)
{
	return len > 4 && !memchr(s, ' ', len) &&
	       (!strncasecmp(s + len - 4, ".txt", 4) || !strncasecmp(s + len - 4, ".csv", 4));
}

/* "acme  # the name", "# names" */
static bool has_remark(const char *s, size_t len)
{
	return holds(s, len, " # ") || (len > 1 && s[0] == '#' && s[1] == ' ');
}

void lint_word(struct lint *l, const struct lint_pattern *p, size_t i)
{
	const struct word *w = &p->def->words[i];
	struct diag_pos pos = lint_word_pos(l, p->def, i);
	const char *s = w->s, *sign;
	size_t len = w->len, at;
	char word[LINT_SHOWN_BYTES];

	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r'))
		len--;
	while (len && *s == ' ') {
		s++;
		len--;
	}
	lint_shown(word, s, len);
	if (looks_like_regex(s, len))
		LINT_WARN(l, pos, p->key, TEXT_LINT_WORD_REGEX, word);
	else if (lint_entity(s, len, &at))
		LINT_WARN(l, pos, p->key, TEXT_LINT_ENTITY, word);
	else if (len > 1 && (s[len - 1] == ',' || s[len - 1] == ';'))
		LINT_WARN(l, pos, p->key, TEXT_LINT_WORD_COMMA, word);
	else if (has_remark(s, len))
		LINT_WARN(l, pos, p->key, TEXT_LINT_WORD_REMARK, word);
	else if ((sign = boolean_of(s, len)))
		LINT_WARN(l, pos, p->key, TEXT_LINT_WORD_BOOLEAN, word, sign);
	else if (is_several(s, len))
		LINT_WARN(l, pos, p->key, TEXT_LINT_WORD_SEVERAL, word);
	else if (len > 2 && *s == '"' && s[len - 1] == '"')
		LINT_WARN(l, pos, p->key, TEXT_LINT_WORD_QUOTED, word);
	else if (p->def->n_words == 1 && is_file(s, len))
		LINT_WARN(l, pos, p->key, TEXT_LINT_WORD_FILE, word);
}
