#pragma once
/*
 * base/err: what every int-returning function in daemon/ means.
 *
 *   0    done.
 *   < 0  -errno. Unexpected. Pass it up unchanged.
 *   > 0  an outcome that this function documents (RULESET_E_INVALID). Handle it here; never pass it up.
 */
#define must_use __attribute__((warn_unused_result))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof(*(a)))
