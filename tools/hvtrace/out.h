/* SPDX-License-Identifier: MIT */
/*
 * Buffered output of the looking commands: fast where there is a lot of it, and
 * the first error of writing is kept to the end.
 */
#ifndef HVTRACE_OUT_H
#define HVTRACE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out {
	int fd;
	int err; /* -errno of the first write that failed */
	size_t used;
	uint64_t written; /* bytes that went out before those in the buffer */
	char buffer[65536];
};

void out_init(struct out *o, int fd);

/* Writes what is buffered. 0, or -errno of this or an earlier write. */
int out_flush(struct out *o);

void out_bytes(struct out *o, const void *bytes, size_t size);
void out_char(struct out *o, char c);
void out_text(struct out *o, const char *text);
void out_u64(struct out *o, uint64_t value);
void out_i64(struct out *o, int64_t value);
/* Digits alone: "1f". */
void out_hex(struct out *o, uint64_t value);
/* Two digits for each byte. */
void out_hex_bytes(struct out *o, const uint8_t *bytes, size_t size);
/* What fits in 1 KiB; more is cut. */
__attribute__((format(printf, 2, 3)))
void out_format(struct out *o, const char *format, ...);

/*
 * Text in quotes as JSON has it, in ASCII alone: what is no ASCII is taken for
 * Latin-1, so that any bytes give something valid.
 */
void out_json_string(struct out *o, const char *text);

#endif
