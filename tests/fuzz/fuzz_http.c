/* What a request may say to the API: parameters, the host that it names, and the JSON bodies of POSTs. The first byte
 * chooses. */
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "serve/body.h"
#include "serve/config.h"
#include "serve/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_query(const char *text)
{
	static const char *const known[] = {"q", "limit", "after", "topic", "follow", NULL};
	cleanup(diag_freep) struct diag *d = diag_new();
	struct stream_id after;
	struct query q;
	const char *topic;
	size_t limit, i;
	bool follow, given;

	if (query_parse(text, known, d, &q) != 0) {
		if (!diag_len(d))
			abort(); /* refused, and nobody told why */
		return;
	}
	for (i = 0; i < q.n; i++)
		if (!utf8_valid_text(q.v[i].value, strlen(q.v[i].value)))
			abort();
	if (query_number(&q, "limit", 1000, d, &limit) == 0 && query_text(&q, "limit") && (limit < 1 || limit > 1000))
		abort();
	(void)!query_cursor(&q, "after", d, &given, &after);
	(void)!query_name(&q, "topic", d, &topic);
	(void)!query_flag(&q, "follow", d, &follow);
	query_done(&q);
}

static void read_host(const char *text)
{
	char host[HTTP_HOST_MAX_BYTES + 1];
	size_t i;

	if (!http_host(text, host))
		return;
	if (!*host || strlen(host) > HTTP_HOST_MAX_BYTES)
		abort();
	for (i = 0; host[i]; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-_:", host[i]))
			abort();
}

static void read_body(const char *bytes, size_t len, int which)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct body body = {NULL};
	struct serve_add add;
	const char *name;
	struct stream_id *ids = NULL;
	size_t n_ids = 0;
	enum outbox_stream stream;
	int64_t back_ms = 0;
	int r = which == 0   ? body_add(bytes, len, d, &body, &add)
		: which == 1 ? body_poll(bytes, len, d, &body, &name)
		: which == 2 ? body_requeue(bytes, len, d, &stream, &back_ms)
		: which == 3 ? body_ids(bytes, len, d, &stream, &ids, &n_ids)
			     : body_empty(bytes, len, d);

	if ((back_ms < 0 && back_ms != TIME_NONE) || (ids != NULL) != (n_ids > 0))
		abort();
	free(ids);
	if ((r == 0) != (diag_len(d) == 0))
		abort();
	if (r == 0 && which == 0 && (!*add.text || !utf8_valid_text(add.text, strlen(add.text))))
		abort();
	body_done(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(freep) char *text = size ? xstrndup((const char *)data + 1, size - 1) : NULL;

	if (!size)
		return 0;
	if (data[0] == '?')
		read_query(text);
	else if (data[0] == 'h')
		read_host(text);
	else
		read_body((const char *)data + 1, size - 1, data[0] % 5);
	return 0;
}
