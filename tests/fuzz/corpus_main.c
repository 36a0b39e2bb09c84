/*
 * Runs a fuzz target over its corpus as an ordinary test: no fuzzer needed. An empty corpus fails.
 *
 * Usage: corpus_NAME FOLDER…
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX_BYTES = 16 * 1024 * 1024 };

static int run_file(const char *path)
{
	struct buf b = BUF_INIT(FILE_MAX_BYTES);
	FILE *f = fopen(path, "rb");
	uint8_t *exact;
	char *to;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	while ((to = buf_reserve(&b, 4096))) {
		size_t n = fread(to, 1, 4096, f);

		buf_commit(&b, n);
		if (n < 4096)
			break;
	}
	fclose(f);
	exact = xmalloc(b.len); /* so that a sanitizer sees a read past the end */
	if (b.len)
		memcpy(exact, b.data, b.len);
	(void)LLVMFuzzerTestOneInput(exact, b.len);
	free(exact);
	buf_done(&b);
	return 0;
}

static int run_folder(const char *folder, size_t *n)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		return 1;
	}
	while ((entry = readdir(dir))) {
		cleanup(freep) char *path = xasprintf("%s/%s", folder, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		r |= run_file(path);
		++*n;
	}
	closedir(dir);
	return r;
}

int main(int argc, char **argv)
{
	size_t n = 0;
	int r = 0, i;

	for (i = 1; i < argc; i++)
		r |= run_folder(argv[i], &n);
	printf("%zu inputs\n", n);
	return n ? r : 1;
}
