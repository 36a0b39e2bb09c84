/* conf/escuchad.yaml as a struct. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alert/when.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/sanitized.h"
#include "base/secret.h"
#include "main/config.h"
#include "main/timezone.h"
#include "store/store.h"

struct fixture {
	struct diag *diag;
	struct config *config;
	char folder[64], *file;
};

static int setup(void **state)
{
	struct fixture *f = NEW(struct fixture);

	f->diag = diag_new();
	strncpy(f->folder, "/tmp/test_config_XXXXXX", sizeof(f->folder) - 1);
	*state = f;
	setenv("HOME", "/home/ana", 1);
	setenv("LC_ALL", "es_MX.UTF-8", 1);
	setenv("TZ", "America/Bogota", 1);
	unsetenv("STATE_DIRECTORY");
	unsetenv("RUNTIME_DIRECTORY");
	setenv("TEST_CONFIG_SECRET", "hunter2", 1);
	if (!mkdtemp(f->folder))
		return -1;
	f->file = xasprintf("%s/escuchad.yaml", f->folder);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->file);
	rmdir(f->folder);
	free(f->file);
	config_free(f->config);
	diag_free(f->diag);
	free(f);
	return 0;
}

static int load(struct fixture *f, const char *text)
{
	FILE *file = fopen(f->file, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	f->config = config_free(f->config);
	diag_free(f->diag);
	f->diag = diag_new();
	return config_load(f->file, f->diag, &f->config);
}

static void people_and_how_they_are_reached(void **state)
{
	struct fixture *f = *state;
	const struct config *c;

	assert_int_equal(
		load(f,
		     "channels:\n"
		     "  - {name: correo, kind: smtp, url: 'smtps://mail.example.com', from: e@example.com, user: e,\n"
		     "     password: {env: TEST_CONFIG_SECRET}, timeout: 5s}\n"
		     "  - {name: local, kind: smtp, url: 'smtp://localhost:25', from: e@example.com}\n"
		     "people:\n"
		     "  - {name: ana, timezone: Europe/Madrid, language: en, reach: [{local: ana@localhost.example},\n"
		     "     {correo: ana@example.com}]}\n"
		     "  - {name: luis, group: true, reach: {correo: añil@example.com}}\n"
		     "operators: luis\n"
		     "notices: {gather: 0, pause: 10m}\n"),
		0);
	c = f->config;
	assert_int_equal(c->n_channels, 2);
	assert_int_equal(c->channels[0].timeout_ms, 5000);
	assert_string_equal(secret_value(c->channels[0].password), "hunter2");
	assert_int_equal(c->channels[1].timeout_ms, 60000);
	assert_true(channel_is_local(c->channels[1].url));
	assert_false(channel_is_local(c->channels[0].url));
	assert_int_equal(c->n_people, 2);
	assert_int_equal(c->people[0].language, TEXT_EN);
	assert_string_equal(c->people[0].timezone, "Europe/Madrid");
	assert_int_equal(c->people[0].n_reach, 2);
	assert_ptr_equal(c->people[0].reach[0].channel, &c->channels[1]);
	assert_string_equal(c->people[0].reach[1].address, "ana@example.com");
	assert_int_equal(c->people[1].language, -1);
	assert_true(c->people[1].group);
	assert_int_equal(c->n_operators, 1);
	assert_ptr_equal(c->operators[0].person, &c->people[1]);
	assert_int_equal(c->notices->gather_ms, 0);
	assert_int_equal(c->notices->pause_ms, 600000);
	assert_int_equal(load(f, "language: en\n"), 0);
	assert_int_equal(f->config->notices->gather_ms, 90000);
}

static void who_is_on_call(void **state)
{
	struct fixture *f = *state;
	const struct config *c;

	assert_int_equal(load(f, "people:\n"
				 "  - {name: ana, quiet: ['22:00-07:00', {days: [sat, sun]}], away: {from: 2026-12-20, "
				 "to: 2027-01-06,\n"
				 "     instead: luis}}\n"
				 "  - {name: luis}\n"
				 "oncall:\n"
				 "  - name: cm\n"
				 "    timezone: Europe/Madrid\n"
				 "    shifts:\n"
				 "      - {days: mon-fri, hours: '22:00-07:00', who: [ana, luis], rotate: weekly, "
				 "since: 2026-11-23}\n"
				 "      - {who: ana}\n"
				 "    otherwise: nobody\n"
				 "  - {name: ops, otherwise: luis}\n"
				 "escalations:\n"
				 "  - name: casa\n"
				 "    warning: [{notify: 'oncall:cm'}, {after: 30m, notify: [luis, 'oncall:ops']}]\n"
				 "    critical: [{notify: ana}]\n"
				 "defaults: {escalation: casa}\n"
				 "alerts:\n"
				 "  - {name: ola, topics: acme, of: negative, over: 2h, when: 'percent >= 10%', "
				 "severity: critical,\n"
				 "     close: {when: 'percent < 5%'}}\n"
				 "planned: [{name: buen-fin, topics: [acme], from: 2026-11-20, to: 2026-11-24}]\n"),
			 0);
	c = f->config;
	assert_int_equal(c->people[0].n_quiet, 2);
	assert_int_equal(c->people[0].quiet[0].days, HOURS_EVERY_DAY);
	assert_int_equal(c->people[0].quiet[0].from_min, 22 * 60);
	assert_int_equal(c->people[0].quiet[1].days, 0x41);
	assert_int_equal(c->people[0].quiet[1].to_min, HOURS_DAY_MIN);
	assert_ptr_equal(c->people[0].away[0].stand_in, &c->people[1]);
	assert_int_equal(c->n_rotas, 2);
	assert_true(c->rotas[0].nobody);
	assert_int_equal(c->rotas[0].n_otherwise, 0);
	assert_int_equal(c->rotas[0].shifts[0].hours.days, 0x3E);
	assert_int_equal(c->rotas[0].shifts[0].rotate, ROTATE_WEEKLY);
	assert_int_equal(c->rotas[0].shifts[0].since_day, clock_days_from_civil(2026, 11, 23));
	assert_ptr_equal(c->rotas[0].shifts[0].who[1].person, &c->people[1]);
	assert_int_equal(c->rotas[0].shifts[1].since_day, clock_days_from_civil(1970, 1, 5));
	assert_ptr_equal(c->rotas[1].otherwise[0].person, &c->people[1]);
	assert_int_equal(c->escalations[0].levels[SEVERITY_INFO].n, 0);
	assert_int_equal(c->escalations[0].levels[SEVERITY_WARNING].steps[1].after_ms, 30 * MINUTE_MS);
	assert_ptr_equal(c->escalations[0].levels[SEVERITY_WARNING].steps[1].notify[1].rota, &c->rotas[1]);
	assert_int_equal(c->escalations[0].repeat_ms, 30 * MINUTE_MS);
	assert_ptr_equal(c->alerts[0].escalation, &c->escalations[0]);
	assert_string_equal(c->alerts[0].topics[0].name, "acme");
	assert_int_equal(c->alerts[0].over_ms, 2 * HOUR_MS);
	assert_int_equal(c->alerts[0].severity, SEVERITY_CRITICAL);
	assert_int_equal(c->alerts[0].close->for_ms, 30 * MINUTE_MS);
	assert_string_equal(when_text(c->alerts[0].close->when), "percent < 5%");
	assert_int_equal(c->planned[0].to_day - c->planned[0].from_day, 4);
}

static void addresses_are_one_and_plain(void **state)
{
	static const struct {
		const char *address;
		int want;
	} cases[] = {
		{"ana@example.com", 0},
		{"ana.perez+escuchad@mail.example.com", 0},
		{"ana@localhost", 0},
		{"niña@example.com", 0},
		{"ana@niña.example", 0},
		{"", ADDRESS_E_SYNTAX},
		{"ana", ADDRESS_E_SYNTAX},
		{"@example.com", ADDRESS_E_SYNTAX},
		{"ana@", ADDRESS_E_SYNTAX},
		{"ana@-example.com", ADDRESS_E_SYNTAX},
		{"ana@example..com", ADDRESS_E_SYNTAX},
		{"ana@example.com.", ADDRESS_E_SYNTAX},
		{"Ana <ana@example.com>", ADDRESS_E_SYNTAX},
		{"ana perez@example.com", ADDRESS_E_SYNTAX},
		{"ana@example.com>", ADDRESS_E_SYNTAX},
		{"a@example.com,b@example.com", ADDRESS_E_SEVERAL},
		{"a@example.com;b", ADDRESS_E_SEVERAL},
		{"a@b@example.com", ADDRESS_E_SEVERAL},
		{"a@example.com\r\nRCPT TO:<b@example.com>", ADDRESS_E_CONTROL}, /* FAULTS O1 */
		{"a@example.com\n", ADDRESS_E_CONTROL},
		{"a\xE2\x80\xAE@example.com", ADDRESS_E_CONTROL}, /* bidi override */
		{"a@example\xC2\x85.com", ADDRESS_E_CONTROL},
	};
	char longest[400];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		if (address_check(cases[i].address) != cases[i].want)
			fail_msg("%s", cases[i].address);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + ADDRESS_LOCAL_MAX_BYTES, "@b", 3);
	assert_int_equal(address_check(longest), 0);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + ADDRESS_LOCAL_MAX_BYTES + 1, "@b", 3);
	assert_int_equal(address_check(longest), ADDRESS_E_SYNTAX);
	memset(longest, 'a', sizeof(longest));
	longest[1] = '@';
	longest[ADDRESS_MAX_BYTES] = '\0';
	assert_int_equal(address_check(longest), 0);
	longest[ADDRESS_MAX_BYTES] = 'a';
	longest[ADDRESS_MAX_BYTES + 1] = '\0';
	assert_int_equal(address_check(longest), ADDRESS_E_SYNTAX);
}

static void the_whole_file_is_read(void **state)
{
	struct fixture *f = *state;
	const struct config *c;
	const struct source_config *s;

	assert_int_equal(
		load(f, "state: /var/lib/escuchad\n"
			"rules: [rules/, '/etc/x.yaml']\n"
			"language: en\n"
			"timezone: America/Mexico_City\n"
			"contact: ana@example.com\n"
			"socket: run/s.sock\n"
			"readers: 16\n"
			"keep: {mentions: 2d, hits: 0, size: 64M}\n"
			"queue:\n"
			"  redis: redis://ana@redis.example.com:6380/3\n"
			"  password: {env: TEST_CONFIG_SECRET}\n"
			"  stream: otra:hits\n"
			"  rewind: 1h\n"
			"sources:\n"
			"  - {name: el-universal, platform: feed, url: 'https://example.com/rss.xml', every: 5m}\n"
			"  - {name: prensa, platform: opml, file: prensa.opml, every: 10m, allow_private: 'fd00::/8'}\n"
			"  - name: intranet\n"
			"    platform: feed\n"
			"    url: 'http://10.1.2.3/rss'\n"
			"    allow_private: [10.0.0.0/8, 192.168.1.7]\n"
			"    backfill: 7d\n"
			"    topic: acme\n"
			"    lang: pt-BR\n"
			"    user: ana\n"
			"    password: {env: TEST_CONFIG_SECRET}\n"
			"  - {name: archivo, platform: file, path: 'in/*.xml', every: 1s, backfill: 0, as: mentions}\n"
			"on_corrupt: refuse\n"),
		0);
	diag_print(f->diag, stderr, TEXT_EN);
	assert_int_equal(diag_len(f->diag), 0);
	c = f->config;
	assert_string_equal(c->file, f->file);
	assert_string_equal(c->state, "/var/lib/escuchad");
	assert_int_equal(c->n_rules, 2);
	assert_memory_equal(c->rules[0], f->folder, strlen(f->folder)); /* from the folder of the file */
	assert_string_equal(c->rules[0] + strlen(f->folder), "/rules/");
	assert_string_equal(c->rules[1], "/etc/x.yaml");
	assert_int_equal(c->language, TEXT_EN);
	assert_string_equal(c->timezone, "America/Mexico_City");
	assert_string_equal(c->contact, "ana@example.com");
	assert_string_equal(c->socket + strlen(f->folder), "/run/s.sock");
	assert_int_equal(c->readers, 16);
	assert_int_equal(c->keep->mentions_ms, 2 * DAY_MS);
	assert_int_equal(c->keep->hits_ms, 0);
	assert_int_equal(c->keep->size_bytes, 64 << 20);
	assert_int_equal(c->on_corrupt, STORE_REFUSE);
	assert_string_equal(c->queue->redis.host, "redis.example.com");
	assert_int_equal(c->queue->redis.port, 6380);
	assert_int_equal(c->queue->redis.database, 3);
	assert_string_equal(c->queue->user, "ana");
	assert_string_equal(secret_value(c->queue->password), "hunter2");
	assert_string_equal(c->queue->stream, "otra:hits");
	assert_int_equal(c->queue->rewind_ms, HOUR_MS);
	assert_int_equal(c->queue->keep_ms, 7 * DAY_MS);
	assert_int_equal(c->n_sources, 4);
	s = &c->sources[0];
	assert_string_equal(s->name, "el-universal");
	assert_int_equal(s->platform, SOURCE_FEED);
	assert_int_equal(s->every_ms, 5 * MINUTE_MS);
	assert_int_equal(s->backfill_ms, SOURCE_BACKFILL_ALL);
	assert_int_equal(s->pos.line, 15);
	s = &c->sources[1];
	assert_int_equal(s->platform, SOURCE_OPML);
	assert_string_equal(s->path + strlen(f->folder), "/prensa.opml");
	assert_int_equal(s->n_allow_private, 1);
	assert_int_equal(s->allow_private[0].bytes, 16);
	s = &c->sources[2];
	assert_int_equal(s->n_allow_private, 2);
	assert_int_equal(s->allow_private[0].prefix_bits, 8);
	assert_int_equal(s->backfill_ms, 7 * DAY_MS);
	assert_string_equal(s->topic, "acme");
	assert_int_equal(s->topic_pos.line, 22);
	assert_string_equal(s->lang, "pt-BR");
	assert_string_equal(s->user, "ana");
	assert_string_equal(secret_value(s->password), "hunter2");
	s = &c->sources[3];
	assert_int_equal(s->platform, SOURCE_FILE);
	assert_int_equal(s->every_ms, SECOND_MS);
	assert_int_equal(s->backfill_ms, 0);
	assert_string_equal(s->format, "mentions");
}

static void an_empty_file_takes_all_defaults(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load(f, "# nada\n"), 0);
	assert_int_equal(diag_count(f->diag, DIAG_WARNING), 1); /* no sources */
	assert_string_equal(f->config->state, "/home/ana/.local/state/escuchad");
	assert_string_equal(f->config->socket, "/home/ana/.local/state/escuchad/escuchad.sock");
	assert_string_equal(f->config->rules[0] + strlen(f->folder), "/rules/");
	assert_string_equal(f->config->timezone, "America/Bogota");
	assert_int_equal(f->config->language, TEXT_ES);
	assert_int_equal(f->config->readers, 2);
	assert_int_equal(f->config->keep->mentions_ms, 7 * DAY_MS);
	assert_int_equal(f->config->keep->hits_ms, 90 * DAY_MS);
	assert_int_equal(f->config->keep->size_bytes, INT64_C(2) << 30);
	assert_int_equal(f->config->on_corrupt, STORE_RECREATE);
	assert_null(f->config->queue);
	assert_null(f->config->contact);
}

static void systemd_says_where(void **state)
{
	struct fixture *f = *state;

	setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
	setenv("RUNTIME_DIRECTORY", "/run/a", 1);
	assert_int_equal(load(f, ""), 0);
	assert_string_equal(f->config->state, "/var/lib/a");
	assert_string_equal(f->config->socket, "/run/a/escuchad.sock");
}

static void addresses_of_sentinels(void **state)
{
	static const char text[] =
		"queue: {redis: 'redis-sentinel://ana@h1,h2:5,[::1]:7,10.0.0.1/el.maestro/3', "
		"password: {env: TEST_CONFIG_SECRET}, sentinel_password: {env: TEST_CONFIG_SECRET}}\n";
	static const struct {
		const char *host;
		unsigned port;
	} want[] = {{"h1", 26379}, {"h2", 5}, {"::1", 7}, {"10.0.0.1", 26379}};
	struct fixture *f = *state;
	const struct redis_address *a;
	size_t i;

	assert_int_equal(load(f, text), 0);
	a = &f->config->queue->redis;
	assert_null(a->host);
	assert_string_equal(a->master, "el.maestro");
	assert_int_equal(a->database, 3);
	assert_string_equal(f->config->queue->user, "ana");
	assert_int_equal(a->n_sentinels, ARRAY_LEN(want));
	for (i = 0; i < ARRAY_LEN(want); i++) {
		assert_string_equal(a->sentinels[i].host, want[i].host);
		assert_int_equal(a->sentinels[i].port, want[i].port);
	}
}

static void addresses_of_redis(void **state)
{
	static const struct {
		const char *url, *host, *path, *user;
		int port, database;
	} good[] = {
		{"redis://127.0.0.1", "127.0.0.1", NULL, NULL, 6379, 0},
		{"redis://127.0.0.1:6379/0", "127.0.0.1", NULL, NULL, 6379, 0},
		{"redis://localhost/", "localhost", NULL, NULL, 6379, 0},
		{"REDIS://localhost:1/15", "localhost", NULL, NULL, 1, 15},
		{"redis://[::1]:65535/2", "::1", NULL, NULL, 65535, 2},
		{"redis://[::1]", "::1", NULL, NULL, 6379, 0},
		{"redis://ana@h", "h", NULL, "ana", 6379, 0},
		{"unix:///run/redis/redis.sock", NULL, "/run/redis/redis.sock", NULL, 0, 0},
		{"unix:///r?db=4", NULL, "/r", NULL, 0, 4},
	};
	static const struct {
		const char *url;
		enum text_id text;
	} bad[] = {
		{"http://h", TEXT_SCHEMA_WANT_URL},
		{"rediss://h", TEXT_CONFIG_REDIS_TLS},
		{"redis-cluster://h", TEXT_CONFIG_REDIS_CLUSTER},
		{"http://h", TEXT_SCHEMA_WANT_URL},
		{"redis-sentinel://h", TEXT_CONFIG_SENTINEL_MASTER},
		{"redis-sentinel://h/", TEXT_CONFIG_SENTINEL_MASTER},
		{"redis-sentinel://h/a b", TEXT_SCHEMA_WANT_URL},
		{"redis-sentinel://h,/m", TEXT_CONFIG_REDIS_HOST},
		{"redis-sentinel://h:0/m", TEXT_CONFIG_REDIS_PORT},
		{"redis-sentinel://h/m/x", TEXT_CONFIG_REDIS_DATABASE},
		{"redis-sentinel://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17/m", TEXT_CONFIG_SENTINELS},
		{"redis://", TEXT_SCHEMA_WANT_URL},
		{"redis://h:0", TEXT_CONFIG_REDIS_PORT},
		{"redis://h:", TEXT_CONFIG_REDIS_PORT},
		{"redis://h:65536", TEXT_CONFIG_REDIS_PORT},
		{"redis://h:1/x", TEXT_CONFIG_REDIS_DATABASE},
		{"redis://h:1/1/2", TEXT_CONFIG_REDIS_DATABASE},
		{"redis://h?db=1", TEXT_CONFIG_REDIS_HOST},
		{"redis://[::1", TEXT_CONFIG_REDIS_HOST},
		{"redis:///0", TEXT_CONFIG_REDIS_HOST},
		{"redis://u:hunter2@h", TEXT_SCHEMA_URL_PASSWORD},
		{"redis://:hunter2@h", TEXT_SCHEMA_URL_PASSWORD},
		{"unix://run/x", TEXT_CONFIG_REDIS_PATH},
		{"unix:///x?db=-1", TEXT_CONFIG_REDIS_DATABASE},
		{"unix:///x?x=1", TEXT_CONFIG_REDIS_DATABASE},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(good); i++) {
		cleanup(freep) char *text =
			xasprintf("queue: {redis: '%s', password: {env: TEST_CONFIG_SECRET}}\n", good[i].url);
		const struct redis_address *a;

		assert_int_equal(load(f, text), 0);
		a = &f->config->queue->redis;
		assert_string_equal(a->shown, good[i].url);
		assert_string_equal(a->host ? a->host : "-", good[i].host ? good[i].host : "-");
		assert_string_equal(a->path ? a->path : "-", good[i].path ? good[i].path : "-");
		assert_string_equal(a->user ? a->user : "-", good[i].user ? good[i].user : "-");
		assert_int_equal(a->port, good[i].port);
		assert_int_equal(a->database, good[i].database);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(freep) char *text = xasprintf("queue: {redis: '%s'}\n", bad[i].url);

		assert_int_equal(load(f, text), CONFIG_E_INVALID);
		if (diag_at(f->diag, 0)->text != bad[i].text || diag_len(f->diag) != 1) {
			diag_print(f->diag, stderr, TEXT_EN);
			fail_msg("%s", bad[i].url);
		}
	}
}

#define SMTP "{name: correo, kind: smtp, url: 'smtp://h', from: a@b"
#define FEED "name: x, platform: feed, url: 'http://h/'"
static const struct {
	const char *yaml, *want; /* in English, without the file's name */
} mistakes[] = {
	{"source: []", ":1:1: error: source: unknown key; did you mean \"sources\"?"},
	{"deliver: [{name: x, to: y, every: hourly}]",
	 ":1:35: error: deliver[0].every: expected one of now, daily; found \"hourly\""},
	{"deliver: [{name: x, to: y, every: now}]",
	 ":1:25: error: deliver[0].to[0]: no person is called \"y\"; it must stand under \"people\""},
	{"deliver: [{name: x, to: [], every: now}]",
	 ":1:25: error: deliver[0].to: expected at least 1 value, found 0"},
	{"deliver: [{name: x, to: y, every: now, at: '08:30'}]",
	 ":1:44: error: deliver[0].at: this is for a digest: it needs \"every: daily\""},
	{"deliver: [{name: x, to: y, every: daily, cap: 3}]",
	 ":1:47: error: deliver[0].cap: this is for mentions as they come: it needs \"every: now\""},
	{"deliver: [{name: x, to: y, every: daily, at: '24:00'}]",
	 ":1:46: error: deliver[0].at: expected a time of the day such as 08:30, found \"24:00\""},
	{"deliver: [{name: x, to: y, every: now, cap: 101}]",
	 ":1:45: error: deliver[0].cap: expected 1 to 100, found 101"},
	{"channels: [{name: c, kind: telegram, token: {env: TEST_CONFIG_SECRET}, from: a@b}]",
	 ":1:78: error: channels[0].from: a channel telegram does not take this key"},
	{"channels: [{name: c, kind: smtp, url: 'https://h', from: a@b}]",
	 ":1:39: error: channels[0].url: expected an address such as smtp://…, smtps://…"},
	{"channels: [" SMTP ", tls: none, user: u, password: {env: TEST_CONFIG_SECRET}}]",
	 ":1:72: error: channels[0].tls: without TLS the password would cross the network for all to read; leave "
	 "\"tls\" out, or the password"},
	{"channels: [{name: c, kind: smtp, url: 'smtps://u@h/x', from: a@b}]",
	 ":1:39: error: channels[0].url: expected the name of the mail server and nothing behind it, such as "
	 "smtps://mail.example.com or smtp://mail.example.com:587; a user has the key \"user\""},
	{"channels: [{name: c, kind: smtp, url: 'smtp://h', from: \"a@b\\r\\nBcc: x@y\"}]",
	 ":1:57: error: channels[0].from: there is a line break or an invisible character in this address; type it "
	 "anew"}, /* FAULTS O1 */
	{"channels: [" SMTP ", replies: buzon}]",
	 ":1:12: error: channels[0].replies: there is no source \"buzon\" (sources) for answers to come to"},
	{"channels: [" SMTP "}]\npeople: [{name: ana, reach: [{corre: ana@example.com}]}]",
	 ":2:31: error: people[0].reach[0]: no channel is called \"corre\"; it must stand under \"channels\"; did you "
	 "mean \"correo\"?"},
	{"channels: [" SMTP "}]\npeople: [{name: ana, reach: [{correo: 'a@b.c, d@e.f'}]}]",
	 ":2:31: error: people[0].reach[0]: expected one e-mail address, found several: \"a@b.c, d@e.f\"; write one "
	 "entry for each"},
	{"people: [{name: ana, reach: ana@example.com}]",
	 ":1:29: error: people[0].reach: expected a channel and the address there, such as correo: ana@example.com"},
	{"people: [{name: luis}]\noperators: [luiz]",
	 ":2:13: error: operators[0]: no person is called \"luiz\"; it must stand under \"people\"; did you mean "
	 "\"luis\"?"},
	{"people: [{name: luis, timezone: bogotá}]",
	 ":1:33: error: people[0].timezone: no time zone is called \"bogotá\"; expected one such as "
	 "America/Mexico_City; did you mean \"America/Bogota\"?"},
	{"people: [{name: ana, quiet: '22-7'}]",
	 ":1:29: error: people[0].quiet: expected hours such as 07:00-15:00 or 22:00-07:00, found \"22-7\""},
	{"people: [{name: ana, quiet: '7:00-7:00'}]", ":1:29: error: people[0].quiet: these hours have no length: "
						      "\"7:00-7:00\"; leave \"hours\" out for the whole day"},
	{"people: [{name: ana, quiet: {days: lun}}]", ":1:36: error: people[0].quiet.days: expected days such as "
						      "mon-fri, sat or mon,wed (mon tue wed thu fri sat sun), "
						      "found \"lun\""},
	{"people: [{name: ana, away: [{from: 20-12-2026, to: 2026-12-30}]}]",
	 ":1:36: error: people[0].away[0].from: expected a date such as 2026-12-20, found \"20-12-2026\""},
	{"people: [{name: ana, away: {from: 2026-12-20, to: 2026-12-19}}]",
	 ":1:51: error: people[0].away.to: this absence ends before it begins"},
	{"people: [{name: ana, away: {from: 2026-12-20, to: 2026-12-21, instead: ana}}]",
	 ":1:28: error: people[0].away[0].instead: ana can't stand in for themselves"},
	{"people: [{name: ana, away: {from: 2026-12-20, to: 2026-12-21, instead: lius}}, {name: luis}]",
	 ":1:28: error: people[0].away[0].instead: no person is called \"lius\"; it must stand under \"people\"; did "
	 "you mean "
	 "\"luis\"?"},
	{"people: [{name: ana}]\noncall: [{name: cm, shifts: [{who: anna}]}]",
	 ":2:36: error: oncall[0].shifts[0].who[0]: no person is called \"anna\"; it must stand under \"people\"; did "
	 "you mean "
	 "\"ana\"?"},
	{"oncall: [{name: cm, otherwise: 'oncall:cm'}]", ":1:32: error: oncall[0].otherwise[0]: here stand people; "
							 "\"oncall:cm\" is for the steps of an escalation"},
	{"oncall: [{name: cma}]\nescalations: [{name: casa, critical: [{notify: 'oncall:cmn'}]}]",
	 ":2:48: error: escalations[0].critical[0].notify[0]: no rota is called \"cmn\"; it must stand under "
	 "\"oncall\"; did "
	 "you mean \"cma\"?"},
	{"people: [{name: ana}]\nescalations: [{name: casa, critical: [{after: 5m, notify: ana}, {notify: ana}]}]",
	 ":2:65: error: escalations[0].critical: this step comes earlier than the one above it; put the steps in the "
	 "order "
	 "of their \"after\""},
	{"escalations: [{name: casa}]", ":1:15: error: escalations[0]: the key \"critical\" is missing"},
	{"alerts: [{name: x, when: 'maching > 3'}]",
	 ":1:27: error: alerts[0].when: nothing is measured that is called \"maching\"; there are mentions, matching, "
	 "percent, "
	 "percent_rise, times_usual, unusual, authors, stories, potential_reach, growth and quiet_for; did you mean "
	 "\"matching\"?"},
	{"alerts: [{name: x, when: 'unusual and percent >= 10'}]",
	 ":1:50: error: alerts[0].when: expected a part with its sign, such as 10%, found \"10\""},
	{"alerts: [{name: x, when: unusual}]",
	 ":1:10: error: alerts[0].escalation: this alert goes to nobody: name its "
	 "\"escalation\", or one for all under \"defaults\""},
	{"people: [{name: ana}]\nescalations: [{name: casa, critical: {notify: ana}}]\nalerts: [{name: x, when: "
	 "unusual}]",
	 ":2:38: error: escalations[0].critical: expected a list (\"- value\" on a line each, or [one, two])"},
	{"people: [{name: ana}]\nescalations: [{name: casa, critical: [{notify: ana}]}]\ndefaults: {escalation: cassa}",
	 ":3:24: error: defaults.escalation: no escalation is called \"cassa\"; it must stand under \"escalations\"; "
	 "did you mean "
	 "\"casa\"?"},
	{"people: [{name: ana}]\nescalations: [{name: casa, critical: [{notify: ana}]}]\nalerts: [{name: x, when: "
	 "unusual, "
	 "escalation: casa}]",
	 ":3:10: error: alerts[0].escalation: this alert goes to nobody: the escalation \"casa\" has no steps for "
	 "warning"},
	/* a default alert begins as a warning, and becomes critical only once that was delivered */
	{"people: [{name: ana}]\nescalations: [{name: casa, critical: [{notify: ana}]}]\ndefaults: {escalation: casa}",
	 ":3:24: error: defaults.escalation: the alerts that every topic has begin as a warning, and would reach "
	 "nobody: the escalation \"casa\" has no steps for warning; add them under \"warning\""},
	{"planned: [{name: x, from: 2026-11-24, to: 2026-11-20}]",
	 ":1:43: error: planned[0].to: this ends before it begins"},
	{"timezone: America/Mexico", ":1:11: error: timezone: no time zone is called \"America/Mexico\"; expected one "
				     "such as America/Mexico_City; did you "
				     "mean \"America/Mexico_City\"?"},
	{"timezone: ../../etc/passwd",
	 ":1:11: error: timezone: no time zone is called \"../../etc/passwd\"; expected one such as "
	 "America/Mexico_City"},
	{"language: fr", ":1:11: error: language: expected one of en, es; found \"fr\""},
	{"contact: Ana", ":1:10: error: contact: expected an e-mail address or a web address, found \"Ana\""},
	{"contact: 'a@b (x)'", ":1:10: error: contact: expected an e-mail address or a web address, found \"a@b (x)\""},
	{"readers: 1", ":1:10: error: readers: expected 2 to 16, found 1"},
	{"queue: {redis: 'redis://a@h', user: b}",
	 ":1:37: error: queue.user: the user stands in the address already; keep one "
	 "of the two"},
	{"queue: {redis: 'redis://h', user: b}",
	 ":1:8: error: queue: a user without a password; add the key \"password\""},
	{"queue: {redis: 'redis://h', stream: 'a b'}",
	 ":1:37: error: queue.stream: expected a name of a stream without blanks, "
	 "such as escucha:hits, found \"a b\""},
	{"sources: [{" FEED "}, {" FEED "}]",
	 ":1:63: error: sources: the name \"x\" stands twice; the first is in line 1"},
	{"sources: [{name: x, platform: feed}]",
	 ":1:11: error: sources[0]: a source of platform feed needs the key \"url\""},
	{"sources: [{" FEED ", file: y}]",
	 ":1:61: error: sources[0].file: a source of platform feed has no use for this key"},
	{"sources: [{name: x, platform: opml, file: y, user: u}]",
	 ":1:52: error: sources[0].user: a source of platform opml has no use for this key"},
	{"sources: [{" FEED ", every: 59s}]",
	 ":1:62: error: sources[0].every: a source of platform feed is asked every 1m at the most often, found 59s"},
	{"sources: [{" FEED ", backfill: some}]",
	 ":1:65: error: sources[0].backfill: expected all, 0 or a duration such as 7d, found \"some\""},
	{"sources: [{" FEED ", lang: spanish}]",
	 ":1:61: error: sources[0].lang: expected a language such as es, en or pt-BR, found \"spanish\""},
	{"sources: [{" FEED ", allow_private: [10.1.2.3/8]}]",
	 ":1:71: error: sources[0].allow_private[0]: \"10.1.2.3/8\" is an address inside a network: the part behind /8 "
	 "must be 0"},
	{"sources: [{" FEED ", allow_private: casa}]",
	 ":1:70: error: sources[0].allow_private: expected a network such as 10.0.0.0/8 or fd00::/8, found \"casa\""},
	{"sources: [{" FEED ", query: acme}]", ":1:55: error: sources[0].query: unknown key"},
	{"sources: [{" FEED ", user: u}]",
	 ":1:61: error: sources[0].user: a user without a password; add the key \"password\""},
	{"sources: [{" FEED ", slowest: 1m}]", ":1:64: error: sources[0].slowest: the slowest pace of a source is not "
					       "quicker than its \"every\": at least 15m, found 1m"},
	{"sources: [{name: x, platform: feeed}]", ":1:31: error: sources[0].platform: there is no platform \"feeed\"; "
						  "\"escuchactl platforms\" lists them; did you mean \"feed\"?"},
	{"sources: [{name: x, platform: rss}]", ":1:31: error: sources[0].platform: there is no platform \"rss\"; "
						"\"escuchactl platforms\" lists them; did you mean \"feed\"?"},
};

static void mistakes_are_told(void **state)
{
	struct fixture *f = *state;
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct buf said = BUF_INIT(4096);

		assert_int_equal(load(f, mistakes[i].yaml), CONFIG_E_INVALID);
		assert_null(f->config);
		diag_render(&said, diag_at(f->diag, 0), TEXT_EN);
		if (diag_len(f->diag) != 1 || strcmp(buf_str(&said) + strlen(f->file), mistakes[i].want) != 0) {
			fprintf(stderr, "%s\n", mistakes[i].yaml);
			diag_print(f->diag, stderr, TEXT_EN);
			fprintf(stderr, "wanted: %s\n", mistakes[i].want);
			wrong++;
		}
		buf_done(&said);
	}
	assert_int_equal(wrong, 0);
}

static void a_long_socket_is_refused(void **state)
{
	struct fixture *f = *state;
	cleanup(freep) char *fits = xasprintf("socket: /%0*d", CONFIG_SOCKET_MAX_BYTES - 1, 1);
	cleanup(freep) char *over = xasprintf("socket: /%0*d", CONFIG_SOCKET_MAX_BYTES, 1);

	assert_int_equal(load(f, fits), 0);
	assert_int_equal(load(f, over), CONFIG_E_INVALID);
	assert_int_equal(diag_at(f->diag, 0)->text, TEXT_CONFIG_SOCKET_LONG);
}

static void no_file_is_a_finding(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(config_load("/nonexistent/x.yaml", f->diag, &f->config), CONFIG_E_INVALID);
	assert_int_equal(diag_at(f->diag, 0)->text, TEXT_OS_ABSENT);
}

static void a_broken_file_has_a_language_too(void **state)
{
	static const struct {
		const char *text;
		enum text_lang want;
	} cases[] = {
		{"language: es\nsources: [\n", TEXT_ES},
		{"state: x\n\tlanguage: en\nlanguage: 'es' # of what people read\r\n", TEXT_ES},
		{"a: {\nlanguage:   \"es\"", TEXT_ES},
		{"  language: es\n", TEXT_EN}, /* of a source, say */
		{"language: español\n", TEXT_ES}, /* wrong, and plain which one was meant */
		{"language: klingon\n", TEXT_EN},
		{"language: en", TEXT_EN},
		{"", TEXT_EN},
	};
	struct fixture *f = *state;
	size_t i;

	(void)setenv("LC_ALL", "C", 1);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		(void)load(f, cases[i].text);
		assert_int_equal(config_language(f->file), cases[i].want);
	}
	assert_int_equal(config_language("/nonexistent/x.yaml"), TEXT_EN);
	(void)setenv("LC_ALL", "es_CO.UTF-8", 1);
	assert_int_equal(config_language("/nonexistent/x.yaml"), TEXT_ES);
	(void)unsetenv("LC_ALL");
}

static void many_sources_are_read_quickly(void **state)
{
	struct fixture *f = *state;
	struct buf b = BUF_INIT(YAML_FILE_MAX_BYTES);
	clock_t start;
	size_t i;

	buf_puts(&b, "sources:\n");
	for (i = 0; i < 15000; i++)
		buf_printf(&b, "- {name: s%zu, platform: feed, url: 'http://h/%zu'}\n", i, i);
	start = clock();
	assert_int_equal(load(f, buf_str(&b)), 0);
	assert_in_range((clock() - start) / (CLOCKS_PER_SEC / 1000), 0, BUILT_SANITIZED ? 10000 : 1000);
	assert_int_equal(f->config->n_sources, 15000);
	assert_string_equal(f->config->sources[14999].name, "s14999");
	buf_done(&b);
}

static void zones_are_known_or_guessed(void **state)
{
	static const struct {
		const char *name, *guess;
	} cases[] = {
		{"bogotá", "America/Bogota"},           {"America/Mexico", "America/Mexico_City"},
		{"Mexico City", "America/Mexico_City"}, {"America/Bogotta", "America/Bogota"},
		{"Amercia/Lima", "America/Lima"},       {"america/lima", "America/Lima"},
		{"Europe/Madird", "Europe/Madrid"},     {"zzzzzzzzzz", NULL},
	};
	size_t i;

	(void)state;
	assert_true(timezone_known("UTC"));
	assert_true(timezone_known("America/Argentina/Buenos_Aires"));
	assert_false(timezone_known(""));
	assert_false(timezone_known("America"));
	assert_false(timezone_known("/etc/localtime"));
	assert_false(timezone_known("America/../UTC"));
	assert_false(timezone_known("tzdata.zi"));
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(freep) char *guess = timezone_guess(cases[i].name);

		assert_false(timezone_known(cases[i].name));
		assert_string_equal(guess ? guess : "-", cases[i].guess ? cases[i].guess : "-");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_file_is_read),
		TEST(people_and_how_they_are_reached),
		TEST(who_is_on_call),
		TEST(addresses_are_one_and_plain),
		TEST(an_empty_file_takes_all_defaults),
		TEST(systemd_says_where),
		TEST(addresses_of_redis),
		TEST(addresses_of_sentinels),
		TEST(mistakes_are_told),
		TEST(a_long_socket_is_refused),
		TEST(no_file_is_a_finding),
		TEST(a_broken_file_has_a_language_too),
		TEST(many_sources_are_read_quickly),
		cmocka_unit_test(zones_are_known_or_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
