/* Of each address on standard input, a line each: "yes" where the guard lets a fetch go, "no" where it doesn't. */
#include <stdio.h>
#include <string.h>

#include "fetch/guard.h"

int main(void)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		puts(guard_allows_text(line, NULL, 0) ? "yes" : "no");
	}
	return 0;
}
