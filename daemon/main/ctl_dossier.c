/* dossier: all that is known of one crisis, printed or written to a folder. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_number.h"
#include "main/ctl_output.h"

struct values {
	bool html, markdown;
	const char *out;
};

static bool write_file(const struct ctl_call *call, const char *folder, const char *ending, const char *text)
{
	cleanup(freep) char *path = xasprintf("%s/crisis-%s.%s", folder, call->args[0], ending);
	FILE *f = text ? fopen(path, "we") : NULL;
	bool done;

	if (!text)
		return true;
	done = f && fputs(text, f) >= 0;
	if (f && fclose(f) != 0)
		done = false;
	if (done)
		CTL_SAY(call->ctl, TEXT_DOSSIER_WRITTEN, path);
	else
		ctl_complain_errno(call->ctl, TEXT_CTL_FILE, path, errno);
	return done;
}

static bool show(const struct ctl_call *call, const json_t *answer)
{
	const struct values *v = call->values;
	const char *html = said_in(answer, "html"), *markdown = said_in(answer, "markdown");

	if (v->out) {
		if (mkdir(v->out, 0700) < 0 && errno != EEXIST) {
			ctl_complain_errno(call->ctl, TEXT_CTL_FILE, v->out, errno);
			return false;
		}
		return (v->html && !v->markdown ? true : write_file(call, v->out, "md", markdown)) &&
		       (v->markdown && !v->html ? true : write_file(call, v->out, "html", html));
	}
	printf("%s", v->html && html ? html : markdown ? markdown : "");
	return true;
}

static int run(const struct ctl_call *call)
{
	cleanup(freep) char *target = xasprintf("/v1/dossiers/%s", call->args[0]);
	json_t *answer = NULL;
	long status;
	bool done = client_get(call->client, target, 0, &status, &answer);

	if (done && call->ctl->json)
		json_print(answer);
	else if (done)
		done = show(call, answer);
	json_decref(answer);
	return done ? CTL_DONE : CTL_NO;
}

static const struct ctl_option options[] = {
	{"html", 0, CTL_FLAG, offsetof(struct values, html)},
	{"markdown", 0, CTL_FLAG, offsetof(struct values, markdown)},
	{"out", 0, CTL_VALUE, offsetof(struct values, out)},
};
const struct ctl_command ctl_dossier = {
	.name = "dossier",
	.run = run,
	.check = ctl_check_crisis,
	.help = TEXT_CTL_HELP_DOSSIER,
	.needs = CTL_NEEDS_DAEMON,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
