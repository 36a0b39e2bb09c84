#include "main/ctl_discard_diff.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct line {
	const char *s;
	size_t len; /* with its end, if it has one */
};

struct lines {
	struct line *v;
	size_t n, cap;
};

/* What becomes of the lines, in order: each of the old ones stays or goes, between them new ones come. */
struct diff {
	struct lines a, b;
	bool *gone, *come; /* of a's lines, of b's */
};

static void lines_split(const char *text, struct lines *ret)
{
	while (*text) {
		const char *end = strchr(text, '\n');
		size_t len = end ? (size_t)(end - text) + 1 : strlen(text);

		ret->v = GROW(ret->v, ret->n, &ret->cap);
		ret->v[ret->n++] = (struct line){text, len};
		text += len;
	}
}

static bool same(const struct diff *d, size_t i, size_t k)
{
	const struct line *x = &d->a.v[i], *y = &d->b.v[k];

	return x->len == y->len && memcmp(x->s, y->s, x->len) == 0;
}

/* --- which lines differ --- */

static void differ_all(struct diff *d, size_t from_a, size_t to_a, size_t from_b, size_t to_b)
{
	for (; from_a < to_a; from_a++)
		d->gone[from_a] = true;
	for (; from_b < to_b; from_b++)
		d->come[from_b] = true;
}

/* Back from the end by what each step had reached. paths[s] are the x of the diagonals -s … s, s steps before. */
static void walk_back(struct diff *d, int *const *paths, int steps, size_t from, int n, int m)
{
	int x = n, y = m, s;

	for (s = steps; s > 0; s--) {
		const int *v = paths[s - 1] + (s - 1);
		const int k = x - y;
		const bool down = k == -s || (k != s && v[k - 1] < v[k + 1]);
		const int before = down ? k + 1 : k - 1, x0 = v[before], y0 = x0 - before;

		if (down)
			d->come[from + (size_t)y0] = true;
		else
			d->gone[from + (size_t)x0] = true;
		x = x0;
		y = y0;
	}
}

/* Of a's lines [from, from + n) and b's [from, from + m). False: more than DIFF_CHANGES_MAX differ. */
static bool shortest(struct diff *d, size_t from, int n, int m)
{
	int *paths[DIFF_CHANGES_MAX + 1], steps = 0, s;
	bool found = false;

	for (s = 0; !found && s <= DIFF_CHANGES_MAX; s++) {
		int *v = xcalloc(2 * (size_t)s + 1, sizeof(*v)), k;
		const int *last = s ? paths[s - 1] + (s - 1) : NULL;

		paths[s] = v;
		v += s;
		steps = s;
		for (k = -s; !found && k <= s; k += 2) {
			int x = 0, y;

			if (s > 0) {
				const int above = k + 1 <= s - 1 ? last[k + 1] : -1,
					  left = k - 1 >= -(s - 1) ? last[k - 1] + 1 : -1;

				x = above >= left ? above : left;
			}
			y = x - k;
			while (x < n && y >= 0 && y < m && same(d, from + (size_t)x, from + (size_t)y)) {
				x++;
				y++;
			}
			v[k] = x;
			found = x >= n && y >= m;
		}
	}
	if (found)
		walk_back(d, paths, steps, from, n, m);
	for (s = 0; s <= steps; s++)
		free(paths[s]);
	return found;
}

static void compare(struct diff *d)
{
	size_t from = 0, to_a = d->a.n, to_b = d->b.n;

	while (from < to_a && from < to_b && same(d, from, from))
		from++;
	while (to_a > from && to_b > from && same(d, to_a - 1, to_b - 1)) {
		to_a--;
		to_b--;
	}
	if (!shortest(d, from, (int)(to_a - from), (int)(to_b - from)))
		differ_all(d, from, to_a, from, to_b);
}

/* --- as text --- */

static void put_line(struct buf *out, char sign, const struct line *line)
{
	buf_putc(out, sign);
	buf_put(out, line->s, line->len);
	if (line->len && line->s[line->len - 1] != '\n')
		buf_puts(out, "\n\\ No newline at end of file\n");
}

static void put_range(struct buf *out, size_t from, size_t n)
{
	buf_printf(out, "%zu", n ? from + 1 : from);
	if (n != 1)
		buf_printf(out, ",%zu", n);
}

/* How far the hunk that begins with the change at (i, k) goes: to where 2 * DIFF_CONTEXT lines are the same. */
static void hunk_end(const struct diff *d, size_t i, size_t k, size_t *ret_i, size_t *ret_k)
{
	size_t same_lines = 0;

	*ret_i = i;
	*ret_k = k;
	while (i < d->a.n || k < d->b.n) {
		if ((i < d->a.n && d->gone[i]) || (k < d->b.n && d->come[k])) {
			if (i < d->a.n && d->gone[i])
				i++;
			else
				k++;
			same_lines = 0;
			*ret_i = i;
			*ret_k = k;
			continue;
		}
		if (++same_lines > 2 * DIFF_CONTEXT)
			return;
		i++;
		k++;
	}
}

static void put_hunk(struct buf *out, const struct diff *d, size_t i, size_t k, size_t to_i, size_t to_k)
{
	buf_puts(out, "@@ -");
	put_range(out, i, to_i - i);
	buf_puts(out, " +");
	put_range(out, k, to_k - k);
	buf_puts(out, " @@\n");
	while (i < to_i || k < to_k) {
		if (i < to_i && d->gone[i]) {
			put_line(out, '-', &d->a.v[i++]);
		} else if (k < to_k && d->come[k]) {
			put_line(out, '+', &d->b.v[k++]);
		} else {
			put_line(out, ' ', &d->a.v[i++]);
			k++;
		}
	}
}

static void put_all(struct buf *out, const struct diff *d, const char *name)
{
	size_t i = 0, k = 0, shown = 0;
	bool headed = false;

	while (i < d->a.n || k < d->b.n) {
		size_t to_i, to_k, before, behind;

		if (!(i < d->a.n && d->gone[i]) && !(k < d->b.n && d->come[k])) {
			i++;
			k++;
			continue;
		}
		if (!headed)
			buf_printf(out, "--- %s\n+++ %s\n", name, name);
		headed = true;
		before = i - shown < DIFF_CONTEXT ? i - shown : DIFF_CONTEXT;
		hunk_end(d, i, k, &to_i, &to_k);
		behind = d->a.n - to_i < DIFF_CONTEXT ? d->a.n - to_i : DIFF_CONTEXT;
		put_hunk(out, d, i - before, k - before, to_i + behind, to_k + behind);
		i = to_i;
		k = to_k;
		shown = to_i + behind;
	}
}

void diff_put(struct buf *out, const char *name, const char *before, const char *after)
{
	struct diff d = {.gone = NULL};

	lines_split(before, &d.a);
	lines_split(after, &d.b);
	d.gone = xcalloc(d.a.n + 1, sizeof(*d.gone));
	d.come = xcalloc(d.b.n + 1, sizeof(*d.come));
	compare(&d);
	put_all(out, &d, name);
	free(d.gone);
	free(d.come);
	free(d.a.v);
	free(d.b.v);
}
