#pragma once
/*
 * main/ctl_opml: "escuchactl sources --opml": the feeds of the configuration as a list that any reader of feeds takes, escuchad with
 * "platform: opml" too. Read from the configuration, not asked of the daemon, whose answers hold no addresses.
 */
#include "main/ctl.h"

enum { OPML_OUT_MAX_BYTES = 64 * 1024 * 1024, OPML_TOPICS_MAX = 256 };

int opml_export(const struct ctl *c); /* an exit status; failures are told */
