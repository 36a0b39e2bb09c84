#include "alert/drill.h"

#include <stdbool.h>
#include <string.h>

static bool is_answer(const char *what)
{
	static const char *const answers[] = {"said", "taken", "note", "step", "unstep"};
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(what, answers[i]) == 0)
			return true;
	return false;
}

static struct drill_person *find(struct drill_person *v, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return &v[i];
	return NULL;
}

/* What came first counts; a clock that was set back makes nobody answer before they were told. */
static void note(int64_t *at_ms, const struct drill_line *l, const struct drill_person *p)
{
	if (*at_ms == TIME_NONE)
		*at_ms = l->at_ms > p->told_ms ? l->at_ms : p->told_ms;
}

size_t drill_people(const struct drill_line *lines, size_t n, struct drill_person ret[DRILL_PEOPLE_MAX])
{
	size_t n_people = 0, i;

	for (i = 0; i < n; i++) {
		const struct drill_line *l = &lines[i];
		struct drill_person *p = l->who ? find(ret, n_people, l->who) : NULL;

		if (!p && l->who && strcmp(l->what, "told") == 0 && n_people < DRILL_PEOPLE_MAX)
			ret[n_people++] = (struct drill_person){l->who, l->at_ms, TIME_NONE, TIME_NONE};
		else if (p && strcmp(l->what, "delivered") == 0)
			note(&p->arrived_ms, l, p);
		else if (p && is_answer(l->what))
			note(&p->answered_ms, l, p);
	}
	return n_people;
}
