#include "parse/xml_read.h"

#include <string.h>

#include "base/mem.h"
#include "parse/prescan_scan.h"

struct binding {
	const char *prefix; /* "": the default */
	const char *uri;    /* NULL: none any more */
};

struct open {
	struct xml_name name;
	size_t n_bindings; /* without its own */
};

struct reader {
	char *p, *end;
	const struct xml_handler *h;
	void *arg;
	struct binding bindings[XML_NAMESPACES_MAX]; /* the inmost last */
	struct open open[PRESCAN_DEPTH_MAX + 1];     /* one more: an empty element as deep as it may be */
	struct xml_attribute attrs[PRESCAN_ATTRS_MAX];
	size_t n_bindings, depth, n_attrs;
};

/* --- characters --- */

/* The character that one of XML's five references stands for, and its length; 0: it is none. */
static size_t reference(const char *p, const char *end, char *ret)
{
	static const struct {
		const char *text;
		size_t len;
		char c;
	} known[] = {{"&lt;", 4, '<'}, {"&gt;", 4, '>'}, {"&amp;", 5, '&'}, {"&quot;", 6, '"'}, {"&apos;", 6, '\''}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++) {
		if ((size_t)(end - p) < known[i].len || memcmp(p, known[i].text, known[i].len) != 0)
			continue;
		*ret = known[i].c;
		return known[i].len;
	}
	return 0;
}

/* Reads references, and ends of lines as XML has them (§2.11), in place: never longer than before. Returns the end. */
static char *characters(char *s, char *end)
{
	char *to = s;

	while (s < end) {
		size_t n = *s == '&' ? reference(s, end, to) : 0;

		if (n == 0) {
			n = s[0] == '\r' && end - s > 1 && s[1] == '\n' ? 2 : 1;
			*to = *s == '\r' ? '\n' : *s;
		}
		to++;
		s += n;
	}
	return to;
}

static void text(struct reader *r, char *from, char *to)
{
	if (memchr(from, '&', (size_t)(to - from)) || memchr(from, '\r', (size_t)(to - from)))
		to = characters(from, to);
	if (to > from)
		r->h->on_text(r->arg, from, (size_t)(to - from));
}

/* A value, ended by a NUL; white space in it is spaces (§3.3.3). */
static const char *value(char *s, char *end)
{
	char *p;

	end = characters(s, end);
	*end = '\0';
	for (p = s; p < end; p++)
		if (scan_is_space(*p))
			*p = ' ';
	return s;
}

/* --- names --- */

/* "a:b" at the first colon, if there is a name on both sides of it. NULL: no prefix. */
static const char *prefix_cut(char *name, const char **ret_local)
{
	char *colon = strchr(name, ':');

	*ret_local = name;
	if (!colon || colon == name || colon[1] == ':' || !scan_is_name_start(colon[1]))
		return NULL;
	*colon = '\0';
	*ret_local = colon + 1;
	return name;
}

/* NULL: that prefix is not declared. */
static const struct binding *binding_of(const struct reader *r, const char *prefix)
{
	size_t i;

	for (i = r->n_bindings; i > 0; i--)
		if (strcmp(r->bindings[i - 1].prefix, prefix) == 0)
			return &r->bindings[i - 1];
	return NULL;
}

/* xmlns="" takes the default away, xmlns:a="" is none. */
static void bind(struct reader *r, const char *prefix, const char *uri)
{
	if (r->n_bindings == XML_NAMESPACES_MAX || (*prefix && !*uri))
		return;
	r->bindings[r->n_bindings++] = (struct binding){prefix, *uri ? uri : NULL};
}

static void name_resolve(const struct reader *r, struct xml_name *name)
{
	const struct binding *b = binding_of(r, name->prefix ? name->prefix : "");

	if (!b)
		return;
	name->uri = b->uri;
	if (name->prefix)
		name->prefix = b->prefix;
}

/* --- tags --- */

static char *name_end(char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != '=' && *p != '/' && *p != '>')
		p++;
	return p;
}

/* ' name="value"'; p at the space. Returns behind it, NULL: it is none. */
static char *attribute(struct reader *r, char *p)
{
	char *name = p + 1, *eq = name_end(name, r->end), *close;
	struct xml_attribute a;

	if (r->end - eq < 3 || eq[0] != '=' || eq[1] != '"')
		return NULL;
	close = memchr(eq + 2, '"', (size_t)(r->end - eq - 2));
	if (!close)
		return NULL;
	*eq = '\0';
	a.value = value(eq + 2, close);
	a.prefix = prefix_cut(name, &a.local);
	if (a.prefix && strcmp(a.prefix, "xmlns") == 0)
		bind(r, a.local, a.value);
	else if (!a.prefix && strcmp(a.local, "xmlns") == 0)
		bind(r, "", a.value);
	else if (r->n_attrs < PRESCAN_ATTRS_MAX)
		r->attrs[r->n_attrs++] = a;
	return close + 1;
}

static void element_end(struct reader *r)
{
	const struct open *o = &r->open[--r->depth];

	r->h->on_end(r->arg, &o->name);
	r->n_bindings = o->n_bindings;
}

static int start_tag(struct reader *r)
{
	struct open *o = &r->open[r->depth];
	char *name = r->p + 1, *stop = name_end(name, r->end), *p = stop;
	bool empty;

	if (r->depth > PRESCAN_DEPTH_MAX || stop == name)
		return XML_READ_E_BROKEN;
	*o = (struct open){.n_bindings = r->n_bindings};
	r->n_attrs = 0;
	while (p && p < r->end && *p == ' ')
		p = attribute(r, p);
	if (!p || p == r->end)
		return XML_READ_E_BROKEN;
	empty = *p == '/';
	r->p = p + empty + 1;
	if (r->p > r->end || r->p[-1] != '>')
		return XML_READ_E_BROKEN;
	*stop = '\0';
	o->name.prefix = prefix_cut(name, &o->name.local);
	name_resolve(r, &o->name);
	r->depth++;
	r->h->on_start(r->arg, &o->name, &(struct xml_attrs){r->attrs, r->n_attrs});
	if (empty)
		element_end(r);
	return 0;
}

static int end_tag(struct reader *r)
{
	char *close = memchr(r->p, '>', (size_t)(r->end - r->p));

	if (!close || r->depth == 0)
		return XML_READ_E_BROKEN;
	element_end(r);
	r->p = close + 1;
	return 0;
}

static int cdata(struct reader *r)
{
	char *from = r->p + strlen("<![CDATA["), *p = from;

	for (; (p = memchr(p, ']', (size_t)(r->end - p))); p++) {
		if (r->end - p < 3)
			break;
		if (p[1] != ']' || p[2] != '>')
			continue;
		if (p > from)
			r->h->on_text(r->arg, from, (size_t)(p - from));
		r->p = p + 3;
		return 0;
	}
	return XML_READ_E_BROKEN;
}

static bool at_cdata(const struct reader *r)
{
	return r->end - r->p >= 9 && memcmp(r->p, "<![CDATA[", 9) == 0;
}

static int document(struct reader *r)
{
	int e = 0;

	while (r->p < r->end && e == 0) {
		char *less = memchr(r->p, '<', (size_t)(r->end - r->p));

		if (r->depth > 0)
			text(r, r->p, less ? less : r->end);
		if (!less)
			break;
		r->p = less;
		if (r->end - less > 1 && less[1] == '/')
			e = end_tag(r);
		else if (at_cdata(r))
			e = cdata(r);
		else
			e = start_tag(r);
	}
	return e ? e : r->depth > 0 ? XML_READ_E_BROKEN : 0;
}

int xml_read(char *s, size_t len, const struct xml_handler *h, void *arg)
{
	cleanup(freep) struct reader *r = NEW(struct reader);

	r->p = s;
	r->end = s + len;
	r->h = h;
	r->arg = arg;
	bind(r, "xml", "http://www.w3.org/XML/1998/namespace");
	return document(r);
}
