/* A rule file of any bytes: it loads, or its mistakes are told with a place inside it; what loads can be matched with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "mention/catalogue.h"
#include "mention/mention.h"

enum { ARENA_BYTES = 1 << 22, SHOWN_BYTES = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void findings_are_sound(const struct diag *d)
{
	struct buf b = BUF_INIT(SHOWN_BYTES);
	size_t i;

	for (i = 0; i < diag_len(d); i++) {
		buf_reset(&b);
		diag_render(&b, diag_at(d, i), i % 2 ? TEXT_ES : TEXT_EN);
		demand(b.len && utf8_valid_text(b.data, b.len));
	}
	buf_done(&b);
}

static void hits_are_sound(const struct mention *m)
{
	const char *const texts[] = {m->title, m->text, m->author.name, m->url};
	size_t i, k;

	for (i = 0; i < m->n_hits; i++) {
		demand(m->hits[i].topic && m->hits[i].n_spans <= MENTION_SPANS_MAX);
		for (k = 0; k < m->hits[i].n_spans; k++) {
			const struct span *s = &m->hits[i].spans[k];

			demand(s->from < s->to && s->to <= utf8_count(texts[s->in], strlen(texts[s->in])));
		}
	}
}

static void match(const struct ruleset *rs)
{
	cleanup(matcher_freep) struct matcher *x = matcher_new(rs);
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct mention m;

	mention_init(&m);
	m.title = "Ácme MX: ¿fraude o robo?";
	m.text = "Dicen @acme_mx y #acme que «no».\nUn niño, e\u0301l, 👍🏽 ac\u200Bme estafa 123";
	m.author.name = "Ana Ruiz";
	m.author.handle = "@ana";
	m.url = "https://acme.example.com/opinion";
	matcher_match(x, &m, "acme", a);
	hits_are_sound(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(ruleset_freep) struct ruleset *rs = NULL;
	int fd = memfd_create("rules", MFD_CLOEXEC), r;
	cleanup(freep) char *path = xasprintf("/proc/self/fd/%d", fd);

	demand(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	r = ruleset_load((const char *const[]){path}, 1, d, &rs);
	close(fd);
	demand(r == (diag_count(d, DIAG_ERROR) ? RULESET_E_INVALID : 0) && (r == 0) == (rs != NULL));
	findings_are_sound(d);
	if (rs) {
		demand(ruleset_catalogue(rs)->n_topics == 1);
		match(rs);
	}
	return 0;
}
