/* Whom an address names. Where a network has its people stand: its own pages of help, and addresses as they are met. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "mention/pseudonym_inside.h"

/* Networks whose first part of a path is somebody, but for these. */
static const struct {
	const char *host, *but;
} networks[] = {
	{"x.com", " i search hashtag home intent share explore settings "},
	{"twitter.com", " i search hashtag home intent share explore settings "},
	{"instagram.com", " p reel reels tv explore stories "},
	{"facebook.com", " groups watch events reel share hashtag sharer sharer.php "},
	{"fb.com", " "},
	{"fb.me", " "},
	{"t.me", " c joinchat "},
	{"telegram.me", " c joinchat "},
	{"linkedin.com", " company jobs feed pulse school learning showcase "},
	{"youtube.com", " watch shorts live playlist results embed hashtag feed post "},
	{"github.com", " "},
	{"pinterest.com", " pin search ideas "},
	{"vk.com", " "},
	{"tumblr.com", " tagged search "},
	{"twitch.tv", " directory videos "},
	{"soundcloud.com", " discover search "},
	{"snapchat.com", " discover spotlight "},
	{"flickr.com", " explore search "},
	{"patreon.com", " posts "},
	{"ko-fi.com", " "},
	{"linktr.ee", " "},
	{"wa.me", " "},
	{"api.whatsapp.com", " "},
};

/* Whose people have a site each. */
static const char *const homes[] = {"tumblr.com", "blogspot.com", "wordpress.com",   "substack.com",
				    "medium.com", "bsky.social",  "livejournal.com", "hi5.com"};

/* What stands before somebody in the paths of forums, shops and newspapers. */
static const char before_people[] = " user users u usuario usuarios profile profiles perfil perfiles member members "
				    "miembro miembros author authors autor "
				    "autores autora contrib stories ";

struct part {
	const char *s;
	size_t len;
};

static bool is_among(const char *list, const struct part *w)
{
	const char *at = list;

	for (; w->len && *at; at += 1 + strcspn(at + 1, " "))
		if (!strncasecmp(at + 1, w->s, w->len) && at[1 + w->len] == ' ')
			return true;
	return false;
}

static bool is_or_below(const struct part *host, const char *site)
{
	size_t n = strlen(site);

	return host->len >= n && !strncasecmp(host->s + host->len - n, site, n) &&
	       (host->len == n || host->s[host->len - n - 1] == '.');
}

static bool is(const struct part *w, const char *s)
{
	return s && strlen(s) == w->len && !strncasecmp(w->s, s, w->len);
}

/* "ana.tumblr.com" */
static bool is_home(const struct part *host)
{
	size_t i;

	for (i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
		if (is_or_below(host, homes[i]) && host->len > strlen(homes[i]) && strncasecmp(host->s, "www.", 4) != 0)
			return true;
	return false;
}

/* What a network's first part must not be to name nobody; NULL: this host is none. */
static const char *network_of(const struct part *host)
{
	size_t i;

	for (i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		if (is_or_below(host, networks[i].host))
			return networks[i].but;
	return NULL;
}

static bool has_at(const struct part *w)
{
	size_t i;

	for (i = 0; i < w->len; i++)
		if (w->s[i] == '@' || (w->len - i >= 3 && !memcmp(w->s + i, "%40", 3)))
			return true;
	return false;
}

/* Whether this part of a path or query names somebody by itself. */
static bool names(const struct part *w, const struct part *before, const char *author)
{
	return has_at(w) || *w->s == '~' || (w->len > 4 && !strncasecmp(w->s, "did:", 4)) || is(w, author) ||
	       is_among(before_people, before);
}

static struct part part_at(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && !strchr("/?&=#", s[n]))
		n++;
	return (struct part){s, n};
}

/* "…/ana/status/123" */
static struct address post_at(const struct part *host, const struct part *who, const char *url, const char *end)
{
	static const char status[] = "/status/";
	const char *s = who->s + who->len, *digits;

	if ((is_or_below(host, "x.com") || is_or_below(host, "twitter.com")) &&
	    (size_t)(end - s) > sizeof(status) - 1 && !strncasecmp(s, status, sizeof(status) - 1)) {
		for (digits = s += sizeof(status) - 1; s < end && *s >= '0' && *s <= '9'; s++)
			;
		if (s > digits)
			return (struct address){ADDRESS_POST, (size_t)(digits - url), (size_t)(s - digits)};
	}
	return (struct address){ADDRESS_NAMES, (size_t)(who->s - url), who->len};
}

static struct address named(const struct pseudonym *p, const struct part *host, const struct part *w, const char *url,
			    const char *end)
{
	const struct part who = w->len > 1 && *w->s == '@' ? (struct part){w->s + 1, w->len - 1} : *w;

	if (pseudonym_is_own(p, who.s, who.len))
		return (struct address){ADDRESS_PLAIN};
	return post_at(host, &who, url, end);
}

struct address address_look(const struct pseudonym *p, const char *url, size_t len, const char *author)
{
	const char *end = url + len, *s = memmem(url, len, "://", 3), *but;
	struct part host, w, before = {"", 0};
	bool first = true;

	s = s ? s + 3 : url;
	for (host.s = s; s < end && !strchr("/?#", *s); s++)
		;
	host.len = (size_t)(s - host.s);
	if (!host.len)
		return (struct address){ADDRESS_PLAIN};
	if (has_at(&host) || is_home(&host) || !strncasecmp(url, "at://", 5))
		return pseudonym_is_own_site(p, host.s, host.len)
			       ? (struct address){ADDRESS_PLAIN}
			       : (struct address){ADDRESS_NAMES, (size_t)(host.s - url), host.len};
	for (w = host; w.len && w.s[w.len - 1] != ':'; w.len--) /* a port is no part of a name */
		;
	if (w.len)
		host.len = w.len - 1;
	if (pseudonym_is_own_site(p, host.s, host.len))
		return (struct address){ADDRESS_PLAIN};
	for (but = network_of(&host); s < end; s = w.s + w.len) {
		w = part_at(s + 1, end);
		if (!w.len)
			continue;
		if ((first && but && !is_among(but, &w)) || names(&w, &before, author))
			return named(p, &host, &w, url, end);
		before = w;
		first = false;
	}
	return (struct address){ADDRESS_PLAIN};
}
