#include "match/pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "match/literals.h"
#include "match/pattern_inside.h"
#include "match/regex_fold.h"
#include "match/regex_token.h"
#include "match/regex_ways.h"

enum { REASON_BYTES = 120 };

/* PCRE2's own words are English; the mistakes that are made most have words of ours. */
static const struct {
	int code;
	enum text_id text;
} known_mistakes[] = {
	{PCRE2_ERROR_END_BACKSLASH, TEXT_MATCH_REGEX_BACKSLASH},
	{PCRE2_ERROR_UNKNOWN_ESCAPE, TEXT_MATCH_REGEX_UNKNOWN_ESCAPE},
	{PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER, TEXT_MATCH_REGEX_QUANTIFIER_ORDER},
	{PCRE2_ERROR_QUANTIFIER_TOO_BIG, TEXT_MATCH_REGEX_QUANTIFIER_BIG},
	{PCRE2_ERROR_MISSING_SQUARE_BRACKET, TEXT_MATCH_REGEX_BRACKET},
	{PCRE2_ERROR_CLASS_RANGE_ORDER, TEXT_MATCH_REGEX_RANGE_ORDER},
	{PCRE2_ERROR_QUANTIFIER_INVALID, TEXT_MATCH_REGEX_QUANTIFIER},
	{PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, TEXT_MATCH_REGEX_PAREN_OPEN},
	{PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS, TEXT_MATCH_REGEX_PAREN_CLOSE},
	{PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE, TEXT_MATCH_REGEX_REFERENCE},
	{PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP, TEXT_MATCH_REGEX_DEEP},
	{PCRE2_ERROR_PATTERN_TOO_LARGE, TEXT_MATCH_REGEX_LARGE},
	{PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH, TEXT_MATCH_REGEX_LOOKBEHIND},
	{PCRE2_ERROR_BACKSLASH_C_CALLER_DISABLED, TEXT_MATCH_REGEX_BYTE},
	{PCRE2_ERROR_INVALID_AFTER_PARENS_QUERY, TEXT_MATCH_REGEX_QUERY},
	{PCRE2_ERROR_POSIX_CLASS_NOT_IN_CLASS, TEXT_MATCH_REGEX_POSIX},
	{PCRE2_ERROR_UNKNOWN_POSIX_CLASS, TEXT_MATCH_REGEX_POSIX},
	{PCRE2_ERROR_DUPLICATE_SUBPATTERN_NAME, TEXT_MATCH_REGEX_NAME_TWICE},
	{PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY, TEXT_MATCH_REGEX_PROPERTY},
};

static void argument(char *to, const char *s, size_t len)
{
	len = utf8_cut(s, len, PATTERN_ARG_BYTES - 1);
	memcpy(to, s, len);
	to[len] = '\0';
}

static int fault(struct pattern_fault *f, enum text_id text, size_t at)
{
	f->text = text;
	f->at = at;
	return PATTERN_E_INVALID;
}

/* "character 12", counted in characters from 1. */
static void fault_place(struct pattern_fault *f, const char *regex, size_t at)
{
	snprintf(f->args[0], PATTERN_ARG_BYTES, "%zu", utf8_count(regex, at) + 1);
}

static int fault_max(struct pattern_fault *f, enum text_id text, size_t at, size_t max)
{
	snprintf(f->args[0], PATTERN_ARG_BYTES, "%zu", max);
	return fault(f, text, at);
}

static int words_fault(const struct pattern_spec *spec, int r, size_t bad, struct pattern_fault *f)
{
	f->word = bad;
	if (bad < spec->n_words)
		argument(f->args[0], spec->words[bad].s, spec->words[bad].len);
	switch (r) {
	case WORDS_E_CONTROL:
		return fault(f, TEXT_MATCH_WORD_CONTROL, 0);
	case WORDS_E_STARS:
		return fault(f, TEXT_MATCH_WORD_STARS, 0);
	case WORDS_E_WORD_LONG:
		return fault_max(f, TEXT_MATCH_WORD_LONG, 0, WORD_MAX_BYTES);
	case WORDS_E_TOO_MANY:
		return fault_max(f, TEXT_MATCH_WORDS_MANY, 0, WORDS_MAX);
	default:
		return fault(f, TEXT_MATCH_WORD_EMPTY, 0);
	}
}

static int fold_fault(int r, size_t at, const char *regex, struct pattern_fault *f)
{
	fault_place(f, regex, at);
	switch (r) {
	case REGEX_E_RANGE:
		return fault(f, TEXT_MATCH_REGEX_RANGE, at);
	case REGEX_E_CASE:
		return fault(f, TEXT_MATCH_REGEX_CASE, at);
	case REGEX_E_MEMBER:
		return fault(f, TEXT_MATCH_REGEX_MEMBER, at);
	case REGEX_E_ESCAPE:
		return fault(f, TEXT_MATCH_REGEX_ESCAPE, at);
	default:
		return fault_max(f, TEXT_MATCH_REGEX_LONG, at, REGEX_MAX_BYTES);
	}
}

/* A control character is a mistake of quoting: "\b" between double quotes is a backspace (FAULTS C1). */
static const char *control_in(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] == 0x7F || ((unsigned char)s[i] < 0x20 && s[i] != '\t' && s[i] != '\n'))
			return s + i;
	return NULL;
}

static int regex_check(const struct pattern_spec *spec, struct pattern_fault *f)
{
	const char *control = control_in(spec->regex, spec->regex_len);

	if (!spec->regex_len)
		return fault(f, TEXT_MATCH_REGEX_EMPTY, 0);
	if (spec->regex_len > REGEX_MAX_BYTES)
		return fault_max(f, TEXT_MATCH_REGEX_LONG, 0, REGEX_MAX_BYTES);
	if (control) {
		fault_place(f, spec->regex, (size_t)(control - spec->regex));
		return fault(f, TEXT_MATCH_REGEX_CONTROL, (size_t)(control - spec->regex));
	}
	return 0;
}

static int code_fault(int code, size_t at, const char *regex, struct pattern_fault *f)
{
	char reason[REASON_BYTES] = "";
	size_t i;

	fault_place(f, regex, at);
	for (i = 0; i < ARRAY_LEN(known_mistakes); i++)
		if (known_mistakes[i].code == code)
			return fault(f, known_mistakes[i].text, at);
	pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof(reason));
	argument(f->args[1], reason, strlen(reason));
	return fault(f, TEXT_MATCH_REGEX_INVALID, at);
}

/* Whether a group is called again by its name or number, as far as can be told without reading the expression: (?1), (?-1), (?R),
 * (?&n), (?P>n), \g<1>. Compiled code counts no steps there: (|a|(?1))b takes for ever on "z", where the interpreter ends. */
static bool calls_groups(const char *regex)
{
	const char *s;

	for (s = regex; (s = strstr(s, "(?")); s += 2) {
		const char *c = s[2] == '-' || s[2] == '+' ? s + 3 : s + 2;

		if (isdigit((unsigned char)*c) || *c == 'R' || *c == '&' || (c[0] == 'P' && c[1] == '>'))
			return true;
	}
	return strstr(regex, "\\g<") || strstr(regex, "\\g'");
}

static int code_new(const char *regex, size_t len, const struct pattern_spec *spec, int *ret_code, size_t *ret_at,
		    pcre2_code **ret)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;

	if (!spec->fold) /* folded text is valid by construction; for any other a mistake elsewhere must not be ours */
		options |= PCRE2_MATCH_INVALID_UTF | (spec->case_sensitive ? 0 : PCRE2_CASELESS);
	if (!context)
		memory_out();
	pcre2_set_max_pattern_length(context, REGEX_FOLDED_MAX_BYTES + WORDS_REGEX_MAX_BYTES);
	pcre2_set_parens_nest_limit(context, PATTERN_PARENS_MAX);
	pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
	code = pcre2_compile((PCRE2_SPTR)regex, len, options, ret_code, ret_at, context);
	pcre2_compile_context_free(context);
	if (!code)
		return PATTERN_E_INVALID;
	if (!calls_groups(regex))
		(void)pcre2_jit_compile(code,
					PCRE2_JIT_COMPLETE); /* without it the interpreter serves: slower, the same */
	*ret = code;
	return 0;
}

/* Whether looking from the n-th place on finds what looking from the first on finds there: not where an expression asks where the look
 * began (\G), or ends it (verbs); and for one place alone there is no need. */
static bool in_parts(const pcre2_code *code, const char *regex)
{
	uint32_t options = 0;

	(void)pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	return !(options & PCRE2_ANCHORED) && !strstr(regex, "\\G") && !strstr(regex, "(*");
}

static size_t at_most(const char *regex, size_t len)
{
	size_t n;
	struct rx_token *v = regex_tokens(regex, len, &n);
	struct regex_ways w = regex_ways(v, n);

	free(v);
	return w.ways && w.ways < REGEX_WAYS_MAX && w.longest < REGEX_WAYS_MAX ? w.ways * w.longest : SIZE_MAX;
}

/* What is found in the empty text is found in everything: "acme|", "x*". */
static bool found_in_nothing(const struct pattern *p)
{
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	size_t from, to;

	return pattern_find(p, room, "", 0, 0, &from, &to) == 0;
}

/* Compiles regex, which stands for spec's; origin tells where its bytes came from, NULL where they are spec's own. */
static int compile(const char *regex, size_t len, const uint16_t *origin, const struct pattern_spec *spec,
		   struct pattern_fault *f, struct pattern **ret)
{
	cleanup(pattern_freep) struct pattern *p = NEW(struct pattern);
	size_t at = 0;
	int code = 0;

	p->fold = spec->fold;
	p->caseless = !spec->fold && !spec->case_sensitive;
	p->shown = xstrndup(regex, len);
	if (code_new(p->shown, len, spec, &code, &at, &p->code)) { /* a copy that a NUL ends */
		if (!spec->regex)
			return words_fault(spec, WORDS_E_TOO_MANY, 0, f);
		if (origin)
			at = at < len ? origin[at] : spec->regex_len;
		return code_fault(code, at < spec->regex_len ? at : spec->regex_len, spec->regex, f);
	}
	p->in_parts = in_parts(p->code, p->shown);
	p->at_most = at_most(p->shown, len);
	if (spec->regex && found_in_nothing(p))
		return fault(f, TEXT_MATCH_REGEX_EMPTY, 0);
	*ret = TAKE(p);
	return 0;
}

static int compile_words(const struct pattern_spec *spec, struct pattern_fault *f, struct pattern **ret)
{
	struct buf regex = BUF_INIT(2 * WORDS_REGEX_MAX_BYTES);
	size_t bad = 0;
	int r = words_to_regex(spec->words, spec->n_words, spec->fold, &regex, &bad);

	if (r)
		r = words_fault(spec, r, bad, f);
	else
		r = compile(buf_str(&regex), regex.len, NULL, spec, f, ret);
	buf_done(&regex);
	return r;
}

static int compile_folded(const struct pattern_spec *spec, struct pattern_fault *f, struct pattern **ret)
{
	struct regex_folded folded;
	size_t at = 0;
	int r;

	regex_folded_init(&folded);
	r = regex_fold(spec->regex, spec->regex_len, &folded, &at);
	if (r)
		r = fold_fault(r, at, spec->regex, f);
	else
		r = compile(buf_str(&folded.out), folded.out.len, folded.origin, spec, f, ret);
	regex_folded_done(&folded);
	return r;
}

int pattern_compile(const struct pattern_spec *spec, struct pattern_fault *ret_fault, struct pattern **ret)
{
	int r;

	*ret_fault = (struct pattern_fault){.at = 0};
	if (!spec->regex)
		return compile_words(spec, ret_fault, ret);
	r = regex_check(spec, ret_fault);
	if (r)
		return r;
	if (spec->fold)
		return compile_folded(spec, ret_fault, ret);
	return compile(spec->regex, spec->regex_len, NULL, spec, ret_fault, ret);
}

struct pattern *pattern_free(struct pattern *p)
{
	if (!p)
		return NULL;
	pcre2_code_free(p->code);
	free(p->shown);
	free(p);
	return NULL;
}

bool pattern_fold(const struct pattern *p)
{
	return p->fold;
}

void pattern_literals(const struct pattern *p, struct arena *a, struct literal_set *ret)
{
	literals_find(p->shown, strlen(p->shown), p->caseless, a, ret);
}

void pattern_engine(const struct pattern *p, char ret[PATTERN_ENGINE_BYTES])
{
	char version[64] = "", target[64] = "";
	size_t compiled = 0;
	uint32_t options = 0;

	if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) < (int)sizeof(version))
		(void)pcre2_config(PCRE2_CONFIG_VERSION, version);
	(void)pcre2_pattern_info(p->code, PCRE2_INFO_JITSIZE, &compiled);
	(void)pcre2_pattern_info(p->code, PCRE2_INFO_ALLOPTIONS, &options);
	if (compiled && pcre2_config(PCRE2_CONFIG_JITTARGET, NULL) < (int)sizeof(target))
		(void)pcre2_config(PCRE2_CONFIG_JITTARGET, target);
	snprintf(ret, PATTERN_ENGINE_BYTES, "%s %s %x %d", version, target, options, p->fold);
}

const char *pattern_shown(const struct pattern *p)
{
	return p->shown;
}
