/* SPDX-License-Identifier: MIT */
/* Files of tests, in the working directory. Failure ends the test. */
#ifndef HVT_TEST_FILES_H
#define HVT_TEST_FILES_H

#include <stddef.h>
#include <stdint.h>

struct temp_file {
	char path[32];
};

/* An empty file of its own. */
struct temp_file temp_file_create(void);
/* And the write-ahead log beside it, if there is one. */
void temp_file_remove(const struct temp_file *f);

size_t file_size(const char *path);

/* The whole file; to free. */
uint8_t *file_read(const char *path, size_t *size);
void file_write(const char *path, const void *bytes, size_t size);

#endif
