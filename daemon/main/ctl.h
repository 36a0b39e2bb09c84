#pragma once
/*
 * main/ctl: what the commands of escuchactl share.
 *
 *   escuchactl.c   the table of commands
 *   ctl_command    what a command is, and what all of them begin with
 *   ctl_options    arguments
 *   ctl_settings   socket, language, zone, rules: out of the configuration, even of a broken one
 *   ctl_client     HTTP over the daemon's socket
 *   ctl_output     tables, local times, hits with their words marked
 *   ctl_ask        a sandboxed reader, without a daemon
 *   ctl_status, ctl_daemon, ctl_coverage, ctl_hits, ctl_outbox, ctl_parse, ctl_match, ctl_why, ctl_packs, ctl_init,
 *   ctl_detect, ctl_rota, ctl_backtest, ctl_discard, ctl_backup, ctl_fsck   the commands
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { CTL_DONE = 0, CTL_NO = 1, CTL_USAGE = 2, CTL_BUSY = 75, CTL_CONFIG = 78 }; /* exit statuses */
enum { CTL_SOCKETS_MAX = 4 };

struct ctl {
	enum text_lang lang;
	const char *program; /* argv[0] */
	bool json, help, colour;
	/* --config, --socket: NULL where not given */
	const char *config_given, *socket_given;
	/* ctl_settings_read() */
	char *config;                   /* the file that was read; NULL: none */
	char *sockets[CTL_SOCKETS_MAX]; /* where the daemon may listen, likeliest first */
	size_t n_sockets;
	char *state;    /* the folder of the log; NULL: nobody says which */
	char *timezone; /* NULL: the machine's */
	char *platforms; /* a folder of the user's own; NULL: none */
	char *lexicon;   /* the same, of lexicons */
	bool names;      /* privacy is off: what is shared may name people */
	char **rules;   /* files and folders */
	size_t n_rules;
};

/* Prints a text of the catalogue on standard error, after "escuchactl: ". */
void ctl_complain(const struct ctl *c, enum text_id id, const char *const args[]);
#define CTL_COMPLAIN(c, id, ...) ctl_complain((c), (id), TEXT_ARGS(__VA_ARGS__))
/* The same, of a text whose arguments are a path (unless NULL) and what the system's error number means. */
void ctl_complain_errno(const struct ctl *c, enum text_id id, const char *path, int error);
/* A text of the catalogue, on standard output, with a newline. */
void ctl_say(const struct ctl *c, enum text_id id, const char *const args[]);
#define CTL_SAY(c, id, ...) ctl_say((c), (id), TEXT_ARGS(__VA_ARGS__))

struct ctl_command;
extern const struct ctl_command ctl_status;                        /* ctl_status.c */
extern const struct ctl_command ctl_sources, ctl_poll, ctl_reload; /* ctl_daemon.c */
extern const struct ctl_command ctl_coverage;                      /* ctl_coverage.c */
extern const struct ctl_command ctl_topics;                        /* ctl_topics.c */
extern const struct ctl_command ctl_digest;                        /* ctl_digest.c */
extern const struct ctl_command ctl_step, ctl_drill;
extern const struct ctl_command ctl_incidents, ctl_show, ctl_dossier, ctl_evidence, ctl_ack, ctl_note, ctl_close, ctl_false_alarm,
	ctl_open, ctl_pass, ctl_merge;                             /* ctl_incidents.c */
extern const struct ctl_command ctl_pair, ctl_unpair;                /* ctl_pair.c */
extern const struct ctl_command ctl_mute, ctl_unmute;                /* ctl_mute.c */
extern const struct ctl_command ctl_packs;                         /* ctl_packs.c */
extern const struct ctl_command ctl_platforms;                     /* ctl_platforms.c */
extern const struct ctl_command ctl_tail, ctl_search, ctl_add;     /* ctl_hits.c */
extern const struct ctl_command ctl_outbox;                        /* ctl_outbox.c */
extern const struct ctl_command ctl_canary;                           /* ctl_canary.c */
extern const struct ctl_command ctl_test_channel;                     /* ctl_channel.c */
extern const struct ctl_command ctl_parse, ctl_match;              /* ctl_parse.c, ctl_match.c */
extern const struct ctl_command ctl_eval, ctl_train;               /* ctl_eval.c, ctl_train.c */
extern const struct ctl_command ctl_why;                           /* ctl_why.c */
extern const struct ctl_command ctl_backup, ctl_fsck, ctl_doctor;  /* ctl_backup.c, … */
extern const struct ctl_command ctl_backtest, ctl_discard;         /* ctl_backtest.c, ctl_discard.c */
extern const struct ctl_command ctl_discover;                      /* ctl_discover.c */
extern const struct ctl_command ctl_try;                           /* ctl_try.c */
extern const struct ctl_command ctl_detect;                        /* ctl_detect.c */
extern const struct ctl_command ctl_rota;                          /* ctl_rota.c */
extern const struct ctl_command ctl_authors, ctl_stories;           /* ctl_voices.c */
extern const struct ctl_command ctl_export;                        /* ctl_export.c */
extern const struct ctl_command ctl_forget, ctl_tone;              /* ctl_forget.c, ctl_tone.c */
extern const struct ctl_command ctl_init;                          /* ctl_init.c */
