#pragma once
/*
 * pool/words: what a nursery and its readers write on standard error: an assertion that failed, a library's complaint.
 *
 * Foreign bytes may have had their say in it, so that it never reaches a terminal, a journal or a file raw (FAULTS O3): it
 * comes by a pipe, and each piece becomes one event, "reader.said", escaped and limited like all that a stranger can
 * cause. Who writes more than WORDS_BYTES each WORDS_REST_MS waits, and is late.
 *
 * Owner: of the watch; the descriptor stays the caller's. In sanitizer builds there is no pipe (spawn_nursery()): their
 * reports are long, and for a developer's own terminal.
 */
#include <sys/types.h>

#include "base/mem.h"

struct loop;
struct words;

enum { WORDS_BYTES = 1000, WORDS_REST_MS = 100 };

/* fd is not blocking; -1: nothing is ever said. */
struct words *words_new(struct loop *loop, int fd, pid_t nursery) must_use;
struct words *words_free(struct words *w); /* tells what is still there; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct words, words_free)

/* Tells one piece, if there is one. For those without a loop. */
void words_tell(int fd, pid_t nursery);
