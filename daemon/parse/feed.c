#include "parse/feed.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mention/job.h"
#include "parse/charset.h"
#include "parse/feed_item.h"
#include "parse/feed_xml.h"
#include "parse/jsonfeed.h"

enum {
	TEXT_GROWTH = 3, /* one byte of an old encoding is at most three of UTF-8 */
	TEXT_SLACK_BYTES = 1024,
	QUOTE_MAX_BYTES = 60, /* of foreign text in why */
};

static void end_as(struct answer *ret, enum answer_status status, const char *why)
{
	ret->status = status;
	ret->why = why;
}

static const char *skip_space(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r'))
		s++;
	return s;
}

/* The first words of what is no feed, for the log. */
static const char *quote(struct arena *a, const char *head, const char *s, const char *end)
{
	struct buf words = BUF_INIT(QUOTE_MAX_BYTES);
	const char *why;

	for (s = skip_space(s, end); s < end && words.len < QUOTE_MAX_BYTES - 1; s++) {
		if ((unsigned char)*s >= 0x80)
			buf_putc(&words, '?');
		else
			buf_putc(&words, (unsigned char)*s < ' ' ? ' ' : *s);
	}
	why = arena_printf(a, "%s: \"%s\"", head, buf_str(&words));
	buf_done(&words);
	return why;
}

/* A page's title tells a captive portal from a parked domain. */
static const char *page_title(struct arena *a, const struct buf *text)
{
	const char *end = buf_str(text) + text->len, *from = strcasestr(buf_str(text), "<title"), *to;

	from = from ? memchr(from, '>', (size_t)(end - from)) : NULL;
	if (!from)
		return "an HTML page instead of a feed";
	from++;
	to = memchr(from, '<', (size_t)(end - from));
	return quote(a, "an HTML page instead of a feed", from, to ? to : end);
}

static void parse_xml(struct collector *c, const struct buf *text, struct answer *ret)
{
	const char *why = NULL;

	switch (feed_xml_read(buf_str(text), text->len, c, &why)) {
	case 0:
		end_as(ret, ANSWER_OK, why ? arena_printf(c->a, "mended: %s", why) : NULL);
		ret->recovered = why != NULL;
		break;
	case FEED_XML_E_HTML:
		end_as(ret, ANSWER_NOT_A_FEED, page_title(c->a, text));
		break;
	case FEED_XML_E_REFUSED:
		end_as(ret, ANSWER_REFUSED, why);
		break;
	case FEED_XML_E_MALFORMED:
		end_as(ret, ANSWER_MALFORMED, why);
		break;
	default:
		if (!why)
			why = quote(c->a, "neither XML nor JSON", buf_str(text), buf_str(text) + text->len);
		end_as(ret, ANSWER_NOT_A_FEED, why);
	}
}

static void parse_json(struct collector *c, const struct buf *text, bool lines, struct answer *ret)
{
	const char *why = NULL;
	int r = lines ? mention_lines_read(buf_str(text), text->len, c, &why)
		      : jsonfeed_read(buf_str(text), text->len, c, &why);

	end_as(ret, r == 0 ? ANSWER_OK : r == JSON_E_OTHER ? ANSWER_NOT_A_FEED : ANSWER_MALFORMED, why);
	ret->recovered = r == 0 && why;
}

static void parse_text(struct collector *c, const struct buf *text, struct answer *ret)
{
	const char *end = buf_str(text) + text->len, *start = skip_space(buf_str(text), end);
	bool lines = strcmp(c->job->format, "mentions") == 0;

	if (start == end && lines)
		end_as(ret, ANSWER_OK, NULL);
	else if (start == end)
		end_as(ret, ANSWER_NOT_A_FEED, "an empty answer");
	else if (lines || *start == '{')
		parse_json(c, text, lines, ret);
	else
		parse_xml(c, text, ret);
}

void feed_parse(const struct job_feed *job, struct arena *a, struct answer *ret)
{
	cleanup(buf_done) struct buf text = BUF_INIT(TEXT_GROWTH * job->body_len + TEXT_SLACK_BYTES);
	struct collector c;
	int r;

	*ret = (struct answer){.identity = job->identity};
	r = charset_to_utf8(job->body, job->body_len, job->content_type, &text, NULL);
	if (r != 0) {
		end_as(ret, ANSWER_REFUSED,
		       r == CHARSET_E_REFUSED ? "UTF-7, which hides markup" : "its text is too long");
		return;
	}
	collector_init(&c, job, a);
	parse_text(&c, &text, ret);
	if (ret->status == ANSWER_OK)
		collector_answer(&c, ret);
	collector_done(&c);
}
