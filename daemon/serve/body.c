#include "serve/body.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/suggest.h"
#include "base/units.h"
#include "serve/query.h"

static int invalid(struct diag *diag, const char *key, enum text_id text)
{
	diag_error(diag, (struct diag_pos){0}, key, NULL, text);
	return BODY_E_INVALID;
}

void body_done(struct body *b)
{
	json_decref(b->root);
	b->root = NULL;
}

/* An object with no other keys than these (NULL behind the last). */
static int parse(const char *bytes, size_t len, const char *const keys[], struct diag *diag, json_t **ret)
{
	json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL), *value;
	const char *key;
	size_t n;

	if (!json_is_object(root)) {
		json_decref(root);
		return invalid(diag, NULL, TEXT_SERVE_BODY);
	}
	json_object_foreach(root, key, value)
	{
		for (n = 0; keys[n] && strcmp(keys[n], key) != 0; n++)
			;
		if (!keys[n]) {
			diag_error(diag, (struct diag_pos){0}, NULL, suggest(key, keys, n, sizeof(*keys)),
				   TEXT_SERVE_KEY_UNKNOWN, key);
			json_decref(root);
			return BODY_E_INVALID;
		}
	}
	*ret = root;
	return 0;
}

/* Leaves *ret alone where the key is absent. */
static int text_of(const json_t *root, const char *key, size_t max, struct diag *diag, const char **ret)
{
	const json_t *value = json_object_get(root, key);

	if (!value)
		return 0;
	if (!json_is_string(value) || json_string_length(value) == 0)
		return invalid(diag, key, TEXT_SERVE_EXPECTS_TEXT);
	if (json_string_length(value) > max)
		return invalid(diag, key, TEXT_SERVE_TOO_LONG);
	*ret = json_string_value(value);
	return 0;
}

int body_empty(const char *bytes, size_t len, struct diag *diag)
{
	static const char *const keys[] = {NULL};
	struct body b = {NULL};
	int r = len ? parse(bytes, len, keys, diag, &b.root) : 0;

	body_done(&b);
	return r;
}

int body_poll(const char *bytes, size_t len, struct diag *diag, struct body *ret, const char **ret_name)
{
	static const char *const keys[] = {"name", "all", NULL};
	const char *name = NULL;
	struct body b = {NULL};
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r == 0)
		r = text_of(b.root, "name", BODY_FIELD_MAX_BYTES, diag, &name);
	if (r == 0 && !name == !json_is_true(json_object_get(b.root, "all")))
		r = invalid(diag, NULL, TEXT_SERVE_POLL_WHICH); /* neither, or both */
	if (r != 0) {
		body_done(&b);
		return r;
	}
	*ret = b;
	*ret_name = name;
	return 0;
}

int body_test_channel(const char *bytes, size_t len, struct diag *diag, struct body *ret, const char **ret_channel,
		      const char **ret_person)
{
	static const char *const keys[] = {"channel", "person", NULL};
	const char *channel = NULL, *person = NULL;
	struct body b = {NULL};
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r == 0)
		r = text_of(b.root, "channel", BODY_FIELD_MAX_BYTES, diag, &channel);
	if (r == 0)
		r = text_of(b.root, "person", BODY_FIELD_MAX_BYTES, diag, &person);
	if (r == 0 && !channel)
		r = invalid(diag, "channel", TEXT_SERVE_EXPECTS_TEXT);
	if (r) {
		body_done(&b);
		return r;
	}
	*ret = b;
	*ret_channel = channel;
	*ret_person = person;
	return 0;
}

int body_canary(const char *bytes, size_t len, struct diag *diag, int64_t *ret_ms)
{
	static const char *const keys[] = {"within", NULL};
	const char *within = NULL;
	struct body b = {NULL};
	int r = parse(bytes, len, keys, diag, &b.root);

	*ret_ms = 0;
	if (r == 0)
		r = text_of(b.root, "within", BODY_FIELD_MAX_BYTES, diag, &within);
	if (r == 0 && within &&
	    (units_duration(within, ret_ms) != 0 || *ret_ms < SERVE_WITHIN_LEAST_MS || *ret_ms > SERVE_WITHIN_MOST_MS))
		r = invalid(diag, "within", TEXT_SERVE_EXPECTS_WITHIN);
	body_done(&b);
	return r;
}

static int outbox_of(const json_t *root, struct diag *diag, enum outbox_stream *ret)
{
	const char *stream = NULL;
	int r = text_of(root, "stream", BODY_FIELD_MAX_BYTES, diag, &stream);

	return r != 0 || query_outbox_of(stream, ret) ? r : invalid(diag, "stream", TEXT_SERVE_EXPECTS_STREAM);
}

int body_requeue(const char *bytes, size_t len, struct diag *diag, enum outbox_stream *ret_which, int64_t *ret_back_ms)
{
	static const char *const keys[] = {"since", "stream", NULL};
	const char *since = NULL;
	struct body b = {NULL};
	int r = parse(bytes, len, keys, diag, &b.root);

	*ret_back_ms = TIME_NONE;
	if (r == 0)
		r = text_of(b.root, "since", BODY_FIELD_MAX_BYTES, diag, &since);
	if (r == 0 && since && units_duration(since, ret_back_ms) != 0)
		r = invalid(diag, "since", TEXT_SERVE_EXPECTS_DURATION);
	if (r == 0)
		r = outbox_of(b.root, diag, ret_which);
	body_done(&b);
	return r;
}

int body_ids(const char *bytes, size_t len, struct diag *diag, enum outbox_stream *ret_which,
	     struct stream_id **ret_ids, size_t *ret_n)
{
	static const char *const keys[] = {"ids", "stream", NULL};
	cleanup(freep) struct stream_id *ids = NULL;
	struct body b = {NULL};
	const json_t *list;
	size_t i, n;
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r != 0)
		return r;
	list = json_object_get(b.root, "ids");
	n = json_array_size(list);
	ids = xmalloc((n + 1) * sizeof(*ids));
	if (!n || n > SERVE_LIMIT_MAX)
		r = invalid(diag, "ids", TEXT_SERVE_EXPECTS_CURSORS);
	for (i = 0; r == 0 && i < n; i++) {
		const json_t *id = json_array_get(list, i);

		if (!json_is_string(id) || !query_id(json_string_value(id), &ids[i]))
			r = invalid(diag, "ids", TEXT_SERVE_EXPECTS_CURSORS);
	}
	if (r == 0)
		r = outbox_of(b.root, diag, ret_which);
	body_done(&b);
	if (r != 0)
		return r;
	*ret_ids = TAKE(ids);
	*ret_n = n;
	return 0;
}

int body_forget(const char *bytes, size_t len, struct diag *diag, struct body *ret, const char **ret_who,
		enum serve_forget *ret_what)
{
	static const char *const keys[] = {"author", "really", "welcome", NULL};
	const char *who = NULL;
	struct body b = {NULL};
	bool really, welcome;
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r == 0)
		r = text_of(b.root, "author", BODY_FIELD_MAX_BYTES, diag, &who);
	if (r == 0 && !who)
		r = invalid(diag, "author", TEXT_SERVE_EXPECTS_TEXT);
	really = json_is_true(json_object_get(b.root, "really"));
	welcome = json_is_true(json_object_get(b.root, "welcome"));
	if (r == 0 && really && welcome)
		r = invalid(diag, "welcome", TEXT_SERVE_FORGET_WHICH);
	if (r) {
		body_done(&b);
		return r;
	}
	*ret = b;
	*ret_who = who;
	*ret_what = welcome ? SERVE_FORGET_WELCOME : really ? SERVE_FORGET_REALLY : SERVE_FORGET_LOOK;
	return 0;
}

static bool is_label(const char *s)
{
	return strcmp(s, "negative") == 0 || strcmp(s, "neutral") == 0 || strcmp(s, "positive") == 0;
}

int body_tone(const char *bytes, size_t len, struct diag *diag, struct body *ret, const char **ret_id,
	      const char **ret_label)
{
	static const char *const keys[] = {"id", "label", NULL};
	const char *id = NULL, *label = NULL;
	struct body b = {NULL};
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r == 0)
		r = text_of(b.root, "id", BODY_FIELD_MAX_BYTES, diag, &id);
	if (r == 0)
		r = text_of(b.root, "label", BODY_FIELD_MAX_BYTES, diag, &label);
	if (r == 0 && (!id || strlen(id) != 32 || strspn(id, "0123456789abcdef") != 32))
		r = invalid(diag, "id", TEXT_SERVE_EXPECTS_ID);
	if (r == 0 && (!label || !is_label(label)))
		r = invalid(diag, "label", TEXT_SERVE_EXPECTS_LABEL);
	if (r) {
		body_done(&b);
		return r;
	}
	*ret = b;
	*ret_id = id;
	*ret_label = label;
	return 0;
}

const char *const serve_verb_names[] = {
	[SERVE_ACK] = "ack",    [SERVE_NOTE] = "note", [SERVE_CLOSE] = "close", [SERVE_FALSE_ALARM] = "false-alarm",
	[SERVE_OPEN] = "open",  [SERVE_PASS] = "pass", [SERVE_MERGE] = "merge", [SERVE_STEP] = "step",
	[SERVE_DRILL] = "drill"};

static enum serve_verb verb_of(const char *name)
{
	size_t i = 0;

	while (i < SERVE_VERBS && (!name || strcmp(name, serve_verb_names[i]) != 0))
		i++;
	return (enum serve_verb)i;
}

static bool is_number(const json_t *n)
{
	return json_is_integer(n) && json_integer_value(n) > 0;
}

/* What fits the verb. */
static int check_incident(const struct serve_incident *a, const json_t *root, struct diag *diag)
{
	const json_t *number = json_object_get(root, "incident"), *into = json_object_get(root, "into"),
		     *step = json_object_get(root, "step");

	if (a->verb == SERVE_VERBS)
		return invalid(diag, "do", TEXT_SERVE_EXPECTS_VERB);
	if (a->verb == SERVE_OPEN || a->verb == SERVE_DRILL ? number != NULL : !is_number(number))
		return invalid(diag, "incident", TEXT_SERVE_EXPECTS_INCIDENT);
	if (a->verb == SERVE_MERGE ? !is_number(into) : into != NULL)
		return invalid(diag, "into", TEXT_SERVE_EXPECTS_INCIDENT);
	if (a->verb == SERVE_STEP ? !is_number(step) : step != NULL)
		return invalid(diag, "step", TEXT_SERVE_EXPECTS_STEP);
	if ((a->verb == SERVE_PASS) != (a->to != NULL))
		return invalid(diag, "to", TEXT_SERVE_EXPECTS_NAME);
	if (a->verb == SERVE_DRILL ? a->topic && !name_is_valid(a->topic) : (a->verb == SERVE_OPEN) != !!a->topic)
		return invalid(diag, "topic", TEXT_SERVE_EXPECTS_NAME);
	if (!a->who || (a->verb == SERVE_NOTE && !a->text))
		return invalid(diag, a->who ? "text" : "who", TEXT_SERVE_EXPECTS_TEXT);
	return 0;
}

int body_incident(const char *bytes, size_t len, struct diag *diag, struct body *ret, struct serve_incident *ret_ask)
{
	static const char *const keys[] = {"do",   "incident", "topic", "who", "text", "to",
					   "into", "step",     "undo",  "for", NULL};
	struct serve_incident a = {.id = 0};
	struct body b = {NULL};
	const char *verb = NULL, *length = NULL;
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r == 0)
		r = text_of(b.root, "do", BODY_FIELD_MAX_BYTES, diag, &verb);
	if (r == 0)
		r = text_of(b.root, "topic", BODY_FIELD_MAX_BYTES, diag, &a.topic);
	if (r == 0)
		r = text_of(b.root, "who", BODY_FIELD_MAX_BYTES, diag, &a.who);
	if (r == 0)
		r = text_of(b.root, "text", BODY_FIELD_MAX_BYTES, diag, &a.text);
	if (r == 0)
		r = text_of(b.root, "to", BODY_FIELD_MAX_BYTES, diag, &a.to);
	a.verb = verb_of(verb);
	if (r == 0)
		r = text_of(b.root, "for", BODY_FIELD_MAX_BYTES, diag, &length);
	if (r == 0 && length && (a.verb != SERVE_DRILL || units_duration(length, &a.for_ms) != 0 || !a.for_ms))
		r = invalid(diag, "for", TEXT_SERVE_EXPECTS_DURATION);
	if (r == 0)
		r = check_incident(&a, b.root, diag);
	if (r) {
		body_done(&b);
		return r;
	}
	a.id = (uint64_t)json_integer_value(json_object_get(b.root, "incident"));
	a.into = (uint64_t)json_integer_value(json_object_get(b.root, "into"));
	a.step = (uint64_t)json_integer_value(json_object_get(b.root, "step"));
	a.undo = json_is_true(json_object_get(b.root, "undo"));
	*ret = b;
	*ret_ask = a;
	return 0;
}

/* -1: not said; -2: no such. */
static int severity_of(const char *name)
{
	static const char *const names[] = {"info", "warning", "critical"};
	size_t i;

	for (i = 0; name && i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (int)i;
	return name ? -2 : -1;
}

int body_pair(const char *bytes, size_t len, struct diag *diag, struct body *ret, struct serve_pair *ret_ask)
{
	static const char *const keys[] = {"do", "person", NULL};
	struct serve_pair a = {.end = false};
	const char *verb = NULL;
	struct body b = {NULL};
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r != 0)
		return r;
	if (text_of(b.root, "do", BODY_FIELD_MAX_BYTES, diag, &verb) ||
	    text_of(b.root, "person", QUERY_NAME_MAX_BYTES, diag, &a.person))
		r = BODY_E_INVALID;
	else if (!verb || (strcmp(verb, "pair") != 0 && strcmp(verb, "unpair") != 0))
		r = invalid(diag, "do", TEXT_SERVE_EXPECTS_PAIR);
	else if (!a.person || !name_is_valid(a.person))
		r = invalid(diag, "person", TEXT_SERVE_EXPECTS_NAME);
	if (r) {
		body_done(&b);
		return r;
	}
	a.end = strcmp(verb, "unpair") == 0;
	*ret = b;
	*ret_ask = a;
	return 0;
}

static int check_mute(const struct serve_mute *a, const char *verb, const char *length, struct diag *diag)
{
	if (!verb || (strcmp(verb, "mute") != 0 && strcmp(verb, "unmute") != 0))
		return invalid(diag, "do", TEXT_SERVE_EXPECTS_MUTE);
	if (!a->topic || !name_is_valid(a->topic))
		return invalid(diag, "topic", TEXT_SERVE_EXPECTS_NAME);
	if (!a->who)
		return invalid(diag, "who", TEXT_SERVE_EXPECTS_TEXT);
	if (a->severity == -2)
		return invalid(diag, "severity", TEXT_SERVE_EXPECTS_SEVERITY);
	return a->end == !length ? 0 : invalid(diag, "for", TEXT_SERVE_EXPECTS_DURATION);
}

int body_mute(const char *bytes, size_t len, struct diag *diag, struct body *ret, struct serve_mute *ret_ask)
{
	static const char *const keys[] = {"do", "topic", "severity", "for", "why", "who", "critical", "long", NULL};
	const char *verb = NULL, *severity = NULL, *length = NULL;
	struct serve_mute a = {.severity = -1};
	struct body b = {NULL};
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r != 0)
		return r;
	if (text_of(b.root, "do", BODY_FIELD_MAX_BYTES, diag, &verb) ||
	    text_of(b.root, "topic", QUERY_NAME_MAX_BYTES, diag, &a.topic) ||
	    text_of(b.root, "severity", BODY_FIELD_MAX_BYTES, diag, &severity) ||
	    text_of(b.root, "for", BODY_FIELD_MAX_BYTES, diag, &length) ||
	    text_of(b.root, "why", BODY_FIELD_MAX_BYTES, diag, &a.why) ||
	    text_of(b.root, "who", BODY_FIELD_MAX_BYTES, diag, &a.who))
		r = BODY_E_INVALID;
	a.severity = severity_of(severity);
	a.critical = json_is_true(json_object_get(b.root, "critical"));
	a.is_long = json_is_true(json_object_get(b.root, "long"));
	a.end = verb && strcmp(verb, "unmute") == 0;
	if (r == 0)
		r = check_mute(&a, verb, length, diag);
	if (r == 0 && length && (units_duration(length, &a.for_ms) != 0 || !a.for_ms))
		r = invalid(diag, "for", TEXT_SERVE_EXPECTS_DURATION);
	if (r) {
		body_done(&b);
		return r;
	}
	*ret = b;
	*ret_ask = a;
	return 0;
}

static bool is_web_address(const char *url)
{
	return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

int body_add(const char *bytes, size_t len, struct diag *diag, struct body *ret, struct serve_add *ret_add)
{
	static const char *const keys[] = {"text", "title", "url", "author", "topic", NULL};
	struct serve_add add = {NULL};
	struct body b = {NULL};
	int r = parse(bytes, len, keys, diag, &b.root);

	if (r != 0)
		return r;
	if (text_of(b.root, "text", BODY_TEXT_MAX_BYTES, diag, &add.text) ||
	    text_of(b.root, "title", BODY_TEXT_MAX_BYTES, diag, &add.title) ||
	    text_of(b.root, "url", BODY_FIELD_MAX_BYTES, diag, &add.url) ||
	    text_of(b.root, "author", BODY_FIELD_MAX_BYTES, diag, &add.author) ||
	    text_of(b.root, "topic", QUERY_NAME_MAX_BYTES, diag, &add.topic))
		r = BODY_E_INVALID;
	else if (!add.text)
		r = invalid(diag, "text", TEXT_SERVE_EXPECTS_TEXT);
	else if (add.url && !is_web_address(add.url))
		r = invalid(diag, "url", TEXT_SERVE_EXPECTS_ADDRESS);
	else if (add.topic && !name_is_valid(add.topic))
		r = invalid(diag, "topic", TEXT_SERVE_EXPECTS_NAME);
	if (r != 0) {
		body_done(&b);
		return r;
	}
	*ret = b;
	*ret_add = add;
	return 0;
}
