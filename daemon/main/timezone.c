#include "main/timezone.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/suggest.h"

enum { NAMES_MAX = 2000, DEPTH_MAX = 3, NAME_MAX_BYTES = 64 };

struct names {
	char **v;
	size_t n, cap;
};

static const char *zones_folder(void)
{
	const char *folder = getenv("TZDIR");

	return folder && *folder ? folder : "/usr/share/zoneinfo";
}

/* A name, not a path that leads elsewhere: no "..", no "/" at its ends. */
static bool is_zone_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("_+-/", name[i]))
			return false;
		if (name[i] == '/' && (i == 0 || name[i + 1] == '/' || name[i + 1] == '\0'))
			return false;
	}
	return i && i <= NAME_MAX_BYTES;
}

bool timezone_known(const char *name)
{
	cleanup(freep) char *path = NULL;
	cleanup(closep) int fd = -1;
	struct stat st;
	char magic[4];

	if (!is_zone_name(name))
		return false;
	path = xasprintf("%s/%s", zones_folder(), name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       read(fd, magic, sizeof(magic)) == sizeof(magic) &&
	       memcmp(magic, "TZif", sizeof(magic)) == 0; /* RFC 8536 */
}

static void names_done(struct names *names)
{
	while (names->n)
		free(names->v[--names->n]);
	free(names->v);
}

/* Every name under a folder; prefix is "" or "America/". */
static void names_collect(struct names *names, const char *prefix, unsigned depth)
{
	cleanup(freep) char *folder = xasprintf("%s/%s", zones_folder(), prefix);
	DIR *dir = depth < DEPTH_MAX ? opendir(folder) : NULL;
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)) && names->n < NAMES_MAX) {
		cleanup(freep) char *name = xasprintf("%s%s", prefix, entry->d_name);
		cleanup(freep) char *below = xasprintf("%s/", name);

		if (strcmp(name, "posix") == 0 || strcmp(name, "right") == 0 || !is_zone_name(name))
			continue;
		if (timezone_known(name)) {
			names->v = GROW(names->v, names->n, &names->cap);
			names->v[names->n++] = TAKE(name);
		} else {
			names_collect(names, below, depth + 1);
		}
	}
	closedir(dir);
}

/* Letters as the names have them: no accents (of Spanish), "_" for a blank. */
static char *plain(const char *name)
{
	static const char *const accents[][2] = {{"á", "a"}, {"é", "e"}, {"í", "i"}, {"ó", "o"},
						 {"ú", "u"}, {"ñ", "n"}, {"Á", "A"}, {"É", "E"},
						 {"Í", "I"}, {"Ó", "O"}, {"Ú", "U"}, {" ", "_"}};
	char *out = xmalloc(strlen(name) + 1), *to = out;
	size_t i;

	while (*name) {
		for (i = 0; i < ARRAY_LEN(accents) && strncmp(name, accents[i][0], strlen(accents[i][0])) != 0; i++)
			;
		*to++ = i < ARRAY_LEN(accents) ? *accents[i][1] : *name;
		name += i < ARRAY_LEN(accents) ? strlen(accents[i][0]) : 1;
	}
	*to = '\0';
	return out;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* By the city alone: "Bogota", "bogotta". */
static const char *guess_city(const struct names *names, const char *word)
{
	cleanup(freep) const char **cities = xcalloc(names->n, sizeof(*cities));
	const char *found, *slash;
	size_t i;

	for (i = 0; i < names->n; i++) {
		slash = strrchr(names->v[i], '/');
		cities[i] = slash ? slash + 1 : names->v[i];
	}
	slash = strrchr(word, '/');
	found = suggest(slash ? slash + 1 : word, cities, names->n, sizeof(*cities));
	for (i = 0; found && i < names->n; i++) {
		if (cities[i] == found)
			return names->v[i];
	}
	return NULL;
}

/* By a part of the name: "America/Mexico". In a city's name first: by "Mexico" nobody means Mexico/BajaSur. */
static const char *guess_part(const struct names *names, const char *word)
{
	const char *found = NULL;
	bool found_city = false;
	size_t i;

	for (i = 0; strlen(word) >= 4 && i < names->n; i++) {
		const char *slash = strrchr(names->v[i], '/');
		bool city = strcasestr(slash ? slash : names->v[i], word);

		if (!strcasestr(names->v[i], word) || (found_city && !city))
			continue;
		if (!found || (city && !found_city) || strlen(names->v[i]) < strlen(found))
			found = names->v[i];
		found_city = found_city || city;
	}
	return found;
}

char *timezone_guess(const char *name)
{
	cleanup(freep) char *word = NULL;
	cleanup(names_done) struct names names = {0};
	const char *found;

	if (strlen(name) > NAME_MAX_BYTES)
		return NULL;
	word = plain(name);
	if (timezone_known(word))
		return TAKE(word);
	names_collect(&names, "", 0);
	if (!names.n)
		return NULL;
	qsort(names.v, names.n, sizeof(*names.v), by_text); /* the same guess on every machine */
	found = guess_part(&names, word);
	if (!found)
		found = suggest(word, (const char *const *)names.v, names.n, sizeof(*names.v));
	if (!found)
		found = guess_city(&names, word);
	return found ? xstrdup(found) : NULL;
}

char *timezone_local(void)
{
	const char *tz = getenv("TZ"), *name;
	char target[PATH_MAX];
	ssize_t len;

	if (tz && *tz == ':')
		tz++;
	if (tz && timezone_known(tz))
		return xstrdup(tz);
	len = readlink("/etc/localtime", target, sizeof(target) - 1);
	if (len > 0) {
		target[len] = '\0';
		name = strstr(target, "zoneinfo/");
		if (name && timezone_known(name + strlen("zoneinfo/")))
			return xstrdup(name + strlen("zoneinfo/"));
	}
	return xstrdup("UTC");
}
