#pragma once
/*
 * alert/channel_web: one channel of a kind of conf/channels: its queue, its breaker, and one request after another.
 *
 * Owner:  alert/channel. What it is told is copied, so that it lives on when a configuration goes. Blocks: never.
 * What a service called the first message about a matter is noted in earlier, which is borrowed, and told above.
 *
 * Bounds: CHANNEL_QUEUE_MAX messages wait; the next is refused. One request at a time.
 */
#include <stdbool.h>
#include <stddef.h>

struct channel_config;
struct channel_earlier;
struct channel_making;
struct channel_result;
struct channel_web;
struct channels_ops;
struct fetch;
struct loop;
struct notice_object;

enum { CHANNEL_QUEUE_MAX = 500 };

struct channel_web *channel_web_new(struct loop *l, struct fetch *fetch, const struct channel_config *config,
				    struct channel_earlier *earlier, const struct channels_ops *ops, void *arg);
struct channel_web *
channel_web_free(struct channel_web *w); /* no callback comes any more; NULL is fine; returns NULL */
/* As channels_send(). */
bool channel_web_send(struct channel_web *w, const struct notice_object *o,
		      void (*on_sent)(void *arg, const struct channel_result *result), void *arg);
