/* SPDX-License-Identifier: MIT */
/*
 * Requests are carried out one after the other by the queue's thread, with
 * readv() and writev() of the file straight from and to guest RAM.
 */
#include "block.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport.h"
#include "virtio_spec.h"

#define SECTOR_SIZE 512u

/* 5.2.3 */
#define VIRTIO_BLK_F_SEG_MAX (1ull << 2)
#define VIRTIO_BLK_F_RO	     (1ull << 5)
#define VIRTIO_BLK_F_FLUSH   (1ull << 9)

/* 5.2.6 */
enum {
	VIRTIO_BLK_T_IN = 0,
	VIRTIO_BLK_T_OUT = 1,
	VIRTIO_BLK_T_FLUSH = 4,
	VIRTIO_BLK_T_GET_ID = 8,
};

enum { VIRTIO_BLK_S_OK = 0, VIRTIO_BLK_S_IOERR = 1, VIRTIO_BLK_S_UNSUPP = 2 };

#define ID_SIZE 20u

struct request_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

/* The start of 5.2.4; the guest reads 0 for what follows. */
struct block_config {
	uint64_t capacity; /* in sectors */
	uint32_t size_max;
	uint32_t seg_max;
};

struct block {
	struct virtio_device device;
	struct block_config config;
	int fd;
	bool read_only;
	char id[ID_SIZE + 1];
};

typedef ssize_t transfer_fn(
	int fd, const struct iovec *iov, int count, off_t at);

/* The data of a request lies within the disk and is whole sectors. */
static bool is_on_disk(
	const struct block *block, uint64_t sector, uint32_t size)
{
	uint64_t capacity = block->config.capacity;

	return size % SECTOR_SIZE == 0 && sector <= capacity &&
		size / SECTOR_SIZE <= capacity - sector;
}

/*
 * `iov` is the chain's, from where it is to be carried on; a file may give or
 * take less than was asked for.
 */
static int transfer_once(const struct block *block, transfer_fn *transfer,
	struct chain *chain, uint64_t at)
{
	bool is_write = transfer == pwritev;
	unsigned int from = is_write ? chain->read_at : chain->write_at;
	unsigned int end = is_write ? chain->readable : chain->count;
	ssize_t n;

	do {
		n = transfer(block->fd, &chain->iov[from], (int)(end - from),
			(off_t)at);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -EIO;
	if (is_write)
		chain_drop_readable(chain, (size_t)n);
	else
		chain_drop_writable(chain, (size_t)n);
	return (int)n;
}

static uint8_t transfer_all(const struct block *block, transfer_fn *transfer,
	struct chain *chain, uint64_t sector)
{
	const uint32_t *left =
		transfer == pwritev ? &chain->to_read : &chain->to_write;
	uint64_t at = sector * SECTOR_SIZE;

	if (!is_on_disk(block, sector, *left))
		return VIRTIO_BLK_S_IOERR;
	while (*left) {
		int n = transfer_once(block, transfer, chain, at);

		if (n < 0) {
			fprintf(stderr, "hvrun: disk %s: %s at byte %llu: %s\n",
				block->id,
				transfer == pwritev ? "write" : "read",
				(unsigned long long)at, strerror(-n));
			return VIRTIO_BLK_S_IOERR;
		}
		at += (uint64_t)n;
	}
	return VIRTIO_BLK_S_OK;
}

static uint8_t flush(const struct block *block)
{
	if (block->read_only || fsync(block->fd) == 0)
		return VIRTIO_BLK_S_OK;
	fprintf(stderr, "hvrun: disk %s: flush: %s\n", block->id,
		strerror(errno));
	return VIRTIO_BLK_S_IOERR;
}

/* 5.2.6.2: without FLUSH a write is done when it is on the disk. */
static uint8_t write_sectors(
	const struct block *block, struct chain *chain, uint64_t sector)
{
	uint8_t status;

	if (block->read_only)
		return VIRTIO_BLK_S_IOERR;
	status = transfer_all(block, pwritev, chain, sector);
	if (status == VIRTIO_BLK_S_OK &&
		!virtio_has_feature(&block->device, VIRTIO_BLK_F_FLUSH))
		status = flush(block);
	return status;
}

static uint8_t perform(struct block *block, struct chain *chain)
{
	struct request_header header;

	if (!chain_pull(chain, &header, sizeof(header)))
		return VIRTIO_BLK_S_IOERR;
	switch (header.type) {
	case VIRTIO_BLK_T_IN:
		return transfer_all(block, preadv, chain, header.sector);
	case VIRTIO_BLK_T_OUT:
		return write_sectors(block, chain, header.sector);
	case VIRTIO_BLK_T_FLUSH:
		return flush(block);
	case VIRTIO_BLK_T_GET_ID:
		return chain_push(chain, block->id, ID_SIZE) == ID_SIZE
			? VIRTIO_BLK_S_OK
			: VIRTIO_BLK_S_IOERR;
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

/* A request without room for its status cannot be answered. */
static void handle(struct virtio_queue *queue, struct chain *chain)
{
	uint8_t *status = chain_last(chain);

	if (status)
		*status = perform((struct block *)queue->device, chain);
}

static void run(struct virtio_queue *queue)
{
	while (virtio_queue_wait(queue)) {
		virtio_queue_serve(queue, handle);
		virtio_queue_leave(queue);
	}
}

static void close_disk(struct virtio_device *device)
{
	struct block *block = (struct block *)device;

	close(block->fd);
	free(block);
}

static const struct virtio_model model = {
	.name = "block device",
	.id = VIRTIO_ID_BLOCK,
	.queue_count = 1,
	.run = run,
	.close = close_disk,
};

static int refuse(const char *path, const char *why)
{
	fprintf(stderr, "hvrun: disk %s: %s\n", path, why);
	return -1;
}

/* The descriptor, or -1 with a message. */
static int open_disk(const char *path, bool read_only, uint64_t *size)
{
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	struct stat st;
	off_t end;

	if (fd < 0) {
		bool may_help = !read_only &&
			(errno == EACCES || errno == EROFS || errno == EPERM);

		fprintf(stderr, "hvrun: disk %s: cannot open: %s%s\n", path,
			strerror(errno),
			may_help ? "; ',ro' after its name opens it for "
				   "reading only"
				 : "");
		return -1;
	}
	end = fstat(fd, &st) ? -1 : lseek(fd, 0, SEEK_END);
	if (end < 0 || (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))) {
		close(fd);
		return refuse(path, "not a file or a block device");
	}
	if (end == 0 || end % SECTOR_SIZE) {
		close(fd);
		return refuse(path,
			end ? "its size is not a multiple of 512 bytes"
			    : "it is empty: give it a size first "
			      "(truncate -s 64M FILE)");
	}
	*size = (uint64_t)end;
	return fd;
}

struct virtio_device *block_create(
	const char *path, bool read_only, unsigned int number)
{
	struct block *block = calloc(1, sizeof(*block));
	uint64_t size = 0;

	if (!block) {
		refuse(path, "out of memory");
		return NULL;
	}
	block->fd = open_disk(path, read_only, &size);
	if (block->fd < 0) {
		free(block);
		return NULL;
	}
	block->read_only = read_only;
	block->config.capacity = size / SECTOR_SIZE;
	/* Header and status take a descriptor each. */
	block->config.seg_max = VIRTQUEUE_MAX - 2;
	snprintf(block->id, sizeof(block->id), "hvrun-disk-%u", number);
	block->device.config = (const uint8_t *)&block->config;
	block->device.config_size = sizeof(block->config);
	block->device.features = VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_FLUSH |
		(read_only ? VIRTIO_BLK_F_RO : 0);
	virtio_init(&block->device, &model);
	return &block->device;
}
