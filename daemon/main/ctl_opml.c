#include "main/ctl_opml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/markup.h"
#include "main/config.h"
#include "main/ctl_settings.h"
#include "source/config.h"

/* As the value of an attribute. Names and addresses of a configuration hold no controls. */
static void put_attr(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s=\"", name);
	markup_put(out, value);
	buf_putc(out, '"');
}

static void put_feed(const struct source_config *s, const char *indent, struct buf *out)
{
	buf_printf(out, "%s<outline", indent);
	put_attr(out, "type", "rss");
	put_attr(out, "text", s->name);
	put_attr(out, "xmlUrl", s->url);
	buf_puts(out, "/>\n");
}

static bool is_of(const struct source_config *s, const char *topic)
{
	return s->platform == SOURCE_FEED && (topic ? s->topic && strcmp(s->topic, topic) == 0 : !s->topic);
}

/* topic NULL: those that have none, which stand in no folder. */
static void put_folder(const struct config *config, const char *topic, struct buf *out)
{
	size_t i;

	if (topic) {
		buf_puts(out, "    <outline");
		put_attr(out, "text", topic);
		buf_puts(out, ">\n");
	}
	for (i = 0; i < config->n_sources; i++)
		if (is_of(&config->sources[i], topic))
			put_feed(&config->sources[i], topic ? "      " : "    ", out);
	if (topic)
		buf_puts(out, "    </outline>\n");
}

/* Each topic once, as the sources name them. */
static size_t topics_of(const struct config *config, const char *ret[OPML_TOPICS_MAX])
{
	size_t i, k, n = 0;

	for (i = 0; i < config->n_sources; i++) {
		const char *topic = config->sources[i].topic;

		if (!topic || config->sources[i].platform != SOURCE_FEED)
			continue;
		for (k = 0; k < n && strcmp(ret[k], topic) != 0; k++)
			;
		if (k == n && n < OPML_TOPICS_MAX)
			ret[n++] = topic;
	}
	return n;
}

static int put_all(const struct ctl *c, const struct config *config)
{
	struct buf out = BUF_INIT(OPML_OUT_MAX_BYTES);
	const char *topics[OPML_TOPICS_MAX];
	size_t n = topics_of(config, topics), i;
	int r = CTL_DONE;

	buf_puts(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    "
		       "<title>escuchad</title>\n  </head>\n  <body>\n");
	put_folder(config, NULL, &out);
	for (i = 0; i < n; i++)
		put_folder(config, topics[i], &out);
	buf_puts(&out, "  </body>\n</opml>\n");
	if (out.full) {
		ctl_complain_errno(c, TEXT_CTL_FILE, config->file, EFBIG);
		r = CTL_NO;
	} else {
		fwrite(buf_str(&out), 1, out.len, stdout);
	}
	buf_done(&out);
	for (i = 0; i < config->n_sources; i++)
		if (config->sources[i].platform == SOURCE_OPML)
			CTL_COMPLAIN(c, TEXT_CTL_OPML_LIST, config->sources[i].name, config->sources[i].path);
	return r;
}

int opml_export(const struct ctl *c)
{
	cleanup(config_freep) struct config *config = NULL;
	int r = ctl_config_load(c, &config);

	return r == CTL_DONE ? put_all(c, config) : r;
}
