/* SPDX-License-Identifier: MIT */
#ifndef HVTRACE_READ_FILE_H
#define HVTRACE_READ_FILE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads all of the file at path, a 0 behind it that is not counted. *bytes is
 * to be freed. -errno of reading it; -EFBIG: it has more than max bytes.
 */
int read_file(const char *path, uint64_t max, char **bytes, size_t *size);

#endif
