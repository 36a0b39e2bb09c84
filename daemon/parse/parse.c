#include "parse/parse.h"

#include <stdbool.h>

#include "parse/charset.h"

void parse_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	charset_open_all();
}
