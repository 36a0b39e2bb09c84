/*
 * Every key that a configuration and a rule file may hold, for the test that each stands in the manual:
 *
 *	escuchad.yaml      sources[].every   15m
 *	escuchad-rules     patterns.NAME.in  [title, text]
 *
 * The page, the key and what it is where left out (nothing, if that isn't a fixed value), with tabs between.
 */
#include <stdio.h>

#include "base/schema.h"
#include "main/config.h"
#include "match/rule_file.h"

static void print_key(const char *key, const struct schema_row *row, void *page)
{
	printf("%s\t%s\t%s\n", (const char *)page, key, row->def ? row->def : "");
}

int main(void)
{
	schema_each(&config_table, print_key, (void *)"escuchad.yaml");
	schema_each(&rule_file_table, print_key, (void *)"escuchad-rules");
	return 0;
}
