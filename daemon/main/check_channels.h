#pragma once
/*
 * main/check_channels: for --check: the examples of the kinds of channels that are used: each notice becomes its request by a reader, as a
 * message does, and is compared with the request that the file expects, whole.
 *
 * Blocks: as pool/ask.
 */
struct config;
struct diag;

void check_channels(const struct config *c, struct diag *d);
