/* detect: the detector on a history of one's own, without a daemon. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "main/ctl_command.h"
#include "main/ctl_file.h"
#include "stats/history.h"
#include "stats/surprise.h"

enum { FILE_MAX_BYTES = 512 * 1024 * 1024, LINE_MAX_BYTES = 1024 };

struct values {
	const char *sensitivity;
};

static double threshold(const struct values *v)
{
	if (strcmp(v->sensitivity, "high") == 0)
		return SURPRISE_HIGH;
	return strcmp(v->sensitivity, "low") == 0 ? SURPRISE_LOW : SURPRISE_NORMAL;
}

static void print_row(const struct ctl *c, const struct history_row *row, const struct surprise_step *step, bool alert)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	struct json j = JSON_OUT(&line);

	if (!c->json) {
		printf("%.*s,%.*s,%.2f,%d\n", (int)row->time_len, row->time, (int)row->number_len, row->number,
		       step->surprise, alert);
	} else {
		cleanup(freep) char *time = xstrndup(row->time, row->time_len);

		json_begin_object(&j, NULL);
		json_text(&j, "timestamp", time);
		json_double(&j, "count", row->count);
		json_double(&j, "surprise", step->surprise);
		json_bool(&j, "alert", alert);
		json_double(&j, "expected", step->expected);
		json_bool(&j, "early", step->early);
		json_end_object(&j);
		puts(buf_str(&line));
	}
	buf_done(&line);
}

static void judge(const struct ctl *c, const struct history *h, double least)
{
	struct surprise_scale scale;
	struct surprise_step step;
	struct surprise s;
	size_t i, gap;

	surprise_scale(&scale, h->bin_s);
	surprise_init(&s);
	if (!c->json)
		puts("timestamp,count,surprise,alert");
	for (i = 0; i < h->n; i++) {
		const struct history_row *row = &h->v[i];

		for (gap = row->before; gap; gap--) {
			int64_t at_s = row->at_s - (int64_t)gap * h->bin_s;
			int hour = (int)(((at_s - row->at_s) / 3600 + row->hour) % 24);

			surprise_step(&s, &scale, least, 0, (hour + 24) % 24, &step);
		}
		surprise_step(&s, &scale, least, row->count, row->hour, &step);
		print_row(c, row, &step, step.alarm > 0);
	}
}

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;

	if (strcmp(v->sensitivity, "high") == 0 || strcmp(v->sensitivity, "normal") == 0 ||
	    strcmp(v->sensitivity, "low") == 0)
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_DETECT_SENSITIVITY, v->sensitivity);
	return false;
}

static int run(const struct ctl_call *call)
{
	cleanup(history_freep) struct history *h = NULL;
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf bytes = BUF_INIT(FILE_MAX_BYTES);
	int r = CTL_NO;

	if (ctl_file_read(call->ctl, call->args[0], &bytes)) {
		if (history_read(call->args[0], buf_str(&bytes), bytes.len, d, &h) == 0) {
			judge(call->ctl, h, threshold(call->values));
			r = CTL_DONE;
		} else {
			diag_print(d, stderr, call->ctl->lang);
		}
	}
	buf_done(&bytes);
	return r;
}

static const struct ctl_option options[] = {
	{"sensitivity", 's', CTL_VALUE, offsetof(struct values, sensitivity)},
};
static const struct values defaults = {.sensitivity = "normal"};

const struct ctl_command ctl_detect = {
	.name = "detect",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_DETECT,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(defaults),
};
