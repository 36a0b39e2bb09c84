#include "main/ctl_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/suggest.h"

enum { COMMON = 4, OPTIONS_MAX = 40 };

struct slot {
	struct ctl_option option;
	void *to;
};

struct parser {
	struct ctl *ctl;
	struct slot v[OPTIONS_MAX];
	size_t n;
};

static const struct ctl_option common[COMMON] = {
	{"config", 'c', CTL_VALUE, offsetof(struct ctl, config_given)},
	{"socket", 0, CTL_VALUE, offsetof(struct ctl, socket_given)},
	{"json", 0, CTL_FLAG, offsetof(struct ctl, json)},
	{"help", 'h', CTL_FLAG, offsetof(struct ctl, help)},
};

static void add_slots(struct parser *p, const struct ctl_option *v, size_t n, void *base)
{
	size_t i;

	if (p->n + n > OPTIONS_MAX)
		abort();
	for (i = 0; i < n; i++)
		p->v[p->n++] = (struct slot){v[i], (char *)base + v[i].at};
}

static int wrong(struct parser *p, enum text_id id, const char *a, const char *b)
{
	ctl_complain(p->ctl, id, (const char *const[]){a, b, NULL});
	return CTL_OPTIONS_E_USAGE;
}

static int set_number(struct parser *p, const struct slot *s, const char *shown, const char *value)
{
	long min = s->option.min, max = s->option.max, n;
	char *end;

	errno = 0;
	n = strtol(value, &end, 10);
	if (end == value || *end || errno || n < min || n > max) {
		cleanup(freep) char *from = xasprintf("%ld", min), *to = xasprintf("%ld", max);

		CTL_COMPLAIN(p->ctl, TEXT_CTL_OPTION_NUMBER, shown, from, to);
		return CTL_OPTIONS_E_USAGE;
	}
	*(long *)s->to = n;
	return 0;
}

static int set(struct parser *p, const struct slot *s, const char *shown, const char *value)
{
	struct ctl_list *list = s->to;

	switch (s->option.kind) {
	case CTL_FLAG:
		*(bool *)s->to = true;
		break;
	case CTL_VALUE:
		*(const char **)s->to = value;
		break;
	case CTL_NUMBER:
		return set_number(p, s, shown, value);
	case CTL_MANY:
		if (list->n == CTL_LIST_MAX)
			return wrong(p, TEXT_CTL_OPTION_OFTEN, shown, NULL);
		list->v[list->n++] = value;
		break;
	}
	return 0;
}

static int unknown(struct parser *p, const char *shown)
{
	const char *guess = suggest(shown + 2, &p->v[0].option.name, p->n, sizeof(p->v[0]));

	if (guess && shown[1] == '-') {
		cleanup(freep) char *full = xasprintf("--%s", guess);

		return wrong(p, TEXT_CTL_OPTION_UNKNOWN_GUESS, shown, full);
	}
	return wrong(p, TEXT_CTL_OPTION_UNKNOWN, shown, NULL);
}

/* "--name" or "--name=value"; *i moves past a value of its own. */
static int long_option(struct parser *p, int argc, char **argv, int *i)
{
	char *arg = argv[*i], *value = strchr(arg, '=');
	size_t len = value ? (size_t)(value - arg) - 2 : strlen(arg) - 2, k;
	cleanup(freep) char *shown = xstrndup(arg, len + 2);

	for (k = 0; k < p->n; k++)
		if (strlen(p->v[k].option.name) == len && memcmp(p->v[k].option.name, arg + 2, len) == 0)
			break;
	if (k == p->n)
		return unknown(p, shown);
	if (p->v[k].option.kind == CTL_FLAG)
		return value ? wrong(p, TEXT_CTL_OPTION_NO_VALUE, shown, NULL) : set(p, &p->v[k], shown, NULL);
	if (value)
		return set(p, &p->v[k], shown, value + 1);
	if (*i + 1 == argc)
		return wrong(p, TEXT_CTL_OPTION_VALUE, shown, NULL);
	return set(p, &p->v[k], shown, argv[++*i]);
}

static int short_options(struct parser *p, int argc, char **argv, int *i)
{
	const char *s;

	for (s = argv[*i] + 1; *s; s++) {
		const char shown[] = {'-', *s, '\0'};
		size_t k;

		for (k = 0; k < p->n && p->v[k].option.letter != *s; k++)
			;
		if (k == p->n)
			return unknown(p, shown);
		if (p->v[k].option.kind != CTL_FLAG) {
			if (s[1])
				return set(p, &p->v[k], shown, s + 1);
			if (*i + 1 == argc)
				return wrong(p, TEXT_CTL_OPTION_VALUE, shown, NULL);
			return set(p, &p->v[k], shown, argv[++*i]);
		}
		(void)set(p, &p->v[k], shown, NULL);
	}
	return 0;
}

int ctl_options(struct ctl *c, const struct ctl_option *own, size_t n_own, void *values, int *argc, char **argv)
{
	struct parser p = {.ctl = c};
	bool ended = false;
	int i, r, left = 1;

	add_slots(&p, common, COMMON, c);
	add_slots(&p, own, n_own, values);
	for (i = 1; i < *argc; i++) {
		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[left++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			ended = true;
			continue;
		}
		r = argv[i][1] == '-' ? long_option(&p, *argc, argv, &i) : short_options(&p, *argc, argv, &i);
		if (r)
			return r;
	}
	*argc = left;
	argv[left] = NULL;
	return c->help ? CTL_OPTIONS_E_HELP : 0;
}

bool ctl_arguments(struct ctl *c, enum text_id help, const struct ctl_option *own, size_t n_own, void *values, int min,
		   int max, int *argc, char **argv, int *ret)
{
	const char *name = argv[0];
	int r = ctl_options(c, own, n_own, values, argc, argv);

	if (r == CTL_OPTIONS_E_HELP) {
		CTL_SAY(c, help);
		CTL_SAY(c, TEXT_CTL_HELP_COMMON);
		*ret = CTL_DONE;
		return false;
	}
	if (r == 0 && (*argc - 1 < min || (max >= 0 && *argc - 1 > max))) {
		CTL_COMPLAIN(c, *argc - 1 < min ? TEXT_CTL_ARGUMENT_MISSING : TEXT_CTL_ARGUMENT_MANY, name);
		r = CTL_OPTIONS_E_USAGE;
	}
	if (r == 0)
		return true;
	*ret = CTL_USAGE;
	return false;
}
