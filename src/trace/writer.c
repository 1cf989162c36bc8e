/* SPDX-License-Identifier: MIT */
/*
 * Blocks to the file. A block is built whole in memory and written with as few
 * calls as the kernel allows, so that what a killed recorder leaves behind
 * ends in at most one partial block.
 */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "format.h"

#define LEVEL 1 /* higher levels gain a few per cent and cost several times */

struct hvt_writer {
	int fd;
	off_t size; /* bytes of whole blocks in the file */
	ZSTD_CCtx *zstd;
	uint8_t *block;
	size_t capacity;
};

static int write_all(int fd, const uint8_t *p, size_t size)
{
	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Appends size bytes, all or nothing as far as the file system lets us. */
static int append(struct hvt_writer *w, const uint8_t *p, size_t size)
{
	int err = write_all(w->fd, p, size);

	if (err) {
		if (ftruncate(w->fd, w->size) == 0)
			(void)lseek(w->fd, w->size, SEEK_SET);
		return err;
	}
	w->size += (off_t)size;
	return 0;
}

static int reserve(struct hvt_writer *w, size_t size)
{
	uint8_t *p;

	if (size <= w->capacity)
		return 0;
	p = realloc(w->block, size);
	if (!p)
		return -ENOMEM;
	w->block = p;
	w->capacity = size;
	return 0;
}

static size_t facts_size(const struct hvt_info *facts, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += strlen(facts[i].key) + strlen(facts[i].value) + 2;
	return size;
}

static int write_header(struct hvt_writer *w, const struct hvt_info *facts,
		size_t count)
{
	size_t size = facts_size(facts, count);
	XXH3_state_t *hash;
	uint8_t *p;
	int err;

	if (size > HVT_FACTS_MAX)
		return -E2BIG;
	err = reserve(w, HVT_HEADER_SIZE + size);
	if (err)
		return err;
	memcpy(w->block, HVT_HEADER_MAGIC, 8);
	hvt_put32(w->block + 8, HVT_FORMAT_VERSION);
	hvt_put32(w->block + 12, (uint32_t)size);
	p = w->block + HVT_HEADER_SIZE;
	for (size_t i = 0; i < count; i++) {
		p = (uint8_t *)stpcpy((char *)p, facts[i].key) + 1;
		p = (uint8_t *)stpcpy((char *)p, facts[i].value) + 1;
	}
	hash = XXH3_createState();
	if (!hash)
		return -ENOMEM;
	XXH3_64bits_reset(hash);
	XXH3_64bits_update(hash, w->block, 16);
	XXH3_64bits_update(hash, w->block + HVT_HEADER_SIZE, size);
	hvt_put64(w->block + 16, XXH3_64bits_digest(hash));
	XXH3_freeState(hash);
	return append(w, w->block, HVT_HEADER_SIZE + size);
}

int hvt_writer_open(struct hvt_writer **writer, const char *path,
		const struct hvt_info *facts, size_t count)
{
	struct hvt_writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (w->fd < 0) {
		err = -errno;
		goto err_free;
	}
	w->zstd = ZSTD_createCCtx();
	if (!w->zstd) {
		err = -ENOMEM;
		goto err_close;
	}
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL);
	err = write_header(w, facts, count);
	if (err)
		goto err_zstd;
	*writer = w;
	return 0;

err_zstd:
	ZSTD_freeCCtx(w->zstd);
err_close:
	close(w->fd);
err_free:
	free(w->block);
	free(w);
	return err;
}

/* Fills the header of the block whose payload is in place, and writes it. */
static int seal(struct hvt_writer *w, uint32_t magic, size_t raw, size_t packed,
		uint32_t count, uint64_t first)
{
	uint8_t *b = w->block;
	XXH64_hash_t hash;

	hvt_put32(b, magic);
	hvt_put32(b + 4, (uint32_t)raw);
	hvt_put32(b + 8, (uint32_t)packed);
	hvt_put32(b + 12, count);
	hvt_put64(b + 16, first);
	/* Seeding with the hash of the head covers both without a copy. */
	hash = XXH3_64bits_withSeed(
			b + HVT_BLOCK_SIZE, packed, XXH3_64bits(b, 24));
	hvt_put64(b + 24, hash);
	return append(w, b, HVT_BLOCK_SIZE + packed);
}

int hvt_writer_block(struct hvt_writer *w, const uint8_t *raw, size_t size,
		uint32_t count, uint64_t first)
{
	size_t bound = ZSTD_compressBound(size), packed;
	int err = reserve(w, HVT_BLOCK_SIZE + bound);

	if (err)
		return err;
	packed = ZSTD_compress2(
			w->zstd, w->block + HVT_BLOCK_SIZE, bound, raw, size);
	if (ZSTD_isError(packed))
		return -ENOMEM;
	return seal(w, HVT_BLOCK_MAGIC, size, packed, count, first);
}

int hvt_writer_close(struct hvt_writer *w, bool end, uint64_t first)
{
	int err = end ? reserve(w, HVT_BLOCK_SIZE) : 0;

	if (end && !err)
		err = seal(w, HVT_END_MAGIC, 0, 0, 0, first);
	if (close(w->fd) && !err)
		err = -errno;
	ZSTD_freeCCtx(w->zstd);
	free(w->block);
	free(w);
	return err;
}

void hvt_writer_disown(struct hvt_writer *w)
{
	close(w->fd);
	w->fd = -1;
}
