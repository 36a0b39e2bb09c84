#include "parse/feed_xml_reader.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "parse/date.h"
#include "parse/url.h"

/* The text of the element that ends, trimmed; NULL: nothing. It is in the arena. */
static const char *take_plain(struct feed_reader *r, const struct feed_frame *f)
{
	const char *s = buf_str(&r->text) + f->from, *end = buf_str(&r->text) + r->text.len;

	while (s < end && isspace((unsigned char)*s))
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	return end > s ? arena_memdup0(r->c->a, s, (size_t)(end - s)) : NULL;
}

static struct raw_text take_rich(struct feed_reader *r, const struct feed_frame *f)
{
	const char *s = take_plain(r, f);

	if (!s || f->unread)
		return (struct raw_text){NULL};
	return (struct raw_text){.s = s, .len = strlen(s), .kind = f->kind, .cut = r->text.full};
}

static void set_text(struct raw_text *to, struct raw_text text)
{
	if (!to->s)
		*to = text;
}

static void end_title(struct feed_reader *r, const struct feed_frame *f)
{
	int rank = f->el == EL_TITLE ? 3 : f->el == EL_TITLE_DC ? 2 : 1;
	struct raw_text text = take_rich(r, f);
	bool cut = false;

	if (!text.s)
		return;
	if (r->in_item && rank > r->title_rank) {
		r->raw.title = text;
		r->title_rank = rank;
	} else if (!r->in_item && !r->c->facts.title && rank == 3) {
		r->c->facts.title = text_clean(r->c, &text, MENTION_FIELD_MAX_BYTES, &cut);
	}
}

static void end_text(struct feed_reader *r, const struct feed_frame *f)
{
	struct raw_text text;

	if (f->el <= EL_TITLE_MEDIA) {
		end_title(r, f);
		return;
	}
	if (!r->in_item)
		return;
	text = take_rich(r, f);
	if (!text.s)
		return;
	if (f->el == EL_CONTENT || f->el == EL_CONTENT_HTML || f->el == EL_CONTENT_XHTML)
		set_text(&r->raw.content, text);
	else if (f->el == EL_CAPTION)
		set_text(&r->raw.caption, text);
	else if (f->el != EL_SUBTITLE)
		set_text(r->raw.summary.s ? &r->raw.second : &r->raw.summary, text);
}

/* The first with a name; an address alone until then. */
static void set_author(struct raw_author *to, const struct raw_author *from)
{
	if ((from->name && !to->name) || (from->email && !to->name && !to->email))
		*to = *from;
}

static void end_person(struct feed_reader *r, const struct feed_frame *f, const char *text)
{
	struct raw_author split = {NULL};

	if (f->el == EL_PERSON && (r->person.name || r->person.email || r->person.uri))
		split = r->person;
	else if (text)
		author_split(r->c->a, text, &split);
	if (r->in_item)
		set_author(&r->raw.author, &split);
	else if (f->atom)
		set_author(&r->c->author, &split); /* of all entries that name none: RFC 4287 §4.2.1 */
}

static void end_link(struct feed_reader *r, const struct feed_frame *f, const char *text)
{
	char *url, *amp;

	if (!text)
		return;
	url = arena_strdup(r->c->a, text);
	while ((amp = strstr(url, "&amp;"))) /* escaped twice */
		memmove(amp + 1, amp + 5, strlen(amp + 5) + 1);
	feed_xml_link(r, feed_xml_resolve(r, f->base, url), FEED_LINK_RSS);
}

static void end_id(struct feed_reader *r, const struct feed_frame *f, const char *text)
{
	if (!r->in_item || !text)
		return;
	r->raw.guid = text;
	if (r->permalink) {
		r->permalink_text = text;
		r->permalink_base = f->base;
	}
}

static void set_date(int64_t *to, const char *text)
{
	int64_t ms;

	if (*to == TIME_NONE && date_parse(text, strlen(text), &ms) == 0)
		*to = ms;
}

static void end_of_item_fact(struct feed_reader *r, const struct feed_frame *f, const char *text)
{
	switch (f->el) {
	case EL_LINK_ORIGINAL:
		r->raw.link_original = feed_xml_resolve(r, f->base, text);
		break;
	case EL_PUBLISHED:
		set_date(&r->raw.published_ms, text);
		break;
	case EL_UPDATED:
		set_date(&r->raw.updated_ms, text);
		break;
	case EL_CREATED:
		set_date(&r->raw.created_ms, text);
		break;
	case EL_LANGUAGE:
		r->raw.lang = text;
		break;
	case EL_REPLIES:
		r->raw.counts.replies = feed_xml_count(text);
		break;
	case EL_SOURCE:
		r->raw.outlet.name = text;
		break;
	case EL_VIDEO:
		r->raw.kind = "video";
		break;
	default:
		break;
	}
}

static uint32_t period_seconds(const char *text)
{
	static const struct {
		const char *name;
		uint32_t s;
	} periods[] = {
		{"hourly", 3600}, {"daily", 86400}, {"weekly", 604800}, {"monthly", 2592000}, {"yearly", 31536000}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(periods); i++) {
		if (strcasecmp(text, periods[i].name) == 0)
			return periods[i].s;
	}
	return 0;
}

static void end_of_feed_fact(struct feed_reader *r, const struct feed_frame *f, const char *text)
{
	static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
	struct feed_facts *facts = &r->c->facts;
	int64_t n = feed_xml_count(text);
	size_t i;

	switch (f->el) {
	case EL_LANGUAGE:
		facts->lang = text;
		break;
	case EL_TTL: /* minutes; a year at most */
		facts->ttl_s = n > 0 && n <= 525600 ? (uint32_t)n * 60 : 0;
		break;
	case EL_PERIOD:
		r->period_s = period_seconds(text);
		break;
	case EL_FREQUENCY:
		r->frequency = n > 0 && n <= 86400 ? (uint32_t)n : 1;
		break;
	case EL_HOUR:
		if (n >= 0 && n <= 24)
			facts->skip_hours |= UINT32_C(1) << (n % 24);
		break;
	case EL_DAY:
		for (i = 0; i < ARRAY_LEN(days); i++) {
			if (strncasecmp(text, days[i], 3) == 0)
				facts->skip_days |= (uint8_t)(1u << i);
		}
		break;
	default:
		break;
	}
}

void feed_xml_end_item(struct feed_reader *r, const struct feed_frame *f)
{
	if (!r->in_item)
		return;
	r->in_item = false;
	if (!r->raw.link && r->permalink_text) {
		const char *url = feed_xml_resolve(r, r->permalink_base, r->permalink_text);

		if (url && url_is_http(url))
			r->raw.link = url;
	}
	if (!r->raw.link && r->raw.link_original && url_is_http(r->raw.link_original))
		r->raw.link = r->raw.link_original;
	if (!r->raw.lang)
		r->raw.lang = f->lang;
	collector_add(r->c, &r->raw);
}

static void end_plain(struct feed_reader *r, const struct feed_frame *f)
{
	const char *text = take_plain(r, f);
	bool in_person = r->depth > 1 && f[-1].el == EL_PERSON;

	switch (f->el) {
	case EL_PERSON:
	case EL_CREATOR:
	case EL_CREATOR_ITUNES:
		end_person(r, f, text);
		break;
	case EL_NAME:
		r->person.name = in_person ? text : r->person.name;
		break;
	case EL_EMAIL:
		r->person.email = in_person ? text : r->person.email;
		break;
	case EL_URI:
		r->person.uri = in_person && text ? feed_xml_resolve(r, f->base, text) : r->person.uri;
		break;
	case EL_LINK:
		end_link(r, f, text);
		break;
	case EL_ID:
		end_id(r, f, text);
		break;
	default:
		if (text && r->in_item)
			end_of_item_fact(r, f, text);
		else if (text)
			end_of_feed_fact(r, f, text);
	}
}

void feed_xml_end(struct feed_reader *r, const struct feed_frame *f)
{
	if (f->el == EL_ITEM)
		feed_xml_end_item(r, f);
	else if (f->rich)
		end_text(r, f);
	else if (f->capture)
		end_plain(r, f);
}
