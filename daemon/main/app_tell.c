/* What whoever runs escuchad is to be told. */
#include "base/log.h"
#include "main/app_inside.h"
#include "main/source_why.h"
#include "main/telling.h"

const char *telling_state_name(enum telling_state state)
{
	static const char *const names[] = {[TELLING_BEGINS] = "begins",
					    [TELLING_LASTS] = "lasts",
					    [TELLING_OVER] = "over",
					    [TELLING_HAPPENED] = "happened"};

	return names[state];
}

char *telling_text(const struct telling *t, enum text_lang lang)
{
	char *what = text_make(lang, t->text, t->args ? t->args : TEXT_ARGS());
	char *why, *both;

	if (!t->why)
		return what;
	why = source_why(lang, t->why, t->detail);
	both = xasprintf("%s: %s", what, why);
	free(why);
	free(what);
	return both;
}

void app_tell_operators(struct app *a, const struct telling *t)
{
	LOG_INFO("operators.tell", LOG_S("kind", t->kind), LOG_S("subject", t->subject),
		 LOG_S("state", telling_state_name(t->state)), LOG_S("class", t->why));
	app_alert_tell(a, t);
}
