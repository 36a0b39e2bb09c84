#include "alert/page.h"

#include <string.h>

#include "alert/notice_object.h"
#include "base/markup.h"

#define BODY_STYLE                                                                                                     \
	"margin:0;padding:16px;font:16px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1a1a1a;"     \
	"background:#fff;overflow-wrap:anywhere"
#define CARD_STYLE "margin:0 0 12px;padding:10px 12px;border-left:4px solid #9aa7b5;background:#f5f7f9"
#define BUTTON_STYLE                                                                                                   \
	"display:inline-block;margin:0 8px 8px 0;padding:12px 16px;border-radius:6px;border:1px solid #0b57a4;"        \
	"text-decoration:none;font-weight:600;"
#define FIRST_BUTTON_STYLE BUTTON_STYLE "background:#0b57a4;color:#fff"
#define OTHER_BUTTON_STYLE BUTTON_STYLE "background:#fff;color:#0b57a4"
#define CELL_STYLE         "padding:6px 8px 6px 0;border-bottom:1px solid #e3e7ea"

/* Words of anybody's as the text of an element, or an attribute's value in "". */
static void put_escaped(struct buf *b, const char *words, size_t max)
{
	cleanup(buf_done) struct buf clean = BUF_INIT(max + 16);

	notice_clean(&clean, words, max, false);
	markup_put(b, buf_str(&clean));
}

static void put_plain(struct buf *b, const char *before, const char *words)
{
	buf_puts(b, before);
	notice_clean(b, words, PAGE_LINE_MAX_BYTES, false);
	buf_putc(b, '\n');
}

static void put_element(struct page *p, const char *open, const char *words, const char *close)
{
	buf_puts(&p->html, open);
	put_escaped(&p->html, words, PAGE_LINE_MAX_BYTES);
	buf_puts(&p->html, close);
}

static void end_list(struct page *p)
{
	if (p->in_list)
		buf_puts(&p->html, "</table>\n");
	p->in_list = false;
}

void page_begin(struct page *p, const char *lang, const char *title)
{
	*p = (struct page){.text = BUF_INIT(NOTICE_BODY_MAX_BYTES), .html = BUF_INIT(NOTICE_HTML_MAX_BYTES)};
	buf_printf(&p->html,
		   "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
		   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"></head>\n<body "
		   "style=\"" BODY_STYLE "\">\n<div style=\"max-width:600px;margin:0 auto\">\n",
		   lang);
	if (title)
		put_element(p, "<h1 style=\"font-size:20px;line-height:1.25;margin:0 0 12px\">", title, "</h1>\n");
}

void page_done(struct page *p)
{
	buf_done(&p->text);
	buf_done(&p->html);
}

void page_html_heading(struct page *p, const char *words)
{
	end_list(p);
	put_element(p, "<h2 style=\"font-size:17px;margin:20px 0 8px\">", words, "</h2>\n");
}

void page_heading(struct page *p, const char *words)
{
	put_plain(&p->text, p->text.len ? "\n" : "", words);
	page_html_heading(p, words);
}

void page_html_line(struct page *p, const char *words)
{
	end_list(p);
	put_element(p, "<p style=\"margin:0 0 8px\">", words, "</p>\n");
}

void page_line(struct page *p, const char *words)
{
	put_plain(&p->text, "", words);
	page_html_line(p, words);
}

void page_html_note(struct page *p, const char *words)
{
	end_list(p);
	put_element(p, "<p style=\"margin:0 0 8px;font-size:13px;color:#5b6670\">", words, "</p>\n");
}

void page_note(struct page *p, const char *words)
{
	put_plain(&p->text, "", words);
	page_html_note(p, words);
}

static void begin_row(struct page *p)
{
	if (!p->in_list)
		buf_puts(&p->html, "<table style=\"border-collapse:collapse;width:100%\">\n");
	p->in_list = true;
}

void page_event(struct page *p, const char *when, const char *words)
{
	begin_row(p);
	notice_clean(&p->text, when, PAGE_LINE_MAX_BYTES, false);
	put_plain(&p->text, "  ", words);
	put_element(p,
		    "<tr><td style=\"" CELL_STYLE
		    ";font-size:13px;color:#5b6670;vertical-align:baseline;white-space:nowrap;width:1%\">",
		    when, "</td>");
	put_element(p, "<td style=\"" CELL_STYLE ";vertical-align:baseline\">", words, "</td></tr>\n");
}

void page_row(struct page *p, const char *name, const char *number, const char *aside)
{
	begin_row(p);
	notice_clean(&p->text, name, PAGE_LINE_MAX_BYTES, false);
	buf_puts(&p->text, ": ");
	notice_clean(&p->text, number, PAGE_LINE_MAX_BYTES, false);
	if (aside) {
		buf_puts(&p->text, " (");
		notice_clean(&p->text, aside, PAGE_LINE_MAX_BYTES, false);
		buf_putc(&p->text, ')');
	}
	buf_putc(&p->text, '\n');
	put_element(p, "<tr><td style=\"" CELL_STYLE "\">", name, "");
	if (aside)
		put_element(p, "<br><span style=\"font-size:13px;color:#5b6670\">", aside, "</span>");
	put_element(
		p, "</td><td style=\"padding:6px 0;border-bottom:1px solid #e3e7ea;text-align:right;font-weight:600\">",
		number, "</td></tr>\n");
}

static bool is_web(const char *url)
{
	return url && strlen(url) <= NOTICE_URL_MAX_BYTES &&
	       (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0) &&
	       !strpbrk(url, " \t\r\n<>\"'\\^`{|}");
}

void page_html_said(struct page *p, const char *words, const char *who, const char *why, const char *url)
{
	end_list(p);
	buf_puts(&p->html, "<div style=\"" CARD_STYLE "\">");
	if (is_web(url)) {
		put_element(p, "<a style=\"color:#0b57a4;text-decoration:none\" href=\"", url, "\">");
		put_element(p, "", words, "</a>");
	} else {
		put_element(p, "", words, "");
	}
	if (who)
		put_element(p, "<div style=\"font-size:13px;color:#5b6670;margin-top:4px\">", who, "</div>");
	if (why)
		put_element(p, "<div style=\"font-size:13px;color:#5b6670\">", why, "</div>");
	buf_puts(&p->html, "</div>\n");
}

void page_said(struct page *p, const char *words, const char *who, const char *why, const char *url)
{
	put_plain(&p->text, "- ", words);
	if (who)
		put_plain(&p->text, "  ", who);
	if (why)
		put_plain(&p->text, "  ", why);
	if (is_web(url))
		put_plain(&p->text, "  ", url);
	page_html_said(p, words, who, why, url);
}

void page_html_button(struct page *p, const char *label, const char *url)
{
	end_list(p);
	if (!is_web(url))
		return;
	put_element(p,
		    p->has_button ? "<a style=\"" OTHER_BUTTON_STYLE "\" href=\""
				  : "<a style=\"" FIRST_BUTTON_STYLE "\" href=\"",
		    url, "\">");
	p->has_button = true;
	put_element(p, "", label, "</a>\n");
}

void page_picture(struct page *p, const char *cid, const char *words)
{
	end_list(p);
	put_element(p, "<img style=\"max-width:100%;height:auto;display:block\" width=\"560\" src=\"cid:", cid,
		    "\" alt=\"");
	put_element(p, "", words, "\">\n");
}

void page_text_only(struct page *p, const char *words)
{
	put_plain(&p->text, "", words);
}

/* One line: what begins with http is a link as far as it is one. */
static void put_linked(struct page *p, const char *line)
{
	const char *at = line, *url;

	while ((url = strstr(at, "http"))) {
		cleanup(freep) char *before = xstrndup(at, (size_t)(url - at));
		cleanup(freep) char *word = xstrndup(url, strcspn(url, " \t\r\n<>\"'()"));

		put_element(p, "", before, "");
		at = url + strlen(word);
		if (is_web(word)) {
			put_element(p, "<a style=\"color:#0b57a4\" href=\"", word, "\">");
			put_element(p, "", word, "</a>");
		} else {
			put_element(p, "", word, "");
		}
	}
	put_element(p, "", at, "");
}

void page_lines(struct page *p, const char *text)
{
	end_list(p);
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		cleanup(freep) char *line = xstrndup(text, strcspn(text, "\n"));

		buf_puts(&p->html, *line ? "<div>" : "<div style=\"height:12px\">");
		put_linked(p, line);
		buf_puts(&p->html, "</div>\n");
	}
}

const char *page_text(struct page *p)
{
	return buf_str(&p->text);
}

const char *page_html(struct page *p)
{
	end_list(p);
	buf_puts(&p->html, "</div>\n</body></html>\n");
	return p->html.full ? NULL : buf_str(&p->html);
}
