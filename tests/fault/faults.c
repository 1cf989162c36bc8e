/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

int fault_errno = EIO;

static _Atomic enum fault armed;
static atomic_int left;
static atomic_uint struck;
static bool repeat, halve;

void fault_arm(enum fault kind, unsigned n, bool lasting)
{
	left = (int)n;
	struck = 0;
	repeat = lasting;
	halve = false;
	armed = kind;
}

void fault_half_then_fail(void)
{
	fault_arm(FAULT_WRITE, 2, true);
	halve = true;
}

bool fault_disarm(void)
{
	armed = FAULT_NONE;
	return struck;
}

static bool strikes(enum fault kind)
{
	int n;

	if (armed != kind)
		return false;
	n = atomic_fetch_sub(&left, 1);
	if (n != 1 && !(repeat && n < 1))
		return false;
	struck++;
	return true;
}

/* The linker's names. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_pwrite(int fd, const void *p, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *p, size_t size, off_t offset);
int __real_fallocate(int fd, int mode, off_t offset, off_t size);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t size);
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
void *__real_mmap(
	void *p, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(
	void *p, size_t size, int prot, int flags, int fd, off_t offset);
ssize_t __real_pread(int fd, void *p, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *p, size_t size, off_t offset);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_pthread_create(pthread_t *t, const pthread_attr_t *attr,
	void *(*f)(void *), void *arg);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
	void *(*f)(void *), void *arg);
int __real_pthread_key_create(pthread_key_t *key, void (*f)(void *));
int __wrap_pthread_key_create(pthread_key_t *key, void (*f)(void *));
FILE *__real_open_memstream(char **p, size_t *size);
FILE *__wrap_open_memstream(char **p, size_t *size);
ZSTD_CCtx *__real_ZSTD_createCCtx(void);
ZSTD_CCtx *__wrap_ZSTD_createCCtx(void);
size_t __real_ZSTD_compressStream2(ZSTD_CCtx *c, ZSTD_outBuffer *out,
	ZSTD_inBuffer *in, ZSTD_EndDirective end);
size_t __wrap_ZSTD_compressStream2(ZSTD_CCtx *c, ZSTD_outBuffer *out,
	ZSTD_inBuffer *in, ZSTD_EndDirective end);
size_t __real_ZSTD_decompress(
	void *out, size_t room, const void *in, size_t size);
size_t __wrap_ZSTD_decompress(
	void *out, size_t room, const void *in, size_t size);

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *__wrap_malloc(size_t size)
{
	return strikes(FAULT_ALLOC) ? no_memory() : __real_malloc(size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return strikes(FAULT_ALLOC) ? no_memory()
				    : __real_aligned_alloc(alignment, size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return strikes(FAULT_ALLOC) ? no_memory() : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return strikes(FAULT_ALLOC) ? no_memory() : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return strikes(FAULT_ALLOC) ? no_memory() : __real_strdup(s);
}

FILE *__wrap_open_memstream(char **p, size_t *size)
{
	return strikes(FAULT_ALLOC) ? no_memory()
				    : __real_open_memstream(p, size);
}

ZSTD_CCtx *__wrap_ZSTD_createCCtx(void)
{
	return strikes(FAULT_ALLOC) ? no_memory() : __real_ZSTD_createCCtx();
}

/* ZSTD_error_memory_allocation is 64. */
size_t __wrap_ZSTD_compressStream2(ZSTD_CCtx *c, ZSTD_outBuffer *out,
	ZSTD_inBuffer *in, ZSTD_EndDirective end)
{
	return strikes(FAULT_ALLOC)
		? (size_t)-64
		: __real_ZSTD_compressStream2(c, out, in, end);
}

size_t __wrap_ZSTD_decompress(
	void *out, size_t room, const void *in, size_t size)
{
	return strikes(FAULT_ALLOC)
		? (size_t)-64
		: __real_ZSTD_decompress(out, room, in, size);
}

int __wrap_pthread_create(
	pthread_t *t, const pthread_attr_t *attr, void *(*f)(void *), void *arg)
{
	return strikes(FAULT_ALLOC) ? EAGAIN
				    : __real_pthread_create(t, attr, f, arg);
}

int __wrap_pthread_key_create(pthread_key_t *key, void (*f)(void *))
{
	return strikes(FAULT_ALLOC) ? EAGAIN
				    : __real_pthread_key_create(key, f);
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (strikes(FAULT_OPEN)) {
		errno = fault_errno;
		return -1;
	}
	return __real_open(path, flags, mode);
}

/* How much of a transfer happens; -1: it fails. */
static ssize_t part_of(enum fault kind, size_t size)
{
	if (strikes(kind)) {
		errno = fault_errno;
		return -1;
	}
	if (armed == FAULT_INTR && ++struck % 2) {
		errno = EINTR;
		return -1;
	}
	if ((armed == FAULT_SHORT || (halve && kind == FAULT_WRITE)) &&
		size > 1) {
		struck++;
		return (ssize_t)(size / 2);
	}
	return (ssize_t)size;
}

ssize_t __wrap_pwrite(int fd, const void *p, size_t size, off_t offset)
{
	ssize_t part = part_of(FAULT_WRITE, size);

	return part < 0 ? -1 : __real_pwrite(fd, p, (size_t)part, offset);
}

ssize_t __wrap_pread(int fd, void *p, size_t size, off_t offset)
{
	ssize_t part = part_of(FAULT_READ, size);

	return part < 0 ? -1 : __real_pread(fd, p, (size_t)part, offset);
}

int __wrap_close(int fd)
{
	int ret = __real_close(fd);

	if (!strikes(FAULT_CLOSE))
		return ret;
	errno = fault_errno;
	return -1;
}

static bool fails(enum fault kind)
{
	if (!strikes(kind))
		return false;
	errno = fault_errno;
	return true;
}

int __wrap_fallocate(int fd, int mode, off_t offset, off_t size)
{
	return fails(FAULT_FALLOCATE) ? -1
				      : __real_fallocate(fd, mode, offset, size);
}

int __wrap_ftruncate(int fd, off_t size)
{
	return fails(FAULT_TRUNCATE) ? -1 : __real_ftruncate(fd, size);
}

int __wrap_fdatasync(int fd)
{
	return fails(FAULT_SYNC) ? -1 : __real_fdatasync(fd);
}

int __wrap_unlink(const char *path)
{
	return fails(FAULT_UNLINK) ? -1 : __real_unlink(path);
}

void *__wrap_mmap(
	void *p, size_t size, int prot, int flags, int fd, off_t offset)
{
	return fails(FAULT_MAP) ? MAP_FAILED
				: __real_mmap(p, size, prot, flags, fd, offset);
}
