/* parse/url: by which address two are of the same article. */
#include <string.h>

#include "base/buf.h"
#include "parse/url.h"

/* How the same page is served to a telephone. */
static const char *const hosts[] = {"www.", "m.", "mobile.", "amp."};
static const char *const marks[] = {"amp", "amp=1", "amp=true", "outputType=amp", "output=amp"};

static const char *behind_host_mark(const char *s)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(hosts); i++) {
		size_t len = strlen(hosts[i]);

		if (!strncmp(s, hosts[i], len) &&
		    memchr(s + len, '.', strcspn(s + len, "/?#"))) /* "m.example" is a host */
			return s + len;
	}
	return s;
}

/* The path, without what marks a page of AMP's, and without its last slashes. */
static void put_path(struct buf *out, const char *s, size_t len)
{
	static const char amp[] = "/amp";
	const size_t n = sizeof(amp) - 1;

	while (len && s[len - 1] == '/')
		len--;
	if (len > n && !memcmp(s + len - n, amp, n) && s[len - n - 1] != '/')
		len -= n;
	buf_put(out, s, len);
}

static void put_query(struct buf *out, const char *s, size_t len)
{
	const char *end = s + len;
	char sep = '?';

	while (s < end) {
		const char *and = memchr(s, '&', (size_t)(end - s));
		size_t n = (size_t)((and? and : end) - s), i;

		for (i = 0; i < ARRAY_LEN(marks); i++)
			if (strlen(marks[i]) == n && !strncasecmp(marks[i], s, n))
				break;
		if (n && i == ARRAY_LEN(marks)) {
			buf_putc(out, sep);
			buf_put(out, s, n);
			sep = '&';
		}
		s += n + (and != NULL);
	}
}

int url_of_story(const char *url, struct buf *out)
{
	struct buf b = BUF_INIT(3 * URL_MAX_BYTES);
	int r = url_is_http(url) ? url_normalise(url, &b) : URL_E_SYNTAX;

	if (r == 0) {
		const char *s = behind_host_mark(strstr(buf_str(&b), "://") + 3), *path_end = s + strcspn(s, "?#");
		size_t query = *path_end == '?' ? strcspn(path_end + 1, "#") : 0;

		put_path(out, s, (size_t)(path_end - s));
		put_query(out, path_end + (query > 0), query);
		r = out->full ? URL_E_SYNTAX : 0;
	}
	buf_done(&b);
	return r;
}
