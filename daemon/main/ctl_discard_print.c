#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/yaml.h"
#include "main/ctl_backtest_print.h"
#include "main/ctl_discard.h"
#include "main/ctl_discard_diff.h"
#include "main/ctl_terminal.h"

enum { OUT_MAX_BYTES = 8 * 1024 * 1024, VALUES_MAX_BYTES = 16 * 1024 };

static char *number(uint64_t n)
{
	return xasprintf("%llu", (unsigned long long)n);
}

static void put_line(const struct discard *d, struct buf *out, size_t at, enum text_id id, const char *const args[])
{
	cleanup(freep) char *said = text_make(d->ctl->lang, id, args);

	buf_printf(out, "%*s", (int)at, "");
	text_wrap(out, said, at, at + 2, terminal_width());
}
#define PUT(d, out, id, ...)    put_line((d), (out), 0, (id), TEXT_ARGS(__VA_ARGS__))
#define PUT_IN(d, out, id, ...) put_line((d), (out), 2, (id), TEXT_ARGS(__VA_ARGS__))

char *discard_way(const struct candidate *x)
{
	struct buf b = BUF_INIT(VALUES_MAX_BYTES);

	if (x->kind != EXCLUDE_WORDS)
		return xstrdup(x->kind == EXCLUDE_AUTHORS ? "--author" : "--site");
	buf_puts(&b, "--words '");
	text_clean(&b, x->value, strlen(x->value)); /* letters, digits, blanks, # and @ alone */
	buf_putc(&b, '\'');
	return buf_steal(&b);
}

/* --- for people --- */

static char *values_of(const struct exclusion *x)
{
	struct buf b = BUF_INIT(VALUES_MAX_BYTES);
	size_t i;

	for (i = 0; i < x->n; i++) {
		buf_puts(&b, i ? ", \"" : "\"");
		text_clean(&b, x->values[i], strlen(x->values[i]));
		buf_putc(&b, '"');
	}
	return buf_steal(&b);
}

static bool is_chosen(const struct discard *d, const struct candidate *x)
{
	size_t i;

	for (i = 0; i < d->exclusion.n; i++)
		if (d->exclusion.kind == x->kind && strcmp(d->exclusion.values[i], x->value) == 0)
			return true;
	return false;
}

static size_t other_ways(const struct discard *d, size_t ret[DISCARD_WAYS_MAX])
{
	size_t best[DISCARD_WAYS_MAX + DISCARD_VALUES_MAX], n, i, left = 0;

	n = candidates_best(d->candidates, d->hits, best, ARRAY_LEN(best));
	for (i = 0; i < n && left < DISCARD_WAYS_MAX; i++)
		if (!is_chosen(d, &d->candidates->v[best[i]]))
			ret[left++] = best[i];
	return left;
}

static void put_ways(const struct discard *d, struct buf *out)
{
	size_t ways[DISCARD_WAYS_MAX], n = other_ways(d, ways), i;

	if (n)
		PUT(d, out, TEXT_CTL_DISCARD_WAYS);
	for (i = 0; i < n; i++) {
		const struct candidate *x = &d->candidates->v[ways[i]];
		cleanup(freep) char *way = discard_way(x), *others = number(x->others),
				    *name = x->kind == EXCLUDE_WORDS ? xstrdup("") : xasprintf(" (%s)", x->value);
		struct buf clean = BUF_INIT(VALUES_MAX_BYTES);

		text_clean(&clean, name, strlen(name));
		PUT_IN(d, out, TEXT_CTL_DISCARD_WAY, way, buf_str(&clean), others);
		buf_done(&clean);
	}
}

static void put_examples(const struct discard *d, struct buf *out)
{
	size_t n, i, k;
	const struct backtest_row *rows = backtest_count_rows(d->count, &n);

	for (i = 0; i < n; i++)
		for (k = 0; !rows[i].rule && k < COUNT_EXAMPLES && rows[i].losses[k]; k++)
			backtest_example_print(d->ctl, rows[i].losses[k], out);
}

static void put_judgement(const struct discard *d, struct buf *out)
{
	const size_t past = d->n_noise - (size_t)__builtin_popcountll(d->hits);
	char text[CLOCK_RFC3339_SIZE];
	cleanup(freep) char *already = number(past), *removed = number((uint64_t)__builtin_popcountll(d->removed)),
			    *given = number((uint64_t)__builtin_popcountll(d->hits)), *others = number(d->others),
			    *lost = number(d->lost), *from = local_time(d->ctl, clock_rfc3339(d->since_ms, 0, text));

	PUT(d, out, TEXT_CTL_DISCARD_NOISE, removed, given);
	if (past)
		PUT(d, out, TEXT_CTL_DISCARD_PAST, already);
	if (d->lost)
		PUT(d, out, TEXT_CTL_DISCARD_LOST, lost, others, from);
	else if (d->others)
		PUT(d, out, TEXT_CTL_DISCARD_NONE_LOST, others, from);
	else
		PUT(d, out, TEXT_CTL_DISCARD_NO_OTHERS, from);
	if (!d->lost && d->others && d->others < DISCARD_FEW)
		PUT(d, out, TEXT_CTL_DISCARD_FEW);
	put_examples(d, out);
}

static void put_end(const struct discard *d, struct buf *out)
{
	if (!d->applied) {
		put_ways(d, out);
		PUT(d, out, TEXT_CTL_DISCARD_NOT_WRITTEN);
		return;
	}
	PUT(d, out, TEXT_CTL_DISCARD_WRITTEN, d->files.v[d->file]);
	PUT(d, out, d->reloaded ? TEXT_CTL_DISCARD_RELOADED : TEXT_CTL_DISCARD_LATER);
}

static void print_text(const struct discard *d, struct buf *out)
{
	static const enum text_id heads[] = {[EXCLUDE_WORDS] = TEXT_CTL_DISCARD_WORDS,
					     [EXCLUDE_AUTHORS] = TEXT_CTL_DISCARD_AUTHORS,
					     [EXCLUDE_SITES] = TEXT_CTL_DISCARD_SITES};
	cleanup(freep) char *values = values_of(&d->exclusion);

	PUT(d, out, heads[d->exclusion.kind], values, d->topic);
	buf_putc(out, '\n');
	diff_put(out, d->files.v[d->file], d->doc->source, buf_str(d->text));
	buf_putc(out, '\n');
	put_judgement(d, out);
	put_end(d, out);
}

/* --- JSON --- */

static void json_values(struct json *j, const struct exclusion *x)
{
	static const char *const names[] = {
		[EXCLUDE_WORDS] = "words", [EXCLUDE_AUTHORS] = "author", [EXCLUDE_SITES] = "site"};
	size_t i;

	json_begin_object(j, "exclusion");
	json_text(j, "kind", names[x->kind]);
	json_begin_array(j, "values");
	for (i = 0; i < x->n; i++)
		json_text(j, NULL, x->values[i]);
	json_end_array(j);
	json_end_object(j);
}

static void json_noise(const struct discard *d, struct json *j)
{
	char id[2 * MENTION_ID_BYTES + 1];
	size_t i;

	json_begin_array(j, "noise");
	for (i = 0; i < d->n_noise; i++) {
		hash_hex(d->noise[i].id, MENTION_ID_BYTES, id);
		json_begin_object(j, NULL);
		json_text(j, "id", id);
		json_bool(j, "hit", d->hits >> i & 1);
		json_bool(j, "removed", d->removed >> i & 1);
		json_end_object(j);
	}
	json_end_array(j);
}

static void json_others(const struct discard *d, struct json *j)
{
	size_t n = 0, i, k;
	const struct backtest_row *rows = d->count ? backtest_count_rows(d->count, &n) : NULL;

	json_begin_object(j, "others");
	json_time(j, "since", d->since_ms, true);
	json_int(j, "hits", (int64_t)d->others);
	json_int(j, "lost", (int64_t)d->lost);
	json_begin_array(j, "examples");
	for (i = 0; i < n; i++)
		for (k = 0; !rows[i].rule && k < COUNT_EXAMPLES && rows[i].losses[k]; k++)
			json_raw(j, NULL, rows[i].losses[k]->json);
	json_end_array(j);
	json_end_object(j);
}

static void json_ways(const struct discard *d, struct json *j)
{
	size_t ways[DISCARD_WAYS_MAX], n = other_ways(d, ways), i;

	json_begin_array(j, "ways");
	for (i = 0; i < n; i++) {
		cleanup(freep) char *way = discard_way(&d->candidates->v[ways[i]]);

		json_begin_object(j, NULL);
		json_text(j, "option", way);
		json_int(j, "others", (int64_t)d->candidates->v[ways[i]].others);
		json_end_object(j);
	}
	json_end_array(j);
}

static void print_json(const struct discard *d, struct buf *out)
{
	struct buf diff = BUF_INIT(OUT_MAX_BYTES);
	struct json j = JSON_OUT(out);

	json_begin_object(&j, NULL);
	json_text(&j, "topic", d->topic);
	json_text(&j, "file", d->files.v[d->file]);
	if (d->text) {
		diff_put(&diff, d->files.v[d->file], d->doc->source, buf_str(d->text));
		json_values(&j, &d->exclusion);
		json_text(&j, "patch", buf_str(&diff));
	}
	json_noise(d, &j);
	json_others(d, &j);
	json_ways(d, &j);
	json_bool(&j, "applied", d->applied);
	json_bool(&j, "reloaded", d->reloaded);
	json_end_object(&j);
	buf_putc(out, '\n');
	buf_done(&diff);
}

static void put_out(struct buf *out)
{
	fwrite(buf_str(out), 1, out->len, stdout);
	buf_done(out);
}

void discard_print(const struct discard *d)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);

	if (d->ctl->json)
		print_json(d, &out);
	else
		print_text(d, &out);
	put_out(&out);
}

void discard_print_none(const struct discard *d, enum text_id why)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	char id[2 * MENTION_ID_BYTES + 1];

	hash_hex(d->noise[0].id, MENTION_ID_BYTES, id);
	if (d->ctl->json) {
		print_json(d, &out);
	} else {
		PUT(d, &out, why);
		put_ways(d, &out);
		PUT(d, &out, TEXT_CTL_DISCARD_LOOK, id);
	}
	put_out(&out);
}
