#include "alert/verbs.h"

#include <string.h>

#include "base/units.h"
#include "base/utf8.h"

enum { FOLDED_SIZE = VERBS_NAME_SIZE, NUMBER_MAX_DIGITS = 18 };

const char *const verb_names[] = {[VERB_TAKE] = "take",
				  [VERB_PASS] = "pass",
				  [VERB_NOTE] = "note",
				  [VERB_CLOSE] = "close",
				  [VERB_FALSE_ALARM] = "false-alarm",
				  [VERB_STATE] = "state",
				  [VERB_OPEN] = "open",
				  [VERB_ADD] = "add",
				  [VERB_MUTE] = "mute",
				  [VERB_UNMUTE] = "unmute",
				  [VERB_STEP] = "step",
				  NULL};

static const enum text_id phrases[VERBS] = {[VERB_TAKE] = TEXT_VERBS_TAKE,
					    [VERB_PASS] = TEXT_VERBS_PASS,
					    [VERB_NOTE] = TEXT_VERBS_NOTE,
					    [VERB_CLOSE] = TEXT_VERBS_CLOSE,
					    [VERB_FALSE_ALARM] = TEXT_VERBS_FALSE_ALARM,
					    [VERB_STATE] = TEXT_VERBS_STATE,
					    [VERB_OPEN] = TEXT_VERBS_OPEN,
					    [VERB_ADD] = TEXT_VERBS_ADD,
					    [VERB_MUTE] = TEXT_VERBS_MUTE,
					    [VERB_UNMUTE] = TEXT_VERBS_UNMUTE,
					    [VERB_STEP] = TEXT_VERBS_STEP};

/* --- words --- */

struct word {
	const char *from, *end; /* in the line */
	bool marked;            /* with a # before it */
	char folded[FOLDED_SIZE];
};

struct line {
	struct word v[VERBS_WORDS_MAX];
	size_t n;
	bool more; /* words than are looked at */
};

/* U+00C0 to U+00FF, without their accents; 0: as it is. */
static char without_accent(uint32_t cp)
{
	static const char plain[] = "aaaaaa\0ceeeeiiii\0nooooo\0\0uuuuy\0\0";

	return cp >= 0xC0 && cp <= 0xFF ? plain[(cp - 0xC0) % 32] : '\0';
}

static bool is_mark(uint32_t cp)
{
	return (cp >= 0x300 && cp <= 0x36F) || (cp >= 0x2000 && cp <= 0x2BFF) || (cp >= 0x3000 && cp <= 0x303F) ||
	       (cp >= 0xFE00 && cp <= 0xFE0F) || cp == 0xFEFF || cp >= 0x1F000;
}

void verbs_fold(const char *word, size_t len, char *out, size_t size)
{
	const char *end = word + len;
	size_t n = 0;

	while (word < end) {
		uint32_t cp = utf8_next(&word, end);
		char bytes[4] = {without_accent(cp)};
		size_t k = bytes[0] ? 1 : 0;

		if (cp < 0x80) {
			bytes[0] = (char)(cp >= 'A' && cp <= 'Z' ? cp + 32 : cp);
			k = (bytes[0] >= 'a' && bytes[0] <= 'z') || (bytes[0] >= '0' && bytes[0] <= '9') ||
			    bytes[0] == '-' || bytes[0] == '_';
		} else if (!k && cp >= 0xC0 && !is_mark(cp)) {
			k = utf8_encode(cp, bytes);
		}
		if (n + k >= size)
			break;
		memcpy(out + n, bytes, k);
		n += k;
	}
	out[n] = '\0';
}

static bool is_space(const char *s)
{
	return (unsigned char)*s <= ' ' || strncmp(s, "\u00a0", 2) == 0;
}

static void split(const char *line, struct line *ret)
{
	size_t len = strnlen(line, VERBS_LINE_MAX_BYTES + 1);
	const char *end = line + (len > VERBS_LINE_MAX_BYTES ? utf8_cut(line, len, VERBS_LINE_MAX_BYTES) : len),
		   *s = line;

	ret->n = 0;
	ret->more = false;
	while (s < end) {
		struct word w = {.from = s};

		while (s < end && !is_space(s))
			s++;
		w.end = s;
		w.marked = w.end > w.from && *w.from == '#';
		if (w.end > w.from)
			verbs_fold(w.from, (size_t)(w.end - w.from), w.folded, sizeof(w.folded));
		if (s < end)
			s += *s == '\xc2' ? 2 : 1;
		if (!w.folded[0] || strspn(w.folded, "-") == strlen(w.folded))
			continue;
		if (ret->n == VERBS_WORDS_MAX) {
			ret->more = true;
			return;
		}
		ret->v[ret->n++] = w;
	}
}

/* --- lists of the catalogues: "la tomo|me encargo" --- */

/* How many words of the line, from at on, the longest phrase of this list is; 0: none begins here. */
static size_t match_list(const char *list, const struct line *l, size_t at)
{
	size_t best = 0;

	while (*list) {
		size_t len = strcspn(list, "|"), n = 0, from = 0;
		bool same = true;

		while (same && from < len) {
			size_t k = strcspn(list + from, " |");
			const char *word = at + n < l->n ? l->v[at + n].folded : "";

			same = strlen(word) == k && memcmp(word, list + from, k) == 0;
			n++;
			from += k + 1;
		}
		if (same && n > best)
			best = n;
		list += len + (list[len] == '|');
	}
	return best;
}

static size_t match(enum text_id id, const struct line *l, size_t at)
{
	size_t lang, best = 0;

	for (lang = 0; lang < TEXT_LANGS; lang++) {
		size_t n = match_list(text_raw((enum text_lang)lang, id), l, at);

		best = n > best ? n : best;
	}
	return best;
}

static bool number_of(const struct word *w, uint64_t *ret)
{
	size_t len = strlen(w->folded);
	uint64_t n = 0;
	const char *s;

	if (!len || len > NUMBER_MAX_DIGITS || strspn(w->folded, "0123456789") != len)
		return false;
	for (s = w->folded; *s; s++)
		n = 10 * n + (uint64_t)(*s - '0');
	*ret = n;
	return n > 0;
}

/* Behind the words that say nothing, and behind a number, which is the crisis'. */
static size_t skip(const struct line *l, size_t at, uint64_t *id)
{
	size_t n;

	for (;;) {
		if (at < l->n && !*id && number_of(&l->v[at], id))
			n = 1;
		else
			n = match(TEXT_VERBS_SMALL, l, at);
		if (!n)
			return at;
		at += n;
	}
}

static bool is_end(const struct line *l, size_t at)
{
	size_t n;

	while (at < l->n && (n = match(TEXT_VERBS_COURTESY, l, at)))
		at += n;
	return at >= l->n && !l->more;
}

/* --- what may stand behind a verb --- */

static bool read_name(const struct line *l, size_t at, struct verb_said *said)
{
	if (at >= l->n)
		return false;
	memcpy(said->name, l->v[at].folded, sizeof(said->name));
	return true;
}

static bool read_text(const struct line *l, size_t at, struct verb_said *said)
{
	if (at < l->n && l->v[at].marked && number_of(&l->v[at], &said->id))
		at++;
	if (at >= l->n)
		return false;
	said->text = l->v[at].from;
	return true;
}

static int severity_of(const struct line *l, size_t at)
{
	static const enum text_id names[SEVERITIES] = {[SEVERITY_INFO] = TEXT_VERBS_INFO,
						       [SEVERITY_WARNING] = TEXT_VERBS_WARNING,
						       [SEVERITY_CRITICAL] = TEXT_VERBS_CRITICAL};
	size_t i;

	for (i = 0; i < SEVERITIES; i++)
		if (match(names[i], l, at))
			return (int)i;
	return -1;
}

/* [TOPIC] [severity] [for 2h] [why], in any order but that the reason comes last. */
static bool read_mute(const struct line *l, size_t at, struct verb_said *said)
{
	for (; at < l->n; at++) {
		size_t small = match(TEXT_VERBS_SMALL, l, at);
		int severity = severity_of(l, at);
		int64_t ms;

		if (said->severity < 0 && severity >= 0) {
			said->severity = severity;
		} else if (!said->for_ms && units_duration(l->v[at].folded, &ms) == 0 && ms > 0) {
			said->for_ms = ms;
		} else if (!said->name[0] && !said->for_ms && !small) {
			(void)read_name(l, at, said);
		} else if (!small) {
			said->text = l->v[at].from;
			return true;
		} else {
			at += small - 1;
		}
	}
	return true;
}

/* "paso 2", "step 2 of 7", "paso n.º 2 hecho": its number comes first, then the crisis'. */
static bool read_step(const struct line *l, size_t at, struct verb_said *said)
{
	at = skip(l, at, &said->step);
	if (!said->step)
		return false;
	at += match(TEXT_VERBS_DONE, l, at);
	at = skip(l, at, &said->id);
	return is_end(l, at + match(TEXT_VERBS_DONE, l, at));
}

static bool read_rest(const struct line *l, size_t at, struct verb_said *said)
{
	switch (said->verb) {
	case VERB_PASS:
	case VERB_OPEN:
		at = skip(l, at, &said->id);
		return read_name(l, at, said) && is_end(l, at + 1);
	case VERB_UNMUTE:
		at = skip(l, at, &said->id);
		return is_end(l, read_name(l, at, said) ? at + 1 : at);
	case VERB_NOTE:
	case VERB_ADD:
		return read_text(l, at, said);
	case VERB_MUTE:
		return read_mute(l, at, said);
	case VERB_STEP:
		return read_step(l, at, said);
	default:
		return is_end(l, skip(l, at, &said->id));
	}
}

void verbs_read(const char *line, struct verb_said *ret)
{
	struct line l;
	size_t at = 0, best = 0, n, v;

	split(line, &l);
	*ret = (struct verb_said){.verb = VERBS, .severity = -1};
	while (at < l.n) {
		for (v = 0; v < VERBS; v++) {
			struct verb_said said = {.verb = (enum verb)v, .severity = -1};

			n = match(phrases[v], &l, at);
			/* "ya, paso 2" is no "ya pasó" */
			if (n && (n > best || (n == best && v == VERB_STEP)) && read_rest(&l, at + n, &said)) {
				best = n;
				*ret = said;
			}
		}
		n = best ? 0 : match(TEXT_VERBS_COURTESY, &l, at);
		if (!n)
			return;
		at += n;
	}
}

enum verb verb_of_name(const char *name)
{
	size_t i = 0;

	while (i < VERBS && strcmp(name, verb_names[i]) != 0)
		i++;
	return (enum verb)i;
}

const char *verb_label(enum verb verb, enum text_lang lang)
{
	static const enum text_id labels[VERBS] = {[VERB_TAKE] = TEXT_VERB_TAKE,
						   [VERB_PASS] = TEXT_VERB_PASS,
						   [VERB_NOTE] = TEXT_VERB_NOTE,
						   [VERB_CLOSE] = TEXT_VERB_CLOSE,
						   [VERB_FALSE_ALARM] = TEXT_VERB_FALSE_ALARM,
						   [VERB_STATE] = TEXT_VERB_STATE,
						   [VERB_OPEN] = TEXT_VERB_OPEN,
						   [VERB_ADD] = TEXT_VERB_ADD,
						   [VERB_MUTE] = TEXT_VERB_MUTE,
						   [VERB_UNMUTE] = TEXT_VERB_UNMUTE,
						   [VERB_STEP] = TEXT_VERB_STEP};

	return text_raw(lang, labels[verb]);
}
