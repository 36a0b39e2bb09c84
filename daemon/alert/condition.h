#pragma once
/*
 * alert/condition: what joins the parts of a condition: and, or, not, ( ). What a part says is its caller's (alert/when: measures;
 * alert/filter: facts of a hit), who reads and judges it by its node's number.
 *
 * `not` binds tighter than `and`, `and` tighter than `or`.
 *
 * Owner:  the arena given, which keeps a copy of the text. Blocks: never. What is judged allocates nothing.
 * Bounds: CONDITION_MAX_BYTES of text, CONDITION_NODES_MAX nodes, CONDITION_DEPTH_MAX of ( and not inside one another.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct arena;

enum { CONDITION_MAX_BYTES = 4096, CONDITION_NODES_MAX = 200, CONDITION_DEPTH_MAX = 20 };

enum condition_kind { CONDITION_AND, CONDITION_OR, CONDITION_NOT, CONDITION_LEAF };
struct condition {
	const char *text; /* as it was written */
	struct condition_node {
		enum condition_kind kind;
		uint16_t child, next; /* numbers of nodes; 0: none */
	} nodes[CONDITION_NODES_MAX]; /* from the first on; nodes[0] is nobody's */
	size_t n;
	uint16_t root;
};

/* What is wrong, for a finding. */
struct condition_fault {
	enum text_id text;
	size_t at;         /* in bytes */
	const char *found; /* what stands there, for the text; in the arena; never NULL */
	const char *guess; /* what was meant, perhaps; NULL */
};

/* --- reading --- */

struct condition_reader {
	const char *text, *p; /* the whole, and where we are */
	struct arena *arena;
	struct condition_fault *fault;
	struct condition *condition;
	bool (*leaf)(struct condition_reader *r, uint16_t number, void *arg); /* reads the part that begins at p; false: it failed */
	void *arg;
	int depth;
	bool failed;
};

enum { CONDITION_E_INVALID = 1 };
int condition_parse(const char *text, struct arena *a, bool (*leaf)(struct condition_reader *r, uint16_t number, void *arg), void *arg,
		    struct condition_fault *ret_fault, struct condition *ret) must_use;

/* For whoever reads a part. */
enum sign { SIGN_EQ, SIGN_NE, SIGN_GE, SIGN_GT, SIGN_LE, SIGN_LT };
bool condition_is_word(char c);
bool condition_is_joint(const char *word); /* and, or, not */
void condition_blanks(struct condition_reader *r);
size_t condition_token(const char *p); /* the bytes of what stands here: a word, or one character of whatever else; 0 at the end */
bool condition_take(struct condition_reader *r, const char *mark);      /* a mark of punctuation, blanks before it */
bool condition_take_word(struct condition_reader *r, const char *word); /* a whole word */
bool condition_take_sign(struct condition_reader *r, enum sign *ret);   /* == != >= > <= < */
/* Only the first is kept. Always false. */
bool condition_fail(struct condition_reader *r, const char *at, enum text_id text, const char *guess);

/* --- judging --- */

bool sign_holds(double left, enum sign sign, double right);
/* Of the node with this number: c->root for the whole. */
bool condition_holds(const struct condition *c, uint16_t number, bool (*leaf)(uint16_t number, const void *arg), const void *arg);
