#include "match/tried.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "match/adversary.h"
#include "match/pattern.h"

/* The file: MARK, the keys in order, SHA-256 of all that. */
#define MARK "escuchad tried 1"

enum {
	TRIAL = 1, /* to be raised with any change of what adversary_try() tries */
	MARK_BYTES = sizeof(MARK) - 1,
	SUM_BYTES = 32,
	FILE_MAX_BYTES = MARK_BYTES + TRIED_MAX * TRIED_KEY_BYTES + SUM_BYTES,
};

struct tried {
	uint8_t (*known)[TRIED_KEY_BYTES]; /* in order */
	size_t n_known;
	uint8_t (*kept)[TRIED_KEY_BYTES]; /* as they came */
	size_t n_kept, cap_kept;
	size_t n_new; /* of these, not known before */
};

struct tried *tried_new(void)
{
	return NEW(struct tried);
}

struct tried *tried_free(struct tried *t)
{
	if (!t)
		return NULL;
	free(t->known);
	free(t->kept);
	free(t);
	return NULL;
}

void tried_key(const struct pattern *p, const char *source, size_t len, uint8_t ret[TRIED_KEY_BYTES])
{
	const struct {
		uint32_t trial, steps, depth, heap, bytes, pumps, heads, run;
		size_t shown, source; /* lengths: what follows can be cut in one way alone */
	} terms = {
		.trial = TRIAL,
		.steps = PATTERN_MATCH_LIMIT,
		.depth = PATTERN_DEPTH_LIMIT,
		.heap = PATTERN_HEAP_KIB,
		.bytes = ADVERSARY_SHORT_BYTES,
		.pumps = ADVERSARY_PUMPS_MAX,
		.heads = ADVERSARY_HEADS_MAX,
		.run = ADVERSARY_RUN_BYTES,
		.shown = strlen(pattern_shown(p)),
		.source = len,
	};
	char engine[PATTERN_ENGINE_BYTES];
	uint8_t sum[SUM_BYTES];

	pattern_engine(p, engine);
	hash_sha256((const struct hash_part[]){{&terms, sizeof(terms)},
					       {pattern_shown(p), terms.shown},
					       {source, len},
					       {engine, strlen(engine)}},
		    4, sum);
	memcpy(ret, sum, TRIED_KEY_BYTES);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, TRIED_KEY_BYTES);
}

static void keep(struct tried *t, const uint8_t key[TRIED_KEY_BYTES], bool is_new)
{
	if (t->n_kept == TRIED_MAX)
		return;
	t->kept = GROW(t->kept, t->n_kept, &t->cap_kept);
	memcpy(t->kept[t->n_kept++], key, TRIED_KEY_BYTES);
	t->n_new += is_new;
}

bool tried_knows(struct tried *t, const uint8_t key[TRIED_KEY_BYTES])
{
	if (!t->n_known || !bsearch(key, t->known, t->n_known, TRIED_KEY_BYTES, by_bytes))
		return false;
	keep(t, key, false);
	return true;
}

void tried_keep(struct tried *t, const uint8_t key[TRIED_KEY_BYTES])
{
	keep(t, key, true);
}

/* --- the file --- */

static void sum_of(const char *bytes, size_t len, uint8_t ret[SUM_BYTES])
{
	hash_sha256(&(struct hash_part){bytes, len}, 1, ret);
}

void tried_read(struct tried *t, const char *path)
{
	struct buf b = BUF_INIT(FILE_MAX_BYTES);
	uint8_t sum[SUM_BYTES];
	size_t keys;

	if (file_read(path, &b, NULL) == 0 && !b.full && b.len >= MARK_BYTES + SUM_BYTES) {
		keys = b.len - MARK_BYTES - SUM_BYTES;
		sum_of(b.data, b.len - SUM_BYTES, sum);
		if (!memcmp(b.data, MARK, MARK_BYTES) && keys % TRIED_KEY_BYTES == 0 &&
		    !memcmp(b.data + b.len - SUM_BYTES, sum, SUM_BYTES)) {
			t->known = xcalloc(keys / TRIED_KEY_BYTES + 1, TRIED_KEY_BYTES);
			t->n_known = keys / TRIED_KEY_BYTES;
			memcpy(t->known, b.data + MARK_BYTES, keys);
		}
	}
	buf_done(&b);
}

static int write_whole(const char *path, const struct buf *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), r = 0;
	size_t at = 0;

	if (fd < 0)
		return -errno;
	while (r == 0 && at < b->len) {
		ssize_t n = write(fd, b->data + at, b->len - at);

		if (n > 0)
			at += (size_t)n;
		else if (n == 0 || errno != EINTR)
			r = n ? -errno : -EIO;
	}
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

int tried_write(const struct tried *t, const char *path)
{
	cleanup(freep) uint8_t(*v)[TRIED_KEY_BYTES] = xcalloc(t->n_kept + 1, TRIED_KEY_BYTES);
	cleanup(freep) char *beside = xasprintf("%s.new", path);
	struct buf b = BUF_INIT(FILE_MAX_BYTES);
	uint8_t sum[SUM_BYTES];
	size_t i, n = 0;
	int r;

	if (t->n_kept)
		memcpy(v, t->kept, t->n_kept * TRIED_KEY_BYTES);
	qsort(v, t->n_kept, TRIED_KEY_BYTES, by_bytes);
	for (i = 0; i < t->n_kept; i++)
		if (!n || by_bytes(v[n - 1], v[i]) != 0)
			memmove(v[n++], v[i], TRIED_KEY_BYTES);
	if (!t->n_new && n == t->n_known)
		return 0;
	buf_put(&b, MARK, MARK_BYTES);
	buf_put(&b, v, n * TRIED_KEY_BYTES);
	sum_of(b.data, b.len, sum);
	buf_put(&b, sum, SUM_BYTES);
	r = write_whole(beside,
			&b); /* no fsync: a file that a crash has torn is known by its sum, and as good as none */
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(beside);
	buf_done(&b);
	return r;
}
