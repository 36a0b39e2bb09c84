#include "base/yaml_traps.h"

#include <string.h>

#include "base/arena.h"

/* All findings pass here. */
static bool spent(struct traps *t)
{
	return t->said++ >= DIAG_MAX;
}

static const char *sign_at(struct traps *t, size_t at, char sign[2])
{
	sign[0] = t->source->text[at];
	sign[1] = '\0';
	return sign;
}

void traps_sign(struct traps *t, size_t at, struct diag_pos pos, bool in_flow)
{
	char sign[2];

	if (spent(t))
		return;
	diag_error(t->diag, pos, yaml_key_of(t->source, at, t->arena), NULL, TEXT_YAML_SIGN, sign_at(t, at, sign),
		   yaml_quoted(t->source, at, yaml_value_end(t->source, at, in_flow), t->arena));
}

static void hash(struct traps *t, size_t at, struct diag_pos pos, bool in_flow)
{
	if (spent(t))
		return;
	diag_error(t->diag, pos, yaml_key_of(t->source, at, t->arena), NULL, TEXT_YAML_HASH,
		   yaml_quoted(t->source, at, yaml_value_end(t->source, at, in_flow), t->arena));
}

bool traps_empty(struct traps *t, const struct yaml_node *node)
{
	size_t at = yaml_skip_blanks(t->source, node->from);

	if (yaml_hashtag(t->source, at, at + 1) != at)
		return false;
	hash(t, at, node->pos, false);
	return true;
}

void traps_plain(struct traps *t, const struct yaml_node *node)
{
	static const char *const signs[] = {"“", "”", "‘", "’", "«", "„"};
	const struct yaml_source *s = t->source;
	size_t at = yaml_skip_blanks(s, node->to), end, i;

	for (i = 0; i < ARRAY_LEN(signs); i++) {
		if (strncmp(node->text, signs[i], strlen(signs[i])) == 0 && !spent(t))
			diag_warning(t->diag, node->pos, yaml_key_of(s, node->from, t->arena), NULL,
				     TEXT_YAML_TYPOGRAPHIC, signs[i]);
	}
	if (at == node->to || yaml_hashtag(s, at, at + 1) != at || spent(t))
		return;
	end = at + strcspn(s->text + at, " \t\r\n,]}");
	diag_warning(t->diag, node->pos, yaml_key_of(s, node->from, t->arena), NULL, TEXT_YAML_HASH_CUT,
		     arena_memdup0(t->arena, s->text + at, end - at), yaml_quoted(s, node->from, end, t->arena));
}

/* The closing quote of a double-quoted text that opens at from, or the end of its line. */
static size_t double_quote_end(const struct yaml_source *s, size_t from)
{
	size_t i;

	for (i = from + 1; s->text[i] && s->text[i] != '"' && s->text[i] != '\n' && s->text[i] != '\r'; i++) {
		if (s->text[i] == '\\' && s->text[i + 1] == '"')
			i++;
	}
	return i;
}

static void escape(struct traps *t, size_t quote, size_t backslash, struct diag_pos pos)
{
	const struct yaml_source *s = t->source;
	size_t len = s->text[backslash + 1] ? 2 : 1;

	if (spent(t))
		return;
	diag_error(t->diag, pos, yaml_key_of(s, quote, t->arena), NULL, TEXT_YAML_ESCAPE,
		   arena_memdup0(t->arena, s->text + backslash, len),
		   yaml_quoted(s, quote + 1, double_quote_end(s, quote), t->arena));
}

bool traps_double_quoted(struct traps *t, const struct yaml_node *node)
{
	const struct yaml_source *s = t->source;
	size_t i;

	for (i = node->from; i < node->to; i++) {
		if (s->text[i] != '\\')
			continue;
		if (strchr("0abvefNLP_", s->text[i + 1])) { /* controls and spaces that nobody asks for by name */
			escape(t, node->from, i, node->pos);
			return true;
		}
		i++;
	}
	for (i = 0; i < node->n; i++) { /* "\x08" */
		unsigned char c = (unsigned char)node->text[i];

		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
			escape(t, node->from, node->from + strcspn(s->text + node->from, "\\"), node->pos);
			return true;
		}
	}
	return false;
}

bool traps_flow_map(struct traps *t, const struct yaml_node *map)
{
	const struct yaml_source *s = t->source;
	bool found = false;
	size_t i, from, to;

	for (i = 1; i < map->n; i++) {
		const struct yaml_node *before = map->pairs[i - 1].value;

		from = before->from;
		to = 0;
		while (i < map->n && yaml_empty(map->pairs[i].value) &&
		       s->text[yaml_skip_blanks(s, map->pairs[i].key->to)] != ':') {
			to = map->pairs[i].key->to;
			map->pairs[i].key->wrong = true;
			map->pairs[i++].value->wrong = true;
		}
		if (!to || before->kind != YAML_TEXT)
			continue;
		found = true;
		if (!spent(t))
			diag_error(t->diag, before->pos, yaml_key_of(s, from, t->arena), NULL, TEXT_YAML_COMMA,
				   yaml_quoted(s, from, to, t->arena));
	}
	return found;
}

static bool stop_says(const struct yaml_stop *stop, const char *words)
{
	return (stop->problem && strstr(stop->problem, words)) || (stop->context && strstr(stop->context, words));
}

static void stop_say(struct traps *t, size_t at, enum text_id text, const char *arg)
{
	diag_error(t->diag, yaml_pos_of(t->source, at), yaml_key_of(t->source, at, t->arena), NULL, text, arg);
}

/* A quote that closed before this, on the same line: 'it's'. */
static bool stop_behind_quote(struct traps *t, size_t at, bool in_flow)
{
	const struct yaml_source *s = t->source;
	size_t from = yaml_value_start(s, at, in_flow), to = yaml_value_end(s, at, in_flow), i = at;

	while (i > from && (s->text[i - 1] == ' ' || s->text[i - 1] == '\t'))
		i--;
	if (i == from || !strchr("'\"", s->text[i - 1]) || s->text[from] != s->text[i - 1])
		return false;
	if (to > from + 2 && s->text[from] == '\'' && s->text[to - 1] == '\'') {
		from++;
		to--;
	}
	stop_say(t, at, TEXT_YAML_APOSTROPHE, yaml_quoted(s, from, to, t->arena));
	return true;
}

/* Is what begins at from the value of a key, on one line with it? */
static bool behind_key(const struct yaml_source *s, size_t from)
{
	while (from && strchr(" \t", s->text[from - 1]))
		from--;
	return from && s->text[from - 1] == ':';
}

/* Inside [ ] or { }, where a comma or the closing bracket was expected, or a value. */
static void stop_in_flow(struct traps *t, const struct yaml_stop *stop)
{
	const struct yaml_source *s = t->source;
	size_t opened = stop->flow_from == SIZE_MAX ? stop->context_at : stop->flow_from, at = stop->at, tag;
	size_t from = yaml_value_start(s, at, true);
	char sign[2];

	tag = opened < at ? yaml_hashtag(s, opened + 1, at) : SIZE_MAX;
	if (tag != SIZE_MAX) {
		hash(t, tag, yaml_pos_of(s, tag), true);
	} else if (s->text[at] == '{' || s->text[at] == '[') {
		stop_say(t, from, TEXT_YAML_COMMA, yaml_quoted(s, from, yaml_value_end(s, from, true), t->arena));
	} else if (s->text[at] == ':' && behind_key(s, from)) {
		stop_say(t, from, TEXT_YAML_COLON, yaml_quoted(s, from, yaml_value_end(s, from, true), t->arena));
	} else if (stop_says(stop, "node content")) {
		stop_say(t, at, TEXT_YAML_NO_ITEM, sign_at(t, at, sign));
	} else if (!stop_behind_quote(t, at, true)) {
		stop_say(t, opened, TEXT_YAML_UNCLOSED_BRACKET, sign_at(t, opened, sign));
	}
}

/* A second ": " in a value, or a line that is indented as if it went on the one above. */
static void stop_at_colon(struct traps *t, const struct yaml_stop *stop)
{
	const struct yaml_source *s = t->source;
	size_t from = yaml_value_start(s, stop->at, stop->in_flow);

	if (from < stop->at && behind_key(s, from))
		stop_say(t, from, TEXT_YAML_COLON,
			 yaml_quoted(s, from, yaml_value_end(s, from, stop->in_flow), t->arena));
	else
		stop_say(t, stop->at, TEXT_YAML_INDENT, NULL);
}

static void stop_at_sign(struct traps *t, size_t at, bool in_flow)
{
	traps_sign(t, at, yaml_pos_of(t->source, at), in_flow);
}

static void stop_at_escape(struct traps *t, const struct yaml_stop *stop)
{
	escape(t, stop->context_at, stop->at, yaml_pos_of(t->source, stop->context_at));
}

/* "words: | acme" */
static void stop_in_block(struct traps *t, const struct yaml_stop *stop)
{
	char sign[2];

	stop_say(t, stop->context_at, TEXT_YAML_BLOCK_LINE, sign_at(t, stop->context_at, sign));
}

void traps_stop(struct traps *t, const struct yaml_stop *stop)
{
	if (stop_says(stop, "cannot start any token"))
		stop_at_sign(t, stop->at, stop->in_flow);
	else if (stop_says(stop, "scanning an alias") || stop_says(stop, "scanning an anchor") ||
		 stop_says(stop, " a tag"))
		stop_at_sign(t, stop->context_at, stop->in_flow);
	else if (stop_says(stop, "unknown escape") || stop_says(stop, "hexdecimal") || stop_says(stop, "escape code"))
		stop_at_escape(t, stop);
	else if (stop_says(stop, "quoted scalar"))
		stop_say(t, stop->context_at, TEXT_YAML_UNCLOSED_QUOTE, NULL);
	else if (stop_says(stop, "scanning a block scalar"))
		stop_in_block(t, stop);
	else if (stop_says(stop, "mapping values are not allowed"))
		stop_at_colon(t, stop);
	else if (stop_says(stop, "could not find expected ':'"))
		stop_say(t, stop->context_at, TEXT_YAML_NO_COLON, NULL);
	else if (stop_says(stop, "block sequence entries"))
		stop_say(t, stop->at, TEXT_YAML_LIST_LINE, NULL);
	else if (stop->in_flow)
		stop_in_flow(t, stop);
	else if (stop_says(stop, "node content"))
		stop_at_sign(t, stop->at, false);
	else if (stop_says(stop, "expected key") || stop_says(stop, "'-' indicator") ||
		 stop_says(stop, "document start")) {
		if (!stop_behind_quote(t, stop->at, false))
			stop_say(t, stop->at, TEXT_YAML_INDENT, NULL);
	} else {
		stop_say(t, stop->at, TEXT_YAML_SYNTAX, stop->problem ? stop->problem : "?");
	}
}
