#include "source/certs.h"

#include <string.h>

/* Few: a list will do. */
struct cert {
	char *host;
	int64_t until_ms, told_ms;
};

struct certs {
	struct cert v[CERTS_MAX];
	size_t n;
};

struct certs *certs_new(void)
{
	return NEW(struct certs);
}

static void drop(struct certs *c, struct cert *x)
{
	free(x->host);
	*x = c->v[--c->n];
}

struct certs *certs_free(struct certs *c)
{
	if (!c)
		return NULL;
	while (c->n)
		drop(c, c->v);
	free(c);
	return NULL;
}

static void drop_ended(struct certs *c, int64_t now_ms)
{
	size_t i;

	for (i = c->n; i-- > 0;)
		if (c->v[i].until_ms <= now_ms)
			drop(c, &c->v[i]);
}

static struct cert *find(struct certs *c, const char *host)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->v[i].host, host) == 0)
			return &c->v[i];
	return NULL;
}

enum cert_say certs_step(struct certs *c, const char *host, int64_t until_ms, int64_t now_ms)
{
	struct cert *x = find(c, host);

	if (until_ms - now_ms >= CERTS_SOON_MS) {
		if (x)
			drop(c, x);
		return x ? CERT_SAY_RENEWED : CERT_SAY_NOTHING;
	}
	if (x) {
		x->until_ms = until_ms;  /* of several servers behind one name, each may show its own */
		if (x->told_ms > now_ms) /* the clock was set back */
			x->told_ms = now_ms;
		if (now_ms - x->told_ms < CERTS_AGAIN_MS)
			return CERT_SAY_NOTHING;
		x->told_ms = now_ms;
		return CERT_SAY_STILL;
	}
	drop_ended(c, now_ms);
	if (c->n == CERTS_MAX || until_ms <= now_ms)
		return CERT_SAY_NOTHING;
	c->v[c->n++] = (struct cert){.host = xstrdup(host), .until_ms = until_ms, .told_ms = now_ms};
	return CERT_SAY_ENDS;
}
