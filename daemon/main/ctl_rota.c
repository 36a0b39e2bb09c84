/* rota: who is on call in the days to come, out of the configuration. */
#include <stdio.h>
#include <string.h>

#include "alert/rota.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/suggest.h"
#include "main/config.h"
#include "main/config_oncall.h"
#include "main/ctl_command.h"
#include "main/ctl_settings.h"
#include "main/rota_print.h"

struct values {
	long days;
};

static bool is_known(const struct ctl *c, const struct config *config, const char *name)
{
	const char *guess;
	size_t i;

	for (i = 0; i < config->n_rotas; i++)
		if (strcmp(config->rotas[i].name, name) == 0)
			return true;
	guess = config->n_rotas ? suggest(name, &config->rotas[0].name, config->n_rotas, sizeof(*config->rotas)) : NULL;
	if (guess)
		CTL_COMPLAIN(c, TEXT_CTL_ROTA_UNKNOWN_GUESS, name, guess);
	else
		CTL_COMPLAIN(c, TEXT_ONCALL_NO_ROTA, name);
	return false;
}

static void print(const struct ctl_call *call, const struct config *config)
{
	const struct values *v = call->values;
	cleanup(rotas_freep) struct rotas *r = config_rotas(config);
	int64_t now_ms = clock_wall_ms() / MINUTE_MS * MINUTE_MS;
	struct buf out = BUF_INIT(ROTA_PRINT_MAX_BYTES);
	struct json j = JSON_OUT(&out);
	bool first = true;
	size_t i;

	if (call->ctl->json)
		json_begin_array(&j, NULL);
	for (i = 0; i < config->n_rotas; i++) {
		const struct rota_config *rota = &config->rotas[i];

		if (call->n && strcmp(rota->name, call->args[0]) != 0)
			continue;
		if (call->ctl->json) {
			rota_json(&j, config, r, rota, now_ms, (int)v->days);
			continue;
		}
		if (!first)
			buf_putc(&out, '\n');
		rota_print(&out, config, r, rota, now_ms, (int)v->days, call->ctl->lang);
		first = false;
	}
	if (call->ctl->json) {
		json_end_array(&j);
		buf_putc(&out, '\n');
	}
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

static int run(const struct ctl_call *call)
{
	cleanup(config_freep) struct config *config = NULL;
	int r = ctl_config_load(call->ctl, &config);

	if (r != CTL_DONE)
		return r;
	if (call->n && !is_known(call->ctl, config, call->args[0]))
		return CTL_NO;
	if (!config->n_rotas && !call->ctl->json) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_ROTA_NONE);
		return CTL_NO;
	}
	print(call, config);
	return CTL_DONE;
}

static const struct ctl_option options[] = {
	{"days", 'd', CTL_NUMBER, offsetof(struct values, days), .min = 1, .max = ROTA_PRINT_DAYS_MAX},
};
static const struct values defaults = {.days = ROTA_PRINT_DAYS};

const struct ctl_command ctl_rota = {
	.name = "rota",
	.run = run,
	.help = TEXT_CTL_HELP_ROTA,
	.needs = CTL_NEEDS_SETTINGS,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(defaults),
};
