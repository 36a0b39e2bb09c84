#pragma once
/*
 * mention/build: which build a program is of. escuchad outlives the package that it came from: after an upgrade it would start
 * nurseries of another build, whose frames have another form and whose texts have other numbers.
 *
 * Owner: nobody; the id is a constant, made by conf/build-id.
 */
#include <stdbool.h>
#include <stddef.h>

const char *build_id(void); /* "0.1.0 0123456789abcdef" */
/* FRAME_BUILD's bytes: whether their sender is of this build. */
bool build_is_ours(const char *bytes, size_t len);
