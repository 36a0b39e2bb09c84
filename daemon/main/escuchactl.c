/* escuchactl: the command-line tool. escuchactl COMMAND [OPTIONS] [ARGUMENTS] */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <curl/curl.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "main/config.h"
#include "main/ctl.h"
#include "main/ctl_command.h"
#include "main/ctl_settings.h"

static const struct ctl_command *const commands[] = {
	&ctl_init,    &ctl_status,    &ctl_sources,     &ctl_coverage, &ctl_topics, &ctl_digest,       &ctl_poll,  &ctl_reload,
	&ctl_tail,    &ctl_search,    &ctl_add,         &ctl_outbox,   &ctl_test_channel, &ctl_canary, &ctl_parse, &ctl_match,
	&ctl_why,     &ctl_backtest,  &ctl_discard,     &ctl_detect,   &ctl_rota,         &ctl_eval,  &ctl_train,
	&ctl_packs,   &ctl_platforms, &ctl_discover,    &ctl_try,      &ctl_backup,       &ctl_fsck,  &ctl_doctor,
	&ctl_authors, &ctl_stories,   &ctl_forget,      &ctl_tone,     &ctl_export,    &ctl_incidents,    &ctl_show, &ctl_dossier, &ctl_evidence,  &ctl_ack,
	&ctl_note,    &ctl_close,     &ctl_false_alarm, &ctl_open,     &ctl_pass,         &ctl_merge, &ctl_step, &ctl_drill, &ctl_mute, &ctl_unmute, &ctl_pair, &ctl_unpair,
};

static void put_line(FILE *to, const char *before, const struct ctl *c, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(c->lang, id, args);

	fprintf(to, "%s%s\n", before, text);
}

void ctl_complain(const struct ctl *c, enum text_id id, const char *const args[])
{
	fflush(stdout);
	put_line(stderr, "escuchactl: ", c, id, args);
}

void ctl_say(const struct ctl *c, enum text_id id, const char *const args[])
{
	put_line(stdout, "", c, id, args);
}

static int unknown(const struct ctl *c, const char *name)
{
	const char *names[ARRAY_LEN(commands)], *guess;
	size_t i;

	for (i = 0; i < ARRAY_LEN(commands); i++)
		names[i] = commands[i]->name;
	guess = suggest(name, names, ARRAY_LEN(names), sizeof(names[0]));
	if (guess)
		CTL_COMPLAIN(c, TEXT_CTL_COMMAND_UNKNOWN_GUESS, name, guess);
	else
		CTL_COMPLAIN(c, TEXT_CTL_COMMAND_UNKNOWN, name);
	CTL_COMPLAIN(c, TEXT_CTL_COMMAND_ALL);
	return CTL_USAGE;
}

static bool is_one_of(const char *arg, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(arg, words[i]) == 0)
			return true;
	return false;
}
#define IS(arg, ...)                                                                                                   \
	is_one_of((arg), (const char *const[]){__VA_ARGS__}, ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

/* How many arguments an option takes that may stand before the command, as every command has it; 0: it may not. */
static int early_option(const char *arg)
{
	if (IS(arg, "-c", "--config", "--socket"))
		return 2;
	if (IS(arg, "-h", "--help", "--version", "--json") || strncmp(arg, "--config=", 9) == 0 ||
	    strncmp(arg, "--socket=", 9) == 0 || strncmp(arg, "-c", 2) == 0)
		return 1;
	return 0;
}

/* "-c FILE status" becomes "status -c FILE", and "help status" "status --help". False: told; a usage error. */
static bool command_first(const struct ctl *c, int argc, char **argv)
{
	static char help[] = "--help";
	char *command;
	int i, step;

	for (i = 1; i < argc && argv[i][0] == '-'; i += step) {
		step = early_option(argv[i]);
		if (step == 0) {
			CTL_COMPLAIN(c, TEXT_CTL_OPTION_EARLY, argv[i]);
			CTL_COMPLAIN(c, TEXT_CTL_COMMAND_ALL);
			return false;
		}
	}
	if (i < argc) {
		command = argv[i];
		memmove(argv + 2, argv + 1, (size_t)(i - 1) * sizeof(*argv));
		argv[1] = command;
	}
	if (argc == 3 && strcmp(argv[1], "help") == 0) {
		argv[1] = argv[2];
		argv[2] = help;
	}
	return true;
}

static int without_command(const struct ctl *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (IS(argv[i], "-h", "--help", "help")) {
			CTL_SAY(c, TEXT_CTL_HELP);
			return CTL_DONE;
		}
		if (IS(argv[i], "--version")) {
			printf("escuchactl %s\n", ESCUCHAD_VERSION);
			return CTL_DONE;
		}
	}
	CTL_COMPLAIN(c, TEXT_CTL_COMMAND_MISSING);
	CTL_COMPLAIN(c, TEXT_CTL_COMMAND_ALL);
	return CTL_USAGE;
}

static int run(struct ctl *c, int argc, char **argv)
{
	size_t i;

	if (!command_first(c, argc, argv))
		return CTL_USAGE;
	if (argc < 2 || argv[1][0] == '-' || strcmp(argv[1], "help") == 0)
		return without_command(c, argc, argv);
	for (i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i]->name, argv[1]) == 0)
			return ctl_command_run(commands[i], c, argc - 1, argv + 1);
	return unknown(c, argv[1]);
}

/* The configuration's language, also for what is told before it is read: a wrong option, a command's help. */
static enum text_lang language(int argc, char **argv)
{
	const char *path = NULL;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (IS(argv[i], "-c", "--config") && i + 1 < argc)
			path = argv[++i];
		else if (strncmp(argv[i], "--config=", 9) == 0)
			path = argv[i] + 9;
	}
	if (!path)
		path = config_find();
	return path ? config_language(path) : text_lang_of(NULL);
}

int main(int argc, char **argv)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	struct ctl c = {.lang = language(argc, argv), .program = argc ? argv[0] : "escuchactl"};
	int r;

	(void)setlocale(LC_CTYPE, "C.UTF-8"); /* for wcwidth(): what we print is UTF-8, whatever LANG says */
	c.colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && !(term && strcmp(term, "dumb") == 0);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return CTL_NO;
	r = run(&c, argc, argv);
	ctl_settings_done(&c);
	curl_global_cleanup();
	if (fflush(stdout) != 0 && r == CTL_DONE)
		r = CTL_NO; /* a full disk: what was asked for is not there */
	return r;
}
