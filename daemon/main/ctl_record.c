#include "main/ctl_record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "main/ctl_output.h"
#include "mention/mention.h"

/* A text of the record; cut where it is longer than a mention may be. NULL where absent. */
static const char *text_of(struct arena *a, const json_t *object, const char *key, size_t max)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return NULL;
	return arena_memdup0(a, json_string_value(value),
			     utf8_cut(json_string_value(value), json_string_length(value), max));
}

static int64_t count_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value) : COUNT_NONE;
}

static int64_t time_of(const json_t *object, const char *key, int64_t otherwise)
{
	const char *s = json_string_value(json_object_get(object, key));
	int64_t ms;

	return s && rfc3339_parse(s, &ms) == 0 ? ms : otherwise;
}

static void take_id(struct mention *m, const char *hex)
{
	size_t i;

	if (!hex || strlen(hex) != 2 * MENTION_ID_BYTES || strspn(hex, "0123456789abcdef") != 2 * MENTION_ID_BYTES)
		return;
	for (i = 0; i < MENTION_ID_BYTES; i++) {
		const char pair[] = {hex[2 * i], hex[2 * i + 1], '\0'};

		m->id[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

static enum verified verified_of(const json_t *value)
{
	if (!json_is_boolean(value))
		return VERIFIED_UNKNOWN;
	return json_is_true(value) ? VERIFIED_YES : VERIFIED_NO;
}

/* DESIGN §5's record, as `parse`, the stream and the API write it; what it leaves out is absent. */
static void take_record(struct arena *a, const json_t *o, int64_t now_ms, struct mention *ret)
{
	enum { FIELD = MENTION_FIELD_MAX_BYTES, TEXT = MENTION_TEXT_MAX_BYTES };
	const json_t *author = json_object_get(o, "author"), *rating = json_object_get(o, "rating");

	ret->source = text_of(a, o, "source", FIELD);
	ret->platform = text_of(a, o, "platform", FIELD);
	ret->kind = text_of(a, o, "kind", FIELD);
	ret->guid = text_of(a, o, "guid", FIELD);
	ret->url = text_of(a, o, "url", FIELD);
	ret->title = text_of(a, o, "title", TEXT);
	ret->text = text_of(a, o, "text", TEXT);
	ret->lang = text_of(a, o, "lang", FIELD);
	ret->country = text_of(a, o, "country", FIELD);
	ret->version = text_of(a, o, "version", FIELD);
	ret->parent = text_of(a, o, "parent", FIELD);
	ret->repeats = text_of(a, o, "repeats", FIELD);
	ret->author.name = json_is_string(author) ? text_of(a, o, "author", FIELD) : text_of(a, author, "name", FIELD);
	ret->author.handle = text_of(a, author, "handle", FIELD);
	ret->author.url = text_of(a, author, "url", FIELD);
	ret->author.followers = count_of(author, "followers");
	ret->author.verified = verified_of(json_object_get(author, "verified"));
	ret->seen_ms = time_of(o, "seen", now_ms);
	ret->published_ms = time_of(o, "published", ret->seen_ms);
	ret->counts.likes = count_of(o, "likes");
	ret->counts.shares = count_of(o, "shares");
	ret->counts.replies = count_of(o, "replies");
	ret->counts.views = count_of(o, "views");
	if (json_is_number(rating))
		ret->rating = json_number_value(rating);
	ret->date_suspect = json_is_true(json_object_get(o, "date_suspect"));
	ret->baseline = json_is_true(json_object_get(o, "baseline"));
	ret->cut = json_is_true(json_object_get(o, "cut"));
	take_id(ret, json_string_value(json_object_get(o, "id")));
}

int record_read(const char *json, size_t len, int64_t now_ms, struct arena *a, struct mention *ret,
		const char **ret_why)
{
	static json_error_t error;
	json_t *o = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
	bool right = json_is_string(json_object_get(o, "text")) || json_is_string(json_object_get(o, "title")) ||
		     json_is_string(json_object_get(o, "id")); /* an item that was no more than a link */

	if (!o) {
		*ret_why = error.text;
		return RECORD_E_JSON;
	}
	if (right)
		take_record(a, o, now_ms, ret);
	json_decref(o);
	return right ? 0 : RECORD_E_TEXT;
}
