#pragma once
/*
 * main/ctl_command: a command of escuchactl is a row and a function. What all of them begin with is done here, in one
 * order: the arguments, what the command itself has against them, the configuration's settings, the daemon.
 *
 *	struct values { const char *state; };
 *	static const struct ctl_option options[] = {{"state", 's', CTL_VALUE, offsetof(struct values, state)}};
 *	static int run(const struct ctl_call *call) { … }
 *	const struct ctl_command ctl_sources = {.name = "sources", .run = run, .help = TEXT_CTL_HELP_SOURCES, …};
 *
 * and a line in escuchactl.c.
 */
#include <stdbool.h>
#include <stddef.h>

#include "main/ctl.h"
#include "main/ctl_options.h"

struct client;

enum { CTL_VALUES_MAX_BYTES = 4096 };

enum ctl_needs {
	CTL_NEEDS_NOTHING,
	CTL_NEEDS_SETTINGS, /* ctl_settings_read() */
	CTL_NEEDS_DAEMON,   /* and somebody who answers on its socket */
};

/* One command as it was called. */
struct ctl_call {
	struct ctl *ctl;
	struct client *client; /* CTL_NEEDS_DAEMON; else NULL */
	const void *values;    /* what its options were given */
	char **args;           /* what is no option; NULL behind the last */
	int n;
};

struct ctl_command {
	const char *name;
	int (*run)(const struct ctl_call *call); /* returns an exit status */
	bool (*check)(
		const struct ctl_call *call); /* before anything is read; false: told, a usage error. NULL: none */
	enum text_id help;
	enum ctl_needs needs;
	bool (*alone)(const struct ctl_call *call); /* as it was called it needs no daemon; NULL: it does */
	int min, max; /* arguments; max < 0: any number */
	const struct ctl_option *options;
	size_t n_options;
	const void *defaults; /* the values where no option says another; NULL: zeros */
	size_t values_bytes;  /* of them, at most CTL_VALUES_MAX_BYTES */
};

/* argv[0] is its name. Returns an exit status. */
int ctl_command_run(const struct ctl_command *command, struct ctl *c, int argc, char **argv);
