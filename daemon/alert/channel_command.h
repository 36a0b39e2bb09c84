#pragma once
/*
 * alert/channel_command: a program of the user's that takes a notice: one of the configuration, never a shell's, with the notice as
 * JSON (alert/notice_object) on its standard input, a clean environment, a process group of its own and a deadline, at which the whole
 * group is killed. It ends with 0: it took it; with 75 (EX_TEMPFAIL), by a signal or too late: not now; else never. What it says on
 * its standard error is told.
 *
 * Owner:  alert/channel. Blocks: posix_spawn, under a millisecond.
 * Bounds: COMMAND_RUNNING_MAX at once; the next is refused. COMMAND_WORDS_BYTES of what it says, past which it can't write.
 */
#include <stdbool.h>

struct channel_command;
struct channel_config;
struct channel_result;
struct loop;
struct notice_object;

enum { COMMAND_RUNNING_MAX = 8, COMMAND_WORDS_BYTES = 4096, COMMAND_TEMPORARY = 75 };

struct channel_command *channel_command_new(struct loop *l, const struct channel_config *config);
/* What runs is killed; no callback comes any more. NULL is fine; returns NULL */
struct channel_command *channel_command_free(struct channel_command *c);
/* As channels_send(). */
bool channel_command_send(struct channel_command *c, const struct notice_object *o,
			  void (*on_sent)(void *arg, const struct channel_result *result), void *arg);
