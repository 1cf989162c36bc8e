/* SPDX-License-Identifier: MIT */
/*
 * What standard input is: a terminal, a pipe, a file. A VMM that makes a thread
 * for the one and not for the other makes it again, whatever a replay has
 * there.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "passage.h"

/* What fstat() was called by programs that were linked with a glibc
 * before 2.33. */
int __fxstat(int version, int fd, struct stat *st);
int __fxstat64(int version, int fd, struct stat64 *st);

/* With 64-bit words the two are one. */
_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "one struct stat");

NEXT_SLOT(isatty);
NEXT_SLOT(fstat);
NEXT_SLOT(fstat64);
NEXT_SLOT(fstatat);
NEXT_SLOT(fstatat64);
NEXT_SLOT(statx);
NEXT_SLOT(__fxstat);
NEXT_SLOT(__fxstat64);

static int ask_terminal(struct hvt_event *event, void *context)
{
	(void)event;
	(void)context;
	return NEXT(isatty)(STDIN_FILENO) ? 0 : -errno;
}

HVT_STANDS_IN int isatty(int fd)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_IS_TERMINAL };

	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(isatty)(fd);
	return !hvt_input_failed(hvt_input_ask(&event, ask_terminal, NULL));
}

/* struct stat differs by machine, struct statx does not: that is in the trace.
 */
static struct statx_timestamp stamp(struct timespec t)
{
	return (struct statx_timestamp){ .tv_sec = t.tv_sec,
		.tv_nsec = (uint32_t)t.tv_nsec };
}

static struct timespec time_of(struct statx_timestamp t)
{
	return (struct timespec){ t.tv_sec, t.tv_nsec };
}

static void pack(struct statx *x, const struct stat *st)
{
	*x = (struct statx){ .stx_mask = STATX_BASIC_STATS,
		.stx_blksize = (uint32_t)st->st_blksize,
		.stx_nlink = (uint32_t)st->st_nlink,
		.stx_uid = st->st_uid,
		.stx_gid = st->st_gid,
		.stx_mode = (uint16_t)st->st_mode,
		.stx_ino = st->st_ino,
		.stx_size = (uint64_t)st->st_size,
		.stx_blocks = (uint64_t)st->st_blocks,
		.stx_atime = stamp(st->st_atim),
		.stx_ctime = stamp(st->st_ctim),
		.stx_mtime = stamp(st->st_mtim),
		.stx_rdev_major = major(st->st_rdev),
		.stx_rdev_minor = minor(st->st_rdev),
		.stx_dev_major = major(st->st_dev),
		.stx_dev_minor = minor(st->st_dev) };
}

static void unpack(struct stat *st, const struct statx *x)
{
	*st = (struct stat){ .st_blksize = (blksize_t)x->stx_blksize,
		.st_nlink = x->stx_nlink,
		.st_uid = x->stx_uid,
		.st_gid = x->stx_gid,
		.st_mode = x->stx_mode,
		.st_ino = x->stx_ino,
		.st_size = (off_t)x->stx_size,
		.st_blocks = (blkcnt_t)x->stx_blocks,
		.st_atim = time_of(x->stx_atime),
		.st_ctim = time_of(x->stx_ctime),
		.st_mtim = time_of(x->stx_mtime),
		.st_rdev = makedev(x->stx_rdev_major, x->stx_rdev_minor),
		.st_dev = makedev(x->stx_dev_major, x->stx_dev_minor) };
}

static int ask_stat(struct hvt_event *event, void *context)
{
	struct statx *x = context;
	struct stat st;

	if (NEXT(fstat)(STDIN_FILENO, &st))
		return -errno;
	pack(x, &st);
	hvt_input_bytes(event, 1, x, sizeof(*x));
	return 0;
}

/* 0, or -1 and errno. */
static int take_stat(struct stat *st)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_STATUS,
		.values = { STATX_BASIC_STATS } };
	struct statx x;
	int err = hvt_input_ask(&event, ask_stat, &x);

	if (!err)
		err = hvt_input_take_bytes(&event, &x, sizeof(x));
	if (!err)
		unpack(st, &x);
	return hvt_input_failed(err);
}

struct statx_question {
	int flags;
	unsigned mask;
	struct statx *answer;
};

static int ask_statx(struct hvt_event *event, void *context)
{
	const struct statx_question *q = context;

	if (NEXT(statx)(STDIN_FILENO, "", q->flags, q->mask, q->answer))
		return -errno;
	hvt_input_bytes(event, 1, q->answer, sizeof(*q->answer));
	return 0;
}

static int take_statx(const struct statx_question *question)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_STATUS,
		.values = { question->mask } };
	struct statx_question q = *question;
	int err = hvt_input_ask(&event, ask_statx, &q);

	if (!err)
		err = hvt_input_take_bytes(&event, q.answer, sizeof(*q.answer));
	return hvt_input_failed(err);
}

static bool names_stdin(int fd, const char *path, int flags)
{
	return fd == STDIN_FILENO && flags & AT_EMPTY_PATH && path && !*path;
}

HVT_STANDS_IN int fstat(int fd, struct stat *st)
{
	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(fstat)(fd, st);
	return take_stat(st);
}

HVT_STANDS_IN int fstat64(int fd, struct stat64 *st)
{
	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(fstat64)(fd, st);
	return take_stat((struct stat *)st);
}

HVT_STANDS_IN int __fxstat(int version, int fd, struct stat *st)
{
	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(__fxstat)(version, fd, st);
	return take_stat(st);
}

HVT_STANDS_IN int __fxstat64(int version, int fd, struct stat64 *st)
{
	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(__fxstat64)(version, fd, st);
	return take_stat((struct stat *)st);
}

HVT_STANDS_IN int fstatat(
	int fd, const char *restrict path, struct stat *restrict st, int flags)
{
	if (!names_stdin(fd, path, flags) || !HVT_IS_TAKEN())
		return NEXT(fstatat)(fd, path, st, flags);
	return take_stat(st);
}

HVT_STANDS_IN int fstatat64(int fd, const char *restrict path,
	struct stat64 *restrict st, int flags)
{
	if (!names_stdin(fd, path, flags) || !HVT_IS_TAKEN())
		return NEXT(fstatat64)(fd, path, st, flags);
	return take_stat((struct stat *)st);
}

HVT_STANDS_IN int statx(int fd, const char *restrict path, int flags,
	unsigned mask, struct statx *restrict to)
{
	const struct statx_question q = { flags, mask, to };

	if (!names_stdin(fd, path, flags) || !HVT_IS_TAKEN())
		return NEXT(statx)(fd, path, flags, mask, to);
	return take_statx(&q);
}
