#include "parse/map_record.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/feed_item.h"
#include "parse/map.h"
#include "parse/map_value.h"
#include "parse/markdown.h"
#include "parse/url.h"

enum { WHY_FIELDS_MAX = 4 /* that are named */ };

/* In the order of their names: they are searched. */
enum record_field {
	RECORD_AUTHOR,
	RECORD_AUTHOR_NAME,
	RECORD_AUTHOR_URL,
	RECORD_COUNTRY,
	RECORD_ERROR,
	RECORD_FOLLOWERS,
	RECORD_HYDRATE,
	RECORD_ID,
	RECORD_KIND,
	RECORD_LANG,
	RECORD_LIKES,
	RECORD_PARENT,
	RECORD_PUBLISHED,
	RECORD_RATING,
	RECORD_REPEATS,
	RECORD_REPLIES,
	RECORD_SCOPE,
	RECORD_SHARES,
	RECORD_SOURCE,
	RECORD_TEXT,
	RECORD_TEXT_FORMAT,
	RECORD_TITLE,
	RECORD_TITLE_FORMAT,
	RECORD_UPDATED,
	RECORD_URL,
	RECORD_VERIFIED,
	RECORD_VERSION,
	RECORD_VIEWS,
	RECORD_FIELDS,
};
static const char *const names[RECORD_FIELDS] = {
	"author",  "author_name",  "author_url", "country", "error",    "followers", "hydrate",
	"id",      "kind",         "lang",       "likes",   "parent",   "published", "rating",
	"repeats", "replies",      "scope",      "shares",  "source",   "text",      "text_format",
	"title",   "title_format", "updated",    "url",     "verified", "version",   "views"};
_Static_assert(RECORD_FIELDS <= (int)RECORD_FIELDS_MAX, "told counts each of them");

/* Its place in names; RECORD_FIELDS: none. */
static enum record_field field_of(const char *name)
{
	size_t from = 0, to = RECORD_FIELDS;

	while (from < to) {
		size_t mid = (from + to) / 2;
		int order = strcmp(name, names[mid]);

		if (order == 0)
			return (enum record_field)mid;
		if (order < 0)
			to = mid;
		else
			from = mid + 1;
	}
	return RECORD_FIELDS;
}

struct record {
	struct collector *c;
	struct raw_item raw;
	const char *scope, *id, *error;
	const char *formats[2]; /* of title and text */
};

static bool take_field(struct record *r, jv v, const char **ret)
{
	*ret = map_scalar(v, r->c->a, MENTION_FIELD_MAX_BYTES + 1); /* one more: who bounds it says that it was cut */
	return *ret != NULL;
}

/* An address without blanks and other signs that browsers would write otherwise; what is none is left out by the collector. */
static bool take_url(struct record *r, jv v, const char **ret)
{
	struct buf url = BUF_INIT(4 * URL_MAX_BYTES);

	if (jv_get_kind(v) != JV_KIND_STRING || !take_field(r, v, ret))
		return false;
	if (!strpbrk(*ret, " \t\r\n<>\"`{}\\|^") && !strstr(*ret, "/./") && !strstr(*ret, "/../"))
		return true;
	*ret = url_resolve(NULL, *ret, &url) == 0 ? arena_strdup(r->c->a, buf_str(&url)) : NULL;
	buf_done(&url);
	return *ret != NULL;
}

static bool take_text(struct record *r, jv v, struct raw_text *ret)
{
	if (jv_get_kind(v) == JV_KIND_STRING) {
		ret->s = map_text(v, &ret->len);
		ret->s = arena_memdup0(r->c->a, ret->s, ret->len);
	} else {
		ret->s = map_scalar(v, r->c->a, MENTION_FIELD_MAX_BYTES);
		ret->len = ret->s ? strlen(ret->s) : 0;
	}
	ret->cut = ret->len > FEED_RAW_MAX_BYTES;
	if (ret->cut)
		ret->len = utf8_cut(ret->s, ret->len, FEED_RAW_MAX_BYTES);
	return ret->s != NULL;
}

static bool take_format(jv v, const char **ret)
{
	static const char *const formats[] = {"html", "markdown", "plain"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(formats); i++)
		if (jv_get_kind(v) == JV_KIND_STRING && strcmp(jv_string_value(v), formats[i]) == 0) {
			*ret = formats[i];
			return true;
		}
	return false;
}

static bool take_country(struct record *r, jv v)
{
	const char *s = jv_get_kind(v) == JV_KIND_STRING ? jv_string_value(v) : "";
	char code[3];

	if (!isalpha((unsigned char)s[0]) || !isalpha((unsigned char)s[1]) || s[2])
		return false;
	code[0] = (char)toupper((unsigned char)s[0]);
	code[1] = (char)toupper((unsigned char)s[1]);
	code[2] = '\0';
	r->raw.country = arena_strdup(r->c->a, code);
	return true;
}

static bool take_verified(struct record *r, jv v)
{
	if (jv_get_kind(v) != JV_KIND_TRUE && jv_get_kind(v) != JV_KIND_FALSE)
		return false;
	r->raw.verified = jv_get_kind(v) == JV_KIND_TRUE ? VERIFIED_YES : VERIFIED_NO;
	return true;
}

static bool take_handle(struct record *r, jv v, const char **ret)
{
	if (!take_field(r, v, ret))
		return false;
	*ret += **ret == '@' && (*ret)[1];
	return true;
}

/* False: the field can't have such a value. */
static bool take(struct record *r, enum record_field field, jv v)
{
	struct raw_item *raw = &r->raw;

	switch (field) {
	case RECORD_ID:
		return take_field(r, v, &r->id);
	case RECORD_URL:
		return take_url(r, v, &raw->link);
	case RECORD_AUTHOR_URL:
		return take_url(r, v, &raw->author.uri);
	case RECORD_TITLE:
		return take_text(r, v, &raw->title);
	case RECORD_TEXT:
		return take_text(r, v, &raw->content);
	case RECORD_TITLE_FORMAT:
		return take_format(v, &r->formats[0]);
	case RECORD_TEXT_FORMAT:
		return take_format(v, &r->formats[1]);
	case RECORD_AUTHOR:
		return take_handle(r, v, &raw->handle);
	case RECORD_REPEATS:
		return take_handle(r, v, &raw->repeats);
	case RECORD_AUTHOR_NAME:
		return take_field(r, v, &raw->author.name);
	case RECORD_FOLLOWERS:
		return map_count(v, &raw->followers);
	case RECORD_LIKES:
		return map_count(v, &raw->counts.likes);
	case RECORD_SHARES:
		return map_count(v, &raw->counts.shares);
	case RECORD_REPLIES:
		return map_count(v, &raw->counts.replies);
	case RECORD_VIEWS:
		return map_count(v, &raw->counts.views);
	case RECORD_RATING:
		return map_number(v, &raw->rating);
	case RECORD_PUBLISHED:
		return map_time(v, &raw->published_ms);
	case RECORD_UPDATED:
		return map_time(v, &raw->updated_ms);
	case RECORD_VERIFIED:
		return take_verified(r, v);
	case RECORD_COUNTRY:
		return take_country(r, v);
	case RECORD_LANG:
		return take_field(r, v, &raw->lang);
	case RECORD_VERSION:
		return take_field(r, v, &raw->version);
	case RECORD_PARENT:
		return take_field(r, v, &raw->parent);
	case RECORD_KIND:
		return take_field(r, v, &raw->kind);
	case RECORD_SCOPE:
		return take_field(r, v, &r->scope);
	case RECORD_ERROR:
		r->error = map_scalar(v, r->c->a, MAP_ERROR_MAX_BYTES);
		return true;
	case RECORD_HYDRATE:
	case RECORD_SOURCE:
	case RECORD_FIELDS:
		break;
	}
	return true;
}

static void take_members(struct record *r, jv record, struct record_told *told)
{
	int at;

	for (at = jv_object_iter(record); jv_object_iter_valid(record, at); at = jv_object_iter_next(record, at)) {
		jv key = jv_object_iter_key(record, at), v = jv_object_iter_value(record, at);
		enum record_field field = field_of(jv_string_value(key));

		if (field == RECORD_FIELDS) {
			if (!told->stranger)
				told->stranger = map_scalar(key, r->c->a, RECORD_NAME_MAX_BYTES);
		} else if (!map_is_nothing(v) && !take(r, field, v)) {
			told->wrong[field]++;
		}
		jv_free(key);
		jv_free(v);
	}
}

/* How a text is to be read; markdown becomes plain here. */
static void format_apply(struct collector *c, const char *format, struct raw_text *text)
{
	struct buf plain = BUF_INIT(MENTION_TEXT_MAX_BYTES);

	text->kind = format && strcmp(format, "html") == 0 ? TEXT_MARKUP : TEXT_PLAIN;
	if (!text->s || !format || strcmp(format, "markdown") != 0)
		return;
	markdown_to_text(text->s, text->len, &plain);
	text->s = arena_memdup0(c->a, buf_str(&plain), plain.len);
	text->len = plain.len;
	text->cut = text->cut || plain.full;
	buf_done(&plain);
}

void map_record_add(struct collector *c, const char *scope, jv record, struct record_told *told)
{
	struct record r = {.c = c, .scope = scope};

	told->records++;
	if (jv_get_kind(record) != JV_KIND_OBJECT) {
		told->no_objects++;
		jv_free(record);
		return;
	}
	raw_item_init(&r.raw);
	take_members(&r, record, told);
	jv_free(record);
	if (r.error) {
		if (told->failed++ == 0)
			told->failure = r.error;
		return;
	}
	format_apply(c, r.formats[0], &r.raw.title);
	format_apply(c, r.formats[1], &r.raw.content);
	if (!r.raw.kind)
		r.raw.kind = "post";
	if (r.id) {
		r.raw.guid = r.id;
		r.raw.given = true;
		mention_identity(r.scope, r.id, r.raw.id);
	} else {
		told->no_id++;
	}
	collector_add(c, &r.raw);
}

static void say(struct buf *b, const char *what, size_t n, const struct record_told *told)
{
	buf_printf(b, "%s%s %zu of %zu records", b->len ? "; " : "", what, n, told->records);
}

const char *map_record_why(const struct record_told *told, struct arena *a)
{
	struct buf b = BUF_INIT(1024 - 1); /* ANSWER_WHY_MAX */
	const char *why;
	size_t i, named = 0;

	if (told->failed) {
		say(&b, "the map failed at", told->failed, told);
		buf_printf(&b, ": %s", told->failure);
	}
	if (told->no_objects)
		say(&b, "no object:", told->no_objects, told);
	if (told->no_id)
		say(&b, "no id:", told->no_id, told);
	for (i = 0; i < RECORD_FIELDS; i++)
		if (told->wrong[i] && named++ < WHY_FIELDS_MAX) {
			say(&b, "a value that can't be:", told->wrong[i], told);
			buf_printf(&b, " in %s", names[i]);
		}
	if (named > WHY_FIELDS_MAX)
		buf_printf(&b, "; and in %zu more", named - WHY_FIELDS_MAX);
	if (told->stranger)
		buf_printf(&b, "%sno record has \"%s\"", b.len ? "; " : "", told->stranger);
	why = b.len ? arena_strdup(a, buf_str(&b)) : NULL;
	buf_done(&b);
	return why;
}
