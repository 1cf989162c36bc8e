/* SPDX-License-Identifier: MIT */
/*
 * Keyframes into a trace that is closed. Its file is never written to: a copy
 * grows beside it, and takes its place by rename(2), so that there is a whole
 * trace at every instant, the old one or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "keyframe.h"
#include "writer.h"

#define SUFFIX	  ".indexing"
#define PIECE	  (1u << 20)
#define PAGES_RAW (4u << 20) /* bytes of pages in one segment, about */

struct hvt_keyframe_writer {
	struct hvt_writer *writer;
	int fd; /* of the copy, beside the writer's: for its lock and fsync(2) */
	char path[PATH_MAX], copy[PATH_MAX + sizeof(SUFFIX)];
	char ended[32];
	size_t page_size;
	uint8_t *pages; /* a payload that is being filled */
	size_t filled;
	uint64_t last; /* number of the page that came last */
};

/* What is not to be in the copy begins here. */
static int find_end(struct hvt_source *s, uint64_t *end)
{
	struct hvt_index segments = { 0 };
	int err = hvt_keyframe_segments(s, &segments);

	*end = segments.count ? segments.entries[0].offset : s->facts_at;
	hvt_index_fini(&segments);
	return err;
}

static int copy_bytes(int from, int to, uint64_t size)
{
	uint8_t *piece = malloc(PIECE);
	int err = piece ? 0 : -ENOMEM;

	for (uint64_t at = 0; at < size && !err;) {
		size_t part = size - at < PIECE ? (size_t)(size - at) : PIECE;
		ssize_t n = hvt_file_read(from, piece, part, at);

		if (n != (ssize_t)part)
			err = n < 0 ? (int)n : -EBADMSG;
		else
			err = hvt_file_write(to, piece, part, at);
		at += part;
	}
	free(piece);
	return err;
}

/*
 * One that was made here is ours whatever the file system makes of its owner; one
 * that was there must be of whoever has the trace. -errno.
 */
static int open_copy(const char *path, const struct stat *trace, int *fd)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	struct stat st;

	*fd = open(path, flags | O_EXCL, trace->st_mode & 0777);
	if (*fd >= 0)
		return 0;
	*fd = open(path, flags, trace->st_mode & 0777);
	if (*fd < 0)
		return errno == ELOOP ? -EEXIST : -errno;
	if (!fstat(*fd, &st) && (st.st_uid == geteuid() ||
				st.st_uid == trace->st_uid))
		return 0;
	close(*fd);
	return -EEXIST;
}

/*
 * -EEXIST: it is not ours alone; -EBUSY: another process has it, or had it and has
 * made it the trace since.
 */
static int check_copy(const char *path, int fd)
{
	struct stat st, now;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		return -EEXIST;
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return -EBUSY;
	return lstat(path, &now) || now.st_ino != st.st_ino ||
			now.st_dev != st.st_dev ? -EBUSY : 0;
}

/* The copy is emptied when it is ours. */
static int create_copy(const struct hvt_keyframe_writer *w, int from, int *fd)
{
	struct stat st;
	int err;

	if (fstat(from, &st))
		return -errno;
	err = open_copy(w->copy, &st, fd);
	if (err)
		return err;
	err = check_copy(w->copy, *fd);
	if (!err && (ftruncate(*fd, 0) || fchmod(*fd, st.st_mode & 07777)))
		err = -errno;
	if (err)
		close(*fd);
	return err;
}

static int begin_copy(struct hvt_keyframe_writer *w, struct hvt_trace *t)
{
	struct hvt_source *s = hvt_trace_source(t);
	uint64_t end;
	int err = find_end(s, &end), fd = -1;

	if (!err)
		err = create_copy(w, s->fd, &fd);
	if (err)
		return err;
	err = copy_bytes(s->fd, fd, end);
	w->fd = err ? -1 : dup(fd);
	if (!err && w->fd < 0)
		err = -errno;
	if (err)
		close(fd);
	else
		err = hvt_writer_adopt(&w->writer, fd);
	if (err)
		(void)unlink(w->copy);
	return err;
}

/* All that must be known of it, and that it is one that can be written anew. */
static int check(struct hvt_keyframe_writer *w, struct hvt_trace *t)
{
	const char *ended = hvt_trace_info(t, "ended");
	const char *page_size = hvt_trace_info(t, "page_size");
	unsigned long size = page_size ? strtoul(page_size, NULL, 10) : 0;

	if (hvt_trace_state(t) != HVT_TRACE_CLOSED)
		return hvt_trace_state(t) == HVT_TRACE_LIVE ? -EBUSY : -EAGAIN;
	if (!ended || strlen(ended) >= sizeof(w->ended) ||
			!hvt_trace_source(t)->facts_at || !size ||
			size > PAGES_RAW)
		return -EBADMSG;
	memcpy(w->ended, ended, strlen(ended) + 1);
	w->page_size = size;
	return 0;
}

static void destroy(struct hvt_keyframe_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->pages);
	free(w);
}

int hvt_keyframe_writer_open(struct hvt_keyframe_writer **writer,
		const char *path)
{
	struct hvt_keyframe_writer *w = calloc(1, sizeof(*w));
	struct hvt_trace *t = NULL;
	int err = w ? 0 : -ENOMEM;

	if (err)
		return err;
	w->fd = -1;
	/* By another name of it the copy would be in another folder. */
	if (!realpath(path, w->path))
		err = -errno;
	snprintf(w->copy, sizeof(w->copy), "%s" SUFFIX, w->path);
	if (!err)
		err = hvt_trace_open(&t, w->path, NULL);
	if (!err)
		err = check(w, t);
	if (!err)
		err = begin_copy(w, t);
	if (t)
		hvt_trace_close(t);
	if (err)
		destroy(w);
	else
		*writer = w;
	return err;
}

static int flush_pages(struct hvt_keyframe_writer *w)
{
	size_t size = w->filled;

	if (!size)
		return 0;
	w->filled = 0;
	return hvt_writer_append(w->writer, HVT_SEGMENT_PAGES, w->pages, size);
}

int hvt_keyframe_writer_page(struct hvt_keyframe_writer *w,
		const uint8_t *contents, uint64_t *page)
{
	size_t room = HVT_PAGES_HEAD + PAGES_RAW;
	int err = 0;

	if (!w->pages)
		w->pages = malloc(room);
	if (!w->pages)
		return -ENOMEM;
	if (w->filled + w->page_size > room)
		err = flush_pages(w);
	if (err)
		return err;
	if (!w->filled) {
		hvt_put64(w->pages, w->last + 1);
		w->filled = HVT_PAGES_HEAD;
	}
	memcpy(w->pages + w->filled, contents, w->page_size);
	w->filled += w->page_size;
	*page = ++w->last | HVT_KEYFRAME_PAGE;
	return 0;
}

int hvt_keyframe_writer_add(struct hvt_keyframe_writer *w,
		const struct hvt_keyframe *k)
{
	size_t size;
	uint8_t *payload;
	int err = flush_pages(w);

	if (err)
		return err;
	payload = hvt_keyframe_encode(k, &size);
	if (!payload)
		return -ENOMEM;
	err = hvt_writer_append(w->writer, HVT_SEGMENT_KEYFRAME, payload, size);
	free(payload);
	return err;
}

/* A folder that cannot be read, or not be synced, has the new name all the same. */
static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	int fd;

	snprintf(folder, sizeof(folder), "%s", path);
	fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* On the disk before it has the name of what is there already. */
static int replace(const struct hvt_keyframe_writer *w)
{
	if (fsync(w->fd) || rename(w->copy, w->path))
		return -errno;
	sync_folder(w->path);
	return 0;
}

int hvt_keyframe_writer_close(struct hvt_keyframe_writer *w, bool keep)
{
	int err = hvt_writer_close(w->writer, keep ? w->ended : NULL);

	if (!err && keep)
		err = replace(w);
	if (err || !keep)
		(void)unlink(w->copy);
	destroy(w);
	return err;
}
