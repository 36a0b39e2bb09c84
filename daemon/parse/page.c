#include "parse/page.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mention/job.h"
#include "parse/charset.h"
#include "parse/feed_text.h"
#include "parse/html.h"
#include "parse/url.h"

enum { GROWTH = 3 /* of a page in windows-1252 that becomes UTF-8 */ };

struct span_of {
	const char *s;
	size_t len;
};
struct attr {
	struct span_of name, value;
};
struct tag {
	struct span_of name;
	struct attr attrs[PAGE_ATTRS_MAX];
	size_t n;
};

struct page {
	struct arena *a;
	const char *base; /* of relative addresses */
	struct answer *answer;
	size_t links;
	bool wordpress, mastodon, generator;
	const char *addresses[PAGE_LINKS_MAX + 1]; /* that were told */
	size_t n_addresses;
};

/* --- the tags --- */

static bool is(struct span_of x, const char *word)
{
	return x.len == strlen(word) && strncasecmp(x.s, word, x.len) == 0;
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p;
}

/* What the next word of a tag is: up to a space or one of stops. */
static const char *word_end(const char *p, const char *end, const char *stops)
{
	while (p < end && !isspace((unsigned char)*p) && !(*p && strchr(stops, *p)))
		p++;
	return p;
}

static const char *read_value(const char *p, const char *end, struct span_of *ret)
{
	const char *to;

	if (p < end && (*p == '"' || *p == '\'')) {
		to = memchr(p + 1, *p, (size_t)(end - p - 1));
		to = to ? to : end;
		*ret = (struct span_of){p + 1, (size_t)(to - p - 1)};
		return to < end ? to + 1 : end;
	}
	to = word_end(p, end, ">");
	*ret = (struct span_of){p, (size_t)(to - p)};
	return to;
}

/* p stands at the tag's name; returns what is behind its end. */
static const char *read_tag(const char *p, const char *end, struct tag *tag)
{
	const char *to = word_end(p, end, "/>");

	*tag = (struct tag){.name = {p, (size_t)(to - p)}};
	for (p = to; p < end && *p != '>';) {
		struct attr attr = {.value = {"", 0}};

		p = skip_space(p, end);
		to = word_end(p, end, "=/>");
		attr.name = (struct span_of){p, (size_t)(to - p)};
		p = skip_space(to, end);
		if (p < end && *p == '=')
			p = read_value(skip_space(p + 1, end), end, &attr.value);
		else if (p < end && *p == '/' && p == to)
			p++;
		if (attr.name.len && tag->n < PAGE_ATTRS_MAX)
			tag->attrs[tag->n++] = attr;
	}
	return p < end ? p + 1 : end;
}

/* Behind the end tag of what shows no tags: a script, a style. */
static const char *skip_content(const char *p, const char *end, struct span_of name)
{
	while ((p = memmem(p, (size_t)(end - p), "</", 2))) {
		p += 2;
		if ((size_t)(end - p) >= name.len && strncasecmp(p, name.s, name.len) == 0)
			return p;
	}
	return end;
}

/* --- what they say --- */

/* The attribute's value as a text without references, folded; "" where there is none, or it is longer than max. */
static const char *attr_text(const struct page *page, const struct tag *tag, const char *name, size_t max)
{
	struct buf plain = BUF_INIT(max), line = BUF_INIT(max);
	const char *text = "";
	size_t i;

	for (i = 0; i < tag->n && !is(tag->attrs[i].name, name); i++)
		;
	if (i < tag->n) {
		html_unescape(tag->attrs[i].value.s, tag->attrs[i].value.len, &plain);
		text_fold(buf_str(&plain), plain.len, &line);
		if (!plain.full && line.len)
			text = arena_memdup0(page->a, buf_str(&line), line.len);
	}
	buf_done(&plain);
	buf_done(&line);
	return text;
}

/* Whether a list of words, such as rel has, holds this one. */
static bool has_word(const char *list, const char *word)
{
	size_t len;

	for (; *list; list += len) {
		list += strspn(list, " \n");
		len = strcspn(list, " \n");
		if (is((struct span_of){list, len}, word))
			return true;
	}
	return false;
}

static void add_fact(struct page *page, const char *name, const char *value)
{
	struct answer *answer = page->answer;

	if (*value)
		answer->facts[answer->n_facts++] = (struct answer_fact){.name = name, .value = value};
}

/* The address that a tag leads to; NULL: none that can be asked. */
static const char *address_of(const struct page *page, const struct tag *tag)
{
	const char *href = attr_text(page, tag, "href", PAGE_VALUE_MAX_BYTES), *address = NULL;
	struct buf url = BUF_INIT(PAGE_VALUE_MAX_BYTES);

	if (*href && url_resolve(page->base, href, &url) == 0 && !url.full && url_is_http(buf_str(&url)) &&
	    !strpbrk(buf_str(&url), " \t\r\n"))
		address = arena_memdup0(page->a, buf_str(&url), url.len);
	buf_done(&url);
	return address;
}

/* Once each, whatever a page calls it. */
static void add_address(struct page *page, const char *kind, const char *address, const char *title)
{
	size_t i;

	for (i = 0; i < page->n_addresses; i++)
		if (strcmp(page->addresses[i], address) == 0)
			return;
	page->addresses[page->n_addresses++] = address;
	add_fact(page, kind, *title ? arena_printf(page->a, "%s %s", address, title) : address);
}

static const char *feed_kind(const char *type)
{
	size_t len = strcspn(type, "; ");
	struct span_of t = {type, len};

	return is(t, "application/rss+xml")     ? "rss"
	       : is(t, "application/atom+xml")  ? "atom"
	       : is(t, "application/feed+json") ? "json"
						: NULL;
}

static void see_link(struct page *page, const struct tag *tag)
{
	const char *rel = attr_text(page, tag, "rel", PAGE_VALUE_MAX_BYTES);
	const char *type = attr_text(page, tag, "type", PAGE_TITLE_MAX_BYTES), *kind = feed_kind(type);
	const char *address = address_of(page, tag);

	if (!address)
		return;
	if (has_word(rel, "https://api.w.org/") && !page->wordpress) {
		page->wordpress = true;
		add_address(page, "wordpress", address, "");
	} else if (has_word(rel, "alternate") && kind && page->links < PAGE_LINKS_MAX) {
		page->links++;
		add_address(page, kind, address, attr_text(page, tag, "title", PAGE_TITLE_MAX_BYTES));
	} else if (has_word(rel, "alternate") && strcasecmp(type, "application/activity+json") == 0 &&
		   !page->mastodon) {
		page->mastodon = true;
		add_fact(page, "mastodon", "application/activity+json");
	}
}

static void see_tag(struct page *page, const struct tag *tag)
{
	const char *address;

	if (is(tag->name, "link")) {
		see_link(page, tag);
	} else if (is(tag->name, "base")) {
		address = address_of(page, tag);
		page->base = address ? address : page->base;
	} else if (is(tag->name, "meta") && !page->generator &&
		   strcasecmp(attr_text(page, tag, "name", PAGE_TITLE_MAX_BYTES), "generator") == 0) {
		page->generator = true;
		add_fact(page, "generator", attr_text(page, tag, "content", PAGE_TITLE_MAX_BYTES));
	} else if (!page->mastodon && is(tag->name, "div") &&
		   strcmp(attr_text(page, tag, "id", PAGE_TITLE_MAX_BYTES), "mastodon") == 0) {
		page->mastodon = true;
		add_fact(page, "mastodon", "id");
	}
}

static void see(struct page *page, const char *p, const char *end)
{
	struct tag tag;

	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		p++;
		if (end - p >= 3 && memcmp(p, "!--", 3) == 0) {
			p = memmem(p + 3, (size_t)(end - p - 3), "-->", 3);
			if (!p)
				return;
			continue;
		}
		if (p >= end || !isalpha((unsigned char)*p))
			continue;
		p = read_tag(p, end, &tag);
		see_tag(page, &tag);
		if (is(tag.name, "script") || is(tag.name, "style"))
			p = skip_content(p, end, tag.name);
	}
}

void page_parse(const struct job_feed *job, struct arena *a, struct answer *ret)
{
	size_t len = job->body_len < PAGE_MAX_BYTES ? job->body_len : PAGE_MAX_BYTES;
	struct buf text = BUF_INIT(GROWTH * (size_t)PAGE_MAX_BYTES);
	struct page page = {.a = a, .base = job->address, .answer = ret};

	*ret = (struct answer){.status = ANSWER_OK, .identity = job->identity};
	ret->facts = ARENA_ARRAY(a, struct answer_fact, ANSWER_FACTS_MAX);
	if (charset_to_utf8(job->body, len, job->content_type, &text, NULL) == 0)
		see(&page, buf_str(&text), buf_str(&text) + text.len);
	buf_done(&text);
}
