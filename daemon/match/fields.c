#include "match/fields.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "mention/mention.h"

enum { NUMBER_DIGITS = 15 }; /* exact in a double */

static const struct {
	const char *name;
	enum field_type type;
	bool late;
} fields[FACTS] = {
	[FACT_LANG] = {"lang", FACT_WORD, true},
	[FACT_COUNTRY] = {"country", FACT_WORD, false},
	[FACT_PLATFORM] = {"platform", FACT_WORD, false},
	[FACT_SOURCE] = {"source", FACT_WORD, false},
	[FACT_SITE] = {"site", FACT_WORD, false},
	[FACT_AUTHOR] = {"author", FACT_WORD, false},
	[FACT_FOLLOWERS] = {"followers", FACT_NUMBER, false},
	[FACT_VERIFIED] = {"verified", FACT_YES_NO, false},
	[FACT_LIKES] = {"likes", FACT_NUMBER, false},
	[FACT_SHARES] = {"shares", FACT_NUMBER, false},
	[FACT_REPLIES] = {"replies", FACT_NUMBER, false},
	[FACT_VIEWS] = {"views", FACT_NUMBER, false},
	[FACT_RATING] = {"rating", FACT_NUMBER, false},
	[FACT_SENTIMENT] = {"sentiment", FACT_WORD, true},
	[FACT_INTENT] = {"intent", FACT_CARRIED, true},
	[FACT_TAGS] = {"tags", FACT_CARRIED, true},
	[FACT_KIND] = {"kind", FACT_WORD, false},
	[FACT_VERSION] = {"version", FACT_WORD, false},
	[FACT_REPEATS] = {"repeats", FACT_WORD, false},
};

enum field_name field_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < FACTS; i++)
		if (strlen(fields[i].name) == len && !memcmp(fields[i].name, name, len))
			break;
	return (enum field_name)i;
}

const char *field_text(enum field_name field)
{
	return fields[field].name;
}

enum field_type field_type(enum field_name field)
{
	return fields[field].type;
}

bool field_late(enum field_name field)
{
	return fields[field].late;
}

/* --- the form that is compared --- */

const char *field_host(const char *url, size_t *ret_len)
{
	const char *host = strstr(url, "://"), *at;

	if (!host)
		return NULL;
	host += strlen("://");
	*ret_len = strcspn(host, "/?#");
	at = memchr(host, '@', *ret_len);
	if (at) {
		*ret_len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	*ret_len = strcspn(host, ":/?#");
	while (*ret_len && host[*ret_len - 1] == '.')
		(*ret_len)--;
	return host;
}

/* Small letters of [s, s + len) into to, as many as fit; returns their bytes. Not folding: "José" and "Jose" are two. */
static size_t small_letters(const char *s, size_t len, char to[FACT_WORD_MAX])
{
	const char *end = s + len;
	size_t n = 0;

	while (s < end && n + 4 <= FACT_WORD_MAX)
		n += utf8_encode((uint32_t)utf8proc_tolower((utf8proc_int32_t)utf8_next(&s, end)), to + n);
	return n;
}

static size_t capitals(const char *s, size_t len, char to[FACT_WORD_MAX])
{
	size_t n;

	for (n = 0; n < len && n < FACT_WORD_MAX; n++)
		to[n] = (char)toupper((unsigned char)s[n]);
	return n;
}

/* A host name, from itself or from an address; 0: none is there. */
static size_t site(const char *s, size_t len, char to[FACT_WORD_MAX])
{
	char whole[FACT_WORD_MAX];
	const char *host = whole;
	size_t n = small_letters(s, len < FACT_WORD_MAX - 1 ? len : FACT_WORD_MAX - 1, whole), i;

	if (n == FACT_WORD_MAX)
		n--;
	whole[n] = '\0';
	if (strstr(whole, "://"))
		host = field_host(whole, &n);
	else
		n = strcspn(whole, "/");
	if (n > 4 && !memcmp(host, "www.", 4)) {
		host += 4;
		n -= 4;
	}
	for (i = 0; i < n; i++)
		if (isspace((unsigned char)host[i]) || (ispunct((unsigned char)host[i]) && !strchr(".-_", host[i])))
			return 0;
	memcpy(to, host, n);
	return memchr(to, '.', n) && to[0] != '.' && to[n - 1] != '.' ? n : 0;
}

static size_t normal(enum field_name field, const char *s, size_t len, char to[FACT_WORD_MAX])
{
	const char *cut;

	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	while (len && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	switch (field) {
	case FACT_COUNTRY:
		return capitals(s, len, to);
	case FACT_SITE:
		return site(s, len, to);
	case FACT_AUTHOR:
	case FACT_REPEATS:
		cut = len && *s == '@' ? s + 1 : s;
		return small_letters(cut, len - (size_t)(cut - s), to);
	default:
		return small_letters(s, len, to);
	}
}

char *field_normal(enum field_name field, const char *value, size_t len, struct arena *a)
{
	char room[FACT_WORD_MAX];
	size_t n = normal(field, value, len, room);

	return n ? arena_memdup0(a, room, n) : NULL;
}

bool field_number(enum field_name field, const char *s, double *ret)
{
	double digits = 0, unit = 1; /* 4.5 is 45 / 10: the nearest double, as the mention's own is */
	bool point = false;
	size_t n = 0;

	for (; *s; s++) {
		if (*s == '.' && field == FACT_RATING && !point && n && s[1]) {
			point = true;
			continue;
		}
		if (*s < '0' || *s > '9' || n == NUMBER_DIGITS)
			return false;
		n++;
		unit *= point ? 10 : 1;
		digits = digits * 10 + (*s - '0');
	}
	*ret = digits / unit;
	return n > 0;
}

/* --- what a mention has --- */

static void word(enum field_name field, const char *s, char room[FACT_WORD_MAX], struct fact_value *ret)
{
	size_t n = s ? normal(field, s, strlen(s), room) : 0;

	*ret = (struct fact_value){.known = n > 0, .word = room, .len = n};
}

static void number(double value, bool known, struct fact_value *ret)
{
	*ret = (struct fact_value){.known = known, .number = value};
}

void field_value(enum field_name field, const struct mention *m, char room[FACT_WORD_MAX], struct fact_value *ret)
{
	const int64_t counts[FACTS] = {
		[FACT_FOLLOWERS] = m->author.followers, [FACT_LIKES] = m->counts.likes,
		[FACT_SHARES] = m->counts.shares,       [FACT_REPLIES] = m->counts.replies,
		[FACT_VIEWS] = m->counts.views,
	};
	const char *const words[FACTS] = {
		[FACT_LANG] = m->lang,         [FACT_COUNTRY] = m->country,
		[FACT_PLATFORM] = m->platform, [FACT_SOURCE] = m->source,
		[FACT_SITE] = m->url,          [FACT_AUTHOR] = m->author.handle ? m->author.handle : m->author.name,
		[FACT_KIND] = m->kind,         [FACT_VERSION] = m->version,
		[FACT_REPEATS] = m->repeats,   [FACT_SENTIMENT] = m->sentiment.label,
	};
	char *dash;

	if (field == FACT_RATING) {
		number(m->rating, !isnan(m->rating), ret);
	} else if (field_type(field) == FACT_NUMBER) {
		number((double)counts[field], counts[field] >= 0, ret);
	} else if (field_type(field) == FACT_YES_NO) {
		number(m->author.verified == VERIFIED_YES, m->author.verified != VERIFIED_UNKNOWN, ret);
	} else if (field_type(field) == FACT_WORD) {
		word(field, words[field], room, ret);
		if (field == FACT_LANG && ret->known && (dash = memchr(room, '-', ret->len)))
			ret->len = (size_t)(dash - room); /* es-MX is es */
	} else {
		number(0, false, ret);
	}
}

/* --- what may be --- */

/* ISO 639-1. Of codes of three letters there are thousands: any may be one. */
static const char languages[] =
	" aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da "
	"de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz "
	"ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln "
	"lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi "
	"pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti "
	"tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ";
/* ISO 3166-1. */
static const char countries[] =
	" AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS "
	"BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE "
	"EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
	"HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC "
	"LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA "
	"NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO "
	"TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ";

static const struct {
	enum field_name field;
	const char *written, *meant; /* written NULL: nothing but a right value, for near misses */
} meanings[] = {
	{FACT_LANG, "sp", "es"},
	{FACT_LANG, "español", "es"},
	{FACT_LANG, "espanol", "es"},
	{FACT_LANG, "castellano", "es"},
	{FACT_LANG, "spanish", "es"},
	{FACT_LANG, "inglés", "en"},
	{FACT_LANG, "ingles", "en"},
	{FACT_LANG, "english", "en"},
	{FACT_LANG, "portugués", "pt"},
	{FACT_LANG, "portugues", "pt"},
	{FACT_LANG, "portuguese", "pt"},
	{FACT_LANG, "br", "pt"},
	{FACT_LANG, "mx", "es"},
	{FACT_LANG, "us", "en"},
	{FACT_LANG, "esp", "es"},
	{FACT_LANG, "spa", "es"},
	{FACT_LANG, "eng", "en"},
	{FACT_LANG, "por", "pt"},
	{FACT_COUNTRY, "UK", "GB"},
	{FACT_COUNTRY, "EN", "GB"},
	{FACT_COUNTRY, "USA", "US"},
	{FACT_COUNTRY, "EEUU", "US"},
	{FACT_COUNTRY, "MEX", "MX"},
	{FACT_COUNTRY, "MEXICO", "MX"},
	{FACT_COUNTRY, "ESP", "ES"},
	{FACT_COUNTRY, "SPAIN", "ES"},
	{FACT_COUNTRY, "ARG", "AR"},
	{FACT_COUNTRY, "ARGENTINA", "AR"},
	{FACT_COUNTRY, "COL", "CO"},
	{FACT_COUNTRY, "COLOMBIA", "CO"},
	{FACT_COUNTRY, "CHI", "CL"},
	{FACT_COUNTRY, "CHILE", "CL"},
	{FACT_COUNTRY, "PER", "PE"},
	{FACT_COUNTRY, "PERU", "PE"},
	{FACT_COUNTRY, "BRASIL", "BR"},
	{FACT_COUNTRY, "BRAZIL", "BR"},
	{FACT_COUNTRY, "VEN", "VE"},
	{FACT_COUNTRY, "ECU", "EC"},
	{FACT_COUNTRY, "URU", "UY"},
	{FACT_COUNTRY, "BOL", "BO"},
	{FACT_COUNTRY, "CRI", "CR"},
	{FACT_PLATFORM, "rss", "feed"},
	{FACT_PLATFORM, "atom", "feed"},
	{FACT_PLATFORM, "jsonfeed", "feed"},
	{FACT_COUNTRY, "MéXICO", "MX"}, /* capitals of ASCII alone */
	{FACT_COUNTRY, "MÉXICO", "MX"},
	{FACT_COUNTRY, "PERú", "PE"},
	{FACT_COUNTRY, "PERÚ", "PE"},
	{FACT_COUNTRY, "ESPAñA", "ES"},
	{FACT_COUNTRY, "ESPAÑA", "ES"},
	{FACT_SENTIMENT, "bad", "negative"},
	{FACT_SENTIMENT, "malo", "negative"},
	{FACT_SENTIMENT, "mala", "negative"},
	{FACT_SENTIMENT, "good", "positive"},
	{FACT_SENTIMENT, "bueno", "positive"},
	{FACT_SENTIMENT, "buena", "positive"},
	{FACT_SENTIMENT, "-1", "negative"},
	{FACT_SENTIMENT, "0", "neutral"},
	{FACT_SENTIMENT, "1", "positive"},
	{FACT_SENTIMENT, "negativo", "negative"},
	{FACT_SENTIMENT, "negativa", "negative"},
	{FACT_SENTIMENT, "positivo", "positive"},
	{FACT_SENTIMENT, "positiva", "positive"},
	{FACT_SENTIMENT, "neutro", "neutral"},
	{FACT_SENTIMENT, "neutra", "neutral"},
	{FACT_KIND, "tweet", "post"},
	{FACT_KIND, "tuit", "post"},
	{FACT_KIND, "artículo", "article"},
	{FACT_KIND, "articulo", "article"},
	{FACT_KIND, "noticia", "article"},
	{FACT_KIND, "comentario", "comment"},
	{FACT_KIND, "reseña", "review"},
	{FACT_KIND, "mensaje", "message"},
};

static const char *const platforms[] = {"feed", "imap", "file"};
static const char *const kinds[] = {"article", "post",  "comment", "review",   "message", "video", "podcast", "share",
				    "quote",   "reply", "mention", "question", "answer",  "issue", "news",    "email"};
static const char *const sentiments[] = {"negative", "neutral", "positive"};

static bool in_words(const char *words, const char *value)
{
	const char *at = words;
	size_t len = strlen(value);

	while (len && (at = strstr(at + 1, value)))
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

static bool in_list(const char *const *v, size_t n, const char *value)
{
	size_t i;

	for (i = 0; i < n && strcmp(v[i], value) != 0; i++)
		;
	return i < n;
}

/* What the value means in another's words; NULL. */
static const char *meaning(enum field_name field, const char *value)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(meanings); i++)
		if (meanings[i].field == field && !strcmp(meanings[i].written, value))
			return meanings[i].meant;
	return NULL;
}

/* Kinds and platforms are many, and more come: only what is nearly one that is known is taken for a slip. */
static bool open_list(const char *const *v, size_t n, const char *value, const char **guess)
{
	if (in_list(v, n, value))
		return true;
	if (!*guess)
		*guess = strlen(value) > 3 ? suggest(value, v, n, sizeof(*v)) : NULL;
	return !*guess;
}

static bool possible_lang(const char *value, struct arena *a, const char **guess)
{
	size_t primary = strcspn(value, "-_");
	const char *cut = arena_memdup0(a, value, primary);

	if (*guess)
		return false;
	if (!value[primary])
		return primary == 3 || in_words(languages, value);
	if (in_words(languages, cut)) /* es-MX: a mention's is "es" */
		*guess = cut;
	return false;
}

bool field_possible(enum field_name field, const char *value, struct arena *a, const char **ret_guess)
{
	*ret_guess = meaning(field, value);
	switch (field) {
	case FACT_LANG:
		return possible_lang(value, a, ret_guess);
	case FACT_COUNTRY:
		return in_words(countries, value);
	case FACT_SENTIMENT:
		if (!*ret_guess)
			*ret_guess = suggest(value, sentiments, ARRAY_LEN(sentiments), sizeof(*sentiments));
		return in_list(sentiments, ARRAY_LEN(sentiments), value);
	case FACT_PLATFORM:
		return open_list(platforms, ARRAY_LEN(platforms), value, ret_guess);
	case FACT_KIND:
		return open_list(kinds, ARRAY_LEN(kinds), value, ret_guess);
	default:
		return true;
	}
}
