#include "parse/map_lex.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "mention/map.h"
#include "parse/json_names.h"

struct lexer {
	const struct map_program *program;
	const char *text, *p;
	bool named_keys, wrong;
	struct json_names *names;
	struct diag *diag;
	char open[MAP_LEX_DEPTH_MAX]; /* ( [ { and " for \( in a text */
	size_t opened_at[MAP_LEX_DEPTH_MAX];
	size_t depth;
	char before; /* the last sign; 'a' for a word */
};

struct diag_pos map_lex_pos(const struct map_program *p, size_t at)
{
	struct diag_pos pos = {.file = p->file, .line = p->line, .column = p->column};
	const char *line = p->text, *end = p->text + at, *s;

	if (!p->line)
		return pos;
	for (s = line; s < end; s++)
		if (*s == '\n') {
			pos.line++;
			line = s + 1;
		}
	pos.column += (uint32_t)utf8_count(line, (size_t)(end - line));
	return pos;
}

static void complain(struct lexer *l, const char *at, enum text_id text, const char *arg)
{
	diag_error(l->diag, map_lex_pos(l->program, (size_t)(at - l->text)), l->program->name, NULL, text, arg);
	l->wrong = true;
}

/* --- words --- */

static bool in_list(const char *const *v, size_t n, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(v[i]) == len && memcmp(v[i], s, len) == 0)
			return true;
	return false;
}

static const char *const outside[] = {"$ENV",           "$__prog_args",      "debug",  "env",        "get_search_list",
				      "halt",           "halt_error",        "import", "include",    "input",
				      "input_filename", "input_line_number", "inputs", "modulemeta", "now",
				      "stderr"};
static const char *const dates[] = {"date",     "dateadd",     "datesub", "fromdate",      "fromdateiso8601",
				    "gmtime",   "localtime",   "mktime",  "strflocaltime", "strftime",
				    "strptime", "dateiso8601", "todate",  "implode",       "todateiso8601"};
static const char *const all_keys[] = {"del",      "delpaths", "keys", "keys_unsorted", "leaf_paths",   "map_values",
				       "path",     "paths",    "pick", "recurse",       "recurse_down", "to_entries",
				       "tostream", "tojson",   "walk", "with_entries"};

/* A word that calls something: not a member's name. */
static void judge_word(struct lexer *l, const char *s, size_t len)
{
	char word[40];

	if (len >= sizeof(word))
		return;
	memcpy(word, s, len);
	word[len] = '\0';
	if (in_list(outside, ARRAY_LEN(outside), s, len))
		complain(l, s, TEXT_MAP_OUTSIDE, word);
	else if (in_list(dates, ARRAY_LEN(dates), s, len))
		complain(l, s, TEXT_MAP_DATE, word);
	else if (l->named_keys && in_list(all_keys, ARRAY_LEN(all_keys), s, len))
		complain(l, s, TEXT_MAP_ALL_KEYS, word);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* {word: …}, {word, …}: a member's name, though it calls nothing. */
static bool is_member(const struct lexer *l, const char *end)
{
	if (!l->depth || l->open[l->depth - 1] != '{' || (l->before != '{' && l->before != ','))
		return false;
	while (isspace((unsigned char)*end))
		end++;
	return *end == ':' || *end == ',' || *end == '}';
}

static void read_word(struct lexer *l)
{
	const char *from = l->p, *name = from;

	if (*l->p == '$' || *l->p == '@')
		name = ++l->p;
	while (is_word(*l->p) || (l->p[0] == ':' && l->p[1] == ':' && is_word(l->p[2])))
		l->p += *l->p == ':' ? 2 : 1;
	json_names_add(l->names, name, (size_t)(l->p - name));
	if (*from != '@' && l->before != '.' && !(*from != '$' && is_member(l, l->p)))
		judge_word(l, from, (size_t)(l->p - from));
	l->before = 'a';
}

/* --- texts and brackets --- */

static void open_bracket(struct lexer *l, char sign, const char *at)
{
	if (l->depth == MAP_LEX_DEPTH_MAX) {
		complain(l, at, TEXT_MAP_DEEP, NULL);
		l->p += strlen(l->p); /* what follows would be told all over again */
		l->depth = 0;
		return;
	}
	l->open[l->depth] = sign;
	l->opened_at[l->depth++] = (size_t)(at - l->text);
}

/* From the sign behind its first quote, or behind a \( … ) in it; up to behind its end, or into the next \(. A literal with
 * nothing in it but letters may be a member's name. */
static void read_text(struct lexer *l, const char *first_quote)
{
	const char *from = l->p;

	for (; *l->p && *l->p != '"'; l->p++) {
		if (*l->p != '\\' || !l->p[1])
			continue;
		if (l->p[1] == '(') {
			open_bracket(l, '"', l->p);
			l->p += *l->p ? 2 : 0;
			l->before = '(';
			return;
		}
		l->p++;
	}
	if (!*l->p) {
		complain(l, first_quote, TEXT_MAP_TEXT_OPEN, NULL);
		return;
	}
	json_names_add(l->names, from, (size_t)(l->p - from));
	l->p++;
	l->before = '"';
}

static void close_bracket(struct lexer *l)
{
	const char sign = *l->p;
	const char *at = l->p++;
	const char opening = sign == ')' ? '(' : sign == ']' ? '[' : '{';
	const char was = l->depth ? l->open[l->depth - 1] : '\0';

	l->before = sign;
	if (was == '"' && sign == ')') {
		l->depth--;
		read_text(l, l->text + l->opened_at[l->depth]);
	} else if (was == opening) {
		l->depth--;
	} else {
		complain(l, at, TEXT_MAP_CLOSES_NOTHING, (char[]){sign, '\0'});
		l->p += strlen(l->p);
		l->depth = 0;
	}
}

static void read_sign(struct lexer *l)
{
	const char c = *l->p;

	if (isspace((unsigned char)c)) {
		l->p++;
	} else if (c == '#') {
		l->p += strcspn(l->p, "\n");
	} else if (c == '"') {
		l->p++;
		read_text(l, l->p - 1);
	} else if (strchr("([{", c)) {
		open_bracket(l, c, l->p);
		l->before = c;
		l->p += *l->p != '\0';
	} else if (strchr(")]}", c)) {
		close_bracket(l);
	} else if (isalpha((unsigned char)c) || c == '_' || ((c == '$' || c == '@') && is_word(l->p[1]))) {
		read_word(l);
	} else if (isdigit((unsigned char)c)) {
		l->p += strspn(l->p, "0123456789.eE");
		l->before = '0';
	} else {
		if (l->named_keys && c == '.' && l->p[1] == '.')
			complain(l, l->p, TEXT_MAP_ALL_KEYS, "..");
		l->before = c;
		l->p++;
	}
}

int map_lex(const struct map_program *p, bool named_keys, struct json_names *names, struct diag *d)
{
	struct lexer l = {
		.program = p, .text = p->text, .p = p->text, .named_keys = named_keys, .names = names, .diag = d};

	while (*l.p)
		read_sign(&l);
	if (l.depth && !l.wrong)
		complain(&l, l.text + l.opened_at[l.depth - 1], TEXT_MAP_STAYS_OPEN,
			 l.open[l.depth - 1] == '"' ? "\\(" : (char[]){l.open[l.depth - 1], '\0'});
	return l.wrong ? MAP_LEX_E_INVALID : 0;
}
