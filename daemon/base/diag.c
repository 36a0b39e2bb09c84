#include "base/diag.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/wire.h"

enum { RENDER_MAX_BYTES = 16 * 1024, READ_MAX_BYTES = 4 * 1024 * 1024 };

struct diag {
	struct finding *v;
	size_t n, cap;
	size_t counts[DIAG_NOTE + 1];
};

struct diag *diag_new(void)
{
	return NEW(struct diag);
}

static void finding_done(struct finding *f)
{
	size_t i;

	free((char *)f->pos.file);
	free(f->key);
	free(f->guess);
	for (i = 0; i < DIAG_ARGS; i++)
		free(f->args[i]);
}

struct diag *diag_free(struct diag *d)
{
	size_t i;

	if (!d)
		return NULL;
	for (i = 0; i < d->n; i++)
		finding_done(&d->v[i]);
	free(d->v);
	free(d);
	return NULL;
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

void diag_add(struct diag *d, enum diag_severity severity, struct diag_pos pos, const char *key, const char *guess,
	      enum text_id text, const char *const args[])
{
	struct finding *f;
	size_t i;

	if (!d)
		return;
	d->counts[severity]++;
	if (d->n == DIAG_MAX)
		return;
	d->v = GROW(d->v, d->n, &d->cap);
	f = &d->v[d->n++];
	*f = (struct finding){.severity = severity, .pos = pos, .key = copy(key), .text = text, .guess = copy(guess)};
	f->pos.file = copy(pos.file);
	for (i = 0; i < DIAG_ARGS && args[i]; i++)
		f->args[i] = xstrdup(args[i]);
}

void diag_forget_notes(struct diag *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n; i++) {
		if (d->v[i].severity == DIAG_NOTE)
			finding_done(&d->v[i]);
		else
			d->v[n++] = d->v[i];
	}
	d->n = n;
	d->counts[DIAG_NOTE] = 0;
}

size_t diag_count(const struct diag *d, enum diag_severity severity)
{
	return d->counts[severity];
}

size_t diag_len(const struct diag *d)
{
	return d->n;
}

const struct finding *diag_at(const struct diag *d, size_t i)
{
	return &d->v[i];
}

static int by_place(const struct finding *a, const struct finding *b)
{
	int c = strcmp(a->pos.file ? a->pos.file : "", b->pos.file ? b->pos.file : "");

	if (c)
		return c;
	if (a->pos.line != b->pos.line)
		return a->pos.line < b->pos.line ? -1 : 1;
	if (a->pos.column != b->pos.column)
		return a->pos.column < b->pos.column ? -1 : 1;
	return 0;
}

void diag_sort(struct diag *d)
{
	size_t i, j;

	for (i = 1; i < d->n; i++) { /* insertion: stable, nearly sorted already, and never above DIAG_MAX */
		struct finding f = d->v[i];

		for (j = i; j && by_place(&d->v[j - 1], &f) > 0; j--)
			d->v[j] = d->v[j - 1];
		d->v[j] = f;
	}
}

/* The sentence alone: without place and severity. */
static void render_message(struct buf *b, const struct finding *f, enum text_lang lang)
{
	struct buf said = BUF_INIT(RENDER_MAX_BYTES);

	text_put(&said, lang, f->text, (const char *const *)f->args, DIAG_ARGS);
	if (f->guess) {
		const char *const args[] = {buf_str(&said), f->guess};

		text_put(b, lang, TEXT_DIAG_DID_YOU_MEAN, args, ARRAY_LEN(args));
	} else {
		buf_puts(b, buf_str(&said));
	}
	buf_done(&said);
}

void diag_render(struct buf *b, const struct finding *f, enum text_lang lang)
{
	static const enum text_id names[] = {TEXT_DIAG_ERROR, TEXT_DIAG_WARNING, TEXT_DIAG_NOTE};
	struct buf message = BUF_INIT(RENDER_MAX_BYTES);

	if (f->pos.file) {
		log_escape(b, f->pos.file, strlen(f->pos.file));
		if (f->pos.line)
			buf_printf(b, ":%u", f->pos.line);
		if (f->pos.line && f->pos.column)
			buf_printf(b, ":%u", f->pos.column);
		buf_puts(b, ": ");
	}
	buf_printf(b, "%s: ", text_raw(lang, names[f->severity]));
	if (f->key) {
		log_escape(b, f->key, strlen(f->key));
		buf_puts(b, ": ");
	}
	render_message(&message, f, lang);
	log_escape_shown(b, buf_str(&message), message.len);
	buf_done(&message);
}

void diag_print(const struct diag *d, FILE *to, enum text_lang lang)
{
	struct buf b = BUF_INIT(RENDER_MAX_BYTES);
	size_t i, all = 0;

	for (i = 0; i < d->n; i++) {
		buf_reset(&b);
		diag_render(&b, &d->v[i], lang);
		fprintf(to, "%s\n", buf_str(&b));
	}
	for (i = 0; i < ARRAY_LEN(d->counts); i++)
		all += d->counts[i];
	if (all > d->n) {
		cleanup(freep) char *count = xasprintf("%zu", all - d->n), *more = TEXT(lang, TEXT_DIAG_MORE, count);

		fprintf(to, "%s\n", more);
	}
	buf_done(&b);
}

void diag_json(struct buf *b, const struct diag *d, enum text_lang lang)
{
	static const char *const names[] = {"error", "warning", "note"};
	struct buf message = BUF_INIT(RENDER_MAX_BYTES);
	struct json j = JSON_OUT(b);
	size_t i;

	json_begin_array(&j, NULL);
	for (i = 0; i < d->n; i++) {
		const struct finding *f = &d->v[i];

		buf_reset(&message);
		render_message(&message, f, lang);
		json_begin_object(&j, NULL);
		json_text(&j, "severity", names[f->severity]);
		json_text(&j, "file", f->pos.file);
		if (f->pos.line)
			json_int(&j, "line", f->pos.line);
		if (f->pos.column)
			json_int(&j, "column", f->pos.column);
		json_text(&j, "key", f->key);
		json_text(&j, "message", buf_str(&message));
		json_end_object(&j);
	}
	json_end_array(&j);
	buf_done(&message);
}

void diag_write(struct buf *b, const struct diag *d)
{
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(d->counts); i++)
		wire_put_u32(b, (uint32_t)d->counts[i]);
	wire_put_u32(b, (uint32_t)d->n);
	for (i = 0; i < d->n; i++) {
		const struct finding *f = &d->v[i];

		wire_put_u8(b, (uint8_t)f->severity);
		wire_put_text(b, f->pos.file);
		wire_put_u32(b, f->pos.line);
		wire_put_u32(b, f->pos.column);
		wire_put_text(b, f->key);
		wire_put_u32(b, (uint32_t)f->text);
		wire_put_text(b, f->guess);
		for (k = 0; k < DIAG_ARGS; k++)
			wire_put_text(b, f->args[k]);
	}
}

int diag_read(struct diag *d, const char *bytes, size_t len)
{
	cleanup(arena_freep) struct arena *a = arena_new(READ_MAX_BYTES);
	struct wire_in in = WIRE_IN(bytes, len);
	size_t counts[ARRAY_LEN(d->counts)], i, k, n;

	for (i = 0; i < ARRAY_LEN(counts); i++)
		counts[i] = wire_get_u32(&in);
	n = wire_get_count(&in, 1);
	for (i = 0; i < n && !in.bad && !arena_full(a); i++) {
		unsigned severity = wire_get_u8(&in), text;
		const char *key, *guess, *args[DIAG_ARGS + 1] = {NULL};
		struct diag_pos pos;

		pos.file = wire_get_text(&in, a);
		pos.line = wire_get_u32(&in);
		pos.column = wire_get_u32(&in);
		key = wire_get_text(&in, a);
		text = wire_get_u32(&in);
		guess = wire_get_text(&in, a);
		for (k = 0; k < DIAG_ARGS; k++)
			args[k] = wire_get_text(&in, a);
		if (in.bad || severity > DIAG_NOTE || text >= TEXT_IDS)
			return DIAG_E_FORMAT;
		diag_add(d, severity, pos, key, guess, text, args);
		if (counts[severity])
			counts[severity]--;
	}
	if (!wire_done(&in))
		return DIAG_E_FORMAT;
	for (i = 0; i < ARRAY_LEN(counts); i++)
		d->counts[i] += counts[i]; /* counted over there, past DIAG_MAX */
	return 0;
}
