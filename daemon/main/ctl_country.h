#pragma once
/*
 * main/ctl_country: what `init` knows of countries: zone, and how Google News' public search is asked there.
 */
#include <stddef.h>

#include "base/text.h"

struct country {
	const char *code; /* ISO 3166-1 */
	const char *names[TEXT_LANGS];
	const char *zone;      /* the one most people live in */
	const char *hl, *ceid; /* Google News: language; the part of ceid behind "CC:" */
};

/* By code or name in either language, letter case and accents ignored; NULL: not known. */
const struct country *country_find(const char *text);
const char *country_guess(const char *text, enum text_lang lang); /* the nearest name; NULL: none is near */
const struct country *country_of_zone(const char *zone);          /* NULL: none */

/* The machine's zone, "America/Bogota"; NULL: not said, or UTC. To be freed. */
char *zone_of_machine(void) must_use;
