/* The files of `init`, as texts: commented in the language of who reads them, right for whatever was answered. */
#include <stdio.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "alert/shipped.h"
#include "base/buf.h"
#include "base/shipped.h"
#include "main/ctl_client.h"
#include "main/ctl_init_inside.h"
#include "main/ctl_name.h"

void init_answers_done(struct init_answers *a)
{
	struct init_list *const lists[] = {&a->handles, &a->competitors, &a->industry, &a->feeds};
	size_t i;

	for (i = 0; i < ARRAY_LEN(lists); i++)
		while (lists[i]->n)
			free(lists[i]->v[--lists[i]->n]);
	free(a->brand);
	free(a->opml);
	free(a->zone);
	free(a->redis);
	init_notify_done(&a->notify);
}

static bool has(const struct init_list *l, const char *text)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcasecmp(l->v[i], text) == 0)
			return true;
	return false;
}

void init_list_add(struct init_list *l, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, ",\n");
		char *clean = name_clean(text, len);

		if (*clean && l->n < INIT_LIST_MAX && !has(l, clean))
			l->v[l->n++] = clean;
		else
			free(clean);
		text += len + (text[len] != '\0');
	}
}

void init_put_comment(struct buf *b, const char *indent, enum text_lang lang, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(lang, id, args);
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		buf_printf(b, "%s%s%s\n", *line ? indent : "", *line ? "# " : "", line);
}
#define COMMENT(b, a, id, ...) init_put_comment((b), "", (a)->lang, (id), TEXT_ARGS(__VA_ARGS__))

static void put_quoted(struct buf *b, const char *before, const char *text)
{
	buf_puts(b, before);
	name_yaml(b, text);
	buf_putc(b, '\n');
}

static void add_file(struct init_files *f, char *path, struct buf *text) /* takes both */
{
	f->v[f->n++] = (struct init_file){.path = path, .text = buf_steal(text)};
}

/* A name that no file has yet. To be freed. */
static char *topic_name(const struct init_files *f, const char *text, const char *otherwise)
{
	char *slug = name_slug(text), *name;
	size_t i, n;

	if (!*slug) { /* a name in another script */
		free(slug);
		slug = xstrdup(otherwise);
	}
	name = xstrdup(slug);
	for (n = 2;; n++) {
		cleanup(freep) char *path = xasprintf("rules/%s.yaml", name);

		for (i = 0; i < f->n && strcmp(f->v[i].path, path) != 0; i++)
			;
		if (i == f->n) {
			free(slug);
			return name;
		}
		free(name);
		name = xasprintf("%s-%zu", slug, n);
	}
}

/* --- a topic's file --- */

/* A star stands for any letters in a word list; in the name of a brand it is an ornament (stars: they stay), as are a
 * dash before it and quotes around it. */
static char *plain_word(const char *text, bool stars)
{
	struct buf b = BUF_INIT(strlen(text) + 1);
	cleanup(freep) char *inside = NULL;
	size_t len;

	text += strspn(text, "- ");
	len = strlen(text);
	if (len > 2 && (*text == '"' || *text == '\'') && text[len - 1] == *text)
		text = inside = xstrndup(text + 1, len - 2);
	for (; *text; text++)
		if (stars || *text != '*')
			buf_putc(&b, *text);
	return buf_steal(&b);
}

/* "#CaféAndino": how people would tag a name. */
static void put_hashtag(struct buf *b, const char *name)
{
	const char *s = name + strspn(name, "@#");

	if (!*s || strpbrk(s, "&:;.,'\"()/+!?"))
		return; /* what no platform takes as one tag */
	buf_puts(b, "      #");
	for (; *s; s++)
		if (*s != ' ' && *s != '-' && *s != '*')
			buf_putc(b, *s);
	buf_putc(b, '\n');
}

static void put_word(struct buf *b, const char *word)
{
	buf_printf(b, "      %s\n", word);
}

/* A sentence in which none of the words stands, for the test that expects nothing. */
static const char *neutral(const struct init_answers *a, const struct init_list *words)
{
	static const enum text_id sentences[] = {TEXT_INIT_NEUTRAL_1, TEXT_INIT_NEUTRAL_2, TEXT_INIT_NEUTRAL_3};
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(sentences); i++) {
		const char *sentence = text_raw(a->lang, sentences[i]);
		cleanup(freep) char *flat = name_slug(sentence);

		for (k = 0; k < words->n; k++) {
			cleanup(freep) char *word = name_slug(words->v[k]);

			if (*word && strstr(flat, word))
				break;
		}
		if (k == words->n)
			return sentence;
	}
	return NULL;
}

static void put_test(struct buf *b, const char *text, const char *hits)
{
	put_quoted(b, "  - text: ", text);
	buf_printf(b, "    hits: %s\n", hits);
}

static void put_tests(struct buf *b, const struct init_answers *a, const struct init_list *words, enum text_id sentence,
		      const char *hits)
{
	cleanup(freep) char *word = plain_word(words->v[0], false);
	cleanup(freep) char *text = TEXT(a->lang, sentence, word);
	const char *nothing = neutral(a, words);

	COMMENT(b, a, TEXT_INIT_FILE_TESTS);
	buf_puts(b, "tests:\n");
	put_test(b, text, hits);
	if (nothing)
		put_test(b, nothing, "none");
}

static void put_own(struct buf *b, const struct init_answers *a)
{
	size_t i;

	COMMENT(b, a, TEXT_INIT_FILE_OWN);
	if (!a->handles.n) {
		buf_puts(b, "# own: ['@example']\n");
		return;
	}
	buf_puts(b, "own:\n");
	for (i = 0; i < a->handles.n; i++)
		put_quoted(b, "  - ", a->handles.v[i]);
}

static void put_complaints(struct buf *b, const struct init_answers *a)
{
	cleanup(freep) char *words = xstrdup(text_raw(a->lang, TEXT_INIT_COMPLAINTS));
	char *rest = words, *word;

	init_put_comment(b, "  ", a->lang, TEXT_INIT_FILE_COMPLAINT, TEXT_ARGS(NULL));
	buf_printf(b, "  %s:\n    words: |\n", text_raw(a->lang, TEXT_INIT_COMPLAINT));
	while ((word = strsep(&rest, "\n")))
		put_word(b, word);
}

/* The packs that speak of any brand, and the country's, where there is one. */
static void put_include(struct buf *b, const struct init_answers *a)
{
	static const char *const packs[] = {"complaints", "questions", "suggestions", "support", "praise",
					    "purchase",   "fraud",     "phishing",    "legal",   "safety",
					    "boycott",    "insults",   "impostors"};
	char country[3] = "";
	size_t i;

	COMMENT(b, a, TEXT_INIT_FILE_INCLUDE);
	buf_puts(b, "include:\n");
	for (i = 0; i < ARRAY_LEN(packs); i++)
		buf_printf(b, "  - %s\n", packs[i]);
	for (i = 0; a->country && i < 2 && a->country->code[i]; i++)
		country[i] = (char)tolower((unsigned char)a->country->code[i]);
	for (i = 0; i < shipped_packs_n; i++)
		if (!strcmp(shipped_packs[i].name, country))
			buf_printf(b, "  - %s\n", country);
}

static void brand_file(const struct init_answers *a, struct init_files *f)
{
	const char *complaint = text_raw(a->lang, TEXT_INIT_COMPLAINT), *rule = text_raw(a->lang, TEXT_INIT_RULE);
	cleanup(freep) char *topic = topic_name(f, a->brand, text_raw(a->lang, TEXT_INIT_BRAND)),
			    *name = plain_word(a->brand, false),
			    *hits = xasprintf("[%s, fraud]", rule); /* and the pack's */
	struct init_list words = {.v = {name}, .n = 1};
	struct buf b = BUF_INIT(INIT_FILE_MAX_BYTES);
	size_t i;

	COMMENT(&b, a, TEXT_INIT_FILE_BRAND, a->brand);
	buf_printf(&b, "topic: %s\nrole: brand\n", topic);
	put_own(&b, a);
	COMMENT(&b, a, TEXT_INIT_FILE_WORDS);
	buf_printf(&b, "patterns:\n  %s:\n    words: |\n", text_raw(a->lang, TEXT_INIT_NAME));
	put_word(&b, name);
	put_hashtag(&b, name);
	for (i = 0; i < a->handles.n; i++)
		if (a->handles.v[i][0] == '@' && strcasecmp(a->handles.v[i], name) != 0)
			put_word(&b, a->handles.v[i]);
	put_complaints(&b, a);
	COMMENT(&b, a, TEXT_INIT_FILE_ABOUT);
	buf_printf(&b, "about: '%s'\n", text_raw(a->lang, TEXT_INIT_NAME));
	put_include(&b, a);
	COMMENT(&b, a, TEXT_INIT_FILE_RULES);
	buf_printf(&b, "rules:\n  - name: %s\n    when: '%s'\n    tags: [%s]\n", rule, complaint, complaint);
	put_tests(&b, a, &words, TEXT_INIT_TEST_COMPLAINT, hits);
	add_file(f, xasprintf("rules/%s.yaml", topic), &b);
}

static void competitor_file(const struct init_answers *a, const char *competitor, struct init_files *f)
{
	cleanup(freep) char *topic = topic_name(f, competitor, text_raw(a->lang, TEXT_INIT_COMPETITOR)),
			    *name = plain_word(competitor, false);
	struct init_list words = {.v = {name}, .n = 1};
	struct buf b = BUF_INIT(INIT_FILE_MAX_BYTES);

	COMMENT(&b, a, TEXT_INIT_FILE_COMPETITOR, competitor);
	buf_printf(&b, "topic: %s\nrole: competitor\npatterns:\n  %s:\n    words: |\n", topic,
		   text_raw(a->lang, TEXT_INIT_NAME));
	put_word(&b, name);
	put_hashtag(&b, name);
	buf_printf(&b, "about: '%s'\n", text_raw(a->lang, TEXT_INIT_NAME));
	put_tests(&b, a, &words, TEXT_INIT_TEST_SEEN, "[]");
	add_file(f, xasprintf("rules/%s.yaml", topic), &b);
}

static void industry_file(const struct init_answers *a, struct init_files *f)
{
	cleanup(freep) char *topic = topic_name(f, text_raw(a->lang, TEXT_INIT_INDUSTRY), "industry");
	struct buf b = BUF_INIT(INIT_FILE_MAX_BYTES);
	size_t i;

	COMMENT(&b, a, TEXT_INIT_FILE_INDUSTRY);
	buf_printf(&b, "topic: %s\nrole: industry\npatterns:\n  %s:\n    words: |\n", topic,
		   text_raw(a->lang, TEXT_INIT_THEME));
	for (i = 0; i < a->industry.n; i++) {
		cleanup(freep) char *word = plain_word(a->industry.v[i], true);

		put_word(&b, word);
	}
	buf_printf(&b, "about: '%s'\n", text_raw(a->lang, TEXT_INIT_THEME));
	put_tests(&b, a, &a->industry, TEXT_INIT_TEST_SEEN, "[]");
	add_file(f, xasprintf("rules/%s.yaml", topic), &b);
}

/* --- escuchad.yaml --- */

static void put_source(struct buf *b, const char *name, const char *platform, const char *key, const char *value,
		       const char *every)
{
	buf_printf(b, "  - name: %s\n    platform: %s\n    %s: ", name, platform, key);
	name_yaml(b, value);
	buf_printf(b, "\n    every: %s\n", every);
}

struct taken {
	char *v[2 * INIT_LIST_MAX + 2]; /* a search each for the brand and its competitors, the feeds, a list */
	size_t n;
};

static bool is_taken(const struct taken *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (strcmp(t->v[i], name) == 0)
			return true;
	return false;
}

/* Sources share no name: they are counted up. taken's. */
static const char *source_name(struct taken *taken, const char *prefix, const char *text)
{
	cleanup(freep) char *slug = name_slug(text);
	char *name = xasprintf("%s%s", prefix, *slug ? slug : "x");
	size_t n;

	for (n = 2; is_taken(taken, name); n++) {
		free(name);
		name = xasprintf("%s%s-%zu", prefix, *slug ? slug : "x", n);
	}
	taken->v[taken->n++] = name;
	return name;
}

static void put_news(struct buf *b, const struct init_answers *a, struct taken *taken, const char *name)
{
	const struct country *c = a->country;
	cleanup(freep) char *quoted = xasprintf("\"%s\"", name), *query = client_escape(quoted),
			    *url = xasprintf("https://news.google.com/rss/search?q=%s&hl=%s&gl=%s&ceid=%s:%s", query,
					     c->hl, c->code, c->code, c->ceid);

	put_source(b, source_name(taken, text_raw(a->lang, TEXT_INIT_NEWS), name), "feed", "url", url, "15m");
}

static void put_sources(struct buf *b, const struct init_answers *a)
{
	struct taken taken = {.n = 0};
	size_t i;

	COMMENT(b, a, TEXT_INIT_FILE_SOURCES);
	if (!a->news && !a->feeds.n && !a->opml) {
		buf_puts(b, "# sources:\n#   - name: prensa\n#     platform: feed\n#     url: "
			    "'https://example.com/rss.xml'\n"
			    "#     every: 10m\n");
		return;
	}
	buf_puts(b, "sources:\n");
	if (a->news) {
		put_news(b, a, &taken, a->brand);
		for (i = 0; i < a->competitors.n; i++)
			put_news(b, a, &taken, a->competitors.v[i]);
	}
	for (i = 0; i < a->feeds.n; i++) {
		cleanup(freep) char *host = name_host(a->feeds.v[i]);

		put_source(b, source_name(&taken, "", host), "feed", "url", a->feeds.v[i], "10m");
	}
	if (a->opml)
		put_source(b, source_name(&taken, "", text_raw(a->lang, TEXT_INIT_OPML)), "opml", "file", a->opml,
			   "15m");
	while (taken.n)
		free(taken.v[--taken.n]);
}

static void playbook_file(const struct init_answers *a, struct init_files *f)
{
	const char *name = a->lang == TEXT_ES ? "crisis-es" : "crisis-en";
	size_t i;

	for (i = 0; i < shipped_playbooks_n; i++)
		if (strcmp(shipped_playbooks[i].name, name) == 0)
			f->v[f->n++] = (struct init_file){.path = xstrdup("playbooks/crisis.md"),
							  .text = xstrdup(shipped_playbooks[i].text)};
}

static void secret_file(const struct init_notify *n, struct init_files *f)
{
	if (n->secret)
		f->v[f->n++] = (struct init_file){.path = xstrdup(init_notify_secret_file(n)),
						  .text = xasprintf("%s\n", n->secret),
						  .secret = true};
}

static void config_file(const struct init_answers *a, struct init_files *f)
{
	struct buf b = BUF_INIT(INIT_FILE_MAX_BYTES);

	COMMENT(&b, a, TEXT_INIT_FILE_CONFIG, a->brand);
	COMMENT(&b, a, TEXT_INIT_FILE_STATE);
	buf_puts(&b, "state: state/\n");
	COMMENT(&b, a, TEXT_INIT_FILE_RULE_FOLDER);
	buf_puts(&b, "rules: rules/\n");
	COMMENT(&b, a, TEXT_INIT_FILE_PEOPLE);
	buf_printf(&b, "language: %s\ntimezone: %s\n", a->lang == TEXT_ES ? "es" : "en", a->zone);
	COMMENT(&b, a, TEXT_INIT_FILE_QUEUE);
	if (a->redis)
		put_quoted(&b, "queue:\n  redis: ", a->redis);
	else
		buf_puts(&b, "# queue:\n#   redis: 'redis://127.0.0.1:6379/0'\n");
	put_sources(&b, a);
	init_notify_put(&b, a);
	add_file(f, xstrdup("escuchad.yaml"), &b);
}

void init_files_make(const struct init_answers *a, struct init_files *ret)
{
	size_t i;

	*ret = (struct init_files){.n = 0};
	config_file(a, ret);
	playbook_file(a, ret);
	secret_file(&a->notify, ret);
	brand_file(a, ret);
	for (i = 0; i < a->competitors.n; i++)
		competitor_file(a, a->competitors.v[i], ret);
	if (a->industry.n)
		industry_file(a, ret);
}

void init_files_done(struct init_files *f)
{
	while (f->n) {
		f->n--;
		free(f->v[f->n].path);
		free(f->v[f->n].text);
	}
}
