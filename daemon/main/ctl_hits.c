/* tail, search, add: hits as they come, mentions that hold a text, one made by hand. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "main/ctl_client.h"
#include "main/ctl_options.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"

enum { HIT_MAX_BYTES = 1024 * 1024, LIMIT_MAX = 1000, STDIN_MAX_BYTES = 256 * 1024, BACK_S = 2 };

struct listing {
	const struct ctl *ctl;
	size_t n;
	char *cursor; /* of the last hit; NULL: none yet */
	bool more;
};

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

/* Follows over restarts of the daemon: it comes back after the last hit that it saw. */
static int follow(const struct ctl *c, struct client *k, struct listing *l, long limit, const char *topic)
{
	bool told = false;

	for (;;) {
		cleanup(freep) char *target = hits_target(l, limit, topic, true);
		size_t before = l->n;

		l->more = false;
		switch (k ? client_lines(k, target, true, on_hit, l) : CLIENT_CUT) {
		case CLIENT_REFUSED:
			client_free(k);
			return CTL_NO;
		case CLIENT_STOPPED:
			client_free(k);
			return CTL_DONE;
		case CLIENT_WHOLE:
			if (l->more && l->n > before)
				continue; /* there is more in the log than a page */
			break;
		case CLIENT_CUT:
			break;
		}
		k = client_free(k);
		if (l->n > before)
			told = false;
		if (!told)
			CTL_COMPLAIN(c, TEXT_CTL_TAIL_CUT);
		told = true;
		(void)nanosleep(&(struct timespec){.tv_sec = BACK_S}, NULL);
		k = client_new(c, true);
	}
}

int ctl_tail(struct ctl *c, int argc, char **argv)
{
	const char *number = "20", *topic = NULL;
	bool go_on = false;
	const struct ctl_option options[] = {{"follow", 'f', CTL_FLAG, &go_on},
					     {"lines", 'n', CTL_VALUE, &number},
					     {"topic", 't', CTL_VALUE, &topic}};
	struct listing l = {.ctl = c};
	struct client *k;
	char *target;
	long limit;
	int r;

	if (!ctl_arguments(c, TEXT_CTL_HELP_TAIL, options, ARRAY_LEN(options), 0, 0, &argc, argv, &r))
		return r;
	if (!ctl_number(c, "-n", number, 1, LIMIT_MAX, &limit))
		return CTL_USAGE;
	if (!ctl_settings_read(c))
		return CTL_CONFIG;
	k = client_new(c, false);
	if (!k)
		return CTL_NO;
	local_zone(c);
	if (go_on) {
		r = follow(c, k, &l, limit, topic);
	} else {
		target = hits_target(&l, limit, topic, false);
		r = client_lines(k, target, false, on_hit, &l) == CLIENT_WHOLE ? CTL_DONE : CTL_NO;
		free(target);
		client_free(k);
		if (r == CTL_DONE && l.n == 0 && !c->json)
			CTL_SAY(c, TEXT_CTL_TAIL_NONE);
	}
	free(l.cursor);
	return r;
}

/* The arguments with a space between; NULL: ill-formed. To be freed. */
static char *joined(int argc, char **argv)
{
	struct buf b = BUF_INIT(STDIN_MAX_BYTES);
	int i;

	for (i = 1; i < argc; i++) {
		if (i > 1)
			buf_putc(&b, ' ');
		buf_puts(&b, argv[i]);
	}
	if (!b.full && utf8_valid_text(buf_str(&b), b.len))
		return buf_steal(&b);
	buf_done(&b);
	return NULL;
}

int ctl_search(struct ctl *c, int argc, char **argv)
{
	const char *number = "20";
	const struct ctl_option options[] = {{"lines", 'n', CTL_VALUE, &number}};
	cleanup(client_freep) struct client *k = NULL;
	cleanup(freep) char *text = NULL, *escaped = NULL, *target = NULL;
	struct listing l = {.ctl = c};
	long limit;
	int r;

	if (!ctl_arguments(c, TEXT_CTL_HELP_SEARCH, options, ARRAY_LEN(options), 1, -1, &argc, argv, &r))
		return r;
	if (!ctl_number(c, "-n", number, 1, LIMIT_MAX, &limit))
		return CTL_USAGE;
	text = joined(argc, argv);
	if (!text) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	if (!ctl_settings_read(c))
		return CTL_CONFIG;
	k = client_new(c, false);
	if (!k)
		return CTL_NO;
	local_zone(c);
	escaped = client_escape(text);
	target = xasprintf("/v1/search?q=%s&limit=%ld", escaped, limit);
	if (client_lines(k, target, false, on_hit, &l) != CLIENT_WHOLE)
		return CTL_NO;
	free(l.cursor);
	if (l.n == 0 && !c->json)
		CTL_COMPLAIN(c, TEXT_CTL_SEARCH_NONE);
	return l.n ? CTL_DONE : CTL_NO;
}

/* "-": from standard input. NULL: told. */
static char *text_to_add(const struct ctl *c, int argc, char **argv)
{
	struct buf b = BUF_INIT(STDIN_MAX_BYTES);
	char part[4096];
	size_t n;
	char *text;

	if (argc != 2 || strcmp(argv[1], "-") != 0) {
		text = joined(argc, argv);
	} else {
		while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
			buf_put(&b, part, n);
		text = !b.full && utf8_valid_text(buf_str(&b), b.len) ? buf_steal(&b) : NULL;
		buf_done(&b);
	}
	if (!text)
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
	return text;
}

static bool set_text(json_t *body, const char *key, const char *value)
{
	return !value || json_object_set_new(body, key, json_string(value)) == 0;
}

int ctl_add(struct ctl *c, int argc, char **argv)
{
	const char *title = NULL, *url = NULL, *author = NULL, *topic = NULL;
	const struct ctl_option options[] = {{"title", 0, CTL_VALUE, &title},
					     {"url", 0, CTL_VALUE, &url},
					     {"author", 0, CTL_VALUE, &author},
					     {"topic", 't', CTL_VALUE, &topic}};
	cleanup(client_freep) struct client *k = NULL;
	cleanup(freep) char *text = NULL;
	struct listing l = {.ctl = c};
	json_t *body, *answer;
	long status;
	bool done;
	int r;

	if (!ctl_arguments(c, TEXT_CTL_HELP_ADD, options, ARRAY_LEN(options), 1, -1, &argc, argv, &r))
		return r;
	text = text_to_add(c, argc, argv);
	if (!text)
		return CTL_USAGE;
	if (!ctl_settings_read(c))
		return CTL_CONFIG;
	k = client_new(c, false);
	if (!k)
		return CTL_NO;
	body = json_pack("{}");
	done = set_text(body, "text", text) && set_text(body, "title", title) && set_text(body, "url", url) &&
	       set_text(body, "author", author) && set_text(body, "topic", topic);
	if (!done)
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
	done = done && client_post(k, "/v1/mentions", body, 0, &status, &answer);
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
