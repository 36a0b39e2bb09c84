#include "main/app_systemd.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/buf.h"
#include "base/log.h"
#include "base/log_journal.h"
#include "main/app_inside.h"
#include "queue/queue.h"
#include "source/sources.h"

enum { STATUS_MAX_BYTES = 4096 };

void app_log_configure(const struct config *c)
{
	bool journal = c->log == CONFIG_LOG_JOURNAL || (c->log == CONFIG_LOG_AUTO && log_journal_reads(STDERR_FILENO));

	log_sink(NULL);
	log_format(c->log == CONFIG_LOG_JSON ? LOG_FORMAT_JSON : LOG_FORMAT_PLAIN);
	if (journal && !log_journal_start() && c->log == CONFIG_LOG_JOURNAL)
		LOG_WARN("log.no_journal", LOG_S("why", "built without libsystemd: lines are written"));
}

#if HAVE_LIBSYSTEMD

/* --- what we are given --- */

int app_systemd_socket(const char *path)
{
	static const char wanted[] = "escuchad.socket";
	char **names = NULL;
	int n = sd_listen_fds_with_names(1, &names), found = 0, i;

	for (i = 0; i < n; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		bool ours = strcmp(names[i], wanted) == 0 && sd_is_socket_unix(fd, SOCK_STREAM, 1, path, 0) > 0;

		if (ours && !found) {
			found = fd;
		} else { /* whoever connects to it would wait for ever: that is told */
			LOG_WARN("systemd.socket_unused", LOG_S("name", names[i]), LOG_S("socket", path),
				 LOG_S("why",
				       "not a Unix socket named escuchad.socket at the path where escuchad listens"));
			close(fd);
		}
		free(names[i]);
	}
	free(names);
	return found;
}

/* --- what we say --- */

static void count_failing(void *arg, const struct source_glance *s)
{
	*(size_t *)arg += s->standing == SOURCE_FAILING;
}

static void put_text(struct buf *b, const struct app *a, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(app_lang(a), id, args);

	if (b->len)
		buf_putc(b, ' ');
	buf_puts(b, text);
}

static void put_status(struct buf *b, const struct app *a)
{
	size_t failing = 0;
	cleanup(freep) char *sources = NULL, *silent = NULL, *topics = NULL;
	struct queue_status queue;

	sources_glance(a->sources, count_failing, &failing);
	sources = xasprintf("%zu", sources_count(a->sources));
	silent = xasprintf("%zu", failing);
	topics = xasprintf("%zu", a->catalogue.n_topics);
	put_text(b, a, TEXT_MAIN_STATUS, TEXT_ARGS(sources, silent, topics));
	if (app_queues_on(a))
		app_queues_status(a, &queue);
	if (app_queues_on(a) && !queue.connected && queue.error) /* none: not tried yet */
		put_text(b, a, TEXT_MAIN_STATUS_REDIS, TEXT_ARGS(queue.error));
	if (a->reload.failed)
		put_text(b, a, TEXT_MAIN_STATUS_RELOAD, TEXT_ARGS());
}

/* assignments: "READY=1\n", or "". */
static void say(const struct app *a, const char *assignments)
{
	struct buf b = BUF_INIT(STATUS_MAX_BYTES);

	put_status(&b, a);
	(void)sd_notifyf(0, "%sSTATUS=%s", assignments, buf_str(&b));
	buf_done(&b);
}

static void say_text(const struct app *a, const char *assignments, enum text_id id)
{
	(void)sd_notifyf(0, "%sSTATUS=%s", assignments, text_raw(app_lang(a), id));
}

static void on_status(void *arg)
{
	struct app *a = arg;

	if (a->systemd.ready)
		say(a, "");
	loop_timer_set(a->systemd.status, APP_STATUS_MS);
}

static void on_watchdog(void *arg)
{
	struct app *a = arg;

	(void)sd_notify(0, "WATCHDOG=1");
	loop_timer_set(a->systemd.watchdog, a->systemd.feed_ms);
}

void app_systemd_start(struct app *a)
{
	struct app_systemd *s = &a->systemd;
	uint64_t usec;

	if (!getenv("NOTIFY_SOCKET") || a->once)
		return;
	s->status = loop_timer_new(a->loop, on_status, a);
	if (sd_watchdog_enabled(0, &usec) > 0) {
		s->feed_ms = usec / 2000 ? (int64_t)(usec / 2000) : 1;
		s->watchdog = loop_timer_new(a->loop, on_watchdog, a);
		on_watchdog(a);
	}
	say_text(a, "", TEXT_MAIN_STATUS_STARTING);
}

void app_systemd_ready(struct app *a)
{
	struct app_systemd *s = &a->systemd;

	if (!s->status || a->stopping)
		return;
	s->ready = true;
	say(a, "READY=1\n");
	loop_timer_set(s->status, APP_STATUS_FIRST_MS);
}

void app_systemd_reloading(struct app *a)
{
	struct timespec now;

	if (!a->systemd.status || a->stopping)
		return;
	a->systemd.ready = false;
	clock_gettime(CLOCK_MONOTONIC, &now); /* systemd compares it with its own */
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=%s",
			 (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000,
			 text_raw(app_lang(a), TEXT_MAIN_STATUS_RELOADING));
}

void app_systemd_stopping(struct app *a)
{
	a->systemd.ready = false;
	if (a->systemd.status)
		say_text(a, "STOPPING=1\n", TEXT_MAIN_STOPPING);
}

void app_systemd_done(struct app *a)
{
	a->systemd.watchdog = loop_timer_free(a->systemd.watchdog);
	a->systemd.status = loop_timer_free(a->systemd.status);
}

#else

int app_systemd_socket(const char *path)
{
	(void)path;
	return 0;
}

void app_systemd_start(struct app *a)
{
	(void)a;
}

void app_systemd_ready(struct app *a)
{
	(void)a;
}

void app_systemd_reloading(struct app *a)
{
	(void)a;
}

void app_systemd_stopping(struct app *a)
{
	(void)a;
}

void app_systemd_done(struct app *a)
{
	(void)a;
}

#endif
