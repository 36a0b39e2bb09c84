#pragma once
/*
 * platform/check: what no single key of a platform's file can say: that its parts fit together. Inside platform/.
 */
#include <stdbool.h>

struct diag;
struct platform;

/* Also gives each placeholder the index of its parameter. False: told. */
bool platform_check(struct platform *p, struct diag *d);
