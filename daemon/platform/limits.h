#pragma once
/*
 * platform/limits: what headers say of how much may still be asked. Inside platform/. Pure.
 */
#include <stdint.h>

struct course_answer;
struct platform;

/* How long to wait before anything else is asked, so that the wall is never hit; 0: not at all. names are course_headers(). */
int64_t limits_wait_ms(const struct platform *p, const char *const *names, const struct course_answer *answer);
