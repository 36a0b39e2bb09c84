#include "main/config_replies.h"

#include <string.h>

#include "alert/channel_kind.h"
#include "alert/config.h"
#include "base/arena.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "main/config.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"
#include "source/config_platform.h"

#define REPLIES_NONE "none"

static const struct source_config *find_source(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_sources; i++)
		if (strcmp(c->sources[i].name, name) == 0)
			return &c->sources[i];
	return NULL;
}

/* An automatic answer to a message of ours would be read as somebody's word. */
static bool skips_automatic(struct schema_run *run, const struct source_config *s)
{
	const struct params *p = s->params;
	int i = p ? platform_param_find(p->platform, "automatic", strlen("automatic")) : -1;

	if (i < 0 || !p->values[i] || strcmp(p->values[i], "keep") != 0)
		return true;
	return schema_fail_at(run, s->pos, "automatic", NULL, TEXT_PEOPLE_REPLIES_AUTOMATIC, TEXT_ARGS(s->name));
}

static bool check_named(struct schema_run *run, const struct config *c, const struct channel_config *channel, size_t at)
{
	const struct source_config *s = find_source(c, channel->replies);
	cleanup(freep) char *key = xasprintf("channels[%zu].replies", at);
	const char *guess;

	if (s)
		return skips_automatic(run, s);
	guess = c->n_sources ? suggest(channel->replies, &c->sources[0].name, c->n_sources, sizeof(*c->sources)) : NULL;
	return schema_fail_at(run, channel->pos, key, guess, TEXT_PEOPLE_NO_REPLIES, TEXT_ARGS(channel->replies));
}

static bool reaches_somebody(const struct config *c, const char *channel)
{
	size_t i, k;

	for (i = 0; i < c->n_people; i++)
		for (k = 0; k < c->people[i].n_reach; k++)
			if (c->people[i].reach[k].name && strcmp(c->people[i].reach[k].name, channel) == 0)
				return true;
	return false;
}

/* Whether this source asks with what the channel sends with. */
static bool same_account(const struct source_config *s, const struct channel_config *channel)
{
	const struct params *a = channel->params, *b = s->params;
	size_t i;
	int k;

	if (!b || strcmp(b->platform->name, channel->as->replies) != 0)
		return false;
	for (i = 0; i < b->platform->n_params; i++) {
		const struct platform_param *x = &b->platform->params[i];

		k = platform_param_find(a->platform, x->name, strlen(x->name));
		if (x->secret && (k < 0 || !a->secrets[k] || !b->secrets[i] ||
				  strcmp(secret_value(a->secrets[k]), secret_value(b->secrets[i])) != 0))
			return false;
	}
	return true;
}

/* A source beside those that were written: it asks with what the channel sends with. */
static const char *add_own(struct config *c, struct channel_config *channel, const struct platform *p, struct arena *a)
{
	struct source_config *v = ARENA_ARRAY(a, struct source_config, c->n_sources + 1), *s = &v[c->n_sources];
	struct params *params = params_new(p, a);
	size_t i;

	if (c->n_sources)
		memcpy(v, c->sources, c->n_sources * sizeof(*v));
	for (i = 0; i < p->n_params; i++) {
		int k = platform_param_find(channel->params->platform, p->params[i].name, strlen(p->params[i].name));

		params->values[i] = k < 0 ? p->params[i].def : channel->params->values[k];
		params->secrets[i] = k < 0 ? NULL : channel->params->secrets[k];
	}
	*s = (struct source_config){.pos = channel->pos,
				    .topic_pos = channel->pos,
				    .name = find_source(c, channel->name) ? arena_printf(a, "%s-replies", channel->name)
									  : channel->name,
				    .platform = SOURCE_API,
				    .params = params,
				    .every_ms = p->every->default_ms,
				    .backfill_ms = SOURCE_BACKFILL_ALL,
				    .allow_private = channel->allow_private,
				    .n_allow_private = channel->n_allow_private};
	c->sources = v;
	c->n_sources++;
	c->n_own_sources++;
	return s->name;
}

static bool find_reader(struct schema_run *run, struct config *c, struct channel_config *channel)
{
	const struct platform *p;
	size_t i;

	for (i = 0; i < c->n_sources; i++)
		if (same_account(&c->sources[i], channel)) {
			channel->replies = c->sources[i].name;
			channel->own_replies = i + c->n_own_sources >= c->n_sources;
			return true;
		}
	p = source_platform(run, channel->as->replies);
	if (!p)
		return schema_fail_at(run, channel->as->replies_pos, "replies", NULL, TEXT_PLATFORM_UNKNOWN,
				      TEXT_ARGS(channel->as->replies));
	channel->replies = add_own(c, channel, p, schema_arena(run));
	channel->own_replies = true;
	return true;
}

bool config_replies(struct schema_run *run, struct config *c)
{
	struct channel_config *v = (struct channel_config *)c->channels; /* of our own arena, still being made */
	bool right = true;
	size_t i;

	for (i = 0; i < c->n_channels; i++) {
		if (v[i].replies && strcmp(v[i].replies, REPLIES_NONE) == 0 && !find_source(c, REPLIES_NONE))
			v[i].replies = NULL;
		else if (v[i].replies)
			right = check_named(run, c, &v[i], i) && right;
		else if (v[i].as && v[i].as->replies && reaches_somebody(c, v[i].name))
			right = find_reader(run, c, &v[i]) && right;
	}
	return right;
}
