#pragma once
/*
 * main/ctl_settings: what a command needs of the configuration: socket, language, zone, rules.
 *
 * Read from the file's tree, key by key, and not as the daemon reads it: who asks a daemon for its status may neither be
 * allowed to read its secrets, nor be kept from it by a mistake that someone just made in the file.
 */
#include "base/err.h"
#include "main/ctl.h"

/* False: the file named with -c can't be read, or no file is readable as YAML and --socket doesn't help: told. */
bool ctl_settings_read(struct ctl *c) must_use;
void ctl_settings_done(struct ctl *c);
