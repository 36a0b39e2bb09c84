/* Any bytes through page_parse(): facts within their bounds, addresses that can be asked, valid text, and no address twice. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/page.h"
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static bool is_address(const struct answer_fact *f)
{
	static const char *const names[] = {"rss", "atom", "json", "wordpress"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(f->name, names[i]))
			return true;
	return false;
}

/* Its length: behind a feed's there may be a blank and a title. */
static size_t address_len(const struct answer_fact *f)
{
	return strcspn(f->value, " ");
}

static void check_fact(const struct answer *answer, size_t at)
{
	const struct answer_fact *f = &answer->facts[at];
	size_t len = strlen(f->value), url = address_len(f), i;

	demand(utf8_valid_text(f->value, len) && len <= PAGE_VALUE_MAX_BYTES + 1 + PAGE_TITLE_MAX_BYTES);
	if (!is_address(f))
		return;
	demand(url <= PAGE_VALUE_MAX_BYTES && (!strncmp(f->value, "http://", 7) || !strncmp(f->value, "https://", 8)));
	for (i = 0; i < at; i++)
		demand(!is_address(&answer->facts[i]) || address_len(&answer->facts[i]) != url ||
		       memcmp(answer->facts[i].value, f->value, url) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(1 << 28);
	const struct job_feed job = {.source = "s",
				     .platform = "feed",
				     .address = "https://pagina.example/d/f.html",
				     .format = "page",
				     .first = true,
				     .not_before_ms = TIME_NONE,
				     .body = (const char *)data,
				     .body_len = size};
	struct buf wire = BUF_INIT(1 << 24);
	struct answer answer = {.n_facts = 0}, copy;
	size_t i;

	parse_init();
	page_parse(&job, a, &answer);
	demand(answer.n_facts <= PAGE_LINKS_MAX + 3);
	for (i = 0; i < answer.n_facts; i++)
		check_fact(&answer, i);
	answer_put(&wire, &answer);
	demand(answer_get(buf_str(&wire), wire.len, a, &copy) == 0 && copy.n_facts == answer.n_facts);
	buf_done(&wire);
	arena_free(a);
	return 0;
}
