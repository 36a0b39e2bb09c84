#include "parse/feed_xml.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/feed_xml_reader.h"
#include "parse/url.h"
#include "parse/xml.h"

enum { ROOT_QUOTE_MAX = 40 };

static struct feed_frame *top(struct feed_reader *r)
{
	return &r->frames[r->depth];
}

static enum feed_ns ns_of(struct feed_reader *r, const struct xml_name *name)
{
	size_t i = (((uintptr_t)name->uri ^ ((uintptr_t)name->prefix << 1)) >> 3) % FEED_XML_NS_CACHE;

	if (!name->uri && !name->prefix)
		return r->atom ? NS_ATOM : NS_RSS;
	if (r->cache[i].ns == 0 || r->cache[i].uri != name->uri || r->cache[i].prefix != name->prefix) {
		r->cache[i].uri = name->uri;
		r->cache[i].prefix = name->prefix;
		r->cache[i].ns = feed_ns_of(name, r->atom);
	}
	return r->cache[i].ns;
}

static void start_root(struct feed_reader *r, enum feed_el el, const struct xml_name *name)
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
	if (el == EL_ATOM && !r->known) {
		r->atom = true;
		memset(r->cache, 0, sizeof(r->cache)); /* an unknown default namespace is Atom's from here on */
	}
	if (!r->c->facts.format)
		r->c->facts.format = formats[el];
	r->known = true;
}

static void put_tag(struct feed_reader *r, const char *open, const char *name)
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

static void on_start(void *arg, const struct xml_name *name, const struct xml_attrs *attrs)
{
	struct feed_reader *r = arg;
	struct feed_frame *f = top(r), *up = f;
	enum feed_ns ns;
	const char *s;

	if (r->skip || r->depth == PRESCAN_DEPTH_MAX) { /* prescan() refused deeper ones, but for an empty one */
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
	*f = (struct feed_frame){
		.el = feed_el_of(ns, name->local), .base = up->base, .lang = up->lang, .from = r->text.len};
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
		if ((s = xml_attr(attrs, "xml", "base")))
			f->base = feed_xml_resolve(r, up->base, s) ?: up->base;
		if ((s = xml_attr(attrs, "xml", "lang")))
			f->lang = arena_strdup(r->c->a, s);
	}
	feed_xml_start(r, f, ns, attrs);
}

static void on_text(void *arg, const char *s, size_t len)
{
	struct feed_reader *r = arg;
	const struct feed_frame *f = top(r);
	bool cut = false;

	if (r->skip || !f->capture)
		return;
	if (!r->text.full && len > r->text.max - r->text.len) {
		len = utf8_cut(s, len, r->text.max - r->text.len);
		cut = true;
	}
	if (f->escaped)
		put_escaped(&r->text, s, len);
	else
		buf_put(&r->text, s, len);
	r->text.full |= cut;
}

static void on_end(void *arg, const struct xml_name *name)
{
	struct feed_reader *r = arg;
	struct feed_frame *f = top(r);

	if (r->skip) {
		r->skip--;
		return;
	}
	if (r->markup) {
		put_tag(r, "</", name->local);
		r->markup--;
		return;
	}
	feed_xml_end(r, f);
	if (f->el == EL_ATOM || f->el == EL_CHANNEL || f->el == EL_RSS) {
		if (!r->c->facts.lang)
			r->c->facts.lang = f->lang;
	}
	r->text.len = f->from;
	r->text.full = false;
	r->depth--;
}

static int outcome(struct feed_reader *r, int parsed, const char **ret_why)
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
	struct feed_reader *r = NEW(struct feed_reader);
	uint64_t ttl_s;
	int parsed, ret;

	r->c = c;
	r->frequency = 1;
	r->frames[0].base = c->job->address;
	buf_init(&r->text, FEED_RAW_MAX_BYTES);
	buf_init(&r->url, 4 * URL_MAX_BYTES);
	parsed = xml_parse(s, len, &handler, r, ret_why);
	if (r->in_item) /* it broke off inside */
		feed_xml_end_item(r, top(r));
	ttl_s = r->period_s / r->frequency;
	if (ttl_s > c->facts.ttl_s)
		c->facts.ttl_s = (uint32_t)ttl_s;
	ret = outcome(r, parsed, ret_why);
	buf_done(&r->text);
	buf_done(&r->url);
	free(r);
	return ret;
}
