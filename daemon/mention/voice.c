#include "mention/voice.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "mention/mention.h"

enum { KEY_MAX_BYTES = 4 * MENTION_FIELD_MAX_BYTES };

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void put_small(struct buf *b, const char *s, size_t len)
{
	char *to = buf_reserve(b, len);
	size_t i;

	for (i = 0; to && i < len; i++)
		to[i] = small(s[i]);
	if (to)
		buf_commit(b, len);
}

const char *voice_host(const char *url, size_t *ret_len)
{
	const char *host = url ? strstr(url, "://") : NULL, *at;
	size_t len;

	*ret_len = 0;
	if (!host)
		return NULL;
	host += strlen("://");
	len = strcspn(host, "/?#");
	at = memrchr(host, '@', len);
	if (at) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	*ret_len = *host == '[' ? len : strcspn(host, ":/?#");
	return host;
}

const char *voice_handle(const struct mention *m)
{
	const char *s = m->author.handle;

	if (s && *s == '@')
		s++;
	return s && *s ? s : NULL;
}

bool voice_is_article(const struct mention *m)
{
	return m->kind && (strcmp(m->kind, "article") == 0 || strcmp(m->kind, "news") == 0);
}

/* Where a mention stands: its site, else its source. */
static void put_site(struct buf *b, const struct mention *m)
{
	size_t len;
	const char *host = voice_host(m->url, &len);

	if (len > 4 && strncasecmp(host, "www.", 4) == 0) {
		host += 4;
		len -= 4;
	}
	if (len)
		put_small(b, host, len);
	else
		buf_puts(b, m->source ? m->source : "");
	buf_putc(b, '\0');
}

/* Never 0, which is: nobody. */
static uint64_t number_of(struct buf *b)
{
	uint64_t number = hash_u64(&(struct hash_part){b->data, b->len}, 1);

	buf_done(b);
	return number ? number : 1;
}

/* A handle means somebody on its platform; where the platform is no network (a feed, a file), at its site. */
static void put_scope(struct buf *b, const struct mention *m)
{
	static const char *const none[] = {"feed", "file", "manual", "imap", "opml"};
	size_t i;

	for (i = 0; m->platform && i < ARRAY_LEN(none); i++)
		if (strcmp(m->platform, none[i]) == 0)
			break;
	if (m->platform && i == ARRAY_LEN(none)) {
		buf_puts(b, m->platform);
		buf_putc(b, '\0');
	} else {
		put_site(b, m);
	}
}

uint64_t voice_of(const struct mention *m)
{
	struct buf b = BUF_INIT(KEY_MAX_BYTES);
	const char *handle = voice_handle(m), *s;

	if (handle) {
		buf_putc(&b, '@');
		put_scope(&b, m);
		put_small(&b, handle, strlen(handle));
	} else if (m->author.url && *m->author.url) {
		s = strstr(m->author.url, "://");
		s = s ? s + strlen("://") : m->author.url;
		put_small(&b, s, strlen(s));
		while (b.len && b.data[b.len - 1] == '/')
			b.len--;
	} else if (m->author.name && *m->author.name) {
		buf_putc(&b, '"');
		put_scope(&b, m);
		put_small(&b, m->author.name, strlen(m->author.name));
	} else {
		buf_done(&b);
		return 0;
	}
	return number_of(&b);
}

uint64_t voice_in_story_of(const struct mention *m, uint64_t voice)
{
	struct buf b = BUF_INIT(KEY_MAX_BYTES);
	const bool article = voice_is_article(m);

	if (voice && !article)
		return voice;
	if (article)
		put_site(&b, m);
	else
		buf_put(&b, m->id, sizeof(m->id));
	return number_of(&b);
}

uint64_t voice_in_story(const struct mention *m)
{
	return voice_in_story_of(m, voice_is_article(m) ? 0 : voice_of(m));
}

int64_t voice_influence(int64_t followers, int64_t interactions, int64_t mentions)
{
	double carried = mentions > 0 ? 10 * (double)interactions / (double)mentions : 0;
	double points = 10 * log10(1 + (followers > 0 ? (double)followers : 0) + carried);

	return points < 100 ? (int64_t)lround(points) : 100;
}

static bool host_is(const char *url, const char *site)
{
	size_t len, n = strlen(site);
	const char *host = voice_host(url, &len);

	return len >= n && strncasecmp(host + len - n, site, n) == 0 && (len == n || host[len - n - 1] == '.');
}

bool voice_among(const struct voice_names *names, const struct mention *m)
{
	const char *handle = voice_handle(m);
	size_t i;

	for (i = 0; i < names->n; i++) {
		const struct voice_name *name = &names->v[i];

		if (name->handle ? handle && strcasecmp(handle, name->value) == 0
				 : host_is(m->author.url, name->value) || host_is(m->url, name->value))
			return true;
	}
	return false;
}

static bool is_site(const char *s)
{
	size_t i, dots = 0;

	for (i = 0; s[i]; i++) {
		if (s[i] == '.' && (i == 0 || s[i - 1] == '.' || !s[i + 1]))
			return false;
		dots += s[i] == '.';
	}
	return dots > 0 && !strpbrk(s, " \t\"'@/?#:,;()<>[]");
}

bool voice_name_read(char *value, struct voice_name *ret)
{
	char *s;

	for (s = value; *s; s++)
		*s = small(*s);
	if (value[0] == '@' && value[1] && !strpbrk(value, " \t/")) {
		*ret = (struct voice_name){.handle = true, .value = value + 1};
		return true;
	}
	s = strstr(value, "://");
	s = s ? s + strlen("://") : value;
	if (s != value)
		s[strcspn(s, "/?#:")] = '\0';
	if (!is_site(s))
		return false;
	*ret = (struct voice_name){.value = s};
	return true;
}
