#pragma once
/*
 * parse/parse: what the libraries of this room need once, before the nursery forks its readers.
 *
 * Blocks: opens every allowed charset (files of glibc's), so it must run before the sandbox closes.
 */
void parse_init(void); /* again is fine: it does nothing */
