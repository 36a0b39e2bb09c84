/*
 * What an idle source costs: 10,000 and then 100,000 feeds of one list-like configuration, each with a state in the log that
 * says it isn't due, so that every record has what a source has between its polls (name, address, title, validators, its next
 * time).
 * The slope of the heap between the two is the price of one; the configuration's own memory is counted apart.
 *
 * Exit status 1 above IDLE_MAX_BYTES.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "source/config.h"
#include "source/inside.h"

enum { FEW = 10000, MANY = 100000, IDLE_MAX_BYTES = 512, TITLE_ARENA_BYTES = 1 << 16 };

static struct loop *loop;
static struct sources *sources;
static size_t wanted, answered;

struct load {
	struct poll *poll;
	const char *name;
};

static void answer(void *arg)
{
	struct load *l = arg;
	struct arena *a = arena_new(TITLE_ARENA_BYTES);
	int64_t now = clock_wall_ms();
	const struct source_state state = {
		.name = l->name,
		.baselined = true,
		.title = arena_strdup(a, "El Universal de la Ciudad, portada"),
		.address = source_find(sources, l->name)->url,
		.etag = "\"65f1c2a4-7d30\"",
		.last_modified = "Sun, 22 Nov 2026 07:00:00 GMT",
		.polled_ms = now,
		.ok_ms = now,
		.new_ms = now,
		.next_ms = now + 15 * MINUTE_MS,
	};

	poll_loaded(l->poll, 0, &state, NULL, 0, a);
	free(l);
	if (++answered == wanted)
		loop_stop(loop);
}

static void load(void *arg, const char *name, struct poll *poll)
{
	struct load *l = NEW(struct load);

	(void)arg;
	*l = (struct load){poll, name};
	loop_defer(loop, answer, l);
}

static void commit(void *arg, const struct poll_outcome *outcome, struct arena *a, struct poll *poll)
{
	(void)arg;
	(void)outcome;
	(void)a;
	(void)poll;
	abort(); /* nobody is due */
}

static size_t heap_bytes(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static double cpu_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The bytes that n idle sources take. */
static size_t measure(size_t n)
{
	static const struct sources_ops ops = {.log = {load, commit}};
	struct source_config *v = xcalloc(n, sizeof(*v));
	double began = cpu_s();
	size_t before, bytes, i;

	for (i = 0; i < n; i++)
		v[i] = (struct source_config){
			.name = xasprintf("prensa/%016zx", i * 2654435761u),
			.platform = SOURCE_FEED,
			.url = xasprintf("https://www.periodico-%zu.example.com/rss/portada.xml", i / 4),
			.every_ms = 15 * MINUTE_MS,
			.backfill_ms = SOURCE_BACKFILL_ALL,
			.format = "auto",
		};
	before = heap_bytes();
	sources = sources_new(loop, NULL, NULL, false, &ops, NULL);
	sources_configure(sources, v, n);
	(void)sources_poll(sources, "nobody");
	for (i = 0; i < n; i++) /* each is loaded in its turn, within minutes: here at once */
		source_find(sources, v[i].name)->item.due_ms = 0;
	wanted = n;
	answered = 0;
	loop_run(loop);
	bytes = heap_bytes() - before;
	printf("sources=%zu heap_bytes=%zu each=%zu cpu_s=%.2f\n", n, bytes, bytes / n, cpu_s() - began);
	sources = sources_free(sources);
	for (i = 0; i < n; i++) {
		free((char *)v[i].name);
		free((char *)v[i].url);
	}
	free(v);
	return bytes;
}

int main(void)
{
	size_t few, many, slope;

	log_threshold(LOG_LEVEL_ERROR);
	if (loop_new(&loop) != 0)
		return 1;
	few = measure(FEW);
	many = measure(MANY);
	slope = (many - few) / (MANY - FEW);
	printf("record_bytes=%zu idle_source_bytes=%zu limit=%d\n", sizeof(struct source), slope, IDLE_MAX_BYTES);
	loop_free(loop);
	return slope <= IDLE_MAX_BYTES ? 0 : 1;
}
