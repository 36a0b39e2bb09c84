#pragma once
/*
 * main/check: escuchad --check: configuration, rules and the rules' own tests, read as the daemon would, and what is wrong.
 */
#include <stdbool.h>

/* Prints every finding, or JSON; returns the exit status: 0, or 1 if there is an error. Blocks. */
int check_run(const char *path, bool json);
