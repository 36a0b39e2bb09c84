#include "parse/xml.h"

#include <stdbool.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "base/buf.h"
#include "parse/prescan.h"

enum {
	/* never HUGE, NOENT, DTDLOAD, DTDATTR, XINCLUDE: each opens one of FAULTS P1 to P4 again */
	XML_OPTIONS = XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
		      XML_PARSE_COMPACT | XML_PARSE_RECOVER,
};

struct run {
	const struct xml_handler *h;
	void *arg;
	xmlParserCtxtPtr ctxt;
	bool entity;
};

static void on_start(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_ns,
		     const xmlChar **ns, int n_attrs, int n_defaulted, const xmlChar **attrs)
{
	struct run *run = arg;
	struct xml_name name = {(const char *)local, (const char *)prefix, (const char *)uri};

	(void)n_ns;
	(void)ns;
	(void)n_defaulted;
	run->h->on_start(run->arg, &name, &(struct xml_attrs){attrs, n_attrs});
}

static void on_end(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct run *run = arg;

	run->h->on_end(run->arg, &(struct xml_name){(const char *)local, (const char *)prefix, (const char *)uri});
}

static void on_text(void *arg, const xmlChar *s, int len)
{
	struct run *run = arg;

	if (len > 0)
		run->h->on_text(run->arg, (const char *)s, (size_t)len);
}

/* prescan() lets no DTD through. Should one ever come, it ends here (FAULTS P2). */
static void on_entity(void *arg, const xmlChar *name, int type, const xmlChar *public_id, const xmlChar *system_id,
		      xmlChar *content)
{
	struct run *run = arg;

	(void)name;
	(void)type;
	(void)public_id;
	(void)system_id;
	(void)content;
	run->entity = true;
	xmlStopParser(run->ctxt);
}

static void on_error(void *arg, xmlErrorPtr error)
{
	(void)arg;
	(void)error; /* what matters of it is in ctxt->wellFormed; the texts quote the document */
}

static int push(struct run *run, const char *s, size_t len)
{
	size_t done = 0;

	/* in chunks: libxml2 refuses to look ahead over 10 MB */
	while (done < len && !run->entity) {
		size_t n = len - done < XML_CHUNK_BYTES ? len - done : XML_CHUNK_BYTES;

		(void)xmlParseChunk(run->ctxt, s + done, (int)n, 0);
		done += n;
		if (run->ctxt->instate == XML_PARSER_EOF)
			break;
	}
	(void)xmlParseChunk(run->ctxt, "", 0, 1);
	if (run->entity)
		return XML_E_REFUSED;
	return done < len || run->ctxt->errNo == XML_ERR_INTERNAL_ERROR ? XML_E_BROKEN : 0;
}

static int parse_mended(const struct buf *xml, const struct xml_handler *h, void *arg)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.ignorableWhitespace = on_text,
		.entityDecl = on_entity,
		.serror = on_error,
	};
	struct run run = {.h = h, .arg = arg};
	int r;

	run.ctxt = xmlCreatePushParserCtxt(&sax, &run, NULL, 0, NULL);
	if (!run.ctxt)
		abort(); /* out of memory is all that it can be */
	(void)xmlCtxtUseOptions(run.ctxt, XML_OPTIONS);
	(void)xmlSwitchEncoding(run.ctxt, XML_CHAR_ENCODING_UTF8);
	run.ctxt->sax->cdataBlock = on_text; /* NOCDATA took it away */
	r = push(&run, buf_str(xml), xml->len);
	xmlFreeParserCtxt(run.ctxt);
	return r;
}

int xml_parse(const char *s, size_t len, const struct xml_handler *h, void *arg, const char **ret_why)
{
	cleanup(buf_done) struct buf xml = BUF_INIT(XML_GROWTH * len + XML_SLACK_BYTES);
	int r;

	r = prescan(s, len, &xml, ret_why);
	if (r == PRESCAN_E_NO_XML)
		return XML_E_NO_XML;
	if (r == PRESCAN_E_SIZE)
		*ret_why = "more broken than can be mended";
	if (r != 0)
		return XML_E_REFUSED;
	r = parse_mended(&xml, h, arg);
	if (r != 0)
		*ret_why = r == XML_E_REFUSED ? "a DTD with entities of its own" : "the XML breaks off";
	return r;
}

const char *xml_attr(const struct xml_attrs *attrs, const char *prefix, const char *local, struct buf *out)
{
	const char *p, *end, *amp;
	int i;

	for (i = 0; i < attrs->n; i++) {
		const unsigned char **a = attrs->v + (size_t)i * 5; /* local, prefix, URI, value, its end */

		if (strcmp((const char *)a[0], local) != 0 || !prefix != !a[1] ||
		    (prefix && strcmp((const char *)a[1], prefix) != 0))
			continue;
		buf_reset(out);
		/* without NOENT every & of a value comes as "&#38;", for a tree that would read it again */
		for (p = (const char *)a[3], end = (const char *)a[4]; p < end; p = amp + 5) {
			amp = memmem(p, (size_t)(end - p), "&#38;", 5);
			if (!amp)
				break;
			buf_put(out, p, (size_t)(amp - p) + 1);
		}
		buf_put(out, p, (size_t)(end - p));
		return buf_str(out);
	}
	return NULL;
}

static xmlParserInputPtr load_nothing(const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	return NULL;
}

void xml_init(void)
{
	LIBXML_TEST_VERSION
	xmlInitParser();
	xmlSetExternalEntityLoader(load_nothing);
	xmlSetStructuredErrorFunc(NULL, on_error);
}
