/* serve/ with answers out of a tin: serve_canned SOCKET [REQUEST_MS ANSWER_MS HEARTBEAT_MS [HTTP.yaml]]. Used by
 * tests/it/test_serve.py and test_ctl.py; what the names do stands with the ops. HTTP.yaml is what stands under "http:" in a
 * configuration, and is read again on SIGHUP. Ends on SIGTERM and says what was left open. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/yaml.h"
#include "loop/loop.h"
#include "serve/config.h"
#include "serve/serve.h"

enum { HITS_MAX = 2000, OWED_MAX = 64, BIG_BYTES = 256 * 1024, HTTP_MAX_BYTES = 1024 * 1024 };

struct tin {
	struct loop *loop;
	struct serve *serve;
	struct loop_timer *later;
	struct reply *owed[OWED_MAX]; /* answered when the timer fires, or at the end */
	size_t n_owed, n_hits;
	struct reply *hits_owed; /* poll "hold": the next hits are read only when poll "release" comes */
	bool hold, bad_rules;
	const char *http_path;
	struct arena *http_arena; /* its configuration's */
};

static void say(struct reply *r, int status, const char *json)
{
	reply_json(r, status, json, strlen(json));
}

static void on_status(void *arg, struct reply *r)
{
	(void)arg;
	say(r, 200,
	    "{\"version\":\"0.1.0\",\"pid\":4711,\"started\":\"2026-11-22T10:00:00Z\",\"now\":\"2026-11-22T16:30:00Z\","
	    "\"rules\":{\"topics\":3,\"loaded\":\"2026-11-22T10:00:01Z\"},"
	    "\"readers\":{\"alive\":2,\"busy\":1,\"waiting\":0,\"restarts\":1},"
	    "\"sources\":{\"all\":3,\"ok\":1,\"failing\":1,\"new\":1},"
	    "\"deaf\":[{\"source\":\"muro\",\"since\":\"2026-11-22T12:00:00Z\",\"why\":\"http_404\"}],"
	    "\"log\":{\"mentions\":1200,\"hits\":34,\"pending\":2,\"bytes\":1048576},"
	    "\"queue\":{\"configured\":true,\"connected\":false,\"why\":\"connection refused\"}}");
}

static void on_sources(void *arg, const struct serve_page *page, struct reply *r)
{
	static const struct {
		const char *name, *state, *json;
	} v[] = {
		{"hn", "new", "{\"name\":\"hn\",\"platform\":\"feed\",\"state\":\"new\",\"every_s\":300}"},
		{"muro", "failing",
		 "{\"name\":\"muro\",\"platform\":\"feed\",\"state\":\"failing\",\"last\":\"2026-11-22T12:00:00Z\","
		 "\"next\":\"2026-11-22T17:00:00Z\",\"every_s\":300,\"failures\":7,\"why\":\"http_404\"}"},
		{"prensa-ñ", "ok",
		 "{\"name\":\"prensa-ñ\",\"platform\":\"feed\",\"state\":\"ok\",\"last\":\"2026-11-22T16:29:00Z\","
		 "\"next\":\"2026-11-22T16:34:00Z\",\"every_s\":300,\"mentions\":120,\"hits\":4}"},
	};
	size_t i, n = 0;

	(void)arg;
	for (i = 0; i < ARRAY_LEN(v) && n < page->limit; i++) {
		if ((page->after && strcmp(v[i].name, page->after) <= 0) ||
		    (page->state && strcmp(v[i].state, page->state)))
			continue;
		(void)reply_line(r, v[i].json, strlen(v[i].json));
		n++;
	}
	reply_end(r);
}

static char *hit_json(size_t i)
{
	return xasprintf(
		"{\"id\":\"%032zx\",\"source\":\"prensa\",\"url\":\"https://example.com/%zu\",\"title\":\"Acme %zu\","
		"\"text\":\"¡Ñandú! Acme es un FRAUDE\",\"published\":\"2026-11-22T16:00:00Z\","
		"\"hits\":[{\"topic\":\"%s\",\"role\":\"brand\",\"rules\":[\"fraude\"],\"tags\":[\"crisis\"],"
		"\"spans\":[{\"in\":\"text\",\"at\":[8,12],\"pattern\":\"name\"}]}]}",
		i, i, i, i % 2 ? "acme" : "rival");
}

static void new_hit(struct tin *t)
{
	cleanup(freep) char *json = hit_json(t->n_hits);

	serve_hit(t->serve, (struct stream_id){.ms = 1000 + (int64_t)t->n_hits, .seq = 0},
		  t->n_hits % 2 ? "industria,acme" : "rival", json, strlen(json));
	t->n_hits++;
}

static void flood(struct tin *t)
{
	static char text[BIG_BYTES];
	cleanup(freep) char *json = NULL;
	int i;

	memset(text, 'x', sizeof(text) - 1);
	json = xasprintf("{\"id\":\"%s\"}", text);
	for (i = 0; i < 40; i++, t->n_hits++)
		serve_hit(t->serve, (struct stream_id){.ms = 1000 + (int64_t)t->n_hits, .seq = 0}, "acme", json,
			  strlen(json));
}

static void give_hits(struct tin *t, size_t limit, bool has_after, struct stream_id after, const char *topic,
		      struct reply *r)
{
	size_t i, first = 0, n = 0;

	if (!has_after && t->n_hits > limit)
		first = t->n_hits - limit;
	for (i = first; i < t->n_hits && n < limit; i++) {
		struct stream_id id = {.ms = 1000 + (int64_t)i, .seq = 0};
		cleanup(freep) char *json = NULL;

		if ((has_after && stream_id_cmp(id, after) <= 0) ||
		    (topic && (strcmp(topic, "acme") == 0) != (i % 2 == 1)))
			continue;
		json = hit_json(i);
		if (!reply_hit(r, id, json, strlen(json)))
			break;
		n++;
	}
	reply_end(r);
}

static void owe(struct tin *t, struct reply *r)
{
	t->owed[t->n_owed++ % OWED_MAX] = r;
}

static void on_later(void *arg)
{
	struct tin *t = arg;

	while (t->n_owed)
		say(t->owed[--t->n_owed], 200, "{\"late\":true}");
}

/* prensa: polled. later: answered in 200 ms. never: not before the end. hit, flood: new hits. hold, release: see tin.
 * break, mend: what the next reload says. */
static void on_poll(void *arg, const char *name, struct reply *r)
{
	struct tin *t = arg;

	if (!name || strcmp(name, "prensa") == 0) {
		say(r, 200, name ? "{\"polled\":1}" : "{\"polled\":3}");
		return;
	}
	if (strcmp(name, "later") == 0 || strcmp(name, "never") == 0) {
		owe(t, r);
		if (name[0] == 'l')
			loop_timer_set(t->later, 200);
		return;
	}
	if (strcmp(name, "hit") == 0)
		new_hit(t);
	else if (strcmp(name, "flood") == 0)
		flood(t);
	else if (strcmp(name, "hold") == 0)
		t->hold = true;
	else if (strcmp(name, "break") == 0 || strcmp(name, "mend") == 0)
		t->bad_rules = name[0] == 'b';
	else if (strcmp(name, "release") == 0 && t->hits_owed)
		give_hits(t, 10, false, (struct stream_id){0}, NULL, TAKE(t->hits_owed));
	else if (strcmp(name, "release") != 0) {
		reply_error(r, 404, "not_found", "no source has this name");
		return;
	}
	say(r, 200, "{\"polled\":1}");
}

static void on_reload(void *arg, struct reply *r)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct tin *t = arg;

	if (t->bad_rules)
		diag_error(d, ((struct diag_pos){"rules/acme.yaml", 7, 3}), "rules[0].when", "name",
			   TEXT_SERVE_KEY_UNKNOWN, "nmae");
	reply_findings(r, t->bad_rules ? 422 : 200, d);
}

static void on_hits(void *arg, const struct serve_hits *hits, struct reply *r)
{
	struct tin *t = arg;

	if (t->hold) {
		t->hold = false;
		t->hits_owed = r;
		return;
	}
	give_hits(t, hits->limit, hits->has_after, hits->after, hits->topic, r);
}

/* big: more than an answer holds */
static void on_search(void *arg, const char *text, size_t limit, struct reply *r)
{
	static char big[BIG_BYTES];
	size_t i;

	(void)arg;
	if (strcmp(text, "big") == 0) {
		memset(big, 'x', sizeof(big));
		big[0] = big[BIG_BYTES - 1] = '"';
		while (reply_line(r, big, sizeof(big)))
			;
	}
	for (i = 0; strstr(text, "acme") && i < 3 && i < limit; i++) {
		cleanup(freep) char *json = hit_json(i);

		(void)reply_line(r, json, strlen(json));
	}
	reply_end(r);
}

static void on_mention(void *arg, const char *id, struct reply *r)
{
	cleanup(freep) char *json = hit_json(1);

	(void)arg;
	if (strspn(id, "0") == 31 && id[31] == '1')
		say(r, 200, json);
	else
		reply_error(r, 404, "not_found", "no mention has this id");
}

static void on_add(void *arg, const struct serve_add *add, struct reply *r)
{
	struct buf b = BUF_INIT(REPLY_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	(void)arg;
	json_begin_object(&j, NULL);
	json_text(&j, "id", "000102030405060708090a0b0c0d0e0f");
	json_text(&j, "url", add->url);
	json_text(&j, "title", add->title);
	json_text(&j, "text", add->text);
	json_text(&j, "topic", add->topic);
	json_begin_array(&j, "hits");
	json_end_array(&j);
	json_end_object(&j);
	reply_json(r, 201, buf_str(&b), b.len);
	buf_done(&b);
}

static void on_ready(void *arg, struct reply *r)
{
	(void)arg;
	say(r, 200, "{\"ready\":true}");
}

static void on_metrics(void *arg, struct reply *r)
{
	(void)arg;
	reply_text(r, 200, "text/plain", "x 1\n", 4);
}

/* The configuration, and the fd of a socket that listens as it says; -1: it listens there already. */
static struct http_config *read_http(const struct tin *t, struct arena *a, int *ret_fd)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct http_config *http = ARENA_NEW(a, struct http_config);
	struct yaml_doc *doc;

	*ret_fd = -1;
	if (yaml_read(t->http_path, a, d, &doc) != 0 || schema_decode(doc, &http_table, a, d, http) != 0 ||
	    ((!t->serve || !serve_listens(t->serve, &http->listen)) && serve_listen(&http->listen, ret_fd) != 0)) {
		diag_print(d, stderr, TEXT_EN);
		exit(1);
	}
	return http;
}

static void on_hup(int signo, void *arg)
{
	struct arena *a = arena_new(HTTP_MAX_BYTES);
	struct tin *t = arg;
	int fd;
	const struct http_config *http = read_http(t, a, &fd);

	(void)signo;
	if (serve_configure(t->serve, TEXT_EN, http, fd) != 0)
		exit(1);
	arena_free(t->http_arena);
	t->http_arena = a;
	printf("again\n");
	fflush(stdout);
}

static void on_term(int signo, void *arg)
{
	(void)signo;
	loop_stop(arg);
}

int main(int argc, char **argv)
{
	static const struct serve_ops ops = {.status = on_status,
					     .sources = on_sources,
					     .poll = on_poll,
					     .reload = on_reload,
					     .hits = on_hits,
					     .search = on_search,
					     .mention = on_mention,
					     .add = on_add,
					     .ready = on_ready,
					     .metrics = on_metrics};
	struct serve_config config = {.socket = argc > 1 ? argv[1] : "", .lang = text_lang_of(NULL)};
	struct loop_signal *term, *hup;
	struct tin t = {.http_path = argc > 5 ? argv[5] : NULL, .http_arena = arena_new(HTTP_MAX_BYTES)};
	int r;

	if (argc > 4) {
		config.request_ms = strtol(argv[2], NULL, 10);
		config.answer_ms = strtol(argv[3], NULL, 10);
		config.heartbeat_ms = strtol(argv[4], NULL, 10);
	}
	if (loop_new(&t.loop) < 0 || loop_signal_new(t.loop, SIGTERM, on_term, t.loop, &term) < 0 ||
	    loop_signal_new(t.loop, SIGHUP, on_hup, &t, &hup) < 0)
		return 1;
	if (t.http_path)
		config.http = read_http(&t, t.http_arena, &config.http_fd);
	t.later = loop_timer_new(t.loop, on_later, &t);
	r = serve_new(t.loop, &config, &ops, &t, &t.serve);
	if (r == 0) {
		printf("ready\n");
		fflush(stdout);
		loop_run(t.loop);
		serve_free(t.serve);
		on_later(&t); /* into the void */
		if (t.hits_owed)
			reply_end(t.hits_owed);
	} else {
		fprintf(stderr, "serve_new: %d\n", r);
	}
	loop_signal_free(term);
	loop_signal_free(hup);
	loop_timer_free(t.later);
	loop_free(t.loop);
	arena_free(t.http_arena);
	return r == SERVE_E_BUSY ? 75 : r != 0;
}
