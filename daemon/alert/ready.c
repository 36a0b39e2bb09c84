#include "alert/ready.h"

#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "mention/notice_row.h"

enum { HTML_MAX_BYTES = NOTICE_FACTS_MAX_BYTES / 2 };

void ready_json(const struct notice_object *o, struct buf *b)
{
	struct json j = JSON_OUT(b);
	size_t i;

	json_begin_object(&j, NULL);
	json_text(&j, "kind", notice_kind_names[o->kind]);
	json_text(&j, "subject", o->subject);
	json_text(&j, "text", o->text);
	if (o->html && strlen(o->html) <= HTML_MAX_BYTES)
		json_text(&j, "html", o->html);
	json_text(&j, "topic", o->topic);
	json_text(&j, "matter", o->matter);
	if (o->incident)
		json_int(&j, "incident", (int64_t)o->incident);
	if (o->ended)
		json_bool(&j, "ended", true);
	json_begin_array(&j, "mentions");
	for (i = 0; i < o->n_mentions; i++) {
		json_begin_object(&j, NULL);
		json_text(&j, "title", o->mentions[i].title);
		json_text(&j, "url", o->mentions[i].url);
		json_text(&j, "author", o->mentions[i].author);
		json_text(&j, "source", o->mentions[i].source);
		json_double(&j, "reach", o->mentions[i].reach);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
}

static const char *text_of(const json_t *object, const char *key, struct arena *a)
{
	return arena_strdup(a, json_string_value(json_object_get(object, key)));
}

static void fill(const json_t *said, struct arena *a, struct notice_object *ret)
{
	const json_t *mentions = json_object_get(said, "mentions"), *one;
	size_t i, n = json_array_size(mentions);
	struct notice_mention *v = ARENA_ARRAY(a, struct notice_mention, n + 1);

	ret->subject = text_of(said, "subject", a);
	ret->text = text_of(said, "text", a);
	ret->html = text_of(said, "html", a);
	ret->topic = text_of(said, "topic", a);
	ret->matter = text_of(said, "matter", a);
	ret->incident = (uint64_t)json_integer_value(json_object_get(said, "incident"));
	ret->ended = json_is_true(json_object_get(said, "ended"));
	json_array_foreach(mentions, i, one)
	{
		v[i] = (struct notice_mention){.title = text_of(one, "title", a),
					       .url = text_of(one, "url", a),
					       .author = text_of(one, "author", a),
					       .source = text_of(one, "source", a),
					       .reach = json_number_value(json_object_get(one, "reach"))};
	}
	ret->mentions = v;
	ret->n_mentions = n;
}

bool ready_parse(const char *json, struct arena *a, struct notice_object *ret)
{
	json_t *said = json_loads(json, 0, NULL);
	const char *kind = json_string_value(json_object_get(said, "kind"));
	bool right = json_string_value(json_object_get(said, "subject")) &&
		     json_string_value(json_object_get(said, "text")) && kind &&
		     (strcmp(kind, notice_kind_names[NOTICE_CARD]) == 0 ||
		      strcmp(kind, notice_kind_names[NOTICE_DIGEST]) == 0);

	if (right && a) {
		fill(said, a, ret);
		ret->kind = strcmp(kind, notice_kind_names[NOTICE_CARD]) == 0 ? NOTICE_CARD : NOTICE_DIGEST;
	}
	json_decref(said);
	return right;
}
