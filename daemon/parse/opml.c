#include "parse/opml.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "mention/job.h"
#include "parse/charset.h"
#include "parse/feed_text.h"
#include "parse/html.h"
#include "parse/prescan.h"
#include "parse/url.h"
#include "parse/xml.h"

enum { TITLE_MAX_BYTES = 1024 };

struct reader {
	struct arena *a;
	struct opml_entry *v; /* on the heap, until its length is known */
	size_t n, cap;
	uint64_t *known; /* open addressing: hashes of the normalised addresses, 0: empty */
	size_t size;
	size_t refused; /* outlines with an address that is none */
	bool rooted, opml;
	struct buf url, key;
};

/* By 64 bits of SHA-256 alone: two addresses of one list that share them are not to be had. */
static bool insert(uint64_t *known, size_t size, uint64_t hash)
{
	size_t i = hash & (size - 1);

	while (known[i] != 0 && known[i] != hash)
		i = (i + 1) & (size - 1);
	if (known[i] == hash)
		return false;
	known[i] = hash;
	return true;
}

static bool is_new(struct reader *r, const struct buf *key)
{
	uint64_t hash = hash_u64(&(struct hash_part){buf_str(key), key->len}, 1) | 1;

	if (2 * (r->n + 1) > r->size) {
		size_t size = r->size ? 2 * r->size : 64, i;
		uint64_t *known = xcalloc(size, sizeof(*known));

		for (i = 0; i < r->size; i++) {
			if (r->known[i])
				(void)insert(known, size, r->known[i]);
		}
		free(r->known);
		r->known = known;
		r->size = size;
	}
	return insert(r->known, r->size, hash);
}

static const char *attr_of(const struct xml_attrs *attrs, const char *const *names, size_t n)
{
	const char *s;
	size_t i;

	for (i = 0; i < n; i++) {
		s = xml_attr(attrs, NULL, names[i]);
		if (s && *s)
			return s;
	}
	return NULL;
}

static const char *title_of(struct reader *r, const struct xml_attrs *attrs)
{
	static const char *const names[] = {"title", "text"};
	const char *s = attr_of(attrs, names, ARRAY_LEN(names));
	cleanup(buf_done) struct buf plain = BUF_INIT(TITLE_MAX_BYTES), line = BUF_INIT(TITLE_MAX_BYTES);

	if (!s)
		return NULL;
	html_unescape(s, strlen(s), &plain);
	text_fold(buf_str(&plain), plain.len, &line);
	return line.len ? arena_memdup0(r->a, line.data, line.len) : NULL;
}

static void on_start(void *arg, const struct xml_name *name, const struct xml_attrs *attrs)
{
	static const char *const names[] = {"xmlUrl", "xmlurl", "xmlURL", "XMLURL", "XmlUrl"};
	struct reader *r = arg;
	const char *s;

	if (!r->rooted)
		r->opml = strcasecmp(name->local, "opml") == 0;
	r->rooted = true;
	if (strcasecmp(name->local, "outline") != 0)
		return;
	s = attr_of(attrs, names, ARRAY_LEN(names));
	if (!s)
		return; /* a folder */
	buf_reset(&r->url);
	buf_reset(&r->key);
	if (strncasecmp(s, "feed:", 5) == 0) /* feed:https://… and feed://… of browsers long gone */
		s += 5;
	if (url_resolve(strncmp(s, "//", 2) == 0 ? "http://localhost/" : NULL, s, &r->url) != 0 ||
	    !url_is_http(buf_str(&r->url)) || url_normalise(buf_str(&r->url), &r->key) != 0) {
		r->refused++;
		return;
	}
	if (!is_new(r, &r->key))
		return;
	r->v = GROW(r->v, r->n, &r->cap);
	r->v[r->n++] = (struct opml_entry){.url = arena_strdup(r->a, buf_str(&r->url)), .title = title_of(r, attrs)};
}

static void on_end(void *arg, const struct xml_name *name)
{
	(void)arg;
	(void)name;
}

static void on_text(void *arg, const char *s, size_t len)
{
	(void)arg;
	(void)s;
	(void)len;
}

/* What the log is told of it; NULL: all is well. */
static const char *judge(const struct reader *r, int parsed, const char *mended)
{
	if (parsed == XML_E_REFUSED)
		return mended;
	if (parsed == XML_E_NO_XML || (r->n == 0 && !r->opml))
		return "not an OPML list";
	if (parsed != 0)
		return mended;
	if (r->refused > 0)
		return arena_printf(r->a, "%zu outlines whose xmlUrl is no http address", r->refused);
	return mended ? arena_printf(r->a, "mended: %s", mended) : NULL;
}

static const char *read_list(struct reader *r, const char *bytes, size_t len)
{
	static const struct xml_handler handler = {on_start, on_end, on_text};
	cleanup(buf_done) struct buf text = BUF_INIT(3 * len + 1024);
	const char *why = NULL;
	int parsed;

	if (len > OPML_MAX_BYTES)
		return "a list of more than 64 MB";
	if (charset_to_utf8(bytes, len, NULL, &text, NULL) != 0)
		return "UTF-7, which hides markup";
	parsed = xml_parse(buf_str(&text), text.len, &handler, r, &why);
	if (parsed == XML_E_REFUSED)
		r->n = 0;
	return judge(r, parsed, why);
}

void opml_parse(const char *bytes, size_t len, struct arena *a, const char **ret_why, struct opml_entry **ret,
		size_t *ret_n)
{
	struct reader r = {.a = a};

	buf_init(&r.url, 4 * URL_MAX_BYTES);
	buf_init(&r.key, 4 * URL_MAX_BYTES);
	*ret_why = read_list(&r, bytes, len);
	*ret = ARENA_ARRAY(a, struct opml_entry, r.n);
	if (r.n > 0)
		memcpy(*ret, r.v, r.n * sizeof(*r.v));
	*ret_n = r.n;
	free(r.v);
	free(r.known);
	buf_done(&r.url);
	buf_done(&r.key);
}
