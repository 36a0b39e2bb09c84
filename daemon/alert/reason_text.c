#include "alert/reason_text.h"

#include <string.h>

#include "base/mem.h"

static const struct {
	const char *name;
	enum text_id text;
} reasons[] = {
	{"volume", TEXT_CTL_TOPICS_VOLUME},
	{"turned", TEXT_CTL_TOPICS_TURNED},
	{"negatives", TEXT_CTL_TOPICS_NEGATIVES},
	{"half", TEXT_CTL_TOPICS_HALF},
	{"words", TEXT_CTL_TOPICS_WORDS},
	{"words_by_many", TEXT_CTL_TOPICS_WORDS_BY_MANY},
	{"few", TEXT_CTL_TOPICS_FEW},
	{"few_far", TEXT_CTL_TOPICS_FEW_FAR},
	{"growth", TEXT_CTL_TOPICS_GROWTH},
};

const char *reason_text(const char *name, enum text_lang lang)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(reasons); i++)
		if (strcmp(reasons[i].name, name) == 0)
			return text_raw(lang, reasons[i].text);
	return NULL;
}
