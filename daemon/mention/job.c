#include "mention/job.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/wire.h"

enum { MENTION_MIN_BYTES = 100, OPML_ENTRY_MIN_BYTES = 8 };

void job_load_put(struct buf *b, const struct job_load *load)
{
	size_t i;

	wire_put_u64(b, load->reader_memory_bytes);
	wire_put_u32(b, load->job_cpu_s);
	wire_put_u32(b, load->no_prefilter);
	wire_put_u32(b, (uint32_t)load->n_paths);
	for (i = 0; i < load->n_paths; i++)
		wire_put_text(b, load->paths[i]);
	map_sources_put(b, load->maps, load->n_maps);
	wire_put_text(b, load->lexicon);
	wire_put_u8(b, load->tone);
	wire_put_text(b, load->tried);
	wire_put_text(b, load->model);
}

int job_load_get(const char *bytes, size_t len, struct arena *a, struct job_load *ret)
{
	struct wire_in in = WIRE_IN(bytes, len);
	struct job_load load = {.reader_memory_bytes = wire_get_u64(&in)};
	const char **paths;
	size_t i;

	load.job_cpu_s = wire_get_u32(&in);
	load.no_prefilter = wire_get_u32(&in) != 0;
	load.n_paths = wire_get_count(&in, sizeof(uint32_t));
	if (load.n_paths > JOB_LOAD_PATHS_MAX)
		return ANSWER_E_FORMAT;
	load.paths = paths = ARENA_ARRAY(a, const char *, load.n_paths);
	for (i = 0; i < load.n_paths; i++) {
		paths[i] = wire_get_text(&in, a);
		if (!paths[i])
			in.bad = true;
	}
	map_sources_get(&in, a, &load.maps, &load.n_maps);
	load.lexicon = wire_get_text(&in, a);
	load.tone = wire_get_u8(&in) != 0;
	load.tried = wire_get_text(&in, a);
	load.model = wire_get_text(&in, a);
	if (!wire_done(&in))
		return ANSWER_E_FORMAT;
	*ret = load;
	return 0;
}

void ready_put(struct buf *b, const struct buf *findings, const struct buf *catalogue)
{
	wire_put_bytes(b, buf_str(findings), findings->len);
	wire_put_bytes(b, buf_str(catalogue), catalogue->len);
}

int ready_get(const char *bytes, size_t len, const char **ret_findings, size_t *ret_findings_len,
	      const char **ret_catalogue, size_t *ret_catalogue_len)
{
	struct wire_in in = WIRE_IN(bytes, len);
	size_t findings_len, catalogue_len;
	const char *findings = wire_get_bytes(&in, &findings_len);
	const char *catalogue = wire_get_bytes(&in, &catalogue_len);

	if (!wire_done(&in))
		return ANSWER_E_FORMAT;
	*ret_findings = findings;
	*ret_findings_len = findings_len;
	*ret_catalogue = catalogue;
	*ret_catalogue_len = catalogue_len;
	return 0;
}

void job_feed_put(struct buf *b, const struct job_feed *job)
{
	size_t i;

	wire_put_text(b, job->source);
	wire_put_text(b, job->platform);
	wire_put_text(b, job->topic);
	wire_put_text(b, job->address);
	wire_put_text(b, job->content_type);
	wire_put_text(b, job->lang);
	wire_put_text(b, job->format);
	wire_put_text(b, job->map);
	wire_put_text(b, job->ctx);
	wire_put_text(b, job->unwrap);
	wire_put_u8(b, job->outlet);
	wire_put_i64(b, job->seen_ms);
	wire_put_u8(b, (uint8_t)job->identity);
	wire_put_u8(b, job->first);
	wire_put_i64(b, job->not_before_ms);
	wire_put_u32(b, (uint32_t)job->n_seen);
	for (i = 0; i < job->n_seen; i++)
		seen_key_put(b, &job->seen[i]);
	wire_put_bytes(b, job->body, job->body_len);
	wire_put_u8(b, job->sieve);
}

int job_feed_get(const char *bytes, size_t len, struct arena *a, struct job_feed *ret)
{
	struct wire_in in = WIRE_IN(bytes, len);
	struct job_feed job = {.source = wire_get_text(&in, a)};
	struct seen_key *seen;
	size_t i;

	job.platform = wire_get_text(&in, a);
	job.topic = wire_get_text(&in, a);
	job.address = wire_get_text(&in, a);
	job.content_type = wire_get_text(&in, a);
	job.lang = wire_get_text(&in, a);
	job.format = wire_get_text(&in, a);
	job.map = wire_get_text(&in, a);
	job.ctx = wire_get_text(&in, a);
	job.unwrap = wire_get_text(&in, a);
	job.outlet = wire_get_u8(&in) != 0;
	job.seen_ms = wire_get_i64(&in);
	job.identity = wire_get_u8(&in);
	job.first = wire_get_u8(&in) != 0;
	job.not_before_ms = wire_get_i64(&in);
	job.n_seen = wire_get_count(&in, SEEN_KEY_BYTES);
	job.seen = seen = ARENA_ARRAY(a, struct seen_key, job.n_seen);
	for (i = 0; i < job.n_seen; i++)
		seen_key_get(&in, &seen[i]);
	job.body = wire_get_bytes(&in, &job.body_len);
	job.sieve = wire_get_u8(&in) != 0;
	if (!wire_done(&in) || !job.source || !job.platform || !job.address || !job.format ||
	    job.identity > IDENTITY_HASH)
		return ANSWER_E_FORMAT;
	*ret = job;
	return 0;
}

void job_match_put(struct buf *b, const char *topic, bool every, const struct mention *v, size_t n)
{
	size_t i;

	wire_put_text(b, topic);
	wire_put_u8(b, every);
	wire_put_u32(b, (uint32_t)n);
	for (i = 0; i < n; i++)
		mention_put(b, &v[i]);
}

int job_match_get(const char *bytes, size_t len, struct arena *a, const char **ret_topic, bool *ret_every,
		  struct mention **ret, size_t *ret_n)
{
	struct wire_in in = WIRE_IN(bytes, len);
	const char *topic = wire_get_text(&in, a);
	bool every = wire_get_u8(&in) != 0;
	size_t n = wire_get_count(&in, MENTION_MIN_BYTES), i;
	struct mention *v = ARENA_ARRAY(a, struct mention, n);

	for (i = 0; i < n && !in.bad; i++)
		mention_get(&in, a, &v[i]);
	if (!wire_done(&in) || n > ANSWER_ITEMS_MAX)
		return ANSWER_E_FORMAT;
	*ret_topic = topic;
	*ret_every = every;
	*ret = v;
	*ret_n = n;
	return 0;
}

void off_put(struct buf *b, const char *topic, const char *pattern)
{
	wire_put_text(b, topic);
	wire_put_text(b, pattern);
}

int off_get(const char *bytes, size_t len, struct arena *a, const char **ret_topic, const char **ret_pattern)
{
	struct wire_in in = WIRE_IN(bytes, len);
	const char *topic = wire_get_text(&in, a), *pattern = wire_get_text(&in, a);

	if (!wire_done(&in) || !topic || !pattern)
		return ANSWER_E_FORMAT;
	*ret_topic = topic;
	*ret_pattern = pattern;
	return 0;
}

void why_put(struct buf *b, const struct job_why *job)
{
	size_t i;

	wire_put_text(b, job->source_topic);
	wire_put_text(b, job->topic);
	wire_put_text(b, job->rule);
	wire_put_u32(b, (uint32_t)job->n_off);
	for (i = 0; i < job->n_off; i++)
		off_put(b, job->off[i].topic, job->off[i].pattern);
	mention_put(b, &job->mention);
}

int why_get(const char *bytes, size_t len, struct arena *a, struct job_why *ret)
{
	struct wire_in in = WIRE_IN(bytes, len);
	size_t i;

	ret->source_topic = wire_get_text(&in, a);
	ret->topic = wire_get_text(&in, a);
	ret->rule = wire_get_text(&in, a);
	ret->n_off = wire_get_count(&in, 2 * sizeof(uint32_t));
	if (ret->n_off > JOB_WHY_OFF_MAX)
		return ANSWER_E_FORMAT;
	for (i = 0; i < ret->n_off; i++) {
		ret->off[i].topic = wire_get_text(&in, a);
		ret->off[i].pattern = wire_get_text(&in, a);
		in.bad |= !ret->off[i].topic || !ret->off[i].pattern;
	}
	mention_get(&in, a, &ret->mention);
	return wire_done(&in) ? 0 : ANSWER_E_FORMAT;
}

void patterns_put(struct buf *b, const struct job_patterns *job)
{
	wire_put_text(b, job->topic);
	wire_put_text(b, job->pattern);
	wire_put_u32(b, job->from);
}

int patterns_get(const char *bytes, size_t len, struct arena *a, struct job_patterns *ret)
{
	struct wire_in in = WIRE_IN(bytes, len);

	ret->topic = wire_get_text(&in, a);
	ret->pattern = wire_get_text(&in, a);
	ret->from = wire_get_u32(&in);
	return wire_done(&in) ? 0 : ANSWER_E_FORMAT;
}

void opml_put(struct buf *b, const char *why, const struct opml_entry *v, size_t n)
{
	size_t i;

	wire_put_text(b, why);
	wire_put_u32(b, (uint32_t)n);
	for (i = 0; i < n; i++) {
		wire_put_text(b, v[i].title);
		wire_put_text(b, v[i].url);
	}
}

int opml_get(const char *bytes, size_t len, struct arena *a, const char **ret_why, struct opml_entry **ret,
	     size_t *ret_n)
{
	struct wire_in in = WIRE_IN(bytes, len);
	const char *why = wire_get_text(&in, a);
	size_t n = wire_get_count(&in, OPML_ENTRY_MIN_BYTES), i;
	struct opml_entry *v = ARENA_ARRAY(a, struct opml_entry, n);

	for (i = 0; i < n && !in.bad; i++) {
		v[i].title = wire_get_text(&in, a);
		v[i].url = wire_get_text(&in, a);
		if (!v[i].url || !*v[i].url || strlen(v[i].url) > MENTION_FIELD_MAX_BYTES ||
		    (v[i].title && strlen(v[i].title) > MENTION_FIELD_MAX_BYTES))
			in.bad = true;
	}
	if (!wire_done(&in) || (why && strlen(why) > ANSWER_WHY_MAX))
		return ANSWER_E_FORMAT;
	*ret_why = why;
	*ret = v;
	*ret_n = n;
	return 0;
}
