#include "main/eval_score.h"

#include <string.h>

const char *const eval_class_names[EVAL_CLASSES] = {"negative", "neutral", "positive"};

enum eval_class eval_class_of(const char *name)
{
	int i;

	for (i = 0; i < EVAL_CLASSES && strcmp(eval_class_names[i], name) != 0; i++)
		;
	return (enum eval_class)i;
}

void eval_add(struct eval_counts *to, const struct eval_counts *from)
{
	int i, k;

	to->lang_right += from->lang_right;
	to->by_model += from->by_model;
	for (i = 0; i < EVAL_CLASSES; i++)
		for (k = 0; k < EVAL_CLASSES; k++)
			to->told[i][k] += from->told[i][k];
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

void eval_score(const struct eval_counts *c, struct eval_score *ret)
{
	uint64_t told_negative = 0;
	int i, k, classes = 0;

	*ret = (struct eval_score){.n = 0};
	for (i = 0; i < EVAL_CLASSES; i++) {
		struct eval_class_score *s = &ret->of[i];
		uint64_t told = 0;

		for (k = 0; k < EVAL_CLASSES; k++) {
			s->n += c->told[i][k];
			told += c->told[k][i];
		}
		s->precision = share(c->told[i][i], told);
		s->recall = share(c->told[i][i], s->n);
		s->f1 = share(2 * c->told[i][i], s->n + told);
		ret->n += s->n;
		if (i == EVAL_NEGATIVE)
			told_negative = told;
		if (s->n) {
			classes++;
			ret->macro_f1 += s->f1;
		}
	}
	ret->macro_f1 = classes ? ret->macro_f1 / classes : 0;
	ret->lang = share(c->lang_right, ret->n);
	ret->r = ret->of[EVAL_NEGATIVE].recall;
	ret->f = share(told_negative - c->told[EVAL_NEGATIVE][EVAL_NEGATIVE], ret->n - ret->of[EVAL_NEGATIVE].n);
}
