#pragma once
/*
 * base/child: what a program that we start is given.
 */
#include <spawn.h>

#include "base/err.h"

/* A process group of its own, and signals as in a fresh process, whatever we ignore or block. 0, or an errno of spawn's. */
int child_attributes(posix_spawnattr_t *attributes) must_use;
