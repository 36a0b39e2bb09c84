#include "serve/page.h"

#include "base/buf.h"
#include "base/markup.h"

static const char style[] =
	":root{color-scheme:light dark}"
	"body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:0 "
	"auto;padding:1.25rem;overflow-wrap:anywhere}"
	"h1{font-size:1.375rem;line-height:1.25;border-left:.4rem solid #1a7f37;padding-left:.75rem}"
	"h1.sorry{border-color:#b35900}"
	"label{display:block;margin:1.25rem 0 .35rem}"
	"select,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;border:1px solid "
	"#888;border-radius:.5rem}"
	"button{font:inherit;font-weight:600;width:100%;min-height:3.25rem;margin-top:1.5rem;padding:.75rem;border:0;"
	"border-radius:.6rem;background:#0b57d0;color:#fff}"
	"button:focus-visible,select:focus-visible,textarea:focus-visible{outline:3px solid "
	"#e8a200;outline-offset:2px}";

static void put_between(struct buf *b, const char *before, const char *text, const char *behind)
{
	buf_puts(b, before);
	markup_put(b, text);
	buf_puts(b, behind);
}

static void put_choices(struct buf *b, const struct page *p)
{
	size_t i;

	put_between(b, "<label for=\"to\">", p->choose, "</label>\n<select id=\"to\" name=\"to\" required>\n");
	buf_puts(b, "<option value=\"\"></option>\n");
	for (i = 0; i < p->n_choices && i < PAGE_CHOICES_MAX; i++)
		put_between(b, "<option>", p->choices[i], "</option>\n");
	buf_puts(b, "</select>\n");
}

static void put_form(struct buf *b, const struct page *p)
{
	buf_puts(b, "<form method=\"post\">\n");
	if (p->choose)
		put_choices(b, p);
	if (p->note) {
		put_between(b, "<label for=\"note\">", p->note, "</label>\n");
		buf_puts(b, "<textarea id=\"note\" name=\"note\" rows=\"3\" maxlength=\"1000\"></textarea>\n");
	}
	put_between(b, "<button>", p->button, "</button>\n</form>\n");
}

void page_put(struct buf *b, const struct page *p)
{
	static const char *const tags[TEXT_LANGS] = {[TEXT_EN] = "en", [TEXT_ES] = "es"};
	size_t i;

	buf_printf(b, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", tags[p->lang]);
	buf_puts(b, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"robots\" content=\"noindex\">\n");
	put_between(b, "<title>", p->title, "</title>\n");
	buf_printf(b, "<style>%s</style>\n</head>\n<body>\n<main>\n", style);
	put_between(b, p->sorry ? "<h1 class=\"sorry\">" : "<h1>", p->title, "</h1>\n");
	for (i = 0; i < p->n_lines; i++)
		put_between(b, "<p>", p->lines[i], "</p>\n");
	if (p->button)
		put_form(b, p);
	buf_puts(b, "</main>\n</body>\n</html>\n");
}
