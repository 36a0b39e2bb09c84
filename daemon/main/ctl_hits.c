/* tail, search, add: hits as they come, mentions that hold a text, one made by hand. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

enum { HIT_MAX_BYTES = 1024 * 1024, LIMIT_MAX = 1000, LINES = 20, STDIN_MAX_BYTES = 256 * 1024, BACK_S = 2 };

struct listing {
	const struct ctl *ctl;
	bool ids; /* each hit's is told, for `why` and `discard` */
	size_t n;
	char *cursor; /* of the last hit; NULL: none yet */
	bool more;
};

static void put_id(struct buf *out, const char *id)
{
	buf_puts(out, "  id ");
	text_clean(out, id, strlen(id));
	buf_putc(out, '\n');
}

static bool on_hit(void *arg, json_t *hit, const char *bytes, size_t len)
{
	struct listing *l = arg;
	const char *cursor = json_string_value(json_object_get(hit, "cursor"));

	if (json_object_get(hit, "heartbeat"))
		return true;
	if (json_is_true(json_object_get(hit, "more"))) {
		l->more = true;
		return true;
	}
	if (l->ctl->json) {
		fwrite(bytes, 1, len, stdout);
		putchar('\n');
	} else {
		struct buf out = BUF_INIT(HIT_MAX_BYTES);

		if (l->n)
			buf_putc(&out, '\n');
		hit_print(l->ctl, hit, &out);
		if (l->ids && said_in(hit, "id"))
			put_id(&out, said_in(hit, "id"));
		fwrite(buf_str(&out), 1, out.len, stdout);
		buf_done(&out);
	}
	l->n++;
	if (cursor) {
		free(l->cursor);
		l->cursor = xstrdup(cursor);
	}
	return fflush(stdout) == 0; /* who reads us may have gone */
}

static char *hits_target(const struct listing *l, long limit, const char *topic, bool follow)
{
	cleanup(freep) char *escaped = topic ? client_escape(topic) : NULL;

	return xasprintf("/v1/hits?limit=%ld%s%s%s%s%s", l->cursor ? (long)LIMIT_MAX : limit,
			 l->cursor ? "&after=" : "", l->cursor ? l->cursor : "", escaped ? "&topic=" : "",
			 escaped ? escaped : "", follow ? "&follow=1" : "");
}

struct tail_values {
	long lines;
	const char *topic;
	bool follow, ids;
};

/* Follows over restarts of the daemon: it comes back after the last hit that it saw, by a connection of its own. */
static int follow(const struct ctl *c, struct client *first, struct listing *l, const struct tail_values *v)
{
	cleanup(client_freep) struct client *own = NULL;
	struct client *k = first;
	bool told = false;

	for (;;) {
		cleanup(freep) char *target = hits_target(l, v->lines, v->topic, true);
		size_t before = l->n;

		l->more = false;
		switch (k ? client_lines(k, target, true, on_hit, l) : CLIENT_CUT) {
		case CLIENT_REFUSED:
			return CTL_NO;
		case CLIENT_STOPPED:
			return CTL_DONE;
		case CLIENT_WHOLE:
			if (l->more && l->n > before)
				continue; /* there is more in the log than a page */
			break;
		case CLIENT_CUT:
			break;
		}
		if (l->n > before)
			told = false;
		if (!told)
			CTL_COMPLAIN(c, TEXT_CTL_TAIL_CUT);
		told = true;
		(void)nanosleep(&(struct timespec){.tv_sec = BACK_S}, NULL);
		client_free(own);
		k = own = client_new(c, true);
	}
}

static int tail_run(const struct ctl_call *call)
{
	const struct tail_values *v = call->values;
	const struct ctl *c = call->ctl;
	struct listing l = {.ctl = c, .ids = v->ids};
	int r;

	local_zone(c);
	if (v->follow) {
		r = follow(c, call->client, &l, v);
	} else {
		cleanup(freep) char *target = hits_target(&l, v->lines, v->topic, false);

		r = client_lines(call->client, target, false, on_hit, &l) == CLIENT_WHOLE ? CTL_DONE : CTL_NO;
		if (r == CTL_DONE && l.n == 0 && !c->json)
			CTL_SAY(c, TEXT_CTL_TAIL_NONE);
	}
	free(l.cursor);
	return r;
}

static const struct tail_values tail_defaults = {.lines = LINES};
static const struct ctl_option tail_options[] = {
	{"follow", 'f', CTL_FLAG, offsetof(struct tail_values, follow)},
	{"lines", 'n', CTL_NUMBER, offsetof(struct tail_values, lines), 1, LIMIT_MAX},
	{"topic", 't', CTL_VALUE, offsetof(struct tail_values, topic)},
	{"ids", 'i', CTL_FLAG, offsetof(struct tail_values, ids)},
};
const struct ctl_command ctl_tail = {
	.name = "tail",
	.run = tail_run,
	.help = TEXT_CTL_HELP_TAIL,
	.needs = CTL_NEEDS_DAEMON,
	.options = tail_options,
	.n_options = ARRAY_LEN(tail_options),
	.defaults = &tail_defaults,
	.values_bytes = sizeof(struct tail_values),
};

/* The arguments with a space between; NULL: ill-formed. To be freed. */
static char *joined(const struct ctl_call *call)
{
	struct buf b = BUF_INIT(STDIN_MAX_BYTES);
	int i;

	for (i = 0; i < call->n; i++) {
		if (i > 0)
			buf_putc(&b, ' ');
		buf_puts(&b, call->args[i]);
	}
	if (!b.full && utf8_valid_text(buf_str(&b), b.len))
		return buf_steal(&b);
	buf_done(&b);
	return NULL;
}

struct search_values {
	long lines;
	bool ids;
};

static int search_run(const struct ctl_call *call)
{
	const struct search_values *v = call->values;
	const struct ctl *c = call->ctl;
	cleanup(freep) char *text = joined(call), *escaped = NULL, *target = NULL;
	struct listing l = {.ctl = c, .ids = v->ids};

	if (!text) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	local_zone(c);
	escaped = client_escape(text);
	target = xasprintf("/v1/search?q=%s&limit=%ld", escaped, v->lines);
	if (client_lines(call->client, target, false, on_hit, &l) != CLIENT_WHOLE)
		return CTL_NO;
	free(l.cursor);
	if (l.n == 0 && !c->json)
		CTL_COMPLAIN(c, TEXT_CTL_SEARCH_NONE);
	return l.n ? CTL_DONE : CTL_NO;
}

static const struct search_values search_defaults = {.lines = LINES};
static const struct ctl_option search_options[] = {
	{"lines", 'n', CTL_NUMBER, offsetof(struct search_values, lines), 1, LIMIT_MAX},
	{"ids", 'i', CTL_FLAG, offsetof(struct search_values, ids)},
};
const struct ctl_command ctl_search = {
	.name = "search",
	.run = search_run,
	.help = TEXT_CTL_HELP_SEARCH,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = -1,
	.options = search_options,
	.n_options = ARRAY_LEN(search_options),
	.defaults = &search_defaults,
	.values_bytes = sizeof(struct search_values),
};

/* "-": from standard input. NULL: told. */
static char *text_to_add(const struct ctl_call *call)
{
	struct buf b = BUF_INIT(STDIN_MAX_BYTES);
	char part[4096];
	size_t n;
	char *text;

	if (call->n != 1 || strcmp(call->args[0], "-") != 0) {
		text = joined(call);
	} else {
		while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
			buf_put(&b, part, n);
		text = !b.full && utf8_valid_text(buf_str(&b), b.len) ? buf_steal(&b) : NULL;
		buf_done(&b);
	}
	if (!text)
		CTL_COMPLAIN(call->ctl, TEXT_CTL_NOT_UTF8);
	return text;
}

static bool set_text(json_t *body, const char *key, const char *value)
{
	return !value || json_object_set_new(body, key, json_string(value)) == 0;
}

struct add_values {
	const char *title, *url, *author, *topic;
};

static int add_run(const struct ctl_call *call)
{
	const struct add_values *v = call->values;
	const struct ctl *c = call->ctl;
	cleanup(freep) char *text = text_to_add(call);
	struct listing l = {.ctl = c};
	json_t *body, *answer;
	long status;
	bool done;

	if (!text)
		return CTL_USAGE;
	body = json_pack("{}");
	done = set_text(body, "text", text) && set_text(body, "title", v->title) && set_text(body, "url", v->url) &&
	       set_text(body, "author", v->author) && set_text(body, "topic", v->topic);
	if (!done)
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
	done = done && client_post(call->client, "/v1/mentions", body, 0, &status, &answer);
	json_decref(body);
	if (!done)
		return CTL_NO;
	local_zone(c);
	if (c->json) {
		json_print(answer);
	} else {
		CTL_SAY(c, json_array_size(json_object_get(answer, "hits")) ? TEXT_CTL_ADDED : TEXT_CTL_ADDED_NO_HIT);
		char *bytes = json_dumps(answer, JSON_COMPACT);

		(void)on_hit(&l, answer, bytes, strlen(bytes));
		free(bytes);
	}
	json_decref(answer);
	return CTL_DONE;
}

static const struct ctl_option add_options[] = {
	{"title", 0, CTL_VALUE, offsetof(struct add_values, title)},
	{"url", 0, CTL_VALUE, offsetof(struct add_values, url)},
	{"author", 0, CTL_VALUE, offsetof(struct add_values, author)},
	{"topic", 't', CTL_VALUE, offsetof(struct add_values, topic)},
};
const struct ctl_command ctl_add = {
	.name = "add",
	.run = add_run,
	.help = TEXT_CTL_HELP_ADD,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = -1,
	.options = add_options,
	.n_options = ARRAY_LEN(add_options),
	.values_bytes = sizeof(struct add_values),
};
