#pragma once
/*
 * main/ctl_options: the arguments of one command, told in the user's language where they are wrong.
 *
 * "--name VALUE", "--name=VALUE", "-x VALUE", "-xVALUE", "-ab"; options and others in any order; "--" ends the options;
 * "-" alone is no option. Every command knows -c, --config, --socket, --json and --help besides its own.
 */
#include <stddef.h>

#include "base/err.h"
#include "main/ctl.h"

enum { CTL_LIST_MAX = 100 };

struct ctl_list {
	const char *v[CTL_LIST_MAX];
	size_t n;
};

enum ctl_option_kind {
	CTL_FLAG,   /* bool */
	CTL_VALUE,  /* const char * */
	CTL_NUMBER, /* long, from min to max */
	CTL_MANY,   /* struct ctl_list */
};
struct ctl_option {
	const char *name; /* without "--" */
	char letter;      /* 0: none */
	enum ctl_option_kind kind;
	size_t at; /* of its value in the values of the command */
	long min, max;
};

enum {
	CTL_OPTIONS_E_USAGE = 1, /* told */
	CTL_OPTIONS_E_HELP,      /* --help: nothing was printed yet */
};
/* Moves what is no option to the front of argv, behind argv[0]; *argc is then how many argv has, and a NULL stands behind
 * them. */
int ctl_options(struct ctl *c, const struct ctl_option *own, size_t n_own, void *values, int *argc,
		char **argv) must_use;
/* The same for a command: prints its help. True: go on; false: *ret is the exit status. min to max arguments are left
 * (max < 0: any number). */
bool ctl_arguments(struct ctl *c, enum text_id help, const struct ctl_option *own, size_t n_own, void *values, int min,
		   int max, int *argc, char **argv, int *ret);
