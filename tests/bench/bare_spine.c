/*
 * The bare program that a cold poll is held against: fetch, parse, strip, match, store and send, in one thread, each part by
 * the quickest way that its library has, and nothing else: no sandbox, no second process, no bounds but the buffers', no
 * repair of what is broken, no dates but RFC 822's, no folding, no places of a hit, no baseline, no checksums, no search.
 *
 *   bare_spine URLS RULES DATABASE REDIS_SOCKET
 *
 * URLS: an address a line. RULES: an expression a line, and behind tabs the words of which a match has one at least.
 * The log is written like escuchad's: every mention once under its key, hits in the outbox, WAL with FULL, in groups; hits
 * go to Redis by their own ids, in groups of 128 in MULTI/EXEC, and are marked as sent. Prints "feeds=… items=… hits=…".
 */
#include <curl/curl.h>
#include <event2/event.h>
#include <hiredis/hiredis.h>
#include <hs/hs.h>
#include <libxml/parser.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	FLIGHT_MAX = 64,
	RULES_MAX = 64,
	WORDS_MAX = 256,
	LINE_MAX_BYTES = 4096,
	FIELD_MAX = 64 * 1024,
	GROUP = 128,
	ROWS = 1000
};

enum { TITLE, LINK, GUID, DATE, AUTHOR, TEXT, FIELDS };
static const char *const names[FIELDS] = {"title", "link", "guid", "pubDate", "author", "description"};

struct field {
	char bytes[FIELD_MAX];
	size_t len;
};

struct spine;

struct slot {
	struct spine *s;
	CURL *easy;
	struct event *event;
	xmlParserCtxt *xml;
	const char *url;
	bool item;
	int at; /* the field being read; -1: none */
	struct field fields[FIELDS];
};

struct spine {
	struct event_base *base;
	struct event *timer;
	CURLM *multi;
	xmlSAXHandler sax;
	struct slot slots[FLIGHT_MAX];
	char **urls;
	size_t n_urls, next, done;
	pcre2_code *rules[RULES_MAX];
	size_t n_rules;
	pcre2_match_data *room;
	hs_database_t *anchors;
	hs_scratch_t *scratch;
	uint64_t candidates;
	sqlite3 *db;
	sqlite3_stmt *begin, *commit, *mention, *stream, *mark;
	redisContext *redis;
	int64_t pending[GROUP];
	size_t n_pending, rows, feeds, items, hits;
	int64_t last_ms, seq;
};

static void die(const char *what)
{
	(void)fprintf(stderr, "bare_spine: %s\n", what);
	exit(1);
}

static void check(bool well, const char *what)
{
	if (!well)
		die(what);
}

/* --- the log and the stream --- */

static void run(sqlite3_stmt *stmt)
{
	check(sqlite3_step(stmt) == SQLITE_DONE, "sqlite");
	sqlite3_reset(stmt);
}

static sqlite3_stmt *prepared(struct spine *s, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	check(sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) == SQLITE_OK,
	      sqlite3_errmsg(s->db));
	return stmt;
}

static void store_open(struct spine *s, const char *path)
{
	static const char schema[] =
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000;"
		"CREATE TABLE mention (id INTEGER PRIMARY KEY, key BLOB NOT NULL, stream INTEGER, seen INTEGER NOT "
		"NULL,"
		" published INTEGER, source TEXT, author TEXT, guid TEXT, url TEXT, title TEXT, text TEXT);"
		"CREATE UNIQUE INDEX mention_key ON mention (key);"
		"CREATE TABLE stream (id INTEGER PRIMARY KEY, mention INTEGER NOT NULL, state INTEGER NOT NULL);"
		"CREATE INDEX stream_pending ON stream (state) WHERE state = 0;";

	check(sqlite3_open(path, &s->db) == SQLITE_OK, "database");
	check(sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(s->db));
	s->begin = prepared(s, "BEGIN IMMEDIATE");
	s->commit = prepared(s, "COMMIT");
	s->mention =
		prepared(s, "INSERT INTO mention (key, stream, seen, published, source, author, guid, url, title, text)"
			    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING");
	s->stream = prepared(s, "INSERT INTO stream (id, mention, state) VALUES (?, ?, 0)");
	s->mark = prepared(s, "UPDATE stream SET state = 1 WHERE id = ?");
	run(s->begin);
}

static void send_pending(struct spine *s)
{
	size_t i;

	(void)redisAppendCommand(s->redis, "EXEC");
	for (i = 0; i < s->n_pending + 2; i++) {
		redisReply *reply = NULL;

		check(redisGetReply(s->redis, (void **)&reply) == REDIS_OK && reply->type != REDIS_REPLY_ERROR,
		      "redis");
		freeReplyObject(reply);
	}
	for (i = 0; i < s->n_pending; i++) {
		sqlite3_bind_int64(s->mark, 1, s->pending[i]);
		run(s->mark);
	}
	s->n_pending = 0;
}

/* What the outbox holds is on the disk before it goes to Redis. */
static void commit(struct spine *s)
{
	run(s->commit);
	run(s->begin);
	s->rows = 0;
	if (s->n_pending)
		send_pending(s);
}

/* A JSON string's inside. */
static size_t json_put(char *to, const char *s, size_t n)
{
	size_t len = 0, i;

	for (i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0x20) {
			to[len++] = ' ';
			continue;
		}
		if (s[i] == '"' || s[i] == '\\')
			to[len++] = '\\';
		to[len++] = s[i];
	}
	return len;
}

static void queue(struct spine *s, int64_t id, const struct field *f)
{
	static char json[2 * FIELDS * FIELD_MAX + 256];
	char entry[48];
	size_t len = 0, i;

	for (i = 0; i < FIELDS; i++) {
		len += (size_t)snprintf(json + len, 32, "%c\"%s\":\"", i ? ',' : '{', names[i]);
		len += json_put(json + len, f[i].bytes, f[i].len);
		json[len++] = '"';
	}
	json[len++] = '}';
	(void)snprintf(entry, sizeof(entry), "%lld-%lld", (long long)(id >> 20), (long long)(id & 0xfffff));
	if (!s->n_pending)
		(void)redisAppendCommand(s->redis, "MULTI");
	(void)redisAppendCommand(s->redis, "XADD %s %s mention %b topics %s", "bare:hits", entry, json, len, "brands");
	s->pending[s->n_pending++] = id;
}

static int64_t next_id(struct spine *s, int64_t now)
{
	s->seq = now > s->last_ms ? 0 : s->seq + 1;
	if (now > s->last_ms)
		s->last_ms = now;
	return s->last_ms << 20 | s->seq;
}

static void put_text(sqlite3_stmt *stmt, int at, const struct field *f)
{
	if (f->len)
		sqlite3_bind_text(stmt, at, f->bytes, (int)f->len, SQLITE_STATIC);
	else
		sqlite3_bind_null(stmt, at);
}

static void store(struct spine *s, const struct slot *slot, bool hit)
{
	const struct field *f = slot->fields;
	unsigned char key[EVP_MAX_MD_SIZE];
	struct timeval tv;
	int64_t now, id = 0;

	gettimeofday(&tv, NULL);
	now = (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
	check(EVP_Digest(f[GUID].bytes, f[GUID].len, key, NULL, EVP_sha256(), NULL) == 1, "sha256");
	sqlite3_bind_blob(s->mention, 1, key, 16, SQLITE_STATIC);
	if (hit)
		sqlite3_bind_int64(s->mention, 2, id = next_id(s, now));
	else
		sqlite3_bind_null(s->mention, 2);
	sqlite3_bind_int64(s->mention, 3, now);
	sqlite3_bind_int64(s->mention, 4, (int64_t)curl_getdate(f[DATE].bytes, NULL));
	sqlite3_bind_text(s->mention, 5, slot->url, -1, SQLITE_STATIC);
	put_text(s->mention, 6, &f[AUTHOR]);
	put_text(s->mention, 7, &f[GUID]);
	put_text(s->mention, 8, &f[LINK]);
	put_text(s->mention, 9, &f[TITLE]);
	put_text(s->mention, 10, &f[TEXT]);
	run(s->mention);
	s->rows++;
	if (hit && sqlite3_changes(s->db)) {
		sqlite3_bind_int64(s->stream, 1, id);
		sqlite3_bind_int64(s->stream, 2, sqlite3_last_insert_rowid(s->db));
		run(s->stream);
		queue(s, id, f);
		s->hits++;
	}
	if (s->rows >= ROWS || s->n_pending == GROUP)
		commit(s);
}

/* --- matching --- */

static int candidate(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	(void)from, (void)to, (void)flags;
	((struct spine *)arg)->candidates |= UINT64_C(1) << id;
	return 0;
}

static bool field_matches(struct spine *s, const struct field *f)
{
	size_t i;

	s->candidates = 0;
	check(hs_scan(s->anchors, f->bytes, (unsigned)f->len, 0, s->scratch, candidate, s) == HS_SUCCESS, "hs_scan");
	for (i = 0; i < s->n_rules; i++)
		if ((s->candidates >> i & 1) &&
		    pcre2_match(s->rules[i], (PCRE2_SPTR)f->bytes, f->len, 0, PCRE2_NO_UTF_CHECK, s->room, NULL) >= 0)
			return true;
	return false;
}

static void rules_load(struct spine *s, const char *path)
{
	static char line[LINE_MAX_BYTES], words[WORDS_MAX][64];
	const char *patterns[WORDS_MAX];
	unsigned ids[WORDS_MAX], flags[WORDS_MAX], n = 0;
	hs_compile_error_t *wrong;
	FILE *f = fopen(path, "r");
	PCRE2_SIZE at;
	int error;

	check(f, "rules");
	while (fgets(line, sizeof(line), f)) {
		char *rest = line, *rule = strsep(&rest, "\t\n"), *word;

		check(s->n_rules < RULES_MAX, "too many rules");
		s->rules[s->n_rules] = pcre2_compile((PCRE2_SPTR)rule, PCRE2_ZERO_TERMINATED,
						     PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS, &error, &at, NULL);
		check(s->rules[s->n_rules] && pcre2_jit_compile(s->rules[s->n_rules], PCRE2_JIT_COMPLETE) == 0, "rule");
		while ((word = strsep(&rest, "\t\n"))) {
			if (!*word)
				continue;
			check(n < WORDS_MAX && strlen(word) < sizeof(words[0]), "too many words");
			(void)snprintf(words[n], sizeof(words[0]), "%s", word);
			patterns[n] = words[n];
			ids[n] = (unsigned)s->n_rules;
			flags[n++] = HS_FLAG_CASELESS | HS_FLAG_UTF8 | HS_FLAG_SINGLEMATCH;
		}
		s->n_rules++;
	}
	(void)fclose(f);
	s->room = pcre2_match_data_create(1, NULL);
	check(hs_compile_multi(patterns, flags, ids, n, HS_MODE_BLOCK, NULL, &s->anchors, &wrong) == HS_SUCCESS,
	      "hs_compile");
	check(hs_alloc_scratch(s->anchors, &s->scratch) == HS_SUCCESS, "hs_alloc_scratch");
}

/* --- parsing --- */

static size_t entity(const char *s, const char *end, char *to)
{
	static const struct {
		const char *name, *text;
	} known[] = {{"amp;", "&"},    {"lt;", "<"},     {"gt;", ">"},     {"quot;", "\""},
		     {"apos;", "'"},   {"nbsp;", " "},   {"aacute;", "á"}, {"eacute;", "é"},
		     {"iacute;", "í"}, {"oacute;", "ó"}, {"uacute;", "ú"}, {"ntilde;", "ñ"}};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t n = strlen(known[i].name);

		if ((size_t)(end - s) >= n && memcmp(s, known[i].name, n) == 0) {
			memcpy(to, known[i].text, strlen(known[i].text));
			return n;
		}
	}
	*to = '&';
	return 0;
}

/* In place: what a tag or an entity becomes is never longer than it was. */
static void strip(struct field *f)
{
	const char *s = f->bytes, *end = s + f->len;
	char *to = f->bytes;

	while (s < end) {
		if (*s == '<') {
			const char *close = memchr(s, '>', (size_t)(end - s));

			s = close ? close + 1 : end;
			if (to > f->bytes && to[-1] != ' ')
				*to++ = ' ';
		} else if (*s == '&') {
			char text[4] = "";

			s += 1 + entity(s + 1, end, text);
			to = stpcpy(to, text);
		} else {
			*to++ = *s++;
		}
	}
	f->len = (size_t)(to - f->bytes);
}

static void on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_ns,
		     const xmlChar **ns, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	struct slot *slot = arg;
	int i;

	(void)prefix, (void)uri, (void)n_ns, (void)ns, (void)n_attributes, (void)n_defaulted, (void)attributes;
	slot->at = -1;
	if (strcmp((const char *)name, "item") == 0) {
		slot->item = true;
		for (i = 0; i < FIELDS; i++)
			slot->fields[i].len = 0;
	}
	for (i = 0; i < FIELDS && slot->item; i++)
		if (strcmp((const char *)name, names[i]) == 0)
			slot->at = i;
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct slot *slot = arg;
	int i;

	(void)prefix, (void)uri;
	slot->at = -1;
	if (strcmp((const char *)name, "item") != 0)
		return;
	slot->item = false;
	strip(&slot->fields[TITLE]);
	strip(&slot->fields[TEXT]);
	for (i = 0; i < FIELDS; i++)
		slot->fields[i].bytes[slot->fields[i].len] = '\0';
	slot->s->items++;
	store(slot->s, slot,
	      field_matches(slot->s, &slot->fields[TITLE]) || field_matches(slot->s, &slot->fields[TEXT]));
}

static void on_text(void *arg, const xmlChar *text, int len)
{
	struct slot *slot = arg;
	struct field *f;

	if (slot->at < 0)
		return;
	f = &slot->fields[slot->at];
	if (f->len + (size_t)len >= FIELD_MAX)
		len = (int)(FIELD_MAX - 1 - f->len);
	memcpy(f->bytes + f->len, text, (size_t)len);
	f->len += (size_t)len;
}

/* --- fetching --- */

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct slot *slot = arg;

	if (!slot->xml)
		slot->xml = xmlCreatePushParserCtxt(&slot->s->sax, slot, NULL, 0, NULL);
	(void)xmlParseChunk(slot->xml, bytes, (int)(size * n), 0);
	return n * size;
}

static void fetch_next(struct slot *slot)
{
	struct spine *s = slot->s;

	if (s->next == s->n_urls)
		return;
	slot->url = s->urls[s->next++];
	slot->item = false;
	slot->at = -1;
	curl_easy_setopt(slot->easy, CURLOPT_URL, slot->url);
	curl_multi_add_handle(s->multi, slot->easy);
}

static void reap(struct spine *s)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(s->multi, &left))) {
		CURL *easy = msg->easy_handle;
		CURLcode code = msg->data.result;
		struct slot *slot;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&slot);
		curl_multi_remove_handle(s->multi, easy);
		check(code == CURLE_OK && slot->xml, slot->url);
		check(xmlParseChunk(slot->xml, NULL, 0, 1) == 0, slot->url);
		xmlFreeParserCtxt(slot->xml);
		slot->xml = NULL;
		s->feeds++;
		if (++s->done == s->n_urls)
			event_base_loopbreak(s->base);
		fetch_next(slot);
	}
}

static void on_socket_ready(evutil_socket_t fd, short what, void *arg)
{
	struct spine *s = arg;
	int running;

	curl_multi_socket_action(s->multi, fd,
				 (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0),
				 &running);
	reap(s);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct spine *s = arg;
	int running;

	(void)fd, (void)what;
	curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(s);
}

static int on_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct spine *s = arg;
	struct event *event = socket_arg;

	(void)easy;
	if (event)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		event = event_new(s->base, fd,
				  (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
					  (what & CURL_POLL_OUT ? EV_WRITE : 0)),
				  on_socket_ready, s);
		event_add(event, NULL);
	}
	curl_multi_assign(s->multi, fd, event);
	return 0;
}

static int on_timeout(CURLM *multi, long ms, void *arg)
{
	struct spine *s = arg;
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	(void)multi;
	if (ms < 0)
		event_del(s->timer);
	else
		event_add(s->timer, &tv);
	return 0;
}

static void urls_load(struct spine *s, const char *path)
{
	static char line[LINE_MAX_BYTES];
	FILE *f = fopen(path, "r");

	check(f, "urls");
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		s->urls = realloc(s->urls, (s->n_urls + 1) * sizeof(*s->urls));
		check(s->urls && (s->urls[s->n_urls++] = strdup(line)), "memory");
	}
	(void)fclose(f);
}

static void fetch_all(struct spine *s)
{
	size_t i;

	s->sax = (xmlSAXHandler){.initialized = XML_SAX2_MAGIC,
				 .startElementNs = on_start,
				 .endElementNs = on_end,
				 .characters = on_text,
				 .cdataBlock = on_text};
	s->base = event_base_new();
	s->timer = evtimer_new(s->base, on_timer, s);
	s->multi = curl_multi_init();
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, on_watch);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
	for (i = 0; i < FLIGHT_MAX; i++) {
		struct slot *slot = &s->slots[i];

		slot->s = s;
		slot->easy = curl_easy_init();
		curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
		curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, on_body);
		curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
		fetch_next(slot);
	}
	event_base_dispatch(s->base);
	for (i = 0; i < FLIGHT_MAX; i++)
		curl_easy_cleanup(s->slots[i].easy);
	curl_multi_cleanup(s->multi);
}

int main(int argc, char **argv)
{
	struct spine *s = calloc(1, sizeof(*s));

	check(s && argc == 5, "bare_spine URLS RULES DATABASE REDIS_SOCKET");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	xmlInitParser();
	urls_load(s, argv[1]);
	rules_load(s, argv[2]);
	store_open(s, argv[3]);
	s->redis = redisConnectUnix(argv[4]);
	check(s->redis && !s->redis->err, "redis");
	fetch_all(s);
	commit(s);
	run(s->commit);
	(void)printf("feeds=%zu items=%zu hits=%zu\n", s->feeds, s->items, s->hits);
	return 0;
}
