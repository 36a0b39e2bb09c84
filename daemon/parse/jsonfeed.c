#include "parse/jsonfeed.h"

#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/hash.h"
#include "mention/job.h"
#include "parse/date.h"
#include "parse/feed_item.h"
#include "parse/url.h"

/* NUL is let in, and ends a text, as it does in C; a key twice counts last. */
enum { LOAD_FLAGS = JSON_ALLOW_NUL };

/* A string, or a number to the letter; NULL: neither, or empty. */
static const char *text_of(struct collector *c, const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	if (json_is_string(v) && *json_string_value(v))
		return arena_strdup(c->a, json_string_value(v));
	if (json_is_integer(v))
		return arena_printf(c->a, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (json_is_real(v))
		return arena_printf(c->a, "%.17g", json_real_value(v));
	return NULL;
}

static const char *trimmed(struct collector *c, const char *s)
{
	size_t len;

	if (!s)
		return NULL;
	s += strspn(s, " \t\r\n");
	for (len = strlen(s); len > 0 && strchr(" \t\r\n", s[len - 1]); len--)
		;
	return len ? arena_memdup0(c->a, s, len) : NULL;
}

static struct raw_text raw_of(struct collector *c, const json_t *object, const char *key, enum text_kind kind)
{
	const char *s = text_of(c, object, key);

	return (struct raw_text){.s = s, .len = s ? strlen(s) : 0, .kind = kind};
}

/* What addresses are relative to: the feed's own, and for one out of a file, which has none, that of its site. */
static const char *base_of(const struct collector *c)
{
	const char *own = c->job->address;

	return own && url_is_http(own) ? own : c->facts.link;
}

static const char *address_of(struct collector *c, const json_t *object, const char *key)
{
	cleanup(buf_done) struct buf url = BUF_INIT(4 * URL_MAX_BYTES);
	const char *s = json_string_value(json_object_get(object, key));

	if (!s || url_resolve(base_of(c), s, &url) != 0 || !url_is_http(buf_str(&url)))
		return NULL;
	return arena_strdup(c->a, buf_str(&url));
}

static int64_t date_of(struct collector *c, const json_t *object, const char *key)
{
	const char *s = text_of(c, object, key);
	int64_t ms;

	return s && date_parse(s, strlen(s), &ms) == 0 ? ms : TIME_NONE;
}

static int64_t count_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_integer(v) && json_integer_value(v) >= 0 ? json_integer_value(v) : COUNT_NONE;
}

/* 1.1 has a list of authors, 1 has one. */
static void read_author(struct collector *c, const json_t *object, struct raw_author *ret)
{
	const json_t *author = json_array_get(json_object_get(object, "authors"), 0);

	if (!author)
		author = json_object_get(object, "author");
	if (json_is_string(author)) { /* against the specification, and met */
		author_split(c->a, json_string_value(author), ret);
		return;
	}
	ret->name = text_of(c, author, "name");
	ret->uri = address_of(c, author, "url");
}

static void read_item(struct collector *c, const json_t *item)
{
	const json_t *attachment = json_array_get(json_object_get(item, "attachments"), 0);
	const char *type = text_of(c, attachment, "mime_type");
	struct raw_item raw;

	raw_item_init(&raw);
	raw.guid = trimmed(c, text_of(c, item, "id"));
	raw.link = address_of(c, item, "url");
	if (!raw.link)
		raw.link = address_of(c, item, "external_url");
	raw.title = raw_of(c, item, "title", TEXT_GUESS);
	raw.content = raw_of(c, item, "content_html", TEXT_HTML);
	raw.second = raw_of(c, item, "content_text", TEXT_PLAIN);
	raw.summary = raw_of(c, item, "summary", TEXT_GUESS);
	raw.published_ms = date_of(c, item, "date_published");
	raw.updated_ms = date_of(c, item, "date_modified");
	raw.lang = text_of(c, item, "language");
	if (type && strncmp(type, "audio/", 6) == 0)
		raw.kind = "podcast";
	else if (type && strncmp(type, "video/", 6) == 0)
		raw.kind = "video";
	read_author(c, item, &raw.author);
	collector_add(c, &raw);
}

static void read_facts(struct collector *c, const json_t *feed)
{
	const json_t *hub = json_array_get(json_object_get(feed, "hubs"), 0);
	struct raw_text title = raw_of(c, feed, "title", TEXT_GUESS);
	bool cut = false;

	c->facts.format = "json";
	c->facts.title = text_clean(c, &title, MENTION_FIELD_MAX_BYTES, &cut);
	c->facts.lang = text_of(c, feed, "language");
	c->facts.link = address_of(c, feed, "home_page_url");
	c->facts.hub = address_of(c, hub, "url");
	read_author(c, feed, &c->author);
}

int jsonfeed_read(const char *s, size_t len, struct collector *c, const char **ret_why)
{
	cleanup(json_decrefp) json_t *feed = NULL;
	json_error_t error;
	const json_t *items, *item;
	size_t i;

	feed = json_loadb(s, len, LOAD_FLAGS, &error);
	if (!feed) {
		*ret_why = arena_printf(c->a, "not JSON from line %d, column %d on", error.line, error.column);
		return JSON_E_MALFORMED;
	}
	items = json_object_get(feed, "items");
	if (!json_is_array(items)) {
		*ret_why = "JSON, and no JSON Feed: it has no items";
		return JSON_E_OTHER;
	}
	read_facts(c, feed);
	json_array_foreach(items, i, item)
	{
		if (json_is_object(item))
			read_item(c, item);
	}
	return 0;
}

static void read_mention(struct collector *c, const json_t *line)
{
	const json_t *author = json_object_get(line, "author");
	const char *id = text_of(c, line, "id");
	struct raw_item raw;

	raw_item_init(&raw);
	raw.given = id && hash_unhex(id, raw.id, MENTION_ID_BYTES) == 0;
	raw.guid = text_of(c, line, "guid");
	raw.link = address_of(c, line, "url");
	raw.title = raw_of(c, line, "title", TEXT_PLAIN);
	raw.content = raw_of(c, line, "text", TEXT_PLAIN);
	raw.kind = text_of(c, line, "kind");
	raw.lang = text_of(c, line, "lang");
	raw.country = text_of(c, line, "country");
	raw.version = text_of(c, line, "version");
	raw.parent = text_of(c, line, "parent");
	raw.repeats = text_of(c, line, "repeats");
	raw.author.name = text_of(c, author, "name");
	raw.author.uri = address_of(c, author, "url");
	raw.handle = text_of(c, author, "handle");
	raw.followers = count_of(author, "followers");
	if (json_is_boolean(json_object_get(author, "verified")))
		raw.verified = json_is_true(json_object_get(author, "verified")) ? VERIFIED_YES : VERIFIED_NO;
	raw.published_ms =
		json_is_true(json_object_get(line, "date_suspect")) ? TIME_NONE : date_of(c, line, "published");
	raw.counts = (struct mention_counts){count_of(line, "likes"), count_of(line, "shares"),
					     count_of(line, "replies"), count_of(line, "views")};
	if (json_is_number(json_object_get(line, "rating")))
		raw.rating = json_number_value(json_object_get(line, "rating"));
	collector_add(c, &raw);
}

int mention_lines_read(const char *s, size_t len, struct collector *c, const char **ret_why)
{
	const char *end = s + len, *line, *stop;
	size_t number = 0, bad = 0, good = 0;

	for (line = s; line < end; line = stop + 1) {
		cleanup(json_decrefp) json_t *mention = NULL;

		stop = memchr(line, '\n', (size_t)(end - line)) ?: end;
		number++;
		if (stop == line || strspn(line, " \t\r") >= (size_t)(stop - line))
			continue;
		mention = json_loadb(line, (size_t)(stop - line), LOAD_FLAGS, NULL);
		if (json_is_object(mention)) {
			read_mention(c, mention);
			good++;
		} else if (bad++ == 0) {
			*ret_why = arena_printf(c->a, "line %zu is no JSON object", number);
		}
	}
	return good == 0 && bad > 0 ? JSON_E_MALFORMED : 0;
}
