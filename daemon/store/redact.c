#include "store/redact.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

struct word {
	const char *text;
	size_t len;
	bool handle;
};

static bool begins(const struct word *w, const char *text, const char *at)
{
	if (w->handle)
		return at > text && (at[-1] == '@' || at[-1] == '/');
	return at == text || !is_of_name(at[-1]);
}

static const char *find(const struct word *w, const char *text, const char *from)
{
	for (; *from; from++) {
		if (strncasecmp(from, w->text, w->len) == 0 && !is_of_name(from[w->len]) && begins(w, text, from))
			return from;
	}
	return NULL;
}

char *redact(const char *text, const char *who)
{
	struct buf b = BUF_INIT(text ? sizeof(REDACTED) * (strlen(text) + 1) : 1);
	const bool handle = *who == '@';
	const struct word w = {who + handle, strlen(who + handle), handle};
	const char *at = text, *found;

	if (!text || !w.len || !find(&w, text, text))
		return NULL;
	while ((found = find(&w, text, at))) {
		buf_put(&b, at, (size_t)(found - at));
		buf_put(&b, REDACTED, sizeof(REDACTED) - 1);
		at = found + w.len;
	}
	buf_put(&b, at, strlen(at));
	return buf_steal(&b);
}
