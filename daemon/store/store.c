#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "store/aside.h"
#include "store/ballast.h"
#include "store/clean.h"
#include "store/lock.h"
#include "store/recent.h"
#include "store/repair.h"
#include "store/schema.h"
#include "store/state.h"
#include "store/story.h"

enum { CHECK_TOLD_MS = 2000 };

static int make_folder(const char *path)
{
	cleanup(freep) char *copy = xstrdup(path);
	char *at = copy;

	while ((at = strchr(at + 1, '/'))) { /* those above it, too */
		*at = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int take_lock(struct store *s, const char *folder, struct diag *diag)
{
	cleanup(freep) char *path = xasprintf("%s/escuchad.lock", folder);
	char pid_text[24];
	long pid = 0;
	int r = lock_take(path, &s->lock_fd, &pid);

	if (r == LOCK_E_HELD) {
		snprintf(pid_text, sizeof(pid_text), "%ld", pid);
		diag_error(diag, ((struct diag_pos){.file = folder}), NULL, NULL, TEXT_STORE_BUSY, pid_text);
		return STORE_E_BUSY;
	}
	return r;
}

static int check(struct store *s)
{
	int64_t from_ms = clock_steady_ms(), took_ms;
	int r = db_check(s->writer.db);

	took_ms = clock_steady_ms() - from_ms;
	if (took_ms > CHECK_TOLD_MS)
		LOG_INFO("store.checked", LOG_I("ms", took_ms));
	return r;
}

/* A damaged one is out of the way, and a new one is open in its place: with what a start can wait for, or empty where that
 * can't be had (a full disk). */
static int replace(struct store *s, const char *folder, const struct store_config *config, struct diag *diag)
{
	cleanup(freep) char *old = NULL;
	struct salvage_result result;
	int r;

	writer_done(&s->writer);
	r = repair_replace(folder, s->db_path, SALVAGE_WAITING, &result, &old);
	if (r == 0)
		LOG_WARN("store.salvaged", LOG_I("rows", result.rows), LOG_I("torn_tables", result.torn));
	else
		LOG_ERROR("store.not_salvaged", LOG_S("why", strerrordesc_np(-r)));
	if (!old)
		r = aside_move(s->db_path, &old);
	if (r < 0)
		return r;
	LOG_ERROR("store.set_aside", LOG_S("path", old));
	diag_warning(diag, ((struct diag_pos){.file = s->db_path}), NULL, NULL, TEXT_STORE_RECREATED, old);
	s->recreated = true;
	r = writer_init(&s->writer, s->db_path, config);
	return r > 0 ? -EIO : r; /* a new file that is damaged */
}

/* Both connections, sound and of our version. Outcomes as store_open(). */
static int open_database(struct store *s, const char *folder, const struct store_config *config, struct diag *diag)
{
	struct diag_pos pos = {.file = s->db_path};
	bool clean = clean_take(s->db_path);
	int r = aside_finish(s->db_path);

	if (r == 0)
		r = writer_init(&s->writer, s->db_path, config);
	if (r == 0 && !clean)
		r = check(s);
	if (r == DB_E_CORRUPT && config->on_corrupt == STORE_RECREATE)
		r = replace(s, folder, config, diag);
	if (r == DB_E_CORRUPT) {
		diag_error(diag, pos, NULL, NULL, TEXT_STORE_CORRUPT);
		return STORE_E_CORRUPT;
	}
	if (r < 0)
		return r;
	r = schema_migrate(s->writer.db);
	if (r == SCHEMA_E_NEWER) {
		diag_error(diag, pos, NULL, NULL, TEXT_STORE_NEWER);
		return STORE_E_NEWER;
	}
	if (r == 0 && ballast_make(s->writer.ballast_path) == -ENOSPC)
		writer_set_full(&s->writer, true, false);
	if (r == 0)
		r = writer_reset(&s->writer);
	if (r == 0)
		r = story_load(&s->writer);
	if (r == 0)
		r = db_open(s->db_path, false, &s->reader);
	return r > 0 ? -EBADMSG : r; /* it was sound a moment ago */
}

static struct store *store_free(struct store *s)
{
	bool sound;

	if (!s)
		return NULL;
	sound = s->engine && !s->suspect && !s->writer.broken && db_sound(s->writer.db) && db_sound(s->reader);
	engine_free(s->engine);
	db_close(s->reader);
	recent_free(s->writer.recent);
	writer_done(&s->writer); /* the last connection: checkpoints, and removes the -wal */
	if (sound)
		clean_put(s->db_path);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->db_path);
	free(s);
	return NULL;
}
DEFINE_CLEANUP(struct store, store_free)

int store_open(const char *path, const struct store_config *config, void (*wake)(void *arg), void *arg,
	       struct diag *diag, struct store **ret)
{
	cleanup(store_freep) struct store *s = NEW(struct store);
	int r;

	s->lock_fd = -1;
	s->db_path = xasprintf("%s/escuchad.db", path);
	r = make_folder(path);
	if (r == 0)
		r = take_lock(s, path, diag);
	if (r == 0)
		r = open_database(s, path, config, diag);
	if (r < 0) {
		diag_error(diag, ((struct diag_pos){.file = path}), NULL, NULL, text_of_errno(-r), strerrordesc_np(-r));
		diag_note(diag, ((struct diag_pos){.file = path}), NULL, NULL, TEXT_STORE_FOLDER);
	}
	if (r != 0)
		return r;
	s->writer.recent = recent_new();
	s->engine = engine_new(&s->writer, s->reader, wake, arg);
	r = engine_start(s->engine);
	if (r < 0) {
		engine_stop(s->engine);
		return r;
	}
	*ret = TAKE(s);
	return 0;
}

void store_dispatch(struct store *s)
{
	bool full = s->writer.full;

	if (full != s->full_told && s->on_full) {
		s->full_told = full;
		s->on_full(s->on_full_arg, full);
	}
	engine_dispatch(s->engine);
}

void store_suspect(struct store *s)
{
	s->suspect = true;
}

void store_on_full(struct store *s, void (*cb)(void *arg, bool full), void *arg)
{
	s->on_full = cb;
	s->on_full_arg = arg;
}

struct store *store_close(struct store *s)
{
	if (!s)
		return NULL;
	engine_stop(s->engine);
	return store_free(s);
}

size_t store_waiting(struct store *s)
{
	return engine_writes_waiting(s->engine);
}

/* --- a new configuration --- */

struct configure_request {
	struct request request;
	struct store_config config;
	struct arena *names;
};

static int write_config(struct request *req, struct writer *w)
{
	writer_configure(w, &REQUEST_OF(req, struct configure_request)->config);
	w->plain_mark = 0; /* what was old enough may not be, and the other way round */
	w->kept_at_ms = 0;
	return 0;
}

static void finish_config(struct request *req)
{
	(void)req;
}

static void drop_config(struct request *req)
{
	arena_free(REQUEST_OF(req, struct configure_request)->names);
	free(req);
}

void store_configure(struct store *s, const struct store_config *config)
{
	static const struct request_class class = {.write = write_config, .finish = finish_config, .drop = drop_config};
	struct configure_request *p = NEW(struct configure_request);

	p->request.class = &class;
	p->config = *config;
	p->names = arena_new(WRITER_NAMES_MAX_BYTES);
	p->config.vip = writer_names_copy(p->names, &config->vip);
	p->config.ignore = writer_names_copy(p->names, &config->ignore);
	engine_post(s->engine, &p->request);
}
