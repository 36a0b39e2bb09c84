#include "parse/date_words.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "base/err.h"
#include "base/utf8.h"

/* A word is a month if it is the beginning of one of its names, and at least `least` bytes of it (with one letter more
 * than that being no other month's). Folded: lower case, no accents. */
static const struct month {
	char name[24];
	unsigned char least, month;
} months[] = {
	{"january", 3, 1},     {"enero", 3, 1},       {"janeiro", 3, 1},    {"gener", 3, 1},
	{"gennaio", 3, 1},     {"janvier", 3, 1},     {"januar", 3, 1},     {"januari", 3, 1},
	{"janner", 3, 1},      {"ιανουαριοσ", 6, 1},  {"ιανουαριου", 6, 1}, {"february", 3, 2},
	{"febrero", 3, 2},     {"fevereiro", 3, 2},   {"febrer", 3, 2},     {"febbraio", 3, 2},
	{"fevrier", 3, 2},     {"februar", 3, 2},     {"februari", 3, 2},   {"φεβρουαριοσ", 6, 2},
	{"φεβρουαριου", 6, 2}, {"march", 3, 3},       {"marzo", 3, 3},      {"marco", 3, 3},
	{"marc", 3, 3},        {"mars", 3, 3},        {"marz", 3, 3},       {"maerz", 3, 3},
	{"maart", 3, 3},       {"mrt", 3, 3},         {"mrz", 3, 3},        {"μαρτιοσ", 6, 3},
	{"μαρτιου", 6, 3},     {"april", 3, 4},       {"abril", 3, 4},      {"aprile", 3, 4},
	{"avril", 3, 4},       {"απριλιοσ", 6, 4},    {"απριλιου", 6, 4},   {"may", 3, 5},
	{"mayo", 3, 5},        {"maio", 3, 5},        {"maig", 3, 5},       {"maggio", 3, 5},
	{"mai", 3, 5},         {"mei", 3, 5},         {"μαιοσ", 6, 5},      {"μαιου", 6, 5},
	{"june", 3, 6},        {"junio", 3, 6},       {"junho", 3, 6},      {"juny", 3, 6},
	{"giugno", 3, 6},      {"juin", 3, 6},        {"juni", 3, 6},       {"ιουνιοσ", 8, 6},
	{"ιουνιου", 8, 6},     {"july", 3, 7},        {"julio", 3, 7},      {"julho", 3, 7},
	{"juliol", 3, 7},      {"luglio", 3, 7},      {"juillet", 4, 7},    {"juli", 3, 7},
	{"ιουλιοσ", 8, 7},     {"ιουλιου", 8, 7},     {"august", 3, 8},     {"agosto", 3, 8},
	{"agost", 2, 8},       {"aout", 3, 8},        {"augustus", 3, 8},   {"αυγουστοσ", 6, 8},
	{"αυγουστου", 6, 8},   {"september", 3, 9},   {"septiembre", 3, 9}, {"setiembre", 3, 9},
	{"setembro", 3, 9},    {"setembre", 3, 9},    {"settembre", 3, 9},  {"septembre", 3, 9},
	{"σεπτεμβριοσ", 6, 9}, {"σεπτεμβριου", 6, 9}, {"october", 3, 10},   {"octubre", 3, 10},
	{"outubro", 3, 10},    {"ottobre", 3, 10},    {"octobre", 3, 10},   {"oktober", 3, 10},
	{"οκτωβριοσ", 6, 10},  {"οκτωβριου", 6, 10},  {"november", 3, 11},  {"noviembre", 3, 11},
	{"novembro", 3, 11},   {"novembre", 3, 11},   {"νοεμβριοσ", 6, 11}, {"νοεμβριου", 6, 11},
	{"december", 3, 12},   {"diciembre", 3, 12},  {"dezembro", 3, 12},  {"desembre", 3, 12},
	{"dicembre", 3, 12},   {"decembre", 3, 12},   {"dezember", 3, 12},  {"δεκεμβριοσ", 6, 12},
	{"δεκεμβριου", 6, 12}, {"январь", 6, 1},      {"января", 6, 1},     {"февраль", 6, 2},
	{"февраля", 6, 2},     {"март", 6, 3},        {"марта", 6, 3},      {"апрель", 6, 4},
	{"апреля", 6, 4},      {"маи", 6, 5},         {"мая", 6, 5},        {"июнь", 6, 6},
	{"июня", 6, 6},        {"июль", 6, 7},        {"июля", 6, 7},       {"август", 6, 8},
	{"августа", 6, 8},     {"сентябрь", 6, 9},    {"сентября", 6, 9},   {"октябрь", 6, 10},
	{"октября", 6, 10},    {"ноябрь", 6, 11},     {"ноября", 6, 11},    {"декабрь", 6, 12},
	{"декабря", 6, 12},
};

/* Beginnings that tell a weekday in English, Spanish, Portuguese, Catalan, French, Italian, German, Dutch and Greek; where two
 * languages disagree ("do" is a Thursday or a Sunday, "di" a Tuesday or a Monday) it is left out. */
static const struct weekday {
	char start[8];
	unsigned char day;
} weekdays[] = {
	{"mon", 1}, {"lun", 1},  {"seg", 1},  {"dilluns", 1}, {"mo", 1},   {"maandag", 1}, {"δευ", 1},
	{"tue", 2}, {"mart", 2}, {"mard", 2}, {"ter", 2},     {"dien", 2}, {"τρι", 2},     {"wed", 3},
	{"mie", 3}, {"qua", 3},  {"mer", 3},  {"mi", 3},      {"mitt", 3}, {"woe", 3},     {"τετ", 3},
	{"thu", 4}, {"jue", 4},  {"qui", 4},  {"jeu", 4},     {"gio", 4},  {"donn", 4},    {"πεμ", 4},
	{"fri", 5}, {"vie", 5},  {"sex", 5},  {"ven", 5},     {"vri", 5},  {"fr", 5},      {"frei", 5},
	{"παρ", 5}, {"sat", 6},  {"sab", 6},  {"sam", 6},     {"sa", 6},   {"zat", 6},     {"σαβ", 6},
	{"sun", 7}, {"dom", 7},  {"dim", 7},  {"son", 7},     {"so", 7},   {"zon", 7},     {"κυρ", 7},
};

/* What a name means differs by country (CST, IST, BST): the reading that feeds use, America's first. One-letter military
 * zones are UTC (RFC 5322 §4.3: their signs were long published wrong). */
#define HM(h, m) ((h)*60 + (m))
static const struct zone {
	char name[8];
	int east_min;
} zones[] = {
	{"ut", 0},           {"utc", 0},          {"gmt", 0},          {"z", 0},
	{"wet", 0},          {"uct", 0},          {"zulu", 0},         {"west", HM(1, 0)},
	{"bst", HM(1, 0)},   {"cet", HM(1, 0)},   {"met", HM(1, 0)},   {"mez", HM(1, 0)},
	{"cest", HM(2, 0)},  {"mest", HM(2, 0)},  {"mesz", HM(2, 0)},  {"eet", HM(2, 0)},
	{"sast", HM(2, 0)},  {"eest", HM(3, 0)},  {"msk", HM(3, 0)},   {"trt", HM(3, 0)},
	{"msd", HM(4, 0)},   {"gst", HM(4, 0)},   {"pkt", HM(5, 0)},   {"ist", HM(5, 30)},
	{"ict", HM(7, 0)},   {"wib", HM(7, 0)},   {"hkt", HM(8, 0)},   {"sgt", HM(8, 0)},
	{"awst", HM(8, 0)},  {"pht", HM(8, 0)},   {"jst", HM(9, 0)},   {"kst", HM(9, 0)},
	{"acst", HM(9, 30)}, {"aest", HM(10, 0)}, {"aedt", HM(11, 0)}, {"nzst", HM(12, 0)},
	{"nzdt", HM(13, 0)}, {"brst", -120},      {"fnt", -120},       {"art", -180},
	{"brt", -180},       {"uyt", -180},       {"clst", -180},      {"pyst", -180},
	{"adt", -180},       {"gft", -180},       {"srt", -180},       {"nst", -210},
	{"ndt", -150},       {"ast", -240},       {"at", -240},        {"clt", -240},
	{"bot", -240},       {"vet", -240},       {"pyt", -240},       {"amt", -240},
	{"gyt", -240},       {"edt", -240},       {"cot", -300},       {"pet", -300},
	{"ect", -300},       {"est", -300},       {"et", -300},        {"cdt", -300},
	{"cst", -360},       {"ct", -360},        {"galt", -360},      {"mdt", -360},
	{"mst", -420},       {"mt", -420},        {"pdt", -420},       {"pst", -480},
	{"pt", -480},        {"akdt", -480},      {"akst", -540},      {"hst", -600},
	{"мск", HM(3, 0)},
};

/* Lower case without accents; 0: too long. */
static size_t fold(const char *s, size_t len, char out[DATE_WORD_MAX_BYTES])
{
	utf8proc_int32_t cps[DATE_WORD_MAX_BYTES];
	utf8proc_ssize_t n;
	size_t i, at = 0;
	bool ascii = true;

	if (len > DATE_WORD_MAX_BYTES)
		return 0;
	for (i = 0; i < len; i++) {
		ascii = ascii && (unsigned char)s[i] < 0x80;
		out[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] | 0x20) : s[i];
	}
	if (ascii)
		return len;
	n = utf8proc_decompose((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, cps,
			       (utf8proc_ssize_t)ARRAY_LEN(cps),
			       UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
	if (n < 0 || (size_t)n > ARRAY_LEN(cps))
		return 0;
	for (i = 0; i < (size_t)n; i++) {
		char bytes[4];
		size_t size = utf8_encode((uint32_t)cps[i], bytes);

		if (at + size > DATE_WORD_MAX_BYTES)
			return 0;
		memcpy(out + at, bytes, size);
		at += size;
	}
	return at;
}

static int find_month(const char *w, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(months); i++)
		if (months[i].name[0] == *w && len >= months[i].least && len <= strlen(months[i].name) &&
		    memcmp(w, months[i].name, len) == 0)
			return months[i].month;
	return 0;
}

/* Two letters must be the whole word; of more, the word may go on. */
static int find_weekday(const char *w, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(weekdays); i++) {
		size_t start;

		if (weekdays[i].start[0] != *w)
			continue;
		start = strlen(weekdays[i].start);
		if (len >= start && memcmp(w, weekdays[i].start, start) == 0 && (start > 2 || len == start))
			return weekdays[i].day;
	}
	return 0;
}

enum date_word date_word(const char *s, size_t len, struct date_word_value *ret)
{
	char w[DATE_WORD_MAX_BYTES];
	size_t i;

	*ret = (struct date_word_value){0};
	len = fold(s, len, w);
	if (len == 0)
		return DATE_WORD_OTHER;
	ret->number = find_month(w, len);
	if (ret->number) {
		ret->ambiguous = len == 3 && memcmp(w, "mar", 3) == 0;
		return DATE_WORD_MONTH;
	}
	if (len == 2 && w[1] == 'm' && (w[0] == 'a' || w[0] == 'p'))
		return w[0] == 'a' ? DATE_WORD_AM : DATE_WORD_PM;
	for (i = 0; i < ARRAY_LEN(zones); i++)
		if (zones[i].name[0] == *w && strlen(zones[i].name) == len && memcmp(w, zones[i].name, len) == 0) {
			ret->number = zones[i].east_min;
			return DATE_WORD_ZONE;
		}
	ret->number = find_weekday(w, len);
	return ret->number ? DATE_WORD_WEEKDAY : DATE_WORD_OTHER;
}
