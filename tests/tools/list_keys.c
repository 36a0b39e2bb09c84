/*
 * Every key that a configuration, a rule file and the files of a platform and of a kind of channel may hold, for the test that each stands in the manual:
 *
 *	escuchad.yaml       sources[].every   15m
 *	escuchad-rules      patterns.NAME.in  [title, text]
 *	escuchad-platforms  pages.max_pages   10
 *
 * The page, the key, what it is where left out (nothing, if that isn't a fixed value), and the names that it may be, with tabs
 * between.
 */
#include <stdio.h>

#include "alert/channel_kind.h"
#include "base/schema.h"
#include "main/config.h"
#include "match/rule_file.h"
#include "platform/platform.h"

static void print_key(const char *key, const struct schema_row *row, void *page)
{
	size_t i;

	printf("%s\t%s\t%s\t", (const char *)page, key, row->def ? row->def : "");
	for (i = 0; row->type == SCHEMA_ENUM && row->names[i]; i++)
		printf("%s%s", i ? " " : "", row->names[i]);
	putchar('\n');
}

int main(void)
{
	schema_each(&config_table, print_key, (void *)"escuchad.yaml");
	schema_each(&rule_file_table, print_key, (void *)"escuchad-rules");
	schema_each(&platform_table, print_key, (void *)"escuchad-platforms");
	schema_each(&channel_kind_table, print_key, (void *)"escuchad-channels");
	return 0;
}
