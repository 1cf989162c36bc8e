/* SPDX-License-Identifier: MIT */
/* The trace file as it grows. */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "file.h"
#include "index.h"
#include "meta.h"
#include "scan.h"

struct hvt_writer {
	int fd;
	uint64_t size; /* bytes of whole segments */
	int error;     /* of a cut: its events are in the log only */
	struct hvt_columns *columns;
	struct hvt_packer *packer;
	struct hvt_head head; /* of the segment being made */
	struct hvt_index leaf, root;
	struct hvt_log_point point; /* of the last segment, when resumed */
};

static struct hvt_writer *create(void)
{
	struct hvt_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->fd = -1;
	w->columns = hvt_columns_create();
	w->packer = hvt_packer_create();
	if (w->columns && w->packer)
		return w;
	hvt_columns_destroy(w->columns);
	hvt_packer_destroy(w->packer);
	free(w);
	return NULL;
}

static void destroy(struct hvt_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	hvt_columns_destroy(w->columns);
	hvt_packer_destroy(w->packer);
	hvt_index_fini(&w->leaf);
	hvt_index_fini(&w->root);
	hvt_log_point_fini(&w->point);
	free(w);
}

/* The head of what comes behind the segment it is the head of now. */
static void next_segment(struct hvt_writer *w)
{
	w->head.ordinal++;
	w->head.chain = w->head.hash;
	w->head.first += w->head.count;
	w->head.first_tick = w->head.last_tick;
	w->head.count = 0;
	w->head.threads = 0;
}

/* Packs and appends; on success the head goes on to the next segment. */
static int append(struct hvt_writer *w, uint32_t type,
		const struct hvt_payload *payload)
{
	const uint8_t *bytes;
	size_t size;
	int err;

	w->head.type = type;
	err = hvt_packer_pack(w->packer, &w->head, payload, &bytes, &size);
	if (!err)
		err = hvt_file_write(w->fd, bytes, size, w->size);
	if (err) {
		/* Whole segments only; if this fails, readers cope. */
		(void)!ftruncate(w->fd, (off_t)w->size);
		return err;
	}
	w->size += size;
	next_segment(w);
	return 0;
}

static int append_bytes(struct hvt_writer *w, uint32_t type, const void *bytes,
		size_t size)
{
	struct hvt_payload payload = { .bytes = bytes, .size = size,
		.ends = { size }, .parts = 1 };

	return append(w, type, &payload);
}

static int append_meta(struct hvt_writer *w, const struct hvt_info *facts,
		size_t count)
{
	size_t size;
	char *text = hvt_meta_encode(facts, count, &size);
	int err = text ? append_bytes(w, HVT_SEGMENT_META, text, size)
		       : -ENOMEM;

	free(text);
	return err;
}

/* One writer at a time; where there are no locks nobody can tell. */
static int take(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK ? -EBUSY
								     : 0;
}

int hvt_writer_create(struct hvt_writer **writer, const char *path,
		const struct hvt_info *facts, size_t count, uint64_t first)
{
	struct hvt_writer *w = create();
	int err;

	if (!w)
		return -ENOMEM;
	w->head.first = first;
	if (getrandom(w->head.id, sizeof(w->head.id), 0) !=
			(ssize_t)sizeof(w->head.id)) {
		err = -EIO;
		goto err_destroy;
	}
	/* Emptied when it is ours. */
	w->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	err = w->fd < 0 ? -errno : take(w->fd);
	/* What is no file cannot be emptied; writing tells. */
	if (!err && ftruncate(w->fd, 0) && errno != EINVAL)
		err = -errno;
	if (!err)
		err = append_meta(w, facts, count);
	if (err)
		goto err_destroy;
	*writer = w;
	return 0;

err_destroy:
	destroy(w);
	return err;
}

static int note(struct hvt_writer *w, const struct hvt_head *h, uint64_t offset)
{
	struct hvt_index_entry e = { .offset = offset, .first = h->first,
		.exits = h->exits, .first_tick = h->first_tick,
		.threads = h->threads };

	return hvt_index_add(&w->leaf, &e);
}

/* The leaf becomes a segment, and an entry of the root. */
static int append_index(struct hvt_writer *w)
{
	struct hvt_index_entry e;
	uint8_t *payload;
	size_t size;
	int err;

	if (!w->leaf.count)
		return 0;
	e = hvt_index_whole(&w->leaf, w->size);
	payload = hvt_index_encode(&w->leaf, &size);
	err = payload ? append_bytes(w, HVT_SEGMENT_INDEX, payload, size)
		      : -ENOMEM;
	free(payload);
	if (!err)
		err = hvt_index_add(&w->root, &e);
	w->leaf.count = 0;
	return err;
}

/* What a segment that is there already means for index and log. */
static int take_up(struct hvt_writer *w, const struct hvt_head *h,
		const uint8_t *payload)
{
	struct hvt_input in = { payload, payload + h->raw };
	struct hvt_index_entry e;

	if (h->type == HVT_SEGMENT_EVENTS) {
		int err = hvt_log_point_decode(&w->point, &in);

		return err ? err : note(w, h, w->size);
	}
	if (h->type != HVT_SEGMENT_INDEX || !w->leaf.count)
		return 0;
	e = hvt_index_whole(&w->leaf, w->size);
	w->leaf.count = 0;
	return hvt_index_add(&w->root, &e);
}

/* Walks the whole segments; what stopped the walk is returned. */
static int walk(struct hvt_writer *w)
{
	struct hvt_segment_buffer buffer = { 0 };
	struct hvt_head h;
	int err;

	for (;;) {
		err = hvt_scan_head(w->fd, w->size, &h);
		if (!err)
			err = hvt_scan_segment(w->fd, w->size, &h, &buffer);
		if (!err && !w->size && h.type != HVT_SEGMENT_META)
			err = -EBADMSG;
		if (!err && w->size && memcmp(h.id, w->head.id, sizeof(h.id)) != 0)
			err = -EBADMSG;
		if (err || h.type == HVT_SEGMENT_END)
			break;
		err = take_up(w, &h, buffer.raw);
		if (err)
			break;
		w->size += hvt_segment_size(&h);
		w->head = h;
	}
	hvt_segment_buffer_fini(&buffer);
	return err;
}

/* Sets the writer up behind the last whole segment of its file. */
static int scan(struct hvt_writer *w)
{
	struct hvt_head h;
	uint64_t offset;
	int err = walk(w);

	/* Someone else has closed it meanwhile. */
	if (!err)
		return -EALREADY;
	if (err != -ENODATA && !hvt_scan_is_damage(err))
		return err;
	if (!w->size)
		return -EBADMSG;
	/* Damage in the middle is no torn end: nothing may be cut off. */
	if (err) {
		err = hvt_scan_find(w->fd, w->head.id, w->size + 1, &offset, &h);
		if (err != -ENODATA)
			return err ? err : -EBADMSG;
	}
	next_segment(w);
	return ftruncate(w->fd, (off_t)w->size) ? -errno : 0;
}

int hvt_writer_adopt(struct hvt_writer **writer, int fd)
{
	struct hvt_writer *w = create();
	int err;

	if (!w) {
		close(fd);
		return -ENOMEM;
	}
	w->fd = fd;
	err = scan(w);
	if (err) {
		destroy(w);
		return err;
	}
	*writer = w;
	return 0;
}

int hvt_writer_resume(struct hvt_writer **writer, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = take(fd);
	if (!err)
		return hvt_writer_adopt(writer, fd);
	close(fd);
	return err;
}

const uint8_t *hvt_writer_id(const struct hvt_writer *w)
{
	return w->head.id;
}

const struct hvt_log_point *hvt_writer_point(const struct hvt_writer *w)
{
	return &w->point;
}

uint64_t hvt_writer_next(const struct hvt_writer *w)
{
	return w->head.first + w->head.count;
}

void hvt_writer_begin_at(struct hvt_writer *w, uint64_t tick)
{
	w->head.last_tick = tick;
}

int hvt_writer_add(struct hvt_writer *w, const struct hvt_event *event)
{
	struct hvt_event e = *event;
	int err;

	if (w->error)
		return w->error;

	/* Calls have no tick of their own, and one never goes back. */
	if (e.tick < w->head.last_tick)
		e.tick = w->head.last_tick;
	err = hvt_columns_add(w->columns, &e);
	if (err)
		return err;
	if (!w->head.count++)
		w->head.first_tick = e.tick;
	w->head.last_tick = e.tick;
	w->head.threads |= 1ull << e.thread % 64;
	w->head.exits += e.kind == HVT_EVENT_LEAVE &&
			e.call == HVT_CALL_HV_VCPU_RUN;
	return 0;
}

int hvt_writer_cut(struct hvt_writer *w, uint64_t stall_ns,
		const struct hvt_log_point *point)
{
	struct hvt_payload payload;
	uint64_t offset = w->size;
	struct hvt_head head;
	int err;

	if (w->error || !w->head.count)
		return w->error;
	w->head.stall = stall_ns;
	head = w->head;
	err = hvt_columns_finish(w->columns, point, &payload);
	if (!err)
		err = append(w, HVT_SEGMENT_EVENTS, &payload);
	if (!err)
		err = note(w, &head, offset);
	if (!err && w->leaf.count == HVT_INDEX_INTERVAL)
		err = append_index(w);
	w->error = err;
	return err;
}

int hvt_writer_append(struct hvt_writer *w, enum hvt_segment_type type,
		const void *bytes, size_t size)
{
	if (size > HVT_RAW_MAX)
		return -EFBIG;
	if (!w->error)
		w->error = append_bytes(w, type, bytes, size);
	return w->error;
}

int hvt_writer_sync(struct hvt_writer *w)
{
	return fdatasync(w->fd) ? -errno : 0;
}

static int append_facts(struct hvt_writer *w, const char *ended)
{
	const struct hvt_info fact = { "ended", ended };
	size_t size;
	char *text = hvt_meta_encode_facts(&fact, 1, &size);
	int err = text ? append_bytes(w, HVT_SEGMENT_FACTS, text, size)
		       : -ENOMEM;

	free(text);
	return err;
}

static int append_end(struct hvt_writer *w, const char *ended)
{
	uint8_t *payload;
	size_t size;
	int err = append_index(w);

	if (!err)
		err = append_facts(w, ended);
	if (err)
		return err;
	payload = hvt_index_encode(&w->root, &size);
	err = payload ? append_bytes(w, HVT_SEGMENT_END, payload, size)
		      : -ENOMEM;
	free(payload);
	return err;
}

int hvt_writer_close(struct hvt_writer *w, const char *ended)
{
	int err = ended && !w->error ? append_end(w, ended) : w->error;

	if (close(w->fd) && !err)
		err = -errno;
	w->fd = -1;
	destroy(w);
	return err;
}

void hvt_writer_disown(struct hvt_writer *w)
{
	close(w->fd);
	w->fd = -1;
}
