#pragma once
/*
 * match/expr_token: the words and signs of a condition. Inside match/expr alone.
 *
 * One letter of look-ahead does, but a value ("acme.example", "@acme_mx", "4.5") is made of other letters than a name: where
 * the parser expects one it reads the token again by token_value().
 */
#include <stdbool.h>
#include <stddef.h>

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_IN,
	TOKEN_OPEN, /* ( */
	TOKEN_CLOSE,
	TOKEN_LIST, /* [ */
	TOKEN_LIST_END,
	TOKEN_MAP, /* { */
	TOKEN_MAP_END,
	TOKEN_COMMA,
	TOKEN_COLON,
	TOKEN_SIGN,  /* a run of = < > !, right or wrong */
	TOKEN_TEXT,  /* 'a b' or "a b"; at and len are those between the quotes */
	TOKEN_QUOTE, /* a quote that is never closed */
	TOKEN_VALUE, /* of token_value() alone */
	TOKEN_OTHER,
};

struct token {
	enum token_kind kind;
	size_t at, len;  /* in bytes */
	size_t from, to; /* quotes included */
};

/* The token at from or, white space skipped, behind it. */
struct token token_read(const char *text, size_t len, size_t from);
/* The same place read as a value: TOKEN_VALUE, TOKEN_TEXT, or what token_read() says of a bracket, a comma, a quote and the
 * end. */
struct token token_value(const char *text, size_t len, size_t from);

bool token_name_char(char c); /* [a-z0-9_-] */
bool token_is(const char *text, const struct token *t, const char *word);
