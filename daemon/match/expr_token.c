#include "match/expr_token.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

bool token_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool token_is(const char *text, const struct token *t, const char *word)
{
	return t->len == strlen(word) && !memcmp(text + t->at, word, t->len);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Signs that are a token each, wherever they stand. */
static bool is_single(char c)
{
	return strchr("()[]{},:'\"", c) && c;
}

static bool is_compare(char c)
{
	return c == '=' || c == '<' || c == '>' || c == '!';
}

/* A run of what is no token of ours (ASCII signs one way, capitals and foreign letters the other). */
static size_t other_len(const char *s, size_t len)
{
	bool sign = ispunct((unsigned char)*s);
	size_t n = 1;

	while (n < len && !is_space(s[n]) && !is_single(s[n]) && !is_compare(s[n]) &&
	       (sign ? ispunct((unsigned char)s[n]) != 0 && s[n] != '_' && s[n] != '-'
		     : isalnum((unsigned char)s[n]) || (unsigned char)s[n] >= 0x80 || token_name_char(s[n])))
		n++;
	return n;
}

static struct token single(const char *text, size_t len, size_t at)
{
	static const struct {
		char c;
		enum token_kind kind;
	} signs[] = {
		{'(', TOKEN_OPEN}, {')', TOKEN_CLOSE},   {'[', TOKEN_LIST},  {']', TOKEN_LIST_END},
		{'{', TOKEN_MAP},  {'}', TOKEN_MAP_END}, {',', TOKEN_COMMA}, {':', TOKEN_COLON},
	};
	const char *end;
	size_t i;

	for (i = 0; i < ARRAY_LEN(signs); i++)
		if (text[at] == signs[i].c)
			return (struct token){signs[i].kind, at, 1, at, at + 1};
	end = memchr(text + at + 1, text[at], len - at - 1);
	if (!end)
		return (struct token){TOKEN_QUOTE, at, 1, at, at + 1};
	return (struct token){TOKEN_TEXT, at + 1, (size_t)(end - text) - at - 1, at, (size_t)(end - text) + 1};
}

static enum token_kind word_kind(const char *s, size_t n)
{
	static const struct {
		const char *word;
		enum token_kind kind;
	} words[] = {{"and", TOKEN_AND}, {"or", TOKEN_OR}, {"not", TOKEN_NOT}, {"in", TOKEN_IN}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i].word) == n && !memcmp(s, words[i].word, n))
			return words[i].kind;
	return TOKEN_NAME;
}

static size_t skip_space(const char *text, size_t len, size_t from)
{
	while (from < len && is_space(text[from]))
		from++;
	return from;
}

struct token token_read(const char *text, size_t len, size_t from)
{
	size_t at = skip_space(text, len, from), n = 0;
	enum token_kind kind = TOKEN_OTHER;

	if (at == len)
		return (struct token){TOKEN_END, at, 0, at, at};
	if (is_single(text[at]))
		return single(text, len, at);
	while (at + n < len && is_compare(text[at + n]))
		n++;
	if (n && !(n == 1 && text[at] == '!'))
		return (struct token){TOKEN_SIGN, at, n, at, at + n};
	for (n = 0; at + n < len && token_name_char(text[at + n]);)
		n++;
	if (n && !(at + n < len && (isalpha((unsigned char)text[at + n]) || (unsigned char)text[at + n] >= 0x80)))
		kind = word_kind(text + at, n);
	else
		n = other_len(text + at, len - at);
	return (struct token){kind, at, n, at, at + n};
}

struct token token_value(const char *text, size_t len, size_t from)
{
	size_t at = skip_space(text, len, from), n = 0;

	if (at == len || (is_single(text[at]) && text[at] != ':') || is_compare(text[at]))
		return token_read(text, len, at);
	while (at + n < len && !is_space(text[at + n]) && !is_compare(text[at + n]) &&
	       (text[at + n] == ':' || !is_single(text[at + n])))
		n++;
	return (struct token){TOKEN_VALUE, at, n, at, at + n};
}
