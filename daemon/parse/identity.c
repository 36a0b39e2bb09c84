#include "parse/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "mention/job.h"
#include "mention/mention.h"
#include "parse/url.h"

/* Open addressing over what hashes already: ids are SHA-256, contents too. value 0 is an empty slot. */
struct table {
	size_t mask;
	struct slot {
		uint64_t hash;
		size_t value; /* an index, plus one */
	} * slots;
};

static void table_init(struct table *t, size_t n)
{
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	t->mask = size - 1;
	t->slots = xcalloc(size, sizeof(*t->slots));
}

static void table_done(struct table *t)
{
	free(t->slots);
}

/* Walks the slots of a hash: the next that carries it, or an empty one. Start with *i = the hash. */
static struct slot *table_next(const struct table *t, uint64_t hash, size_t *i)
{
	for (;;) {
		struct slot *s = &t->slots[(*i)++ & t->mask];

		if (s->value == 0 || s->hash == hash)
			return s;
	}
}

static uint64_t id_hash(const uint8_t id[MENTION_ID_BYTES])
{
	uint64_t h;

	memcpy(&h, id, sizeof(h));
	return h;
}

/* What a source has shown before. */
struct seen {
	const struct seen_key *v;
	struct table ids, contents;
};

static void seen_init(struct seen *seen, const struct job_feed *job)
{
	size_t i, at;
	struct slot *s;

	seen->v = job->seen;
	table_init(&seen->ids, job->n_seen);
	table_init(&seen->contents, job->n_seen);
	for (i = 0; i < job->n_seen; i++) {
		at = id_hash(job->seen[i].id);
		do
			s = table_next(&seen->ids, id_hash(job->seen[i].id), &at);
		while (s->value != 0);
		*s = (struct slot){id_hash(job->seen[i].id), i + 1};
		at = job->seen[i].content;
		s = table_next(&seen->contents, job->seen[i].content, &at);
		*s = (struct slot){job->seen[i].content, i + 1};
	}
}

static void seen_done(struct seen *seen)
{
	table_done(&seen->ids);
	table_done(&seen->contents);
}

static const struct seen_key *seen_find(const struct seen *seen, const uint8_t id[MENTION_ID_BYTES])
{
	size_t at = id_hash(id);
	struct slot *s;

	while ((s = table_next(&seen->ids, id_hash(id), &at))->value != 0) {
		if (memcmp(seen->v[s->value - 1].id, id, MENTION_ID_BYTES) == 0)
			return &seen->v[s->value - 1];
	}
	return NULL;
}

static const struct seen_key *seen_content(const struct seen *seen, uint64_t content)
{
	size_t at = content;
	size_t value = table_next(&seen->contents, content, &at)->value;

	return value ? &seen->v[value - 1] : NULL;
}

/* The ways to a key, in their order. */
enum step { STEP_URI, STEP_LINK, STEP_GUID, STEP_HASH };

static enum step first_step(enum identity_policy policy)
{
	return policy == IDENTITY_GUID ? STEP_URI : policy == IDENTITY_LINK ? STEP_LINK : STEP_HASH;
}

static void key_of_link(const char *link, uint8_t ret_id[MENTION_ID_BYTES])
{
	cleanup(buf_done) struct buf url = BUF_INIT(4 * URL_MAX_BYTES);

	mention_identity("", url_normalise(link, &url) == 0 ? buf_str(&url) : link, ret_id);
}

static void key_of_text(const char *address, uint64_t content, uint8_t ret_id[MENTION_ID_BYTES])
{
	char key[sizeof("text:0123456789abcdef")];

	snprintf(key, sizeof(key), "text:%016" PRIx64, content);
	mention_identity(address, key, ret_id);
}

/* The first key from that step on that the item has; returns its step. */
static enum step key_of(const struct job_feed *job, enum identity_policy policy, struct identity_item *it,
			enum step from)
{
	/* a policy that fell fell because of the guids */
	const char *guid = policy == IDENTITY_GUID && it->guid && *it->guid ? it->guid : NULL;

	if (from <= STEP_URI && guid && url_is_absolute_uri(guid)) {
		mention_identity("", guid, it->key.id);
		return STEP_URI;
	}
	if (from <= STEP_LINK && it->link) {
		key_of_link(it->link, it->key.id);
		return STEP_LINK;
	}
	if (from <= STEP_GUID && guid) {
		mention_identity(job->address, guid, it->key.id);
		return STEP_GUID;
	}
	key_of_text(job->address, it->key.content, it->key.id);
	return STEP_HASH;
}

/* Finds the items that share a key: clash[i] where they differ in text, twin where they don't. */
static bool find_doubles(struct identity_item *v, size_t n, bool *clash)
{
	struct table ids;
	bool any = false;
	size_t i;

	memset(clash, 0, n * sizeof(*clash));
	table_init(&ids, n);
	for (i = 0; i < n; i++) {
		uint64_t hash = id_hash(v[i].key.id);
		size_t at = hash;
		struct slot *s;

		v[i].twin = false;
		while ((s = table_next(&ids, hash, &at))->value != 0) {
			size_t k = s->value - 1;

			if (memcmp(v[k].key.id, v[i].key.id, MENTION_ID_BYTES) != 0)
				continue;
			v[i].twin = true;
			clash[i] = clash[k] = clash[k] || v[k].key.content != v[i].key.content;
			any = any || clash[k];
			break;
		}
		if (s->value == 0)
			*s = (struct slot){hash, i + 1};
	}
	/* what was met before its double differed has only its first one's word */
	for (i = 0; any && i < n; i++) {
		size_t at = id_hash(v[i].key.id);
		struct slot *s;

		while ((s = table_next(&ids, id_hash(v[i].key.id), &at))->value != 0) {
			if (memcmp(v[s->value - 1].key.id, v[i].key.id, MENTION_ID_BYTES) == 0) {
				clash[i] = clash[s->value - 1];
				break;
			}
		}
	}
	table_done(&ids);
	return any;
}

static void assign_keys(const struct job_feed *job, enum identity_policy policy, struct identity_item *v, size_t n)
{
	cleanup(freep) enum step *steps = xcalloc(n + 1, sizeof(*steps));
	cleanup(freep) bool *clash = xcalloc(n + 1, sizeof(*clash));
	bool again;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!v[i].given)
			steps[i] = key_of(job, policy, &v[i], first_step(policy));
	}
	/* each round moves an item at least one step down: at most STEP_HASH + 1 rounds */
	do {
		again = false;
		if (!find_doubles(v, n, clash))
			break;
		for (i = 0; i < n; i++) {
			if (!clash[i] || v[i].given || steps[i] == STEP_HASH)
				continue;
			steps[i] = key_of(job, policy, &v[i], steps[i] + 1);
			again = true;
		}
	} while (again);
}

static enum item_state judge(const struct job_feed *job, const struct seen *seen, const struct identity_item *it)
{
	const struct seen_key *was = seen_find(seen, it->key.id);

	if (!was) {
		bool too_old = job->first && job->not_before_ms != TIME_NONE && it->published_ms < job->not_before_ms;

		return too_old ? ITEM_KNOWN : ITEM_NEW;
	}
	if (was->content != it->key.content)
		return ITEM_EDITED;
	if (it->key.counts != 0 && was->counts != it->key.counts)
		return ITEM_COUNTED;
	return ITEM_KNOWN;
}

/* Do the keys change at each fetch? moved[i] tells what is known by its text alone, v[i].old by which key. */
static bool keys_drift(const struct seen *seen, struct identity_item *v, size_t n, bool *moved)
{
	size_t i, items = 0, fresh = 0, texts = 0;
	struct table distinct; /* one text on every item is no sign of anything */
	const struct seen_key *was;

	table_init(&distinct, n);
	for (i = 0; i < n; i++) {
		size_t at = v[i].key.content;
		struct slot *s;

		if (v[i].twin || v[i].given)
			continue;
		items++;
		if (v[i].state != ITEM_NEW)
			continue;
		fresh++;
		was = v[i].empty ? NULL : seen_content(seen, v[i].key.content);
		if (!was)
			continue;
		moved[i] = true;
		memcpy(v[i].old, was->id, sizeof(v[i].old));
		s = table_next(&distinct, v[i].key.content, &at);
		texts += s->value == 0;
		*s = (struct slot){v[i].key.content, i + 1};
	}
	table_done(&distinct);
	return texts >= IDENTITY_MOVED_MIN && fresh * 100 > items * IDENTITY_NEW_PERCENT && texts * 2 > fresh;
}

/* Do the moved items get other keys by that policy? If not it drifts just as well. */
static bool policy_helps(const struct job_feed *job, enum identity_policy policy, const struct identity_item *was,
			 struct identity_item *v, size_t n, const bool *moved)
{
	size_t i;

	assign_keys(job, policy, v, n);
	for (i = 0; i < n; i++) {
		if (moved[i] && memcmp(was[i].key.id, v[i].key.id, MENTION_ID_BYTES) == 0)
			return false;
	}
	return true;
}

/* The keys drift: falls to the next policy that helps. What was known, by its key or by its text, is MOVED. */
static enum identity_policy fall(const struct job_feed *job, struct identity_item *v, size_t n, const bool *moved)
{
	cleanup(freep) struct identity_item *was = xcalloc(n + 1, sizeof(*was));
	enum identity_policy policy = job->identity;
	size_t i;

	memcpy(was, v, n * sizeof(*v));
	do
		policy++;
	while (!policy_helps(job, policy, was, v, n, moved) && policy != IDENTITY_HASH);
	for (i = 0; i < n; i++) {
		if (v[i].given || (!moved[i] && was[i].state == ITEM_NEW))
			continue;
		if (!moved[i])
			memcpy(v[i].old, was[i].key.id, sizeof(v[i].old));
		v[i].state = ITEM_MOVED;
	}
	return policy;
}

enum identity_policy identity_assign(const struct job_feed *job, struct identity_item *v, size_t n)
{
	cleanup(freep) bool *moved = xcalloc(n + 1, sizeof(*moved));
	enum identity_policy policy = job->identity;
	struct seen seen;
	size_t i;

	seen_init(&seen, job);
	assign_keys(job, policy, v, n);
	for (i = 0; i < n; i++)
		v[i].state = judge(job, &seen, &v[i]);
	if (!job->first && policy != IDENTITY_HASH && keys_drift(&seen, v, n, moved))
		policy = fall(job, v, n, moved);
	seen_done(&seen);
	return policy;
}
