#include "match/adversary.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "match/fold.h"
#include "match/pattern.h"
#include "match/regex_steps.h"
#include "match/regex_token.h"

enum { END_BYTE = 0x01 /* behind every text: a letter of nobody's, which makes a match fail at the last moment */ };

struct piece {
	char s[ADVERSARY_RUN_BYTES + 1];
	size_t len;
};

struct texts {
	struct piece heads[ADVERSARY_HEADS_MAX], pumps[ADVERSARY_PUMPS_MAX];
	size_t n_heads, n_pumps;
	struct piece run, all; /* letters that stand together; all of them, so far */
};

bool adversary_worth(const struct pattern *p, bool slow)
{
	const char *regex = pattern_shown(p);
	uint32_t bytes = (slow ? ADVERSARY_LONG_BYTES : ADVERSARY_SHORT_BYTES) + ADVERSARY_RUN_BYTES + 2;
	size_t n;
	struct rx_token *v = regex_tokens(regex, strlen(regex), &n);
	uint64_t steps = regex_steps(regex, v, n, bytes);

	free(v);
	return steps > PATTERN_MATCH_LIMIT;
}

/* --- what the texts are made of --- */

static void piece_add(struct piece *v, size_t *n, size_t max, const char *s, size_t len)
{
	size_t i;

	len = utf8_cut(s, len, ADVERSARY_RUN_BYTES);
	for (i = 0; i < *n; i++)
		if (v[i].len == len && !memcmp(v[i].s, s, len))
			return;
	if (!len || *n == max)
		return;
	memcpy(v[*n].s, s, len);
	v[*n].s[len] = '\0';
	v[(*n)++].len = len;
}

static void pump(struct texts *t, const char *s, size_t len)
{
	piece_add(t->pumps, &t->n_pumps, ADVERSARY_PUMPS_MAX, s, len);
}

static void append(struct piece *p, const char *s, size_t len)
{
	if (p->len + len > ADVERSARY_RUN_BYTES)
		return;
	memcpy(p->s + p->len, s, len);
	p->len += len;
	p->s[p->len] = '\0';
}

/* Letters that stood together are over: a beginning, and something to repeat. */
static void run_end(struct texts *t)
{
	if (!t->run.len)
		return;
	append(&t->all, t->run.s, t->run.len);
	piece_add(t->heads, &t->n_heads, ADVERSARY_HEADS_MAX, t->all.s, t->all.len);
	pump(t, t->run.s, t->run.len);
	append(&t->run, " ", 1);
	pump(t, t->run.s, t->run.len);
	t->run.len = 0;
}

static void letter(struct texts *t, const struct rx_token *x)
{
	char s[4];
	size_t n;

	if (x->c < ' ' || x->c == END_BYTE)
		return;
	n = utf8_encode(x->c, s);
	append(&t->run, s, n);
	pump(t, s, n);
}

/* A letter of the set; what is in none of these is 'a'. */
static const char *member(const char *source, const struct rx_token *x)
{
	if (x->kind == RX_CLASS) {
		const char *c = source + x->at + 1;

		if (*c == '\\' && strchr("dsWS", c[1]))
			return c[1] == 'd' ? "0" : c[1] == 's' ? " " : c[1] == 'W' ? "-" : "a";
		if (*c == ' ' || *c == '0')
			return *c == ' ' ? " " : "0";
		return "a";
	}
	if (x->kind == RX_SET && strchr("dsDWh", (int)x->c))
		return x->c == 'd' ? "0" : x->c == 'W' ? "-" : x->c == 'D' ? "a" : " ";
	return "a";
}

/* The first letter of a class that is written as one stands for it: [xyz]+ is fond of x, and [.] wants its dot. */
static bool class_letter(struct texts *t, const char *source, const struct rx_token *x)
{
	const unsigned char c = x->kind == RX_CLASS ? (unsigned char)source[x->at + 1] : '^';

	if (c == '^' || c == '\\' || c == '[' || c <= ' ' || c >= 0x7F)
		return false;
	letter(t, &(struct rx_token){.c = c});
	return true;
}

static void texts_make(struct texts *t, const char *source, size_t len)
{
	static const char *const always[] = {"a", "a ", " ", "0", "a-", "ab"};
	size_t n, i;
	struct rx_token *v = regex_tokens(source, len, &n);

	t->n_heads = 1; /* the first is empty */
	for (i = 0; i < n; i++) {
		if (v[i].kind == RX_LITERAL)
			letter(t, &v[i]);
		if (v[i].kind == RX_LITERAL || class_letter(t, source, &v[i]))
			continue;
		if (v[i].kind == RX_SET || v[i].kind == RX_CLASS || v[i].kind == RX_DOT)
			pump(t, member(source, &v[i]), 1);
		run_end(t);
	}
	for (i = 0; i < ARRAY_LEN(always); i++)
		pump(t, always[i], strlen(always[i]));
	pump(t, t->all.s, t->all.len);
	free(v);
}

/* --- the try --- */

/* As many times as that, twice what is there already at a time: a letter by itself would take longer than what is tried with it. */
static size_t repeat(char *to, const struct piece *what, size_t times)
{
	size_t len = what->len * times, done = what->len;

	if (!times)
		return 0;
	memcpy(to, what->s, what->len);
	for (; done < len; done *= 2)
		memcpy(to + done, to, done < len - done ? done : len - done);
	return len;
}

static bool gives_up(const struct pattern *p, struct pattern_room *room, const struct piece *head,
		     const struct piece *what, const struct piece *all, size_t bytes)
{
	char text[ADVERSARY_LONG_BYTES + ADVERSARY_RUN_BYTES + 3];
	size_t n = head->len, from, to;

	memcpy(text, head->s, head->len);
	n += repeat(text + n, what, (bytes - n) / what->len);
	text[n++] = END_BYTE;
	memcpy(text + n, all->s,
	       all->len); /* PCRE2 gives up at once where a letter that must come is in no place behind */
	n += all->len;
	text[n++] = END_BYTE;
	text[n] = '\0';
	return pattern_find(p, room, text, n, 0, &from, &to) == PATTERN_E_LIMIT;
}

static const struct piece *found(const struct texts *t, const struct pattern *p, struct pattern_room *room,
				 size_t bytes)
{
	size_t i, k;

	for (i = 0; i < t->n_heads; i++)
		for (k = 0; k < t->n_pumps; k++)
			if (gives_up(p, room, &t->heads[i], &t->pumps[k], &t->all, bytes))
				return &t->pumps[k];
	return NULL;
}

int adversary_try(const struct pattern *p, struct pattern_room *room, const char *source, size_t len, bool slow,
		  char ret_repeated[ADVERSARY_RUN_BYTES + 1])
{
	struct texts t = {.n_heads = 0};
	const struct piece *what;
	struct fold f;
	int r = 0;

	fold_init(&f);
	if (pattern_fold(p)) { /* its letters are folded, and so are those of the texts */
		fold_text(&f, source, len);
		texts_make(&t, f.bytes, f.len);
	} else {
		texts_make(&t, source, len);
	}
	what = found(&t, p, room, ADVERSARY_SHORT_BYTES);
	if (what)
		r = ADVERSARY_E_EXPLODES;
	else if (slow && (what = found(&t, p, room, ADVERSARY_LONG_BYTES)))
		r = ADVERSARY_E_SLOW;
	if (r)
		snprintf(ret_repeated, ADVERSARY_RUN_BYTES + 1, "%s", what->s);
	fold_done(&f);
	return r;
}
