#include "main/ctl_means.h"

#include <jansson.h>
#include <stdio.h>

#include "base/buf.h"
#include "main/ctl_output.h"

char *means_words(const struct ctl *c, const json_t *source)
{
	const json_t *budget = json_object_get(source, "budget");
	const char *platform = said_in(source, "platform");
	cleanup(freep) char *token = local_time(c, said_in(source, "token_ends")),
			    *quota = local_time(c, said_in(budget, "ends"));

	if (json_is_true(json_object_get(source, "token_renew")))
		return TEXT(c->lang, TEXT_CTL_MEANS_TOKEN, token, platform ? platform : "");
	return said_in(budget, "ends") ? TEXT(c->lang, TEXT_CTL_MEANS_QUOTA, quota) : NULL;
}

/* A count, or an amount to the cent. */
static char *amount(const json_t *budget, const char *key)
{
	const json_t *x = json_object_get(budget, key);

	return json_is_real(x) ? xasprintf("%.2f", json_real_value(x))
			       : xasprintf("%lld", (long long)json_integer_value(x));
}

void means_print(const struct ctl *c, const json_t *source, struct buf *out)
{
	static const struct {
		const char *spent, *most;
		enum text_id text;
	} bounds[] = {{"calls_day", "calls_day_of", TEXT_CTL_MEANS_CALLS_DAY},
		      {"calls_month", "calls_month_of", TEXT_CTL_MEANS_CALLS_MONTH},
		      {"usd_day", "usd_day_of", TEXT_CTL_MEANS_USD_DAY},
		      {"usd_month", "usd_month_of", TEXT_CTL_MEANS_USD_MONTH}};
	const json_t *budget = json_object_get(source, "budget");
	size_t i;

	if (said_in(source, "token_ends")) {
		cleanup(freep) char *when = local_time(c, said_in(source, "token_ends")),
				    *line = TEXT(c->lang, TEXT_CTL_MEANS_TOKEN_UNTIL, when);

		buf_printf(out, "%s\n", line);
	}
	for (i = 0; i < ARRAY_LEN(bounds); i++) {
		cleanup(freep) char *spent = amount(budget, bounds[i].spent), *most = amount(budget, bounds[i].most),
				    *line = TEXT(c->lang, bounds[i].text, spent, most);

		if (json_object_get(budget, bounds[i].most))
			buf_printf(out, "%s\n", line);
	}
}
