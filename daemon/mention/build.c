#include "mention/build.h"

#include <string.h>

#include "mention/build_id.h"

const char *build_id(void)
{
	return BUILD_ID;
}

bool build_is_ours(const char *bytes, size_t len)
{
	return len == strlen(BUILD_ID) && memcmp(bytes, BUILD_ID, len) == 0;
}
