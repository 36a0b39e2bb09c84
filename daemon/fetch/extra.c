#include "fetch/extra.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "fetch/fetch.h"

/* A line break would begin another header, a colon in a name end it. */
static bool fits(const struct fetch_header *h)
{
	const char *p;

	for (p = h->value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return false;
	return *h->name && !strpbrk(h->name, ": \t\r\n");
}

void extra_init(struct extra *x, const struct fetch_request *r)
{
	size_t i;

	*x = (struct extra){.post = r->post, .stay = r->stay, .method = r->post ? r->method : NULL};
	if (r->n_headers)
		x->lines = xcalloc(r->n_headers + 1, sizeof(*x->lines));
	for (i = 0; i < r->n_headers; i++) {
		if (fits(&r->headers[i]))
			x->lines[x->n_lines++] = xasprintf("%s: %s", r->headers[i].name, r->headers[i].value);
	}
	if (r->post) {
		x->body = xmalloc(r->body_len + 1);
		memcpy(x->body, r->body ? r->body : "", r->body_len);
		x->body[r->body_len] = '\0';
		x->body_len = r->body_len;
	}
	x->n = r->n_wanted < FETCH_WANTED_MAX ? r->n_wanted : FETCH_WANTED_MAX;
	if (!x->n)
		return;
	x->names = xcalloc(x->n, sizeof(*x->names));
	x->values = xcalloc(x->n, sizeof(*x->values));
	for (i = 0; i < x->n; i++)
		x->names[i] = xasprintf("%s:", r->wanted[i]);
}

static void wipe(char *s, size_t len)
{
	if (s)
		explicit_bzero(s, len);
	free(s);
}

void extra_done(struct extra *x)
{
	size_t i;

	for (i = 0; i < x->n_lines; i++)
		wipe(x->lines[i], strlen(x->lines[i]));
	free(x->lines);
	wipe(x->body, x->body_len);
	extra_reset(x);
	for (i = 0; i < x->n; i++)
		free(x->names[i]);
	free(x->names);
	free(x->values);
	*x = (struct extra){.n = 0};
}

void extra_reset(struct extra *x)
{
	size_t i;

	for (i = 0; i < x->n; i++) {
		free((char *)x->values[i]);
		x->values[i] = NULL;
	}
}

/* The first of a name counts, but for Link, of which there may be several with a part of it each. */
static void keep(struct extra *x, size_t i, const char *value, size_t len)
{
	const char *before = x->values[i];

	if (len > FETCH_WANTED_BYTES || !utf8_valid_text(value, len))
		return;
	if (!before) {
		x->values[i] = xstrndup(value, len);
	} else if (strcasecmp(x->names[i], "link:") == 0 && strlen(before) + len < FETCH_WANTED_BYTES) {
		x->values[i] = xasprintf("%s, %.*s", before, (int)len, value);
		free((char *)before);
	}
}

void extra_on_header(struct extra *x, const char *line, size_t len)
{
	size_t i, from;

	while (len && strchr(" \t\r\n", line[len - 1]))
		len--;
	for (i = 0; i < x->n; i++) {
		from = strlen(x->names[i]);
		if (len < from || strncasecmp(line, x->names[i], from) != 0)
			continue;
		while (from < len && (line[from] == ' ' || line[from] == '\t'))
			from++;
		keep(x, i, line + from, len - from);
	}
}

CURLcode extra_set(const struct extra *x, CURL *easy)
{
	CURLcode code = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);

	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, x->stay ? 0L : 1L);
	if (code == CURLE_OK && x->post)
		code = curl_easy_setopt(easy, CURLOPT_POST, 1L);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, x->method);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
					x->post ? (curl_off_t)x->body_len : (curl_off_t)-1);
	if (code == CURLE_OK && x->post)
		code = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, x->body);
	return code;
}
