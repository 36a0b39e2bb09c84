#include "main/unheard.h"

#include <string.h>

#include "base/buf.h"

enum { PARTS_MAX = 2, NAMES_MAX_BYTES = 2048, ADDRESS_MAX_BYTES = 512 };

static const struct {
	const char *code;
	const char *parts[PARTS_MAX][PARTS_MAX]; /* an address that has all of one row is of this place */
	bool possible;
	enum text_id name, takes;
} places[UNHEARD_PLACES] = {
	[UNHEARD_NEWS] = {"news", {{"://"}}, true, TEXT_UNHEARD_NEWS, TEXT_UNHEARD_NEWS_TAKES},
	[UNHEARD_YOUTUBE] = {"youtube", {{"youtube.com/"}}, true, TEXT_UNHEARD_YOUTUBE, TEXT_UNHEARD_YOUTUBE_TAKES},
	[UNHEARD_REDDIT] = {"reddit", {{"reddit.com/"}}, true, TEXT_UNHEARD_REDDIT, TEXT_UNHEARD_REDDIT_TAKES},
	[UNHEARD_MASTODON] = {"mastodon",
			      {{"/tags/", ".rss"}, {"/@", ".rss"}},
			      true,
			      TEXT_UNHEARD_MASTODON,
			      TEXT_UNHEARD_MASTODON_TAKES},
	[UNHEARD_META] = {"meta", {{NULL}}, true, TEXT_UNHEARD_META, TEXT_UNHEARD_META_TAKES},
	[UNHEARD_X] = {"x", {{NULL}}, true, TEXT_UNHEARD_X, TEXT_UNHEARD_X_TAKES},
	[UNHEARD_NETWORKS] = {"networks", {{NULL}}, true, TEXT_UNHEARD_NETWORKS, TEXT_UNHEARD_NETWORKS_TAKES},
	[UNHEARD_REVIEWS] = {"reviews", {{NULL}}, true, TEXT_UNHEARD_REVIEWS, TEXT_UNHEARD_REVIEWS_TAKES},
	[UNHEARD_MAIL] = {"mail", {{NULL}}, true, TEXT_UNHEARD_MAIL, TEXT_UNHEARD_MAIL_TAKES},
};

static bool is_of(const char *const parts[PARTS_MAX], const char *url)
{
	size_t i;

	for (i = 0; i < PARTS_MAX && parts[i]; i++)
		if (!strstr(url, parts[i]))
			return false;
	return i > 0;
}

void unheard_feed(struct unheard *u, const char *url)
{
	char lower[ADDRESS_MAX_BYTES]; /* once, since of very many addresses each is looked through for each part */
	size_t i, k;

	for (i = 0; url[i] && i < sizeof(lower) - 1; i++)
		lower[i] = url[i] >= 'A' && url[i] <= 'Z' ? (char)(url[i] | 0x20) : url[i];
	lower[i] = '\0';
	for (i = 0; i < UNHEARD_PLACES; i++)
		for (k = 0; k < PARTS_MAX && !u->heard[i]; k++)
			u->heard[i] = is_of(places[i].parts[k], lower);
}

void unheard_platform(struct unheard *u, const char *name)
{
	/* a platform's name, or what it begins with before a - or _; other names are no place of the list */
	static const struct {
		const char *begins;
		enum unheard_place place;
	} of[] = {
		{"googlenews", UNHEARD_NEWS},
		{"google_alerts", UNHEARD_NEWS},
		{"bingnews", UNHEARD_NEWS},
		{"gdelt", UNHEARD_NEWS},
		{"wordpress", UNHEARD_NEWS},
		{"youtube", UNHEARD_YOUTUBE},
		{"reddit", UNHEARD_REDDIT},
		{"mastodon", UNHEARD_MASTODON},
		{"appstore", UNHEARD_REVIEWS},
		{"googleplay", UNHEARD_REVIEWS},
		{"gbp", UNHEARD_REVIEWS},
		{"trustpilot", UNHEARD_REVIEWS},
		{"facebook", UNHEARD_META},
		{"instagram", UNHEARD_META},
		{"threads", UNHEARD_META},
		{"meta", UNHEARD_META},
		{"messenger", UNHEARD_META},
		{"whatsapp", UNHEARD_META},
		{"x", UNHEARD_X},
		{"tiktok", UNHEARD_NETWORKS},
		{"linkedin", UNHEARD_NETWORKS},
		{"imap", UNHEARD_MAIL},
	};
	size_t i, len;

	for (i = 0; i < ARRAY_LEN(of); i++) {
		len = strlen(of[i].begins);
		if (strncmp(name, of[i].begins, len) == 0 && (!name[len] || name[len] == '-' || name[len] == '_'))
			u->heard[of[i].place] = true;
	}
}

bool unheard_possible(enum unheard_place place)
{
	return places[place].possible;
}

const char *unheard_code(enum unheard_place place)
{
	return places[place].code;
}

int unheard_find(const char *code)
{
	int i;

	for (i = 0; code && i < UNHEARD_PLACES; i++)
		if (strcmp(places[i].code, code) == 0)
			return i;
	return -1;
}

const char *unheard_name(enum text_lang lang, enum unheard_place place)
{
	return text_raw(lang, places[place].name);
}

const char *unheard_takes(enum text_lang lang, enum unheard_place place)
{
	return text_raw(lang, places[place].takes);
}

char *unheard_names(const struct unheard *u, enum text_lang lang)
{
	struct buf b = BUF_INIT(NAMES_MAX_BYTES);
	int i;

	for (i = 0; i < UNHEARD_PLACES; i++)
		if (!u->heard[i])
			buf_printf(&b, "%s%s", b.len ? ", " : "", unheard_name(lang, (enum unheard_place)i));
	return b.len ? buf_steal(&b) : NULL;
}
