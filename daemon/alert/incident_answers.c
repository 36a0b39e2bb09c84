#include "alert/incident_answers.h"

#include <jansson.h>

#include "alert/notice_object.h"
#include "alert/verbs.h"
#include "base/arena.h"

static const char *copy(const json_t *object, const char *key, struct arena *a)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? arena_strdup(a, s) : NULL;
}

static void put_buttons(const json_t *answers, enum text_lang lang, struct arena *a, struct notice_object *ret)
{
	struct notice_answer *v = ARENA_ARRAY(a, struct notice_answer, NOTICE_ANSWERS_MAX);
	const json_t *one;
	size_t i;

	json_array_foreach(answers, i, one)
	{
		const char *verb = copy(one, "verb", a), *url = copy(one, "url", a);

		if (ret->n_answers == NOTICE_ANSWERS_MAX || !verb || verb_of_name(verb) == VERBS)
			continue;
		v[ret->n_answers++] = (struct notice_answer){verb, verb_label(verb_of_name(verb), lang), url};
	}
	ret->answers = v;
}

void incident_answers(const char *json, enum text_lang lang, struct arena *a, struct notice_object *ret)
{
	json_t *news = json_loads(json, 0, NULL);

	if (!news)
		return;
	put_buttons(json_object_get(news, "answers"), lang, a, ret);
	json_decref(news);
}
