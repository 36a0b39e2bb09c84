#pragma once
/*
 * main/ctl_settings: what a command needs of the configuration: socket, language, zone, rules.
 *
 * Read from the file's tree, key by key, and not as the daemon reads it: who asks a daemon for its status may neither be
 * allowed to read its secrets, nor be kept from it by a mistake that someone just made in the file.
 */
#include "base/err.h"
#include "main/ctl.h"

struct config;

/* False: the file named with -c can't be read, or no file is readable as YAML and --socket doesn't help: told.
 * past_mistakes: of a file that is there and broken, the lines "socket:", "state:" and "timezone:" count (told, too): a
 * daemon that runs can still be asked. */
bool ctl_settings_read(struct ctl *c, bool past_mistakes) must_use;
void ctl_settings_done(struct ctl *c);

/* The whole configuration, as the daemon reads it, for a command that does what the daemon does. CTL_DONE; else CTL_CONFIG:
 * told. */
int ctl_config_load(const struct ctl *c, struct config **ret) must_use;
