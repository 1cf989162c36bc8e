/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target once over each file named, or in a folder named, and over
 * the empty input. Says how many; a corpus that is not there is a failure.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned count;

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *p;

	if (!f || fstat(fileno(f), &st)) {
		perror(path);
		exit(2);
	}
	/* Of the exact size, so that the sanitizer sees reads beyond it. */
	p = malloc((size_t)st.st_size + !st.st_size);
	if (!p || fread(p, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
		perror(path);
		exit(2);
	}
	fclose(f);
	(void)LLVMFuzzerTestOneInput(p, (size_t)st.st_size);
	free(p);
	count++;
}

static void run(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char name[4096];

	if (!d) {
		run_file(path);
		return;
	}
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		run_file(name);
	}
	closedir(d);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	printf("%u inputs\n", count);
	return count ? 0 : 1;
}
