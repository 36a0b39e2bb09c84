#include "base/suggest.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 64 };

static int letter(char c)
{
	return tolower((unsigned char)c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance; words longer than LONGEST are never near. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *now = rows[2];
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (j = 0; j <= lb; j++)
		last[j] = j;
	for (i = 1; i <= la; i++) {
		size_t *spare = before;

		now[0] = i;
		for (j = 1; j <= lb; j++) {
			size_t change = letter(a[i - 1]) != letter(b[j - 1]);

			now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + change);
			if (i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) &&
			    letter(a[i - 2]) == letter(b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[lb];
}

const char *suggest(const char *word, const char *const *candidates, size_t n, size_t stride)
{
	size_t best = strlen(word) / 3 + 1, i;
	const char *found = NULL;

	if (best < 2)
		best = 2;
	for (i = 0; i < n; i++) {
		const char *candidate = *(const char *const *)((const char *)candidates + i * stride);
		size_t d = distance(word, candidate);

		if (d < best && d < strlen(candidate)) {
			best = d;
			found = candidate;
		}
	}
	return found;
}
