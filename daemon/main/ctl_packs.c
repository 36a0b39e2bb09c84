/* packs: the packs that came with the program, and what one of them holds. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/shipped.h"
#include "base/suggest.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

enum { OUT_MAX_BYTES = 1024 * 1024 };

/* What a pack says of itself in its first lines, "# es: …" and "# en: …", in one language. To be freed. */
static char *about(const char *text, enum text_lang lang)
{
	const char *mark = lang == TEXT_ES ? "# es: " : "# en: ";

	while (*text == '#' && strncmp(text, mark, strlen(mark)) != 0)
		text += strcspn(text, "\n") + 1;
	text += *text == '#' ? strlen(mark) : 0;
	return xstrndup(text, strcspn(text, "\n"));
}

static int list(const struct ctl *c)
{
	struct table *table = table_new(2);
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct json j = JSON_OUT(&out);
	size_t i;

	json_begin_array(&j, NULL);
	for (i = 0; i < shipped_packs_n; i++) {
		cleanup(freep) char *what = about(shipped_packs[i].text, c->lang);

		TABLE_ROW(table, shipped_packs[i].name, what);
		json_begin_object(&j, NULL);
		json_text(&j, "name", shipped_packs[i].name);
		json_text(&j, "about", what);
		json_end_object(&j);
	}
	json_end_array(&j);
	if (!c->json) {
		buf_reset(&out);
		table_print(table, &out);
	} else {
		buf_putc(&out, '\n');
	}
	fwrite(buf_str(&out), 1, out.len, stdout);
	table_free(table);
	buf_done(&out);
	return CTL_DONE;
}

static int show(const struct ctl *c, const char *name)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct json j = JSON_OUT(&out);
	const char *guess;
	size_t i;

	for (i = 0; i < shipped_packs_n && strcmp(shipped_packs[i].name, name) != 0; i++)
		;
	if (i == shipped_packs_n) {
		guess = suggest(name, &shipped_packs[0].name, shipped_packs_n, sizeof(*shipped_packs));
		if (guess)
			CTL_COMPLAIN(c, TEXT_CTL_PACKS_UNKNOWN_GUESS, name, guess);
		else
			CTL_COMPLAIN(c, TEXT_CTL_PACKS_UNKNOWN, name);
		return CTL_NO;
	}
	if (c->json) {
		json_begin_object(&j, NULL);
		json_text(&j, "name", name);
		json_text(&j, "text", shipped_packs[i].text);
		json_end_object(&j);
		printf("%s\n", buf_str(&out));
	} else {
		fputs(shipped_packs[i].text, stdout);
	}
	buf_done(&out);
	return CTL_DONE;
}

static int run(const struct ctl_call *call)
{
	return call->n ? show(call->ctl, call->args[0]) : list(call->ctl);
}

const struct ctl_command ctl_packs = {
	.name = "packs",
	.run = run,
	.help = TEXT_CTL_HELP_PACKS,
	.max = 1,
};
