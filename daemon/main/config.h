#pragma once
/*
 * main/config: conf/escuchad.yaml as a struct; the tables of sources and of the queue stand with those who use them.
 *
 * Owner:  whoever called config_load(); everything in it lives until config_free(), secrets included.
 * Blocks: reads files: the configuration, its secrets, the names of time zones.
 * Not here: the rules themselves (the nursery reads them), and whether a source's topic is one of theirs.
 */
#include <stddef.h>
#include <stdint.h>

#include "alert/config.h"
#include "base/diag.h"
#include "base/mem.h"
#include "main/config_voices.h"
#include "queue/config.h"
#include "serve/config.h"
#include "source/config.h"

struct arena;
struct deliver_config;

enum {
	CONFIG_READERS = 2, /* default, and the fewest */
	CONFIG_READERS_MAX = 16,
	CONFIG_SOCKET_MAX_BYTES = 107, /* of sockaddr_un's path */
};

#define CONFIG_KEEP_MIN_BYTES (INT64_C(16) << 20)
#define CONFIG_KEEP_MAX_BYTES (INT64_C(1) << 50)

/* How events are told: CONFIG_LOG_AUTO is journald where standard error leads there, else plain lines. */
enum config_log { CONFIG_LOG_AUTO, CONFIG_LOG_PLAIN, CONFIG_LOG_JSON, CONFIG_LOG_JOURNAL };

struct keep_config {
	int64_t mentions_ms; /* without a hit; 0: for ever */
	int64_t hits_ms;     /* 0: for ever */
	int64_t evidence_ms; /* what stands behind an incident, as it came; 0: for ever */
	int64_t size_bytes;  /* of both, and of the index over them */
};

struct config {
	struct arena *arena; /* config_free()'s */
	const char *file;
	const char *state;        /* a folder */
	const char *const *rules; /* folders and files */
	size_t n_rules;
	int language;                                     /* enum text_lang: of what people read */
	const char *timezone;                             /* a name of the tz database */
	const char *contact;                              /* of who runs this, for User-Agent; NULL: none */
	const char *socket;                               /* of escuchactl */
	int log;                                          /* enum config_log */
	struct diag_pos state_pos, rules_pos, socket_pos; /* of the file alone where left out */
	struct diag_pos contact_pos, readers_pos, prefilter_pos;
	int64_t readers;
	bool prefilter;
	const struct keep_config *keep;
	int on_corrupt;                   /* enum store_on_corrupt */
	const struct queue_config *queue; /* NULL: hits stay in the log alone */
	const struct http_config *http;   /* NULL: the Unix socket alone */
	const char *platforms;            /* a folder of the user's own; NULL: none */
	const char *lexicon;              /* the same, of lexicons */
	const struct source_config *sources;
	size_t n_sources;
	size_t n_own_sources;             /* the last of them: nobody wrote them, they read what is answered (main/config_replies) */
	const struct map_source *maps; /* that they use (mention/map.h) */
	size_t n_maps;
	const struct channel_config *channels;
	size_t n_channels;
	const struct person_config *people;
	size_t n_people;
	const struct operator_config *operators; /* the first is told; the next where nobody before is reached */
	size_t n_operators;
	const struct notices_config *notices;
	const struct heartbeat_config *heartbeat; /* NULL: none */
	const struct canary_config *canary;
	const struct voices_config *voices;
	bool privacy; /* what is shared names nobody */
	bool allow_commands; /* channels may run programs of this machine */
	const struct rota_config *rotas;
	size_t n_rotas;
	const struct escalation_config *escalations;
	size_t n_escalations;
	const struct defaults_config *defaults; /* NULL: the default alerts go to nobody */
	const struct alert_config *alerts;
	size_t n_alerts;
	const struct planned_config *planned;
	size_t n_planned;
	const struct deliver_config *deliver; /* left out: a daily digest to everybody */
	size_t n_deliver;
};

enum { CONFIG_E_INVALID = 1 }; /* every mistake that could be found is in diag */
/* 0 may leave warnings in diag. A file that can't be read is a finding, too. */
int config_load(const char *path, struct diag *d, struct config **ret) must_use;
struct config *config_free(struct config *c); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct config, config_free)

/* /etc/escuchad/escuchad.yaml, else ./escuchad.yaml; NULL: neither is there. */
const char *config_find(void);

/* The language that a configuration asks for, however broken the rest of it is: of the errors about it. Else that of the
 * environment. */
enum text_lang config_language(const char *path);

extern const struct schema_table config_table;
