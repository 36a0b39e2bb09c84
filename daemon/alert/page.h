#pragma once
/*
 * alert/page: one message written twice at once: as lines of text, whole by itself, and as HTML fit for a phone's screen, with
 * nothing in it that is fetched from elsewhere.
 *
 * Whatever is said may be foreign: it is cleaned (alert/notice_object) and escaped here, and an address is a link only if it is one
 * of http or https (FAULTS O1, O2).
 *
 * Owner:  whoever called page_begin(); page_done() frees. Blocks: never.
 * Bounds: NOTICE_BODY_MAX_BYTES of text and NOTICE_HTML_MAX_BYTES of HTML; what is beyond is left out, and HTML that is not whole is
 *         not given.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct page {
	struct buf text, html;
	bool in_list;    /* rows of a table are open */
	bool has_button; /* the first stands out, those after it don't */
};

enum { PAGE_LINE_MAX_BYTES = 2000 };

void page_begin(struct page *p, const char *lang, const char *title); /* title: of the HTML alone; NULL: none */
void page_done(struct page *p);

void page_heading(struct page *p, const char *words);
void page_line(struct page *p, const char *words);
void page_note(struct page *p, const char *words); /* less weighty: small in HTML */
/* A name, a number that stands out, and what it is against: "acme", "34", "usually 20". aside may be NULL. */
void page_row(struct page *p, const char *name, const char *number, const char *aside);
void page_event(struct page *p, const char *when, const char *words); /* "20:50:33  ana took it" */
/* What somebody said: its words, who said it and where, why it is here; where it leads. All but words may be NULL. */
void page_said(struct page *p, const char *words, const char *who, const char *why, const char *url);
void page_picture(struct page *p, const char *cid, const char *words); /* in HTML alone; words: what it shows */
void page_text_only(struct page *p, const char *words);                /* a line that HTML has otherwise */

/* In HTML alone, for whoever writes the text in another shape. */
void page_html_heading(struct page *p, const char *words);
void page_html_line(struct page *p, const char *words);
void page_html_note(struct page *p, const char *words);
void page_html_said(struct page *p, const char *words, const char *who, const char *why, const char *url);
void page_html_button(struct page *p, const char *label, const char *url); /* nothing where url is none of the web */

/* Lines that stand already, as HTML alone: each a line, its addresses links. */
void page_lines(struct page *p, const char *text);

const char *page_text(struct page *p);
const char *page_html(struct page *p); /* ends it; NULL: it did not fit */
