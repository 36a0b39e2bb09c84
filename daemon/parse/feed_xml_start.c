#include "parse/feed_xml_reader.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "parse/url.h"
#include "parse/xml.h"

static const char *attr(const struct xml_attrs *attrs, const char *local)
{
	return xml_attr(attrs, NULL, local);
}

const char *feed_xml_resolve(struct feed_reader *r, const char *base, const char *ref)
{
	buf_reset(&r->url);
	if (!*ref || url_resolve(base, ref, &r->url) != 0)
		return NULL;
	return arena_strdup(r->c->a, buf_str(&r->url));
}

int64_t feed_xml_count(const char *s)
{
	int64_t n = 0;

	if (!*s)
		return COUNT_NONE;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || n > INT64_MAX / 100)
			return COUNT_NONE;
		n = n * 10 + (*s - '0');
	}
	return n;
}

/* A feed out of a file has no address that links could be relative to: that of its site stands in. */
static void base_at_least(struct feed_reader *r, const char *site)
{
	size_t i;

	for (i = 0; i <= r->depth; i++)
		if (!r->frames[i].base || !url_is_http(r->frames[i].base))
			r->frames[i].base = site;
}

void feed_xml_link(struct feed_reader *r, const char *url, int rank)
{
	if (!url || !url_is_http(url))
		return;
	if (!r->in_item) {
		if (!r->c->facts.link) {
			r->c->facts.link = url;
			base_at_least(r, url);
		}
	} else if (rank > r->link_rank) {
		r->raw.link = url;
		r->link_rank = rank;
	}
}

/* Atom's type, as it is meant: a media type, or one of text, html, xhtml; mode is Atom 0.3's. */
static void set_kind(struct feed_frame *f, const struct xml_attrs *attrs)
{
	const char *type = attr(attrs, "type");

	if (type && strcasestr(type, "xhtml")) {
		f->kind = TEXT_HTML;
		f->escaped = true;
	} else if (type && strcasestr(type, "html")) {
		f->kind = TEXT_HTML;
	} else if (type && (strcasestr(type, "+xml") || strcasestr(type, "/xml"))) {
		f->kind = TEXT_HTML;
		f->escaped = true;
	} else {
		f->kind = TEXT_PLAIN;
		f->unread = type && strchr(type, '/') && strncasecmp(type, "text/", 5) != 0;
	}
	type = attr(attrs, "mode");
	if (type && strcasecmp(type, "base64") == 0)
		f->unread = true;
}

static void start_text(struct feed_reader *r, struct feed_frame *f, enum feed_ns ns, const struct xml_attrs *attrs)
{
	if (f->el == EL_CONTENT_XHTML && !r->in_item)
		return; /* a page's <body> */
	f->capture = true;
	f->rich = f->el >= EL_TITLE && f->el <= EL_SUBTITLE;
	if (!f->rich)
		return;
	if (f->atom && f->el != EL_DESCRIPTION)
		set_kind(f, attrs);
	else if (f->el == EL_TITLE || f->el == EL_TITLE_DC || f->el == EL_TITLE_MEDIA || ns == NS_ITUNES)
		f->kind = TEXT_GUESS;
	else
		f->kind = TEXT_HTML;
	if (f->el == EL_CONTENT_XHTML)
		f->escaped = true;
}

static void start_item(struct feed_reader *r, const struct xml_attrs *attrs)
{
	const char *about = xml_attr(attrs, "rdf", "about");

	raw_item_init(&r->raw);
	r->in_item = true;
	r->title_rank = r->link_rank = 0;
	r->permalink_text = NULL;
	if (about && *about)
		r->raw.guid = arena_strdup(r->c->a, about);
}

static void set_medium(struct raw_item *raw, const char *type, const char *url)
{
	size_t len = url ? strlen(url) : 0;

	if (type && strncasecmp(type, "audio/", 6) == 0)
		raw->kind = "podcast";
	else if (type && strncasecmp(type, "video/", 6) == 0)
		raw->kind = "video";
	else if (!type && len > 4 && (strcasecmp(url + len - 4, ".mp3") == 0 || strcasecmp(url + len - 4, ".m4a") == 0))
		raw->kind = "podcast";
}

/* A page that says that it is one goes before what says nothing, and that before a PDF or another feed. */
static int alternate_rank(const char *type)
{
	if (!type || !*type)
		return FEED_LINK_ALTERNATE;
	return strncasecmp(type, "text/html", 9) == 0 ? FEED_LINK_HTML
	       : strcasestr(type, "html")             ? FEED_LINK_ALTERNATE
						      : FEED_LINK_OTHER_TYPE;
}

/* Atom's link, which RSS borrows. */
static void start_link(struct feed_reader *r, const struct feed_frame *f, const struct xml_attrs *attrs)
{
	const char *s = attr(attrs, "href"), *href, *rel, *type;

	if (!s)
		return;
	href = feed_xml_resolve(r, f->base, s);
	rel = attr(attrs, "rel") ?: "alternate";
	type = attr(attrs, "type");
	if (strcasecmp(rel, "alternate") == 0) {
		feed_xml_link(r, href, alternate_rank(type));
	} else if (strcasecmp(rel, "enclosure") == 0 && r->in_item) {
		set_medium(&r->raw, type, href);
	} else if (strcasecmp(rel, "hub") == 0 && !r->in_item && !r->c->facts.hub) {
		r->c->facts.hub = href && url_is_http(href) ? href : NULL;
	} else if (strcasecmp(rel, "replies") == 0 && r->in_item && r->raw.counts.replies == COUNT_NONE) {
		s = xml_attr(attrs, "thr", "count");
		r->raw.counts.replies = s ? feed_xml_count(s) : COUNT_NONE;
	}
}

void feed_xml_start(struct feed_reader *r, struct feed_frame *f, enum feed_ns ns, const struct xml_attrs *attrs)
{
	const char *s;

	switch (f->el) {
	case EL_ITEM:
		start_item(r, attrs);
		break;
	case EL_PERSON:
		r->person = (struct raw_author){NULL};
		f->capture = true;
		break;
	case EL_LINK:
		start_link(r, f, attrs);
		f->capture = true;
		break;
	case EL_ID:
		s = attr(attrs, "isPermaLink");
		r->permalink = !s || strcasecmp(s, "false") != 0;
		f->capture = true;
		break;
	case EL_ENCLOSURE:
		if (r->in_item)
			set_medium(&r->raw, attr(attrs, "type"), attr(attrs, "url"));
		break;
	case EL_SOURCE:
		s = attr(attrs, "url");
		if (s && r->in_item)
			r->raw.outlet.uri = feed_xml_resolve(r, f->base, s);
		f->capture = true;
		break;
	case EL_STATISTICS:
		s = attr(attrs, "views");
		if (s && r->in_item)
			r->raw.counts.views = feed_xml_count(s);
		break;
	default:
		if (f->el >= EL_TITLE)
			start_text(r, f, ns, attrs);
	}
}
