#include "parse/parse.h"

#include <stdbool.h>

#include "parse/charset.h"
#include "parse/xml.h"

void parse_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	xml_init();
	charset_open_all();
}
