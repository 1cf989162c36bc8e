/* SPDX-License-Identifier: MIT */
/* Whole reads and writes. */
#ifndef HVT_TRACE_FILE_H
#define HVT_TRACE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes read, fewer than size only at the end of the file; or -errno. */
ssize_t hvt_file_read(int fd, void *p, size_t size, uint64_t offset);

/* All of them: 0, or -errno. */
int hvt_file_write(int fd, const void *p, size_t size, uint64_t offset);

#endif
