#include "parse/feed_xml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/date.h"
#include "parse/feed_item.h"
#include "parse/feed_names.h"
#include "parse/prescan.h"
#include "parse/url.h"
#include "parse/xml.h"

enum { NS_CACHE = 32, ROOT_QUOTE_MAX = 40 };

/* One open element outside texts with markup. */
struct frame {
	enum feed_el el;
	bool atom;    /* of Atom's namespace: the type attribute tells how to read it */
	bool capture; /* its text is wanted */
	bool rich;    /* elements inside are markup */
	bool escaped; /* some were met: what follows is escaped, so that the whole is HTML */
	bool unread;  /* a picture, base64: nothing to read */
	enum text_kind kind;
	size_t from; /* its text in reader.text */
	const char *base, *lang;
};

struct reader {
	struct collector *c;
	struct frame frames[PRESCAN_DEPTH_MAX + 1]; /* frames[0] stands around the root */
	size_t depth;
	unsigned skip, markup; /* levels inside what is left out, inside what is kept as markup */
	struct buf text, attr, url;
	struct {
		const char *uri, *prefix;
		enum feed_ns ns;
	} cache[NS_CACHE];      /* libxml2 hands out the same pointers for the same names */
	bool atom, html, known; /* known: the root is a feed's */
	const char *root;
	bool in_item;
	struct raw_item raw;
	int title_rank, link_rank;
	bool permalink; /* of the <guid> being read */
	const char *permalink_url;
	struct raw_author person; /* the <author> being read */
	uint32_t period_s, frequency;
};

static struct frame *top(struct reader *r)
{
	return &r->frames[r->depth];
}

static const char *attr(struct reader *r, const struct xml_attrs *attrs, const char *local)
{
	return xml_attr(attrs, NULL, local, &r->attr);
}

/* --- what an element says of itself when it opens --- */

static enum feed_ns ns_of(struct reader *r, const struct xml_name *name)
{
	size_t i = (((uintptr_t)name->uri ^ ((uintptr_t)name->prefix << 1)) >> 3) % NS_CACHE;

	if (!name->uri && !name->prefix)
		return r->atom ? NS_ATOM : NS_RSS;
	if (r->cache[i].ns == 0 || r->cache[i].uri != name->uri || r->cache[i].prefix != name->prefix) {
		r->cache[i].uri = name->uri;
		r->cache[i].prefix = name->prefix;
		r->cache[i].ns = feed_ns_of(name, r->atom);
	}
	return r->cache[i].ns;
}

/* An absolute address in the arena; NULL: none can be made of it. */
static const char *resolve(struct reader *r, const char *base, const char *ref)
{
	buf_reset(&r->url);
	if (!*ref || url_resolve(base, ref, &r->url) != 0)
		return NULL;
	return arena_strdup(r->c->a, buf_str(&r->url));
}

/* Atom's type, as it is meant: a media type, or one of text, html, xhtml; mode is Atom 0.3's. */
static void set_kind(struct reader *r, struct frame *f, const struct xml_attrs *attrs)
{
	const char *type = attr(r, attrs, "type");

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
	type = attr(r, attrs, "mode");
	if (type && strcasecmp(type, "base64") == 0)
		f->unread = true;
}

static void start_text(struct reader *r, struct frame *f, enum feed_ns ns, const struct xml_attrs *attrs)
{
	if (f->el == EL_CONTENT_XHTML && !r->in_item)
		return; /* a page's <body> */
	f->capture = true;
	f->rich = f->el >= EL_TITLE && f->el <= EL_SUBTITLE;
	if (!f->rich)
		return;
	if (f->atom && f->el != EL_DESCRIPTION)
		set_kind(r, f, attrs);
	else if (f->el == EL_TITLE || f->el == EL_TITLE_DC || f->el == EL_TITLE_MEDIA || ns == NS_ITUNES)
		f->kind = TEXT_GUESS;
	else
		f->kind = TEXT_HTML;
	if (f->el == EL_CONTENT_XHTML)
		f->escaped = true;
}

static void start_item(struct reader *r, const struct xml_attrs *attrs)
{
	const char *about = xml_attr(attrs, "rdf", "about", &r->attr);

	raw_item_init(&r->raw);
	r->in_item = true;
	r->title_rank = r->link_rank = 0;
	r->permalink_url = NULL;
	if (about && *about)
		r->raw.guid = arena_strdup(r->c->a, about);
}

static void start_root(struct reader *r, enum feed_el el, const struct xml_name *name)
{
	static const char *const formats[] = {
		[EL_RSS] = "rss", [EL_RDF] = "rdf", [EL_ATOM] = "atom", [EL_CHANNEL] = "rss"};
	bool is_root = !r->root;

	if (is_root) {
		r->root = arena_strdup(r->c->a, name->local);
		r->html = el == EL_HTML;
	}
	if (el != EL_RSS && el != EL_RDF && el != EL_ATOM && el != EL_CHANNEL)
		return;
	if (el == EL_ATOM && !r->known)
		r->atom = true;
	if (!r->c->facts.format)
		r->c->facts.format = formats[el];
	r->known = true;
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

/* Digits alone; COUNT_NONE for anything else. */
static int64_t count_of(const char *s)
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

static void set_link(struct reader *r, const char *url, int rank)
{
	if (!url || !url_is_http(url))
		return;
	if (!r->in_item) {
		if (!r->c->facts.link)
			r->c->facts.link = url;
	} else if (rank > r->link_rank) {
		r->raw.link = url;
		r->link_rank = rank;
	}
}

enum { LINK_OTHER_TYPE = 1, LINK_ALTERNATE, LINK_RSS };

/* Atom's link, which RSS borrows. */
static void start_link(struct reader *r, const struct frame *f, const struct xml_attrs *attrs)
{
	const char *s = attr(r, attrs, "href"), *href, *rel, *type;
	bool html;

	if (!s)
		return;
	href = resolve(r, f->base, s);
	s = attr(r, attrs, "rel");
	rel = s ? arena_strdup(r->c->a, s) : "alternate";
	s = attr(r, attrs, "type");
	type = s ? arena_strdup(r->c->a, s) : NULL;
	html = !type || !*type || strcasestr(type, "html");
	if (strcasecmp(rel, "alternate") == 0) {
		set_link(r, href, html ? LINK_ALTERNATE : LINK_OTHER_TYPE);
	} else if (strcasecmp(rel, "enclosure") == 0 && r->in_item) {
		set_medium(&r->raw, type, href);
	} else if (strcasecmp(rel, "hub") == 0 && !r->in_item && !r->c->facts.hub) {
		r->c->facts.hub = href && url_is_http(href) ? href : NULL;
	} else if (strcasecmp(rel, "replies") == 0 && r->in_item && r->raw.counts.replies == COUNT_NONE) {
		s = xml_attr(attrs, "thr", "count", &r->attr);
		r->raw.counts.replies = s ? count_of(s) : COUNT_NONE;
	}
}

static void start_element(struct reader *r, struct frame *f, enum feed_ns ns, const struct xml_attrs *attrs)
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
		s = attr(r, attrs, "isPermaLink");
		r->permalink = !s || strcasecmp(s, "false") != 0;
		f->capture = true;
		break;
	case EL_ENCLOSURE:
		if (r->in_item) {
			s = attr(r, attrs, "type");
			s = s ? arena_strdup(r->c->a, s) : NULL;
			set_medium(&r->raw, s, attr(r, attrs, "url"));
		}
		break;
	case EL_STATISTICS:
		s = attr(r, attrs, "views");
		if (s && r->in_item)
			r->raw.counts.views = count_of(s);
		break;
	default:
		if (f->el >= EL_TITLE)
			start_text(r, f, ns, attrs);
	}
}

/* --- markup inside texts --- */

static void put_tag(struct reader *r, const char *open, const char *name)
{
	buf_puts(&r->text, open);
	buf_puts(&r->text, name);
	buf_putc(&r->text, '>');
}

static void put_escaped(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len, *from = s;

	for (; s < end; s++) {
		if (*s != '<' && *s != '&' && *s != '>')
			continue;
		buf_put(b, from, (size_t)(s - from));
		buf_puts(b, *s == '<' ? "&lt;" : *s == '>' ? "&gt;" : "&amp;");
		from = s + 1;
	}
	buf_put(b, from, (size_t)(end - from));
}

/* --- the callbacks --- */

static void on_start(void *arg, const struct xml_name *name, const struct xml_attrs *attrs)
{
	struct reader *r = arg;
	struct frame *f = top(r), *up = f;
	enum feed_ns ns;
	const char *s;

	if (r->skip) {
		r->skip++;
		return;
	}
	if (r->markup || f->rich) {
		f->escaped = true;
		f->kind = TEXT_HTML;
		put_tag(r, "<", name->local);
		r->markup++;
		return;
	}
	ns = ns_of(r, name);
	f = &r->frames[++r->depth];
	*f = (struct frame){.el = feed_el_of(ns, name->local), .base = up->base, .lang = up->lang, .from = r->text.len};
	if (r->depth == 1 || f->el == EL_CHANNEL || f->el == EL_ATOM)
		start_root(r, f->el, name);
	if (f->el == EL_SKIP) {
		r->depth--;
		r->skip = 1;
		return;
	}
	if (f->el == EL_ATOM && r->atom) /* without a namespace of its own it is Atom's all the same */
		ns = NS_ATOM;
	f->atom = ns == NS_ATOM;
	if (attrs->n > 0) {
		if ((s = xml_attr(attrs, "xml", "base", &r->attr)))
			f->base = resolve(r, up->base, s) ?: up->base;
		if ((s = xml_attr(attrs, "xml", "lang", &r->attr)))
			f->lang = arena_strdup(r->c->a, s);
	}
	start_element(r, f, ns, attrs);
}

static void on_text(void *arg, const char *s, size_t len)
{
	struct reader *r = arg;
	const struct frame *f = top(r);

	if (r->skip || !f->capture)
		return;
	if (f->escaped)
		put_escaped(&r->text, s, len);
	else
		buf_put(&r->text, s, len);
}

/* The text of the element that ends, trimmed; NULL: nothing. It is in the arena. */
static const char *take_plain(struct reader *r, const struct frame *f)
{
	const char *s = buf_str(&r->text) + f->from, *end = buf_str(&r->text) + r->text.len;

	while (s < end && isspace((unsigned char)*s))
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	return end > s ? arena_memdup0(r->c->a, s, (size_t)(end - s)) : NULL;
}

static struct raw_text take_rich(struct reader *r, const struct frame *f)
{
	const char *s = take_plain(r, f);

	if (!s || f->unread)
		return (struct raw_text){NULL};
	return (struct raw_text){.s = s, .len = strlen(s), .kind = f->kind, .cut = r->text.full};
}

static void set_text(struct raw_text *to, struct raw_text text)
{
	if (!to->s)
		*to = text;
}

static void end_title(struct reader *r, const struct frame *f)
{
	int rank = f->el == EL_TITLE ? 3 : f->el == EL_TITLE_DC ? 2 : 1;
	struct raw_text text = take_rich(r, f);
	bool cut = false;

	if (!text.s)
		return;
	if (r->in_item && rank > r->title_rank) {
		r->raw.title = text;
		r->title_rank = rank;
	} else if (!r->in_item && !r->c->facts.title && rank == 3) {
		r->c->facts.title = text_clean(r->c, &text, MENTION_FIELD_MAX_BYTES, &cut);
	}
}

static void end_text(struct reader *r, const struct frame *f)
{
	struct raw_text text;

	if (f->el <= EL_TITLE_MEDIA) {
		end_title(r, f);
		return;
	}
	if (!r->in_item)
		return;
	text = take_rich(r, f);
	if (!text.s)
		return;
	if (f->el == EL_CONTENT || f->el == EL_CONTENT_HTML || f->el == EL_CONTENT_XHTML)
		set_text(&r->raw.content, text);
	else if (f->el == EL_CAPTION)
		set_text(&r->raw.caption, text);
	else if (f->el != EL_SUBTITLE)
		set_text(r->raw.summary.s ? &r->raw.second : &r->raw.summary, text);
}

/* The first with a name; an address alone until then. */
static void set_author(struct raw_author *to, const struct raw_author *from)
{
	if ((from->name && !to->name) || (from->email && !to->name && !to->email))
		*to = *from;
}

static void end_person(struct reader *r, const struct frame *f, const char *text)
{
	struct raw_author split = {NULL};

	if (f->el == EL_PERSON && (r->person.name || r->person.email || r->person.uri))
		split = r->person;
	else if (text)
		author_split(r->c->a, text, &split);
	if (r->in_item)
		set_author(&r->raw.author, &split);
	else if (f->atom)
		set_author(&r->c->author, &split); /* of all entries that name none: RFC 4287 §4.2.1 */
}

static void end_link(struct reader *r, const struct frame *f, const char *text)
{
	char *url, *amp;

	if (!text)
		return;
	url = arena_strdup(r->c->a, text);
	while ((amp = strstr(url, "&amp;"))) /* escaped twice */
		memmove(amp + 1, amp + 5, strlen(amp + 5) + 1);
	set_link(r, resolve(r, f->base, url), LINK_RSS);
}

static void end_id(struct reader *r, const struct frame *f, const char *text)
{
	if (!r->in_item || !text)
		return;
	r->raw.guid = text;
	if (r->permalink)
		r->permalink_url = resolve(r, f->base, text);
}

static void set_date(int64_t *to, const char *text)
{
	int64_t ms;

	if (*to == TIME_NONE && date_parse(text, strlen(text), &ms) == 0)
		*to = ms;
}

static void end_of_item_fact(struct reader *r, const struct frame *f, const char *text)
{
	switch (f->el) {
	case EL_LINK_ORIGINAL:
		r->raw.link_original = resolve(r, f->base, text);
		break;
	case EL_PUBLISHED:
		set_date(&r->raw.published_ms, text);
		break;
	case EL_UPDATED:
		set_date(&r->raw.updated_ms, text);
		break;
	case EL_CREATED:
		set_date(&r->raw.created_ms, text);
		break;
	case EL_LANGUAGE:
		r->raw.lang = text;
		break;
	case EL_REPLIES:
		r->raw.counts.replies = count_of(text);
		break;
	case EL_VIDEO:
		r->raw.kind = "video";
		break;
	default:
		break;
	}
}

static uint32_t period_seconds(const char *text)
{
	static const struct {
		const char *name;
		uint32_t s;
	} periods[] = {
		{"hourly", 3600}, {"daily", 86400}, {"weekly", 604800}, {"monthly", 2592000}, {"yearly", 31536000}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(periods); i++) {
		if (strcasecmp(text, periods[i].name) == 0)
			return periods[i].s;
	}
	return 0;
}

static void end_of_feed_fact(struct reader *r, const struct frame *f, const char *text)
{
	static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
	struct feed_facts *facts = &r->c->facts;
	int64_t n = count_of(text);
	size_t i;

	switch (f->el) {
	case EL_LANGUAGE:
		facts->lang = text;
		break;
	case EL_TTL: /* minutes; a year at most */
		facts->ttl_s = n > 0 && n <= 525600 ? (uint32_t)n * 60 : 0;
		break;
	case EL_PERIOD:
		r->period_s = period_seconds(text);
		break;
	case EL_FREQUENCY:
		r->frequency = n > 0 && n <= 86400 ? (uint32_t)n : 1;
		break;
	case EL_HOUR:
		if (n >= 0 && n <= 24)
			facts->skip_hours |= UINT32_C(1) << (n % 24);
		break;
	case EL_DAY:
		for (i = 0; i < ARRAY_LEN(days); i++) {
			if (strncasecmp(text, days[i], 3) == 0)
				facts->skip_days |= (uint8_t)(1u << i);
		}
		break;
	default:
		break;
	}
}

static void end_item(struct reader *r, const struct frame *f)
{
	if (!r->in_item)
		return;
	r->in_item = false;
	if (!r->raw.link && r->permalink_url && url_is_http(r->permalink_url))
		r->raw.link = r->permalink_url;
	if (!r->raw.link && r->raw.link_original && url_is_http(r->raw.link_original))
		r->raw.link = r->raw.link_original;
	if (!r->raw.lang)
		r->raw.lang = f->lang;
	collector_add(r->c, &r->raw);
}

static void end_plain(struct reader *r, const struct frame *f)
{
	const char *text = take_plain(r, f);
	bool in_person = r->depth > 1 && f[-1].el == EL_PERSON;

	switch (f->el) {
	case EL_PERSON:
	case EL_CREATOR:
	case EL_CREATOR_ITUNES:
		end_person(r, f, text);
		break;
	case EL_NAME:
		r->person.name = in_person ? text : r->person.name;
		break;
	case EL_EMAIL:
		r->person.email = in_person ? text : r->person.email;
		break;
	case EL_URI:
		r->person.uri = in_person && text ? resolve(r, f->base, text) : r->person.uri;
		break;
	case EL_LINK:
		end_link(r, f, text);
		break;
	case EL_ID:
		end_id(r, f, text);
		break;
	default:
		if (text && r->in_item)
			end_of_item_fact(r, f, text);
		else if (text)
			end_of_feed_fact(r, f, text);
	}
}

static void on_end(void *arg, const struct xml_name *name)
{
	struct reader *r = arg;
	struct frame *f = top(r);

	if (r->skip) {
		r->skip--;
		return;
	}
	if (r->markup) {
		put_tag(r, "</", name->local);
		r->markup--;
		return;
	}
	if (f->el == EL_ITEM)
		end_item(r, f);
	else if (f->rich)
		end_text(r, f);
	else if (f->capture)
		end_plain(r, f);
	if (f->el == EL_ATOM || f->el == EL_CHANNEL || f->el == EL_RSS) {
		if (!r->c->facts.lang)
			r->c->facts.lang = f->lang;
	}
	r->text.len = f->from;
	r->text.full = false;
	r->depth--;
}

static int outcome(struct reader *r, int parsed, const char **ret_why)
{
	const char *root;

	if (parsed == XML_E_REFUSED)
		return FEED_XML_E_REFUSED;
	if (r->html && r->c->n == 0) /* a feed wrapped into a page was met */
		return FEED_XML_E_HTML;
	if (parsed == XML_E_NO_XML) {
		*ret_why = NULL;
		return FEED_XML_E_OTHER;
	}
	if (r->c->n > 0 || (r->known && parsed == 0))
		return 0;
	if (parsed == XML_E_BROKEN)
		return FEED_XML_E_MALFORMED;
	root = r->root ? r->root : "?";
	*ret_why = arena_printf(r->c->a, "XML of another kind: <%.*s>",
				(int)utf8_cut(root, strlen(root), ROOT_QUOTE_MAX), root);
	return FEED_XML_E_OTHER;
}

int feed_xml_read(const char *s, size_t len, struct collector *c, const char **ret_why)
{
	static const struct xml_handler handler = {on_start, on_end, on_text};
	struct reader *r = NEW(struct reader);
	uint64_t ttl_s;
	int parsed, ret;

	r->c = c;
	r->frequency = 1;
	r->frames[0].base = c->job->address;
	buf_init(&r->text, FEED_RAW_MAX_BYTES);
	buf_init(&r->attr, PRESCAN_TAG_MAX_BYTES);
	buf_init(&r->url, 4 * URL_MAX_BYTES);
	parsed = xml_parse(s, len, &handler, r, ret_why);
	if (r->in_item) /* it broke off inside */
		end_item(r, top(r));
	ttl_s = r->period_s / r->frequency;
	if (ttl_s > c->facts.ttl_s)
		c->facts.ttl_s = (uint32_t)ttl_s;
	ret = outcome(r, parsed, ret_why);
	buf_done(&r->text);
	buf_done(&r->attr);
	buf_done(&r->url);
	free(r);
	return ret;
}
