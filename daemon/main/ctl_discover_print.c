/* discover: what was found, as sources to paste into escuchad.yaml. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "main/ctl.h"
#include "main/ctl_discover.h"
#include "main/ctl_output.h"

enum { OUT_MAX_BYTES = 256 * 1024 };

static bool is_taken(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n && strcmp(names[i], name) != 0; i++)
		;
	return i < n;
}

/* Of its host and what tells it from the others: [a-z0-9-]+, each once. */
static const char *name_of(const struct discover *d, const struct found *f, const char *const *names, size_t n)
{
	const char *host = strstr(f->value, "://"), *base, *name;
	char text[DISCOVER_NAME_MAX + 1];
	size_t len = 0, i;

	host = host ? host + 3 : f->value;
	host += strncmp(host, "www.", 4) == 0 ? 4 : 0;
	for (i = 0; host[i] && !strchr("/?#", host[i]) && len < DISCOVER_NAME_MAX; i++) {
		if (isalnum((unsigned char)host[i]))
			text[len++] = (char)tolower((unsigned char)host[i]);
		else if (len && text[len - 1] != '-')
			text[len++] = '-';
	}
	while (len && text[len - 1] == '-')
		len--;
	text[len] = '\0';
	base = arena_printf(d->a, "%s%s%s", len ? text : "source", strcmp(f->platform, "feed") == 0 ? "" : "-",
			    strcmp(f->platform, "feed") != 0 ? f->platform
			    : strstr(f->value, "comments")   ? "-comments"
							     : "");
	for (name = base, i = 2; is_taken(names, n, name); i++)
		name = arena_printf(d->a, "%s-%zu", base, i);
	return name;
}

static void names_of(const struct discover *d, const char **names)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		names[i] = name_of(d, &d->v[i], names, i);
}

/* Single quotes, in which YAML knows no escape but the quote itself. */
static void put_quoted(struct buf *out, const char *text)
{
	struct buf clean = BUF_INIT(OUT_MAX_BYTES);
	const char *s;

	text_clean(&clean, text, strlen(text));
	buf_putc(out, '\'');
	for (s = buf_str(&clean); *s; s++) {
		if (*s == '\'')
			buf_putc(out, '\'');
		buf_putc(out, *s);
	}
	buf_putc(out, '\'');
	buf_done(&clean);
}

static void put_source(const struct discover *d, const struct found *f, const char *name, struct buf *out)
{
	size_t i;

	if (f->title) {
		buf_puts(out, "  # ");
		text_clean(out, f->title, strlen(f->title));
		buf_putc(out, '\n');
	}
	buf_printf(out, "  - name: %s\n    platform: %s\n    %s: ", name, f->platform, f->key);
	put_quoted(out, f->value);
	buf_putc(out, '\n');
	if (f->more)
		buf_printf(out, "    %s: '%s'  # %s\n", f->more, f->say,
			   text_raw(d->ctl->lang, TEXT_CTL_DISCOVER_YOURS));
	for (i = 0; i < d->n_allow; i++)
		buf_printf(out, "%s'%s'%s", i ? ", " : "    allow_private: [", d->allowed[i],
			   i + 1 < d->n_allow ? "" : "]\n");
}

void discover_print(const struct discover *d)
{
	const char *names[DISCOVER_FOUND_MAX];
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	size_t i;

	names_of(d, names);
	buf_printf(&out, "# %s\nsources:\n", text_raw(d->ctl->lang, TEXT_CTL_DISCOVER_PASTE));
	for (i = 0; i < d->n; i++)
		put_source(d, &d->v[i], names[i], &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

/* One line a source. */
void discover_print_json(const struct discover *d)
{
	const char *names[DISCOVER_FOUND_MAX];
	size_t i;

	names_of(d, names);
	for (i = 0; i < d->n; i++) {
		struct buf line = BUF_INIT(OUT_MAX_BYTES);
		struct json j = JSON_OUT(&line);

		json_begin_object(&j, NULL);
		json_text(&j, "name", names[i]);
		json_text(&j, "platform", d->v[i].platform);
		json_text(&j, d->v[i].key, d->v[i].value);
		json_text(&j, "needs", d->v[i].more);
		json_text(&j, "title", d->v[i].title);
		json_end_object(&j);
		printf("%s\n", buf_str(&line));
		buf_done(&line);
	}
}
