#pragma once
/*
 * base/background: what may wait goes behind what must not. Readers, and threads beside the event loop, call this once: from then on
 * a core that they have is the loop's as soon as it wakes, and they share what is left of it.
 *
 * Scope:  the calling thread (on Linux niceness is a thread's own), and what it starts later.
 * Fails:  never aloud. Lower priority needs no right; where a filter of system calls forbids it all the same, things stay as
 *         they were (as in our own systemd unit, which puts the loop before the others instead).
 */
/* More than whoever calls has: half of the loop's share, where both want a core for long. With 5 it would be a third, beside
 * others' work too, and what is heard would wait on a machine that is busy. */
enum { BACKGROUND_NICE = 3 };

void background(void);
