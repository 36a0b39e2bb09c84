#include "source/stream_cut.h"

#include <string.h>

#include "base/mem.h"

void stream_batch_init(struct stream_batch *b, size_t max_bytes)
{
	*b = (struct stream_batch){.lines = BUF_INIT(max_bytes), .id = BUF_INIT(STREAM_ID_MAX)};
}

void stream_batch_done(struct stream_batch *b)
{
	buf_done(&b->lines);
	buf_done(&b->id);
}

void stream_cut_init(struct stream_cut *c, bool sse, const char *const *events, size_t n_events)
{
	*c = (struct stream_cut){.sse = sse,
				 .events = events,
				 .n_events = n_events,
				 .line = BUF_INIT(STREAM_FRAME_MAX + 64), /* sse: with the field's name */
				 .data = BUF_INIT(STREAM_FRAME_MAX),
				 .id = BUF_INIT(STREAM_ID_MAX)};
}

void stream_cut_done(struct stream_cut *c)
{
	buf_done(&c->line);
	buf_done(&c->data);
	buf_done(&c->id);
}

/* The block's; the id stays until another one comes. */
static void block_reset(struct stream_cut *c)
{
	buf_reset(&c->data);
	c->has_data = c->data_large = false;
	c->event[0] = '\0';
}

void stream_cut_anew(struct stream_cut *c)
{
	buf_reset(&c->line);
	buf_reset(&c->id);
	c->line_large = c->after_cr = c->begun = c->has_id = false;
	block_reset(c);
}

/* --- frames --- */

static void emit(struct stream_batch *b, const char *text, size_t len)
{
	buf_put(&b->lines, text, len);
	buf_putc(&b->lines, '\n');
	b->frames++;
}

void stream_cut_message(const char *bytes, size_t len, struct stream_batch *b)
{
	size_t from = b->lines.len, i;

	emit(b, bytes, len);
	for (i = from; b->lines.data && i + 1 < b->lines.len; i++) {
		if (b->lines.data[i] == '\n' || b->lines.data[i] == '\r')
			b->lines.data[i] = ' ';
	}
}

static bool wanted(const struct stream_cut *c)
{
	const char *event = c->event[0] ? c->event : "message";
	size_t i;

	for (i = 0; i < c->n_events; i++) {
		if (strcmp(c->events[i], event) == 0)
			return true;
	}
	return !c->n_events;
}

/* An empty line: the block is whole. One that nobody wants still says where to go on. */
static void block_end(struct stream_cut *c, struct stream_batch *b)
{
	if (c->data_large)
		c->too_large++;
	else if (c->data.len && wanted(c))
		emit(b, buf_str(&c->data), c->data.len);
	if (c->has_data && c->has_id) {
		buf_reset(&b->id);
		buf_put(&b->id, buf_str(&c->id), c->id.len);
		b->has_id = true;
	}
	block_reset(c);
}

static void take_id(struct stream_cut *c, const char *value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7F)
			return;
	}
	if (len > STREAM_ID_MAX)
		return;
	buf_reset(&c->id);
	buf_put(&c->id, value, len);
	c->has_id = len > 0; /* an empty one says: from now on */
}

static void take_data(struct stream_cut *c, const char *value, size_t len)
{
	if (c->data.len + len + 1 > STREAM_FRAME_MAX) {
		c->data_large = true;
		buf_reset(&c->data);
	}
	if (c->has_data && !c->data_large)
		buf_putc(&c->data, ' ');
	if (!c->data_large)
		buf_put(&c->data, value, len);
	c->has_data = true;
}

static void take_event(struct stream_cut *c, const char *value, size_t len)
{
	if (len >= sizeof(c->event)) /* nobody wants one of such a name */
		len = sizeof(c->event) - 1;
	memcpy(c->event, value, len);
	c->event[len] = '\0';
}

static bool is(const char *name, size_t len, const char *which)
{
	return len == strlen(which) && memcmp(name, which, len) == 0;
}

static void field(struct stream_cut *c, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t name_len = colon ? (size_t)(colon - line) : len;
	const char *value = colon ? colon + 1 : line + len;

	if (value < line + len && *value == ' ')
		value++;
	len = (size_t)(line + len - value);
	if (is(line, name_len, "data"))
		take_data(c, value, len);
	else if (is(line, name_len, "event"))
		take_event(c, value, len);
	else if (is(line, name_len, "id"))
		take_id(c, value, len);
}

/* --- lines --- */

static void line_end(struct stream_cut *c, struct stream_batch *b)
{
	const char *line = buf_str(&c->line);
	size_t len = c->line.len;

	if (!c->begun && len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
		line += 3;
		len -= 3;
	}
	c->begun = true;
	if (c->line_large && c->sse) /* whatever field it was, its block is not whole without */
		c->has_data = c->data_large = true;
	else if (c->line_large || (!c->sse && len > STREAM_FRAME_MAX))
		c->too_large++;
	else if (c->sse && len)
		field(c, line, len);
	else if (c->sse)
		block_end(c, b);
	else if (len)
		emit(b, line, len);
	buf_reset(&c->line);
	c->line_large = false;
}

static void line_put(struct stream_cut *c, const char *bytes, size_t len)
{
	if (c->line_large)
		return;
	buf_put(&c->line, bytes, len);
	c->line_large = c->line.full;
}

static size_t until_break(const char *p, size_t len)
{
	const char *lf = memchr(p, '\n', len);
	size_t n = lf ? (size_t)(lf - p) : len;
	const char *cr = memchr(p, '\r', n);

	return cr ? (size_t)(cr - p) : n;
}

void stream_cut_put(struct stream_cut *c, const char *bytes, size_t len, struct stream_batch *batch)
{
	while (len) {
		size_t n;

		if (c->after_cr && *bytes == '\n') {
			c->after_cr = false;
			bytes++;
			len--;
			continue;
		}
		c->after_cr = false;
		n = until_break(bytes, len);
		line_put(c, bytes, n);
		if (n == len)
			return;
		c->after_cr = bytes[n] == '\r';
		line_end(c, batch);
		bytes += n + 1;
		len -= n + 1;
	}
}
