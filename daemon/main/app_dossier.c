/* The dossier of one incident (alert/dossier): gathered from the log question by question, put into words for who asks, or, when it is
 * closed, for each of those who were told of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alert/dossier.h"
#include "alert/drill.h"
#include "alert/incident_line.h"
#include "alert/incident_text.h"
#include "alert/notice_object.h"
#include "alert/notice_text.h"
#include "alert/notices.h"
#include "alert/ready.h"
#include "alert/reason_text.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/zone.h"
#include "main/app_crisis_inside.h"
#include "main/config_alerts.h"
#include "main/config_people.h"
#include "mention/voice.h"
#include "stats/judge.h"
#include "store/dossier.h"
#include "store/evidence.h"
#include "store/incident.h"
#include "store/notice.h"
#include "store/series.h"
#include "store/store.h"

enum {
	READ_ROWS = 500,
	READS_MAX = 40, /* 20,000 hits of all topics: what is behind them is not counted */
	AUTHORS_MAX = 4096,
	SENT_MAX = 50,
	BYTES_MAX = 32 << 20,
	ANSWER_MAX_BYTES = 4 << 20,
	MARKDOWN_MAX_BYTES = 1 << 20,
};
#define BEFORE_MS (24 * HOUR_MS)
#define WINDOW_MS (2 * HOUR_MS) /* what was said so long before it was opened belongs to it */

/* Who is owed the dossier of one incident. */
struct owed_to {
	uint64_t id;
	size_t n;
	char names[SENT_MAX][INCIDENT_NAME_SIZE];
};

struct making {
	struct app *app;
	struct reply *reply;  /* who asked; NULL: it goes to all who were told, or … */
	struct owed_to *only; /* … to these; NULL: all */
	struct arena *arena;
	struct dossier d;
	int64_t from_ms, to_ms;
	struct dossier_line *lines;
	struct dossier_step steps[PLAYBOOK_STEPS_MAX];
	struct dossier_said said[DOSSIER_MENTIONS_MAX];
	struct dossier_bar bars[DOSSIER_BARS_MAX];
	struct dossier_deaf deaf[DOSSIER_DEAF_MAX];
	struct dossier_proof *proofs;
	uint64_t authors[AUTHORS_MAX];
	size_t reads;
	bool negative; /* the series that is being read */
	uint32_t reasons;
};

static void making_free(struct making *m)
{
	arena_free(m->arena);
	free(m->only);
	free(m);
}

static void fail(struct making *m, int r)
{
	app_log_failed(m->app, "dossier", r);
	if (m->reply)
		reply_error(TAKE(m->reply), 500, "log", strerror(-r));
	making_free(m);
}

/* --- put into words --- */

static char *why_text(const struct making *m, enum text_lang lang)
{
	cleanup(buf_done) struct buf b = BUF_INIT(4096);
	const char *alert = m->d.why;
	size_t i;

	if (strcmp(alert, INCIDENT_BY_HAND_ALERT) == 0)
		return xstrdup(text_raw(lang, TEXT_DOSSIER_BY_HAND));
	if (strcmp(alert, DRILL_ALERT) == 0)
		return xstrdup(text_raw(lang, TEXT_INCIDENT_WHY_DRILL));
	if (strcmp(alert, CRISIS_DEFAULT_ALERT) != 0)
		return xstrdup(alert);
	for (i = JUDGE_REASONS; i-- > 0;) {
		const char *words = m->reasons >> i & 1 ? reason_text(judge_reason_names[i], lang) : NULL;

		if (words)
			buf_printf(&b, "%s%s", b.len ? ", " : "", words);
	}
	return b.len ? xstrdup(buf_str(&b)) : NULL;
}

struct written {
	struct page page;
	struct buf md;
	char *subject;
};

static void write_it(struct making *m, enum text_lang lang, const char *zone_name, struct written *ret)
{
	cleanup(zone_freep) struct zone *zone = NULL;
	struct notice_reader to = {.lang = lang, .zone_name = zone_name};
	struct dossier d = m->d;
	cleanup(freep) char *why = why_text(m, lang);
	size_t i;

	if (zone_load(zone_name, &zone) != 0)
		zone = NULL;
	to.zone = zone;
	d.why = why;
	d.state = incident_state_text(m->d.state, lang);
	for (i = 0; i < d.n_proofs; i++) {
		static const enum text_id gone[] = {[EVIDENCE_TOO_LONG] = TEXT_DOSSIER_EVIDENCE_LONG,
						    [EVIDENCE_FORGOTTEN] = TEXT_DOSSIER_EVIDENCE_FORGOTTEN,
						    [EVIDENCE_GONE] = TEXT_DOSSIER_EVIDENCE_GONE};
		enum evidence_state state = (enum evidence_state)m->proofs[i].gone_as;

		m->proofs[i].gone = state == EVIDENCE_KEPT ? NULL : text_raw(lang, gone[state]);
	}
	ret->md = (struct buf)BUF_INIT(MARKDOWN_MAX_BYTES);
	ret->subject = dossier_subject(&d, &to);
	page_begin(&ret->page, lang == TEXT_ES ? "es" : "en", ret->subject);
	dossier_put(&d, &to, &ret->page, &ret->md);
}

static void written_done(struct written *w)
{
	page_done(&w->page);
	buf_done(&w->md);
	free(w->subject);
}

static void answer(struct making *m)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	struct written w;

	write_it(m, app_lang(m->app), m->app->config->timezone, &w);
	json_begin_object(&j, NULL);
	json_text(&j, "subject", w.subject);
	json_text(&j, "markdown", buf_str(&w.md));
	json_text(&j, "html", page_html(&w.page));
	json_end_object(&j);
	reply_json(TAKE(m->reply), 200, buf_str(&b), b.len);
	written_done(&w);
}

/* --- sent --- */

struct owed {
	struct app *app;
	char *facts, *person, key[NOTICE_KEY_SIZE], matter[96];
};

static struct notice_row row_of(const struct owed *o)
{
	return (struct notice_row){.key = o->key,
				   .kind = NOTICES_DELIVERY,
				   .matter = o->matter,
				   .facts = o->facts,
				   .person = o->person,
				   .state = NOTICE_NEW,
				   .created_ms = clock_wall_ms(),
				   .next_ms = clock_wall_ms(),
				   .ended_ms = TIME_NONE};
}

static void on_put(void *arg, int r, const char *thread)
{
	struct owed *o = arg;
	struct notice_row row = row_of(o);

	(void)thread;
	if (r < 0)
		app_log_failed(o->app, "dossier.keep", r);
	else if (o->app->notices && !notices_post(o->app->notices, &row))
		LOG_WARN("dossier.waits", LOG_S("person", o->person)); /* a start finds it in the log */
	free(o->facts);
	free(o->person);
	free(o);
}

static void send_to(struct making *m, const struct person_config *p)
{
	const struct config *c = m->app->config;
	enum text_lang lang = p->language >= 0 ? (enum text_lang)p->language : app_lang(m->app);
	cleanup(buf_done) struct buf facts = BUF_INIT(NOTICE_FACTS_MAX_BYTES);
	struct owed *o = NEW(struct owed);
	/* of the matter that it closes: in its thread, and nowhere an alarm that begins anew */
	struct notice_object object = {.kind = NOTICE_DIGEST,
				       .topic = m->d.topic,
				       .matter = incident_matter((uint64_t)m->d.id, m->d.opened_ms, m->arena),
				       .incident = (uint64_t)m->d.id,
				       .ended = true};
	struct written w;

	write_it(m, lang, p->timezone ? p->timezone : c->timezone, &w);
	object.subject = w.subject;
	object.text = page_text(&w.page);
	object.html = page_html(&w.page);
	ready_json(&object, &facts);
	written_done(&w);
	o->app = m->app;
	o->facts = buf_steal(&facts);
	o->person = xstrdup(p->name);
	notices_key(o->key);
	snprintf(o->matter, sizeof(o->matter), STORE_DOSSIER_MATTER "%" PRId64 " %.64s", m->d.id, p->name);
	LOG_INFO("incident.dossier", LOG_I("incident", m->d.id), LOG_S("person", p->name), LOG_S("key", o->key));
	{
		struct notice_row row = row_of(o);

		store_notice_put(m->app->store, &row, on_put, o);
	}
}

static bool is_owed(const struct making *m, const char *person)
{
	size_t i;

	for (i = 0; m->only && i < m->only->n; i++)
		if (strcmp(m->only->names[i], person) == 0)
			return true;
	return !m->only;
}

static void send_all(struct making *m)
{
	const char *sent[SENT_MAX];
	size_t n = 0, i, k;

	for (i = 0; i < m->d.n_lines && n < SENT_MAX; i++) {
		const struct dossier_line *l = &m->lines[i];
		const struct person_config *p =
			l->who && strcmp(l->what, "told") == 0 ? config_person(m->app->config, l->who) : NULL;

		for (k = 0; p && k < n && strcmp(sent[k], p->name) != 0; k++)
			;
		if (!p || k < n || !is_owed(m, p->name))
			continue;
		sent[n++] = p->name;
		send_to(m, p);
	}
}

static void finish(struct making *m)
{
	if (m->reply)
		answer(m);
	else if (m->app->notices)
		send_all(m);
	making_free(m);
}

/* --- gathered, the last first --- */

static void on_evidence(void *arg, int r, const struct evidence_row *rows, size_t n)
{
	struct making *m = arg;
	size_t i;

	if (r < 0) {
		fail(m, r);
		return;
	}
	m->proofs = ARENA_ARRAY(m->arena, struct dossier_proof, n + 1);
	for (i = 0; i < n; i++) {
		struct dossier_proof *p = &m->proofs[i];

		*p = (struct dossier_proof){.id = rows[i].id,
					    .at_ms = rows[i].about.source ? rows[i].about.at_ms : rows[i].taken_ms,
					    .size = rows[i].size,
					    .source = arena_strdup(m->arena, rows[i].about.source),
					    .url = arena_strdup(m->arena, rows[i].about.url),
					    .gone_as = (int)rows[i].state};
		hash_hex(rows[i].body, sizeof(rows[i].body), p->body);
		hash_hex(rows[i].link, sizeof(rows[i].link), p->link);
	}
	m->d.proofs = m->proofs;
	m->d.n_proofs = n;
	finish(m);
}

static void on_deaf(void *arg, int r, const struct store_deaf *v, size_t n, bool more)
{
	struct making *m = arg;
	size_t i;

	(void)more;
	for (i = 0; r == 0 && i < n; i++) {
		const struct dossier_deaf one = {.source =
							 arena_strdup(m->arena, v[i].title ? v[i].title : v[i].source),
						 .from_ms = v[i].mark.from_ms,
						 .to_ms = v[i].mark.to_ms};

		if (strcmp(v[i].mark.kind, "rule") != 0 && strcmp(v[i].mark.kind, "field") != 0)
			m->d.n_deaf = dossier_deaf_add(m->deaf, m->d.n_deaf, &one);
	}
	m->d.deaf = m->deaf;
	if (r < 0)
		fail(m, r);
	else
		store_evidence(m->app->store, m->d.id, on_evidence, m);
}

static int64_t reach_of(const struct mention *x)
{
	return x->author.followers != COUNT_NONE ? x->author.followers : x->counts.views;
}

/* Those with the largest reach stay. */
static void take_said(struct making *m, const struct mention *x)
{
	size_t at = m->d.n_said, i;
	int64_t reach = reach_of(x);

	while (at > 0 && m->said[at - 1].reach < reach)
		at--;
	if (at == DOSSIER_MENTIONS_MAX)
		return;
	if (m->d.n_said < DOSSIER_MENTIONS_MAX)
		m->d.n_said++;
	for (i = m->d.n_said - 1; i > at; i--)
		m->said[i] = m->said[i - 1];
	m->said[at] = (struct dossier_said){
		.words = arena_strdup(m->arena, x->title  ? x->title
						: x->text ? x->text
							  : ""),
		.author = arena_strdup(m->arena, x->author.handle ? x->author.handle : x->author.name),
		.source = arena_strdup(m->arena, x->source),
		.url = arena_strdup(m->arena, x->url),
		.at_ms = x->published_ms,
		.reach = reach};
}

static void take_author(struct making *m, uint64_t voice)
{
	int64_t i;

	for (i = 0; i < m->d.authors; i++)
		if (m->authors[i] == voice)
			return;
	if (m->d.authors < AUTHORS_MAX)
		m->authors[m->d.authors++] = voice;
}

static void take_mention(struct making *m, const struct mention *x)
{
	size_t i;

	if (!series_counts(x) || x->seen_ms > m->to_ms)
		return;
	for (i = 0; i < x->n_hits && strcmp(x->hits[i].topic, m->d.topic) != 0; i++)
		;
	if (i == x->n_hits)
		return;
	m->d.mentions++;
	m->d.negative += series_tone(x) == SERIES_NEGATIVE;
	take_author(m, voice_in_story(x));
	take_said(m, x);
}

static void on_said(void *arg, int r, const struct mention *const *v, size_t n, struct stream_id last)
{
	const struct store_deaf_filter deaf = {.limit = DOSSIER_DEAF_MAX};
	struct making *m = arg;
	struct store_deaf_filter filter = deaf;
	size_t i;

	if (r < 0) {
		fail(m, r);
		return;
	}
	for (i = 0; i < n; i++)
		take_mention(m, v[i]);
	m->d.said = m->said;
	if (n && last.ms <= m->to_ms && ++m->reads < READS_MAX) {
		store_said(m->app->store, last, READ_ROWS, on_said, m);
		return;
	}
	filter.from_ms = m->d.opened_ms - WINDOW_MS;
	filter.to_ms = m->to_ms;
	store_deaf(m->app->store, &filter, on_deaf, m);
}

static void on_series(void *arg, int r, const struct series_row *rows, size_t n, bool more)
{
	struct making *m = arg;
	int64_t before = 0;
	size_t i;

	(void)more;
	if (r < 0) {
		fail(m, r);
		return;
	}
	for (i = 0; i < n; i++) {
		int64_t at = (rows[i].at_ms - m->from_ms) / m->d.bar_ms;

		if (rows[i].at_ms < m->from_ms || at >= DOSSIER_BARS_MAX)
			continue;
		*(m->negative ? &m->bars[at].negative : &m->bars[at].all) += rows[i].n;
		before += !m->negative && rows[i].at_ms < m->d.opened_ms - WINDOW_MS ? rows[i].n : 0;
	}
	if (!m->negative) {
		m->d.usual = (double)before / (double)((BEFORE_MS - WINDOW_MS) / HOUR_MS);
		m->negative = true;
		store_series(
			m->app->store,
			&(struct store_series_ask){
				.topic = m->d.topic, .kind = SERIES_NEGATIVE, .from_ms = m->from_ms, .to_ms = m->to_ms},
			on_series, m);
		return;
	}
	store_said(m->app->store, (struct stream_id){.ms = m->d.opened_ms - WINDOW_MS}, READ_ROWS, on_said, m);
}

static void begin_bars(struct making *m)
{
	int64_t span_ms, i;

	m->to_ms = m->d.closed_ms == TIME_NONE ? clock_wall_ms() : m->d.closed_ms;
	m->from_ms = (m->d.opened_ms - BEFORE_MS) / SERIES_BIN_MS * SERIES_BIN_MS;
	span_ms = m->to_ms - m->from_ms;
	m->d.bar_ms = (span_ms / DOSSIER_BARS_MAX / SERIES_BIN_MS + 1) * SERIES_BIN_MS;
	m->d.n_bars = (size_t)(span_ms / m->d.bar_ms + 1);
	if (m->d.n_bars > DOSSIER_BARS_MAX)
		m->d.n_bars = DOSSIER_BARS_MAX;
	for (i = 0; i < (int64_t)m->d.n_bars; i++)
		m->bars[i].at_ms = m->from_ms + i * m->d.bar_ms;
	m->d.bars = m->bars;
}

static void take_steps(struct making *m, const struct store_incidents *found)
{
	const struct playbook *p = config_playbook(m->app->config, m->d.why);
	size_t i;

	for (i = 0; p && i < p->n; i++) {
		const struct store_incident_line *l = crisis_step_line(p->steps[i].text, found->lines, found->n_lines);

		m->steps[i] = (struct dossier_step){.text = arena_strdup(m->arena, p->steps[i].text),
						    .who = l ? arena_strdup(m->arena, l->who ? l->who : "?") : NULL,
						    .at_ms = l ? l->at_ms : TIME_NONE};
	}
	m->d.steps = m->steps;
	m->d.n_steps = p ? p->n : 0;
}

static void take_incident(struct making *m, const struct store_incidents *found)
{
	const struct store_incident *row = &found->rows[0];
	cleanup(freep) struct one_crisis *x = NEW(struct one_crisis);
	size_t i;

	m->d.topic = arena_strdup(m->arena, row->topic);
	m->d.why = arena_strdup(m->arena, row->alert);
	m->d.owner = arena_strdup(m->arena, row->owner);
	m->d.opened_ms = row->opened_ms;
	m->d.closed_ms = row->closed_ms;
	m->d.peak = row->peak >= 0 && row->peak < SEVERITIES ? severity_names[row->peak] : NULL;
	m->d.state = row->end == INCIDENT_FALSE_ALARM                  ? "false_alarm"
		     : row->state >= 0 && row->state < INCIDENT_STATES ? incident_state_names[row->state]
								       : "";
	m->lines = ARENA_ARRAY(m->arena, struct dossier_line, found->n_lines + 1);
	for (i = 0; i < found->n_lines; i++)
		m->lines[i] = (struct dossier_line){.at_ms = found->lines[i].at_ms,
						    .what = arena_strdup(m->arena, found->lines[i].what),
						    .who = arena_strdup(m->arena, found->lines[i].who),
						    .text = arena_strdup(m->arena, found->lines[i].text)};
	m->d.lines = m->lines;
	m->d.n_lines = found->n_lines;
	take_steps(m, found);
	if (crisis_unkeep(x, row->kept, row->len, 0, 0, 0) == 0)
		m->reasons = x->opened_by;
}

static void refuse(const struct app *a, struct reply *reply, uint64_t id)
{
	cleanup(freep) char *number = xasprintf("%" PRIu64, id),
			    *message = TEXT(app_lang(a), TEXT_INCIDENT_UNKNOWN, number);

	reply_error(reply, 404, "not_found", message);
}

static void on_incident(void *arg, int r, const struct store_incidents *found)
{
	struct making *m = arg;

	if (r < 0) {
		fail(m, r);
		return;
	}
	if (!found->n) {
		if (m->reply)
			refuse(m->app, TAKE(m->reply), (uint64_t)m->d.id);
		making_free(m);
		return;
	}
	take_incident(m, found);
	begin_bars(m);
	store_series(m->app->store,
		     &(struct store_series_ask){
			     .topic = m->d.topic, .kind = SERIES_ALL, .from_ms = m->from_ms, .to_ms = m->to_ms},
		     on_series, m);
}

static void begin(struct app *a, uint64_t id, struct reply *reply, struct owed_to *only)
{
	struct making *m = NEW(struct making);

	m->app = a;
	m->reply = reply;
	m->only = only;
	m->arena = arena_new(BYTES_MAX);
	m->d = (struct dossier){.id = (int64_t)id, .usual = -1};
	store_incidents(a->store, &(struct store_incidents_ask){.id = (int64_t)id, .limit = 1}, on_incident, m);
}

void app_dossier_ask(void *arg, uint64_t id, struct reply *reply)
{
	if (id)
		begin(arg, id, reply, NULL);
	else
		refuse(arg, reply, id);
}

void app_dossier_send(struct app *a, uint64_t id)
{
	if (a->notices)
		begin(a, id, NULL, NULL);
}

static void send_owed(struct app *a, struct owed_to *to)
{
	LOG_INFO("dossier.owed", LOG_I("incident", (int64_t)to->id), LOG_I("people", (int64_t)to->n));
	begin(a, to->id, NULL, to);
}

static void on_owed(void *arg, int r, const struct store_owed *v, size_t n)
{
	struct app *a = arg;
	struct owed_to *to = NULL;
	size_t i;

	if (r < 0)
		app_log_failed(a, "dossiers.owed", r);
	for (i = 0; r == 0 && a->notices && i < n; i++) {
		if (!config_person(a->config, v[i].person)) /* they are there no more */
			continue;
		if (to && to->id != (uint64_t)v[i].incident)
			send_owed(a, TAKE(to));
		if (!to)
			to = NEW(struct owed_to);
		to->id = (uint64_t)v[i].incident;
		if (to->n < SENT_MAX)
			snprintf(to->names[to->n++], INCIDENT_NAME_SIZE, "%s", v[i].person);
	}
	if (to)
		send_owed(a, to);
}

/* Before it is known which incidents there are: none closes meanwhile. */
void app_dossier_resume(struct app *a)
{
	store_dossiers_owed(a->store, on_owed, a);
}
