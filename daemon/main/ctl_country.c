#include "main/ctl_country.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "main/ctl_name.h"
#include "main/timezone.h"

static const struct country countries[] = {
	{"AR", {"Argentina", "Argentina"}, "America/Argentina/Buenos_Aires", "es-419", "es-419"},
	{"BO", {"Bolivia", "Bolivia"}, "America/La_Paz", "es-419", "es-419"},
	{"BR", {"Brazil", "Brasil"}, "America/Sao_Paulo", "pt-BR", "pt-419"},
	{"CA", {"Canada", "Canadá"}, "America/Toronto", "en-CA", "en"},
	{"CL", {"Chile", "Chile"}, "America/Santiago", "es-419", "es-419"},
	{"CO", {"Colombia", "Colombia"}, "America/Bogota", "es-419", "es-419"},
	{"CR", {"Costa Rica", "Costa Rica"}, "America/Costa_Rica", "es-419", "es-419"},
	{"CU", {"Cuba", "Cuba"}, "America/Havana", "es-419", "es-419"},
	{"DO", {"Dominican Republic", "República Dominicana"}, "America/Santo_Domingo", "es-419", "es-419"},
	{"EC", {"Ecuador", "Ecuador"}, "America/Guayaquil", "es-419", "es-419"},
	{"ES", {"Spain", "España"}, "Europe/Madrid", "es", "es"},
	{"GB", {"United Kingdom", "Reino Unido"}, "Europe/London", "en-GB", "en"},
	{"GT", {"Guatemala", "Guatemala"}, "America/Guatemala", "es-419", "es-419"},
	{"HN", {"Honduras", "Honduras"}, "America/Tegucigalpa", "es-419", "es-419"},
	{"MX", {"Mexico", "México"}, "America/Mexico_City", "es-419", "es-419"},
	{"NI", {"Nicaragua", "Nicaragua"}, "America/Managua", "es-419", "es-419"},
	{"PA", {"Panama", "Panamá"}, "America/Panama", "es-419", "es-419"},
	{"PE", {"Peru", "Perú"}, "America/Lima", "es-419", "es-419"},
	{"PR", {"Puerto Rico", "Puerto Rico"}, "America/Puerto_Rico", "es-419", "es-419"},
	{"PY", {"Paraguay", "Paraguay"}, "America/Asuncion", "es-419", "es-419"},
	{"SV", {"El Salvador", "El Salvador"}, "America/El_Salvador", "es-419", "es-419"},
	{"US", {"United States", "Estados Unidos"}, "America/New_York", "en-US", "en"},
	{"UY", {"Uruguay", "Uruguay"}, "America/Montevideo", "es-419", "es-419"},
	{"VE", {"Venezuela", "Venezuela"}, "America/Caracas", "es-419", "es-419"},
};

const struct country *country_find(const char *text)
{
	cleanup(freep) char *wanted = name_slug(text);
	size_t i, lang;

	for (i = 0; i < ARRAY_LEN(countries); i++) {
		if (strcasecmp(countries[i].code, text) == 0)
			return &countries[i];
		for (lang = 0; lang < TEXT_LANGS; lang++) {
			cleanup(freep) char *name = name_slug(countries[i].names[lang]);

			if (strcmp(name, wanted) == 0)
				return &countries[i];
		}
	}
	return NULL;
}

const char *country_guess(const char *text, enum text_lang lang)
{
	cleanup(freep) char *wanted = name_slug(text);
	char *slugs[ARRAY_LEN(countries)];
	const char *near, *name = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(countries); i++) /* by their plain letters: an accent is no distance */
		slugs[i] = name_slug(countries[i].names[lang]);
	near = suggest(wanted, (const char *const *)slugs, ARRAY_LEN(slugs), sizeof(*slugs));
	for (i = 0; i < ARRAY_LEN(countries); i++) {
		if (slugs[i] == near)
			name = countries[i].names[lang];
		free(slugs[i]);
	}
	return name;
}

const struct country *country_of_zone(const char *zone)
{
	size_t i;

	for (i = 0; zone && i < ARRAY_LEN(countries); i++)
		if (strcmp(countries[i].zone, zone) == 0)
			return &countries[i];
	return NULL;
}

char *zone_of_machine(void)
{
	char target[PATH_MAX], line[100] = "";
	ssize_t len = readlink("/etc/localtime", target, sizeof(target) - 1);
	const char *zone = NULL;
	FILE *f;

	if (len > 0) {
		target[len] = '\0';
		zone = strstr(target, "zoneinfo/");
		zone = zone ? zone + strlen("zoneinfo/") : NULL;
	}
	f = zone ? NULL : fopen("/etc/timezone", "re");
	if (f) {
		if (fgets(line, sizeof(line), f))
			zone = line;
		line[strcspn(line, "\n")] = '\0';
		fclose(f);
	}
	/* A server's UTC says nothing of where its people live. */
	if (!zone || !strchr(zone, '/') || strncmp(zone, "Etc/", 4) == 0 || !timezone_known(zone))
		return NULL;
	return xstrdup(zone);
}
