#include "parse/feed_names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "parse/xml.h"

enum { LOCAL_MAX = 24, URI_MAX = 96 }; /* longer names and addresses are none of ours */

static const struct {
	const char *uri; /* as uri_key() makes it */
	enum feed_ns ns;
} uris[] = {
	{"purl.org/rss/1.0", NS_RSS},
	{"my.netscape.com/rdf/simple/0.9", NS_RSS},
	{"channel.netscape.com/rdf/simple/0.9", NS_RSS},
	{"blogs.law.harvard.edu/tech/rss", NS_RSS},
	{"cyber.law.harvard.edu/rss/rss.html", NS_RSS},
	{"rssboard.org/rss-specification", NS_RSS},
	{"purl.org/rss/1.0/modules/rss091", NS_RSS},
	{"w3.org/2005/atom", NS_ATOM},
	{"purl.org/atom/ns", NS_ATOM},
	{"purl.org/pie", NS_ATOM},
	{"purl.org/echo", NS_ATOM},
	{"w3.org/1999/02/22-rdf-syntax-ns", NS_RDF},
	{"purl.org/rss/1.0/modules/content", NS_CONTENT},
	{"purl.org/dc/elements/1.1", NS_DC},
	{"purl.org/dc/elements/1.0", NS_DC},
	{"purl.org/dc/terms", NS_DCTERMS},
	{"search.yahoo.com/mrss", NS_MEDIA},
	{"rssboard.org/media-rss", NS_MEDIA},
	{"itunes.com/dtds/podcast-1.0.dtd", NS_ITUNES},
	{"itunes.com/dtd/podcast-1.0.dtd", NS_ITUNES},
	{"purl.org/rss/1.0/modules/slash", NS_SLASH},
	{"purl.org/syndication/thread/1.0", NS_THREAD},
	{"rssnamespace.org/feedburner/ext/1.0", NS_FEEDBURNER},
	{"purl.org/rss/1.0/modules/syndication", NS_SYNDICATION},
	{"w3.org/1999/xhtml", NS_XHTML},
	{"youtube.com/xml/schemas/2015", NS_YOUTUBE},
};

static const struct {
	const char *prefix;
	enum feed_ns ns;
} prefixes[] = {
	{"rss", NS_RSS},
	{"atom", NS_ATOM},
	{"atom10", NS_ATOM},
	{"a10", NS_ATOM},
	{"rdf", NS_RDF},
	{"content", NS_CONTENT},
	{"dc", NS_DC},
	{"dcterms", NS_DCTERMS},
	{"media", NS_MEDIA},
	{"itunes", NS_ITUNES},
	{"slash", NS_SLASH},
	{"thr", NS_THREAD},
	{"feedburner", NS_FEEDBURNER},
	{"sy", NS_SYNDICATION},
	{"xhtml", NS_XHTML},
	{"yt", NS_YOUTUBE},
};

static const struct element {
	const char *local; /* lower case, sorted */
	int ns;            /* of these */
	enum feed_el el;
} elements[] = {
	{"abstract", NS_DCTERMS, EL_SUMMARY},
	{"author", NS_CORE, EL_PERSON},
	{"author", NS_DC, EL_CREATOR},
	{"author", NS_ITUNES, EL_CREATOR_ITUNES},
	{"body", NS_XHTML | NS_RSS, EL_CONTENT_XHTML},
	{"channel", NS_CORE, EL_CHANNEL},
	{"comments", NS_SLASH, EL_REPLIES},
	{"content", NS_CORE, EL_CONTENT},
	{"content", NS_MEDIA, EL_GROUP},
	{"contributor", NS_CORE | NS_DC, EL_SKIP},
	{"created", NS_CORE | NS_DCTERMS, EL_CREATED},
	{"creator", NS_DC | NS_DCTERMS, EL_CREATOR},
	{"date", NS_DC | NS_DCTERMS | NS_RSS, EL_UPDATED},
	{"day", NS_RSS, EL_DAY},
	{"description", NS_CORE | NS_DC | NS_DCTERMS, EL_DESCRIPTION},
	{"description", NS_MEDIA, EL_CAPTION},
	{"email", NS_CORE, EL_EMAIL},
	{"enclosure", NS_CORE, EL_ENCLOSURE},
	{"encoded", NS_CONTENT, EL_CONTENT_HTML},
	{"entry", NS_CORE, EL_ITEM},
	{"feed", NS_CORE, EL_ATOM},
	{"fullitem", NS_RSS, EL_CONTENT_HTML},
	{"group", NS_MEDIA, EL_GROUP},
	{"guid", NS_CORE, EL_ID},
	{"homepage", NS_CORE, EL_URI},
	{"hour", NS_RSS, EL_HOUR},
	{"html", NS_CORE | NS_XHTML | NS_OTHER, EL_HTML},
	{"id", NS_CORE, EL_ID},
	{"image", NS_CORE, EL_SKIP},
	{"issued", NS_CORE | NS_DCTERMS, EL_PUBLISHED},
	{"item", NS_CORE, EL_ITEM},
	{"language", NS_CORE | NS_DC | NS_DCTERMS, EL_LANGUAGE},
	{"lastbuilddate", NS_RSS, EL_UPDATED},
	{"link", NS_CORE, EL_LINK},
	{"modified", NS_CORE | NS_DCTERMS, EL_UPDATED},
	{"name", NS_CORE, EL_NAME},
	{"origlink", NS_FEEDBURNER, EL_LINK_ORIGINAL},
	{"owner", NS_ITUNES, EL_SKIP},
	{"pubdate", NS_CORE, EL_PUBLISHED},
	{"published", NS_CORE, EL_PUBLISHED},
	{"rdf", NS_RDF | NS_CORE, EL_RDF},
	{"rss", NS_CORE | NS_OTHER, EL_RSS},
	{"source", NS_ATOM, EL_SKIP},
	{"source", NS_RSS | NS_OTHER, EL_SOURCE},
	{"starrating", NS_MEDIA, EL_SKIP},
	{"statistics", NS_MEDIA, EL_STATISTICS},
	{"subtitle", NS_CORE, EL_SUBTITLE},
	{"summary", NS_CORE, EL_SUMMARY},
	{"summary", NS_ITUNES, EL_DESCRIPTION},
	{"tagline", NS_CORE, EL_SUBTITLE},
	{"textinput", NS_CORE, EL_SKIP},
	{"title", NS_CORE, EL_TITLE},
	{"title", NS_DC | NS_DCTERMS, EL_TITLE_DC},
	{"title", NS_MEDIA, EL_TITLE_MEDIA},
	{"total", NS_THREAD, EL_REPLIES},
	{"ttl", NS_CORE, EL_TTL},
	{"updated", NS_CORE, EL_UPDATED},
	{"updatefrequency", NS_SYNDICATION, EL_FREQUENCY},
	{"updateperiod", NS_SYNDICATION, EL_PERIOD},
	{"uri", NS_CORE, EL_URI},
	{"url", NS_CORE, EL_URI},
	{"videoid", NS_YOUTUBE, EL_VIDEO},
};

/* The URI in lower case, without what people get wrong of it. */
static void uri_key(const char *uri, char key[URI_MAX])
{
	static const char *const heads[] = {"http://", "https://", "www."};
	size_t i, len = 0;

	for (i = 0; i < ARRAY_LEN(heads); i++) {
		if (strncasecmp(uri, heads[i], strlen(heads[i])) == 0)
			uri += strlen(heads[i]);
	}
	for (; uri[len] && len < URI_MAX - 1; len++)
		key[len] = (char)tolower((unsigned char)uri[len]);
	while (len > 0 && (key[len - 1] == '/' || key[len - 1] == '#'))
		len--;
	key[len] = '\0';
}

enum feed_ns feed_ns_of(const struct xml_name *name, bool atom)
{
	char key[URI_MAX];
	size_t i;

	if (name->uri && *name->uri) {
		uri_key(name->uri, key);
		for (i = 0; i < ARRAY_LEN(uris); i++) {
			if (strcmp(uris[i].uri, key) == 0)
				return uris[i].ns;
		}
		if (strncmp(key, "backend.userland.com/rss", strlen("backend.userland.com/rss")) == 0)
			return NS_RSS;
	}
	if (!name->prefix || !*name->prefix)
		return atom ? NS_ATOM : NS_RSS;
	for (i = 0; i < ARRAY_LEN(prefixes); i++) {
		if (strcasecmp(prefixes[i].prefix, name->prefix) == 0)
			return prefixes[i].ns;
	}
	return NS_OTHER;
}

static int compare_local(const void *key, const void *element)
{
	return strcmp(key, ((const struct element *)element)->local);
}

enum feed_el feed_el_of(enum feed_ns ns, const char *local)
{
	const struct element *e, *end = elements + ARRAY_LEN(elements);
	char key[LOCAL_MAX];
	size_t len;

	for (len = 0; local[len]; len++) {
		if (len == LOCAL_MAX - 1)
			return EL_OTHER;
		key[len] = (char)tolower((unsigned char)local[len]);
	}
	key[len] = '\0';
	e = bsearch(key, elements, ARRAY_LEN(elements), sizeof(*elements), compare_local);
	while (e && e > elements && strcmp(e[-1].local, key) == 0)
		e--;
	for (; e && e < end && strcmp(e->local, key) == 0; e++) {
		if (e->ns & (int)ns)
			return e->el;
	}
	return EL_OTHER;
}
