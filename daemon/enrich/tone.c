#include "enrich/tone.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "enrich/lexicon.h"
#include "enrich/post.h"

enum { NEGATED_WORDS = 3, TERMS_MAX = 512 }; /* terms beyond it no longer change what a text is */

static const double NO_PRAISE = -0.7, NO_BLAME = -0.4, STRONGER = 1.4, WEAKER = 0.6, STRETCHED = 1.25, SHOUTED = 1.15,
		    SHOUTED_MAX = 1.5, ASKED = 0.6, LINKED = 0.65, BEFORE_TURN = 0.5, BEHIND_TURN = 1.5, ALPHA = 15,
		    LABEL_AT = 0.17;

struct judging {
	const struct lexicon *x;
	struct post *p;
	const struct tone_place *names;
	size_t n_names;
	struct tone_term v[TERMS_MAX];
	size_t n;
	size_t sentence, turn; /* terms with which the sentence, and what is behind its last turn, begin */
	bool turned;
	size_t negated_until; /* a token: up to it a negator holds */
	double next;          /* what the word before makes of the next */
};

bool tone_is_name(struct post *p, size_t token, const struct tone_place *names, size_t n_names)
{
	uint32_t from, to;
	size_t i;

	if (!n_names)
		return false;
	fold_span(&p->fold, p->v[token].from, p->v[token].to, &from, &to);
	for (i = 0; i < n_names; i++)
		if (from < names[i].to && names[i].from < to)
			return true;
	return false;
}

static void term_add(struct judging *j, const struct lexicon_found *found, size_t i)
{
	const struct token *t = &j->p->v[i];
	double weight = found->weight * j->next;

	if (!found->weight || tone_is_name(j->p, i, j->names, j->n_names) || j->n == TERMS_MAX)
		return;
	if (i < j->negated_until)
		weight *= weight > 0 ? NO_PRAISE : NO_BLAME;
	if (t->stretched)
		weight *= STRETCHED;
	j->v[j->n++] = (struct tone_term){weight, (uint32_t)i, (uint32_t)(i + found->words - 1)};
}

/* --- from the first token to the last --- */

static void weigh(struct judging *j, size_t from, double times)
{
	for (; from < j->n; from++)
		j->v[from].weight *= times;
}

static void sentence_end(struct judging *j, size_t shouts, bool asked)
{
	weigh(j, j->sentence, asked ? ASKED : fmin(pow(SHOUTED, (double)shouts), SHOUTED_MAX));
	if (j->turned)
		weigh(j, j->turn, BEHIND_TURN);
	j->sentence = j->n;
	j->turned = false;
	j->next = 1;
}

static void negated_mark(struct judging *j, size_t i, size_t n)
{
	for (; n && i < j->negated_until; n--, i++)
		j->p->v[i].negated = true;
}

/* What the token, or the phrase that begins with it, does to the next. Returns the tokens that it is. */
static size_t word_step(struct judging *j, size_t i)
{
	struct lexicon_found found = lexicon_find(j->x, j->p, i);
	double next = 1;

	negated_mark(j, i, found.words);
	switch (found.kind) {
	case LEXICON_TERM:
		term_add(j, &found, i);
		break;
	case LEXICON_NEGATOR:
		j->negated_until = i + found.words + NEGATED_WORDS;
		next = j->next;
		break;
	case LEXICON_STRONGER:
		next = STRONGER;
		break;
	case LEXICON_WEAKER:
		next = WEAKER;
		break;
	case LEXICON_TURN:
		weigh(j, j->sentence, BEFORE_TURN);
		j->turned = true;
		j->turn = j->n;
		j->negated_until = 0;
		break;
	case LEXICON_NONE:
		break;
	}
	j->next = next;
	return found.words;
}

static bool is_sign(const struct token *t)
{
	return t->kind == TOKEN_BREAK || t->kind == TOKEN_SHOUT || t->kind == TOKEN_ASK;
}

/* A row of signs: "?!", "...". Commas part clauses and end no sentence. Returns its tokens. */
static size_t signs_step(struct judging *j, size_t i)
{
	const struct post *p = j->p;
	size_t from = i, shouts = 0;
	bool asked = false, ends = false;

	for (; i < p->n && is_sign(&p->v[i]); i++) {
		shouts += p->v[i].kind == TOKEN_SHOUT;
		asked |= p->v[i].kind == TOKEN_ASK;
		ends |= !strchr(",:()", p->fold.bytes[p->v[i].from]);
	}
	j->negated_until = 0;
	if (ends)
		sentence_end(j, shouts, asked);
	return i - from;
}

static void terms_read(struct judging *j)
{
	size_t i;

	for (i = 0; i < j->p->n;)
		i += is_sign(&j->p->v[i]) ? signs_step(j, i) : word_step(j, i);
	sentence_end(j, 0, false);
}

void tone_words_tell(struct post *p, const struct tone_term *v, size_t n_terms, double side, struct tone *ret)
{
	size_t best[TONE_WORDS_MAX], n = 0, i, k;

	for (i = 0; i < n_terms; i++) {
		size_t least = 0;

		if (v[i].weight * side <= 0)
			continue;
		if (n < TONE_WORDS_MAX) {
			best[n++] = i;
			continue;
		}
		for (k = 1; k < n; k++)
			if (fabs(v[best[k]].weight) <= fabs(v[best[least]].weight))
				least = k;
		if (fabs(v[i].weight) <= fabs(v[best[least]].weight))
			continue;
		memmove(best + least, best + least + 1, (n - least - 1) * sizeof(*best));
		best[n - 1] = i;
	}
	for (i = 0; i < n; i++) {
		const struct tone_term *t = &v[best[i]];

		fold_span(&p->fold, p->v[t->first].from, p->v[t->last].to, &ret->words[i].from, &ret->words[i].to);
	}
	ret->n_words = n;
}

static void sides_count(const struct judging *j, struct tone *ret)
{
	size_t i;

	for (i = 0; i < j->n; i++) {
		bool praise = j->v[i].weight > 0;

		ret->praise += praise;
		ret->blame += !praise;
		ret->last = praise ? TONE_POSITIVE : TONE_NEGATIVE;
	}
}

void tone_judge(const struct lexicon *x, struct post *p, const struct tone_place *names, size_t n_names,
		struct tone *ret)
{
	struct judging j = {.x = x, .p = p, .names = names, .n_names = n_names, .next = 1};
	double sum = 0;
	size_t i;

	if (n_names > TONE_NAMES_MAX)
		j.n_names = TONE_NAMES_MAX;
	if (x)
		terms_read(&j);
	for (i = 0; i < j.n; i++)
		sum += j.v[i].weight;
	if (p->linked)
		sum *= LINKED;
	*ret = (struct tone){.score = sum / sqrt(sum * sum + ALPHA)};
	sides_count(&j, ret);
	if (fabs(ret->score) < LABEL_AT)
		return;
	ret->label = sum < 0 ? TONE_NEGATIVE : TONE_POSITIVE;
	tone_words_tell(p, j.v, j.n, sum < 0 ? -1 : 1, ret);
}

const char *tone_label_name(enum tone_label label)
{
	static const char *const names[] = {"neutral", "negative", "positive"};

	return names[label];
}
