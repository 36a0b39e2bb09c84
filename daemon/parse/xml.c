#include "parse/xml.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "parse/prescan.h"
#include "parse/xml_read.h"

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
	r = xml_read(xml.data, xml.len, h, arg);
	if (r != 0)
		*ret_why = "the XML breaks off";
	return r ? XML_E_BROKEN : 0;
}

const char *xml_attr(const struct xml_attrs *attrs, const char *prefix, const char *local)
{
	const struct xml_attribute *a;

	for (a = attrs->v; a < attrs->v + attrs->n; a++)
		if (strcmp(a->local, local) == 0 && !prefix == !a->prefix && (!prefix || !strcmp(a->prefix, prefix)))
			return a->value;
	return NULL;
}
