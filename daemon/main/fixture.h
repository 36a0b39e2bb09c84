#pragma once
/*
 * main/fixture: what is wrong with the mentions of a recorded answer, against those that a file expects of it: each field that
 * differs, with its place in that file. Pure.
 *
 * The file is a list of mentions as escuchactl parse prints them, in JSON, which is YAML as well. What no file can know counts on
 * neither side: seen, source, platform, own, hits, and the date of what has none.
 *
 * Bounds: FIXTURE_MENTION_MAX_BYTES, past which a mention counts as one that is none.
 */
#include <stddef.h>

struct diag;
struct diag_pos;
struct mention;
struct yaml_doc;

enum {
	FIXTURE_MENTION_MAX_BYTES = 8 * 1024 * 1024,
	FIXTURE_SHOWN_MAX = 200, /* code points of a value, in what is told */
};

/* Of whom is told. */
struct fixture_names {
	const char *platform, *answer;
};

void fixture_compare(const struct yaml_doc *expected, const struct mention *v, size_t n,
		     const struct fixture_names *names, struct diag *d);
