/* SPDX-License-Identifier: MIT */
#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void out_init(struct out *o, int fd)
{
	o->fd = fd;
	o->err = 0;
	o->used = 0;
	o->written = 0;
}

static void write_all(struct out *o, const char *p, size_t size)
{
	while (size && !o->err) {
		ssize_t n = write(o->fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			o->err = n ? -errno : -EIO;
			return;
		}
		p += n;
		size -= (size_t)n;
		o->written += (uint64_t)n;
	}
}

int out_flush(struct out *o)
{
	write_all(o, o->buffer, o->used);
	o->used = 0;
	return o->err;
}

void out_bytes(struct out *o, const void *bytes, size_t size)
{
	if (!size) /* and maybe nothing at bytes */
		return;
	if (size > sizeof(o->buffer) - o->used)
		out_flush(o);
	if (size > sizeof(o->buffer)) {
		write_all(o, bytes, size);
		return;
	}
	memcpy(o->buffer + o->used, bytes, size);
	o->used += size;
}

void out_char(struct out *o, char c)
{
	if (o->used == sizeof(o->buffer))
		out_flush(o);
	o->buffer[o->used++] = c;
}

void out_text(struct out *o, const char *text)
{
	out_bytes(o, text, strlen(text));
}

static void put_digits(struct out *o, uint64_t value, unsigned base)
{
	char digits[20], *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	out_bytes(o, p, (size_t)(digits + sizeof(digits) - p));
}

void out_u64(struct out *o, uint64_t value)
{
	put_digits(o, value, 10);
}

void out_i64(struct out *o, int64_t value)
{
	if (value < 0)
		out_char(o, '-');
	put_digits(o, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

void out_hex(struct out *o, uint64_t value)
{
	put_digits(o, value, 16);
}

void out_hex_bytes(struct out *o, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		out_char(o, "0123456789abcdef"[bytes[i] >> 4]);
		out_char(o, "0123456789abcdef"[bytes[i] & 15]);
	}
}

void out_format(struct out *o, const char *format, ...)
{
	char text[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n > 0)
		out_bytes(o, text, (size_t)n < sizeof(text) ? (size_t)n
							    : sizeof(text) - 1);
}

void out_json_string(struct out *o, const char *text)
{
	out_char(o, '"');
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\') {
			out_char(o, '\\');
			out_char(o, (char)*p);
		} else if (*p < 0x20 || *p > 0x7e) {
			out_format(o, "\\u%04x", *p);
		} else {
			out_char(o, (char)*p);
		}
	}
	out_char(o, '"');
}
