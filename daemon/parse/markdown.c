#include "parse/markdown.h"

#include <limits.h>
#include <md4c.h>

#include "base/buf.h"
#include "parse/html.h"

struct writer {
	struct buf *out;
	unsigned pictures; /* around what is written: it is their alternative text */
};

static void line_end(struct buf *out)
{
	if (out->len && out->data[out->len - 1] != '\n')
		buf_putc(out, '\n');
}

static int on_block_begin(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct writer *w = arg;

	(void)detail;
	if (type == MD_BLOCK_TD || type == MD_BLOCK_TH)
		buf_putc(w->out, ' ');
	else
		line_end(w->out);
	return 0;
}

static int on_block_end(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct writer *w = arg;

	(void)detail;
	if (type != MD_BLOCK_TD && type != MD_BLOCK_TH)
		line_end(w->out);
	return w->out->full;
}

static int on_span_begin(MD_SPANTYPE type, void *detail, void *arg)
{
	struct writer *w = arg;

	(void)detail;
	w->pictures += type == MD_SPAN_IMG;
	return 0;
}

static int on_span_end(MD_SPANTYPE type, void *detail, void *arg)
{
	struct writer *w = arg;

	(void)detail;
	w->pictures -= type == MD_SPAN_IMG;
	return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE len, void *arg)
{
	struct writer *w = arg;

	if (w->pictures)
		return 0;
	switch (type) {
	case MD_TEXT_BR:
	case MD_TEXT_SOFTBR:
		buf_putc(w->out, '\n');
		break;
	case MD_TEXT_ENTITY:
		html_unescape(s, len, w->out);
		break;
	case MD_TEXT_HTML:
		html_to_text(s, len, w->out);
		break;
	case MD_TEXT_NULLCHAR:
		break;
	default:
		buf_put(w->out, s, len);
	}
	return w->out->full;
}

void markdown_to_text(const char *s, size_t len, struct buf *out)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH,
		.enter_block = on_block_begin,
		.leave_block = on_block_end,
		.enter_span = on_span_begin,
		.leave_span = on_span_end,
		.text = on_text,
	};
	struct writer w = {.out = out};

	if (len < INT_MAX)
		(void)md_parse(s, (MD_SIZE)len, &parser, &w); /* it ends early where out is full */
}
