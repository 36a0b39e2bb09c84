/* escuchad: the daemon's program. What it does with its arguments; the rest is main/app and main/check. */
#include <getopt.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>

#include <curl/curl.h>

#include "base/diag.h"
#include "base/log.h"
#include "main/app.h"
#include "main/check.h"
#include "main/config.h"

enum { EXIT_USAGE = 2 };

static void say(FILE *to, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(text_lang_of(NULL), id, args);

	fprintf(to, "%s\n", text);
}

/* Then what the options are. */
static int usage(enum text_id id, const char *option)
{
	cleanup(freep) char *text = TEXT(text_lang_of(NULL), id, option);

	fprintf(stderr, "escuchad: %s\n\n", text);
	say(stderr, TEXT_MAIN_HELP, TEXT_ARGS());
	return EXIT_USAGE;
}

static int run(const char *path, bool once)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct config *c = NULL;
	int r = config_load(path, d, &c);

	diag_print(d, stderr, r == 0 ? (enum text_lang)c->language : config_language(path));
	if (r != 0)
		return APP_CONFIG;
	return app_run(c, once);
}

/* Megabytes grow by moving pages, not bytes, and go back to the system when they are freed, whichever thread made them. Left
 * to itself glibc ends both with the first that is freed, and the loop then copies, or clears up, tens of megabytes at once. */
static void memory_of_bodies(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 256 << 10);
	(void)mallopt(M_TRIM_THRESHOLD, 2 << 20);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'}, {"once", no_argument, NULL, 'o'},
		{"check", no_argument, NULL, 'k'},        {"json", no_argument, NULL, 'j'},
		{"verbose", no_argument, NULL, 'v'},      {"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
	};
	bool once = false, check = false, json = false;
	const char *path = NULL;
	int option, r;

	while ((option = getopt_long(argc, argv, ":c:vh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'o':
			once = true;
			break;
		case 'k':
			check = true;
			break;
		case 'j':
			json = true;
			break;
		case 'v':
			log_threshold(LOG_LEVEL_DEBUG);
			break;
		case 'V':
			printf("escuchad %s\n", ESCUCHAD_VERSION);
			return 0;
		case 'h':
			say(stdout, TEXT_MAIN_HELP, TEXT_ARGS());
			return 0;
		case ':':
			return usage(TEXT_CTL_OPTION_VALUE, argv[optind - 1]);
		default:
			return usage(TEXT_CTL_OPTION_UNKNOWN, argv[optind - 1]);
		}
	}
	if (optind < argc)
		return usage(TEXT_MAIN_ARGUMENT, argv[optind]);
	if (once && check)
		return usage(TEXT_MAIN_ONE_OF, "--once, --check");
	if (json && !check)
		return usage(TEXT_MAIN_JSON, "--json");
	if (!path)
		path = config_find();
	if (!path) {
		say(stderr, TEXT_MAIN_NO_CONFIG, TEXT_ARGS());
		return APP_CONFIG;
	}
	(void)setlocale(LC_CTYPE, "C.UTF-8"); /* host names outside ASCII, widths on a terminal; whatever LANG says */
	if (check)
		return check_run(path, json);
	memory_of_bodies();
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	r = run(path, once);
	curl_global_cleanup();
	return r;
}
