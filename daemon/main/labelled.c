#include "main/labelled.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "main/ctl.h"

struct reading {
	const struct ctl *ctl;
	const char *path;
	size_t line;
	bool wrong;
	bool (*on_post)(void *arg, const struct labelled *post);
	void *arg;
};

static bool take_line(struct reading *r, char *line)
{
	char *save = line, *lang = strsep(&save, "\t"), *name = strsep(&save, "\t");
	enum eval_class label = name ? eval_class_of(name) : EVAL_CLASSES;
	struct buf clean = BUF_INIT(LABELLED_LINE_MAX_BYTES);
	bool going;

	r->line++;
	if (!*line && !save)
		return true;
	if (!save || label == EVAL_CLASSES || !*lang || strlen(lang) >= LABELLED_LANGUAGE_MAX_BYTES) {
		cleanup(freep) char *number = xasprintf("%zu", r->line);

		CTL_COMPLAIN(r->ctl, TEXT_CTL_EVAL_LINE, r->path, number);
		r->wrong = true;
		return true;
	}
	utf8_scrub(&clean, save, strlen(save));
	going = r->on_post(r->arg, &(struct labelled){r->line, lang, label, buf_str(&clean)});
	buf_done(&clean);
	return going;
}

int labelled_read(const struct ctl *c, const char *path, bool (*on_post)(void *arg, const struct labelled *post),
		  void *arg)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct reading r = {.ctl = c, .path = path, .on_post = on_post, .arg = arg};
	cleanup(freep) char *line = NULL;
	bool going = true;
	size_t cap = 0;
	ssize_t len;

	if (!f) {
		ctl_complain_errno(c, TEXT_CTL_FILE, path, errno);
		return LABELLED_E_FILE;
	}
	while (going && (len = getline(&line, &cap, f)) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (len > LABELLED_LINE_MAX_BYTES)
			line[LABELLED_LINE_MAX_BYTES] = '\0';
		going = take_line(&r, line);
	}
	if (ferror(f)) {
		ctl_complain_errno(c, TEXT_CTL_FILE, path, errno);
		going = false;
	}
	if (f != stdin)
		fclose(f);
	return !going ? LABELLED_E_FILE : r.wrong ? LABELLED_E_LINES : 0;
}
