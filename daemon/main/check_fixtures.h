#pragma once
/*
 * main/check_fixtures: for --check: the fixtures of the platforms that sources use, read by a reader as answers are, and compared
 * with what they are to become.
 *
 * Blocks: as pool/ask.
 */
struct config;
struct diag;

void check_fixtures(const struct config *c, struct diag *d);
