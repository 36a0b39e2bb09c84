#include "alert/notices_inside.h"

#include <stdio.h>
#include <string.h>

#include "alert/channel.h"
#include "alert/channel_kind.h"
#include "alert/chart.h"
#include "alert/facts.h"
#include "alert/incident_answers.h"
#include "alert/incident_text.h"
#include "alert/notice_object.h"
#include "alert/notice_text.h"
#include "alert/page.h"
#include "alert/ready.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"

/* --- routes --- */

struct zone *notices_zone(const char *name)
{
	struct zone *z = NULL;

	return name && zone_load(name, &z) == 0 ? z : NULL;
}

const struct person_config *notices_person(const struct notices *n, const char *name)
{
	size_t i;

	for (i = 0; i < n->setup.n_people; i++)
		if (strcmp(n->setup.people[i].name, name) == 0)
			return &n->setup.people[i];
	return NULL;
}

/* The ways there are for it: those of operators, or of the one whom it is for. */
size_t notices_ways(const struct notice_item *x)
{
	const struct person_config *p = x->to ? notices_person(x->all, x->to) : NULL;

	return !x->to ? x->all->n_routes : p ? p->n_reach : 0;
}

/* --- sent --- */

static void on_sent(void *arg, const struct channel_result *r)
{
	struct notice_item *x = arg;
	struct notices *n = x->all;
	struct notice_event e = {.maybe = r->maybe, .wait_ms = r->wait_ms};

	x->sending = false;
	n->ops.on_result(n->arg, x->channel, r->result);
	if (r->taken) {
		LOG_INFO("notice.sent", LOG_S("key", x->key), LOG_S("person", x->person), LOG_S("channel", x->channel),
			 LOG_I("tries", x->notice.tries), LOG_S("answer", r->answer));
		e.kind = NOTICE_EV_TAKEN;
	} else {
		LOG_WARN("notice.failed", LOG_S("key", x->key), LOG_S("person", x->person),
			 LOG_S("channel", x->channel), LOG_I("tries", x->notice.tries), LOG_S("class", r->result),
			 LOG_S("answer", r->answer));
		free(x->why);
		x->why = xstrdup(r->answer);
		e.kind = r->never ? NOTICE_EV_NEVER : NOTICE_EV_LATER;
	}
	notices_event(x, e);
	notices_look(n);
}

static enum text_lang lang_of(const struct notices *n, const struct person_config *p)
{
	return p->language < 0 ? n->setup.lang : (enum text_lang)p->language;
}

static struct notice_reader reader_of(const struct notices *n, const struct person_config *p, const struct zone *zone)
{
	return (struct notice_reader){
		.lang = lang_of(n, p), .zone = zone, .zone_name = p->timezone ? p->timezone : n->setup.timezone};
}

static const char *tag_of(enum text_lang lang)
{
	static const char *const tags[TEXT_LANGS] = {[TEXT_EN] = "en", [TEXT_ES] = "es"};

	return tags[lang];
}

/* Of an incident, or to operators. page is begun here. */
static void put_words(const struct notice_item *x, const struct notice_reader *to, struct buf *subject,
		      struct page *page)
{
	if (x->to) {
		incident_text(subject, page, x->news, to, x->notice.maybe);
	} else {
		page_begin(page, tag_of(to->lang), NULL);
		notice_subject(subject, x->facts, to, x->notice.maybe);
		notice_body(&page->text, x->facts, to, x->notice.maybe);
	}
}

/* The picture that the HTML of an incident shows. */
static void put_picture(const struct notice_item *x, struct buf *png, struct arena *a, struct notice_object *o)
{
	struct notice_file *file = ARENA_ARRAY(a, struct notice_file, 1);

	if (!o->html || !incident_chart(x->news, png))
		return;
	*file = (struct notice_file){.name = "chart.png",
				     .type = "image/png",
				     .cid = INCIDENT_CHART_CID,
				     .bytes = buf_str(png),
				     .len = png->len};
	o->files = file;
	o->n_files = 1;
}

/* One that was made with its words. */
static void put_ready(const struct notice_item *x, enum text_lang lang, struct arena *a, struct notice_object *o)
{
	if (!ready_parse(x->news, a, o) || !x->notice.maybe)
		return;
	o->subject = arena_printf(a, "[%s] %s", text_raw(lang, TEXT_NOTICE_MAYBE_SUBJECT), o->subject);
	o->text = arena_printf(a, "%s\n\n%s", text_raw(lang, TEXT_NOTICE_MAYBE), o->text);
}

/* A button under a message there says it right there. */
static bool has_buttons(const struct channel_config *c)
{
	return c->replies && c->as && c->as->ways[CHANNEL_PRESSED];
}

/* Elsewhere it is a link, or there is none. */
static void choose_answers(const struct channel_config *c, struct notice_answer *v, struct notice_object *o)
{
	const bool here = has_buttons(c);
	size_t i, n = 0;

	for (i = 0; i < o->n_answers; i++) {
		v[n] = o->answers[i];
		if (here)
			v[n].url = NULL;
		n += here || v[n].url;
	}
	o->answers = v;
	o->n_answers = n;
}

/* What it has beside words. */
static void put_facts(const struct notice_item *x, const struct channel_config *c, enum text_lang lang, struct arena *a,
		      struct notice_object *o)
{
	incident_text_facts(x->news, a, o);
	incident_answers(x->news, lang, a, o);
	choose_answers(c, ARENA_ARRAY(a, struct notice_answer, NOTICE_ANSWERS_MAX), o);
}

/* NULL: nobody knows yet. */
static const char *address_of(const struct notices *n, const struct person_config *p, const struct reach_config *reach)
{
	if (strcmp(reach->address, REACH_PAIRED) != 0)
		return reach->address;
	return n->ops.paired ? n->ops.paired(n->arg, reach->name, p->name) : NULL;
}

static bool send_by(struct notice_item *x, const struct person_config *person, const struct reach_config *reach,
		    const struct zone *zone)
{
	struct notice_reader to = reader_of(x->all, person, zone);
	cleanup(arena_freep) struct arena *a = arena_new(4 * (size_t)NOTICE_FACTS_MAX_BYTES);
	struct buf subject = BUF_INIT(NOTICE_TEXT_MAX_BYTES), png = BUF_INIT(CHART_PNG_MAX_BYTES);
	struct page page = {.text = BUF_INIT(0)};
	struct notice_object o = {.kind = x->to ? NOTICE_INCIDENT : NOTICE_OPERATORS,
				  .to = address_of(x->all, person, reach),
				  .person = person->name,
				  .key = x->key,
				  .thread = x->thread,
				  .lang = tag_of(to.lang),
				  .zone = to.zone,
				  .maybe = x->notice.maybe,
				  .now_ms = clock_wall_ms()};

	snprintf(x->person, sizeof(x->person), "%s", person->name);
	snprintf(x->channel, sizeof(x->channel), "%s", reach->name);
	to.heard = has_buttons(reach->channel);
	if (x->ready) {
		put_ready(x, to.lang, a, &o);
	} else {
		put_words(x, &to, &subject, &page);
		o.subject = buf_str(&subject);
		o.text = page_text(&page);
		o.html = x->to ? page_html(&page) : NULL;
		if (x->to) {
			put_facts(x, reach->channel, to.lang, a, &o);
			put_picture(x, &png, a, &o);
		}
	}
	if (!o.to) {
		free(x->why);
		x->why = xstrdup("their chat is not known yet (escuchactl pair)");
	}
	x->sending = o.to && channels_send(x->all->channels, x->channel, &o, on_sent, x);
	page_done(&page);
	buf_done(&subject);
	buf_done(&png);
	return x->sending;
}

/* The words of it, by the route that was chosen, which a new configuration may have taken away meanwhile. */
void notices_send(struct notice_item *x)
{
	struct notices *n = x->all;
	bool sent = false, known = true;

	x->sending = false;
	if (x->to && x->notice.route < notices_ways(x)) {
		const struct person_config *p = notices_person(n, x->to);
		cleanup(zone_freep) struct zone *zone = notices_zone(p->timezone ? p->timezone : n->setup.timezone);

		sent = send_by(x, p, &p->reach[x->notice.route], zone);
		known = address_of(n, p, &p->reach[x->notice.route]) != NULL;
	} else if (!x->to && x->notice.route < n->n_routes) {
		const struct notice_route *route = &n->routes[x->notice.route];

		sent = send_by(x, route->person, route->reach, route->zone);
		known = address_of(n, route->person, route->reach) != NULL;
	}
	if (!sent) /* nobody is there at present */
		notices_event(x, (struct notice_event){.kind = known ? NOTICE_EV_LATER : NOTICE_EV_NEVER});
}

bool notices_say(struct notices *n, const char *channel, const struct notice_object *o,
		 void (*on_said)(void *arg, const struct channel_result *result), void *arg)
{
	return channels_send(n->channels, channel, o, on_said, arg) != NULL;
}

/* The words of a drill, since none of it is true. */
bool notices_dry(struct notices *n, const char *channel, const struct person_config *person, const char *address,
		 void (*on_tried)(void *arg, const struct channel_result *result), void *arg)
{
	cleanup(zone_freep) struct zone *zone = notices_zone(person->timezone ? person->timezone : n->setup.timezone);
	const struct notice_reader to = reader_of(n, person, zone);
	const struct incident_news news = {
		.topic = "canary", .owner = "", .severity = SEVERITY_CRITICAL, .drill = true, .opened_ms = clock_wall_ms()};
	cleanup(buf_done) struct buf json = BUF_INIT(NOTICE_FACTS_MAX_BYTES), subject = BUF_INIT(NOTICE_TEXT_MAX_BYTES);
	struct page page;
	char key[NOTICE_KEY_SIZE];
	struct notice_object o;
	bool sent;

	incident_news_json(&news, &json);
	incident_text(&subject, &page, buf_str(&json), &to, false);
	notices_key(key);
	o = (struct notice_object){.kind = NOTICE_DRILL,
				   .dry = true,
				   .to = address,
				   .person = person->name,
				   .subject = buf_str(&subject),
				   .text = page_text(&page),
				   .html = page_html(&page),
				   .key = key,
				   .lang = tag_of(to.lang),
				   .zone = zone,
				   .now_ms = clock_wall_ms()};
	sent = channels_send(n->channels, channel, &o, on_tried, arg) != NULL;
	page_done(&page);
	return sent;
}

bool notices_test(struct notices *n, const char *channel, const struct person_config *person, const char *address,
		  void (*on_tested)(void *arg, const struct channel_result *result), void *arg)
{
	cleanup(zone_freep) struct zone *zone = notices_zone(person->timezone ? person->timezone : n->setup.timezone);
	const struct notice_reader to = reader_of(n, person, zone);
	struct buf body = BUF_INIT(NOTICE_TEXT_MAX_BYTES);
	char key[NOTICE_KEY_SIZE];
	struct sending *sending;

	notices_key(key);
	notice_test_body(&body, channel, person->name, &to);
	sending = channels_send(n->channels, channel,
				&(struct notice_object){.kind = NOTICE_TEST,
							.to = address,
							.person = person->name,
							.subject = text_raw(to.lang, TEXT_NOTICE_TEST_SUBJECT),
							.text = buf_str(&body),
							.key = key,
							.lang = tag_of(to.lang),
							.zone = zone,
							.now_ms = clock_wall_ms()},
				on_tested, arg);
	buf_done(&body);
	return sending != NULL;
}
