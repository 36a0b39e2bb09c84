#pragma once
/*
 * platform/jwt: a statement that a Google service account signs (RFC 7523, RS256): what its token is asked for with. Pure.
 */
#include <stdint.h>

#include "base/err.h"

struct arena;

enum { JWT_LIFE_S = 3600 };

enum { JWT_E_KEY = 1 /* why says what is wrong with it; never what it holds */ };
/* key: the account's JSON file, whole. */
int jwt_make(const char *key, const char *scope, int64_t now_ms, struct arena *a, const char **ret,
	     const char **ret_why) must_use;
