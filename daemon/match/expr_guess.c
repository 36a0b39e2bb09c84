#include "match/expr_guess.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "match/expr_token.h"
#include "match/fields.h"

struct meant {
	const char *written, *meant;
};

static const struct meant betweens[] = {
	{"y", "and"},      {"e", "and"},      {"pero", "and"},    {"but", "and"},   {"o", "or"},  {"u", "or"},
	{"no", "and not"}, {"ni", "and not"}, {"sin", "and not"}, {"-", "and not"}, {"&", "and"}, {"&&", "and"},
	{"|", "or"},       {"||", "or"},      {"!", "and not"},   {",", "and"},     {"+", "and"}, {";", "and"},
};
static const struct meant nots[] = {{"no", "not"}, {"ni", "not"}, {"sin", "not"}, {"!", "not"}};
static const struct meant call_words[] = {
	{"cerca", "near"},   {"cercade", "near"}, {"cerca_de", "near"}, {"junto", "near"},     {"antes", "before"},
	{"cuenta", "count"}, {"contar", "count"}, {"veces", "count"},   {"conocido", "known"}, {"sabido", "known"},
};
static const struct meant facts[] = {
	{"idioma", "lang"},
	{"lengua", "lang"},
	{"language", "lang"},
	{"pais", "country"},
	{"país", "country"},
	{"plataforma", "platform"},
	{"red", "platform"},
	{"fuente", "source"},
	{"sitio", "site"},
	{"dominio", "site"},
	{"autor", "author"},
	{"usuario", "author"},
	{"seguidores", "followers"},
	{"verificado", "verified"},
	{"verificada", "verified"},
	{"compartidos", "shares"},
	{"respuestas", "replies"},
	{"comentarios", "replies"},
	{"vistas", "views"},
	{"reproducciones", "views"},
	{"estrellas", "rating"},
	{"calificacion", "rating"},
	{"calificación", "rating"},
	{"stars", "rating"},
	{"sentimiento", "sentiment"},
	{"tono", "sentiment"},
	{"tone", "sentiment"},
	{"intencion", "intent"},
	{"intención", "intent"},
	{"intents", "intent"},
	{"etiqueta", "tags"},
	{"etiquetas", "tags"},
	{"tag", "tags"},
	{"tipo", "kind"},
	{"megusta", "likes"},
	{"versión", "version"},
};

static const char *meaning(const struct meant *v, size_t n, const char *small)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i].written, small))
			return v[i].meant;
	return NULL;
}
#define MEANING(v, small) meaning((v), ARRAY_LEN(v), (small))

/* Small letters of ASCII: what the tables have of others people write small. */
static char *small(const char *word, size_t len, struct arena *a)
{
	char *to = arena_memdup0(a, word, len), *c;

	for (c = to; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return to;
}

static const char *near_one(const char *word, const char *const *v, size_t n)
{
	return suggest(word, v, n, sizeof(*v));
}

const char *guess_between(const char *word, size_t len, struct arena *a)
{
	static const char *const operators[] = {"and", "or"};
	const char *s = small(word, len, a), *meant = MEANING(betweens, s);

	return meant ? meant : near_one(s, operators, ARRAY_LEN(operators));
}

const char *guess_not(const char *word, size_t len, struct arena *a)
{
	return MEANING(nots, small(word, len, a));
}

const char *guess_before(const char *word, size_t len, struct arena *a)
{
	const char *s = small(word, len, a), *meant = guess_not(word, len, a);
	size_t i;

	if (!meant)
		meant = MEANING(facts, s);
	for (i = 0; !meant && i < len; i++)
		if (!token_name_char(s[i]))
			return NULL;
	return meant ? meant : s;
}

const char *guess_call(const char *word, size_t len, struct arena *a)
{
	static const char *const calls[] = {"near", "before", "count", "known"};
	const char *s = small(word, len, a), *meant = guess_not(word, len, a);

	if (!meant)
		meant = MEANING(call_words, s);
	return meant ? meant : near_one(s, calls, ARRAY_LEN(calls));
}

const char *guess_fact(const char *word, size_t len, struct arena *a)
{
	const char *names[FACTS], *s = small(word, len, a), *meant = MEANING(facts, s);
	size_t i;

	for (i = 0; i < FACTS; i++)
		names[i] = field_text((enum field_name)i);
	return meant ? meant : near_one(s, names, FACTS);
}

/* --- numbers --- */

/* Groups of three digits behind the first: 10.000, 1 000 000. */
static bool in_thousands(const char *s, size_t len)
{
	size_t i, run = 0, groups = 0;

	for (i = 0; i < len; i++) {
		if (isdigit((unsigned char)s[i])) {
			run++;
		} else if (!strchr(".,_ '", s[i]) || !run || run > 3 || (groups && run != 3)) {
			return false;
		} else {
			groups++;
			run = 0;
		}
	}
	return groups && run == 3;
}

static const char *digits_of(const char *s, size_t len, const char *behind, struct arena *a)
{
	char *to = arena_memdup0(a, s, len);
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		if (isdigit((unsigned char)s[i]))
			to[n++] = s[i];
	to[n] = '\0';
	return arena_printf(a, "%s%s", to, behind);
}

const char *guess_number(const char *word, size_t len, bool whole, struct arena *a)
{
	char *s = small(word, len, a), *comma;
	size_t digits = strspn(s, "0123456789");
	double number;

	if (digits && digits + 1 == len && (s[digits] == 'k' || s[digits] == 'm'))
		return digits_of(s, digits, s[digits] == 'k' ? "000" : "000000", a);
	if (whole)
		return in_thousands(s, len) ? digits_of(s, len, "", a) : NULL;
	comma = strchr(s, ',');
	if (comma)
		*comma = '.';
	return comma && field_number(FACT_RATING, s, &number) ? s : NULL;
}
