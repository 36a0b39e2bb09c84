#include "base/log.h"

#include <pthread.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log_line.h"

enum { REPEATS = 64 };

struct repeat {
	uint64_t hash;
	int64_t until_ms;
	uint64_t held;
};

static struct {
	pthread_mutex_t lock; /* the store's threads log too */
	FILE *to;
	enum log_level least;
	enum log_format format;
	log_sink_fn *sink;
	struct repeat repeats[REPEATS];
} state = {.lock = PTHREAD_MUTEX_INITIALIZER, .least = LOG_LEVEL_INFO};

void log_threshold(enum log_level least)
{
	state.least = least;
}

void log_to(FILE *to)
{
	state.to = to;
}

void log_format(enum log_format format)
{
	pthread_mutex_lock(&state.lock);
	state.format = format;
	pthread_mutex_unlock(&state.lock);
}

void log_sink(log_sink_fn *sink)
{
	pthread_mutex_lock(&state.lock);
	state.sink = sink;
	pthread_mutex_unlock(&state.lock);
}

/* FNV-1a: only to tell one kind of line from another. */
static uint64_t kind_of(const char *event, const struct log_field *fields, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;
	const char *s;

	for (s = event; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	for (s = n && fields[0].text ? fields[0].text : ""; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

/* True if the line may go; *ret_held is how many did not since the last. */
static bool pass(uint64_t kind, uint64_t *ret_held)
{
	struct repeat *r = &state.repeats[kind % REPEATS];
	int64_t now = clock_steady_ms();

	*ret_held = 0;
	if (r->hash == kind && now < r->until_ms) {
		r->held++;
		return false;
	}
	if (r->hash == kind)
		*ret_held = r->held;
	*r = (struct repeat){.hash = kind, .until_ms = now + LOG_REPEAT_MS};
	return true;
}

static void write_line(const struct log_entry *e)
{
	struct buf line = BUF_INIT(LOG_LINE_MAX_BYTES);
	FILE *to = state.to ? state.to : stderr;

	if (state.format == LOG_FORMAT_JSON)
		log_line_json(&line, e);
	else
		log_line_plain(&line, e);
	buf_putc(&line, '\n');
	fwrite(buf_str(&line), 1, line.len, to);
	fflush(to);
	buf_done(&line);
}

void log_event(enum log_level level, bool limited, const char *event, const struct log_field *fields, size_t n)
{
	struct log_entry e = {.level = level, .event = event, .fields = fields, .n = n};

	if (level < state.least)
		return;
	pthread_mutex_lock(&state.lock);
	if (!limited || pass(kind_of(event, fields, n), &e.held)) {
		e.at_ms = clock_wall_ms();
		if (!state.sink || !state.sink(&e))
			write_line(&e);
	}
	pthread_mutex_unlock(&state.lock);
}
