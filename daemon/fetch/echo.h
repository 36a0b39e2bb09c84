#pragma once
/*
 * fetch/echo: whether what a server says holds a secret that it was told: as it stands, as a quoted string, or in base64, in which it is
 * told to most (SASL). Such words are nobody's to read: a log is less of a secret than a password.
 *
 * Pure. Linear.
 */
#include <stdbool.h>
#include <stddef.h>

/* secret: NULL or "": none. */
bool echo_holds(const char *words, size_t len, const char *secret);
