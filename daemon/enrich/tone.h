#pragma once
/*
 * enrich/tone: whether a text praises or complains, by what its words weigh, and which words decided.
 *
 * The sum of the weights found (enrich/lexicon), each turned round and made less by a negator among the three words before
 * it ("not good" is 0.7 of what "bad" is; "no theft" is less praise than that), made more or less by the word before it, more
 * where letters were stretched or a shout ends the clause, less in a question and in a post with a link, which mostly passes on
 * what others say; behind "but" it counts half as much again and before it half. Brands' own names count for nothing (Crisol,
 * Victoria). The score is sum / sqrt(sum² + 15), from -1 to 1: Hutto & Gilbert, VADER (ICWSM 2014).
 *
 * Blocks: never; allocates nothing once the post has its memory.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lexicon;
struct post;

enum { TONE_WORDS_MAX = 5, TONE_NAMES_MAX = 64 };

enum tone_label { TONE_NEUTRAL, TONE_NEGATIVE, TONE_POSITIVE };

/* Code points [from, to) of the original. */
struct tone_place {
	uint32_t from, to;
};

struct tone {
	enum tone_label label;
	double score;                            /* -1 the worst, 1 the best */
	struct tone_place words[TONE_WORDS_MAX]; /* those that weighed most for the label, in the text's order */
	size_t n_words;
	size_t praise, blame; /* terms of each side */
	enum tone_label last; /* the side of the last of them; NEUTRAL: there is none */
};

/* x NULL: no lexicon, nothing weighs. names: places that are a brand's own name, in the text's order; those past TONE_NAMES_MAX count. The post was read. */
void tone_judge(const struct lexicon *x, struct post *p, const struct tone_place *names, size_t n_names,
		struct tone *ret);

/* What weighed, from one token to another. */
struct tone_term {
	double weight;
	uint32_t first, last;
};
/* The heaviest of the label's side (1 or -1), in the text's order, as words that decided. */
void tone_words_tell(struct post *p, const struct tone_term *v, size_t n, double side, struct tone *ret);

/* Whether a token stands in one of the names. */
bool tone_is_name(struct post *p, size_t token, const struct tone_place *names, size_t n_names);

const char *tone_label_name(enum tone_label label); /* negative, neutral, positive */
