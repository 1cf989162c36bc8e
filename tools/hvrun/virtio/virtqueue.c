/* SPDX-License-Identifier: MIT */
/*
 * The split virtqueue. Ring indices are free-running 16-bit counters; memory is
 * shared with vCPUs that run, so that they are read and written atomically:
 * what the driver wrote before it moved its index is seen after the index is.
 */
#include "virtqueue.h"

#include <errno.h>
#include <string.h>

#include "virtio_spec.h"

/* 2.7: alignment of the three areas. */
#define DESC_ALIGN  16u
#define AVAIL_ALIGN 2u
#define USED_ALIGN  4u

/* NULL when it is not aligned or not in RAM. */
static void *area(const struct ram *ram, uint64_t address, uint64_t size,
	unsigned int align)
{
	return address % align ? NULL : ram_at(ram, address, size);
}

int virtqueue_init(struct virtqueue *queue, const struct ram *ram,
	const struct virtqueue_config *config)
{
	uint64_t n = config->size;

	if (!n || n > VIRTQUEUE_MAX || (n & (n - 1)))
		return -EINVAL;
	*queue = (struct virtqueue){
		.ram = ram,
		.size = (uint16_t)n,
		.indirect = config->indirect,
		.desc = area(ram, config->desc, n * sizeof(struct vring_desc),
			DESC_ALIGN),
		.avail = area(ram, config->avail,
			sizeof(struct vring_avail) + n * sizeof(uint16_t),
			AVAIL_ALIGN),
		.used = area(ram, config->used,
			sizeof(struct vring_used) +
				n * sizeof(struct vring_used_elem),
			USED_ALIGN),
	};
	return queue->desc && queue->avail && queue->used ? 0 : -EINVAL;
}

unsigned int virtqueue_pending(const struct virtqueue *queue)
{
	uint16_t idx = __atomic_load_n(&queue->avail->idx, __ATOMIC_ACQUIRE);

	return (uint16_t)(idx - queue->next_avail);
}

/* By two loads, whatever the compiler would make of a plain copy. */
static struct vring_desc copy_desc(const struct vring_desc *from)
{
	uint64_t words[2];
	struct vring_desc desc;

	words[0] = __atomic_load_n(
		(const uint64_t *)(const void *)from, __ATOMIC_RELAXED);
	words[1] = __atomic_load_n(
		(const uint64_t *)(const void *)from + 1, __ATOMIC_RELAXED);
	memcpy(&desc, words, sizeof(desc));
	return desc;
}

static int add_buffer(const struct virtqueue *queue, struct chain *chain,
	const struct vring_desc *desc)
{
	bool is_write = desc->flags & VRING_DESC_WRITE;
	uint32_t *total = is_write ? &chain->to_write : &chain->to_read;
	void *host = ram_at(queue->ram, desc->addr, desc->len);

	if (!desc->len)
		return 0;
	/* 2.7.4.2: what is read comes before what is written. */
	if (!host || (!is_write && chain->to_write) ||
		desc->len > UINT32_MAX - chain->to_read - chain->to_write)
		return -EBADMSG;
	chain->iov[chain->count++] = (struct iovec){ host, desc->len };
	if (!is_write)
		chain->readable = chain->count;
	*total += desc->len;
	return 0;
}

/* A table of descriptors and how many of them there are. */
struct table {
	const struct vring_desc *desc;
	uint32_t size;
};

/* 2.7.5.3: in place of the rest of the chain, once. */
static int enter_indirect(const struct virtqueue *queue,
	const struct vring_desc *desc, struct table *table)
{
	uint32_t size = desc->len / sizeof(*desc);

	if (!queue->indirect || table->desc != queue->desc ||
		(desc->flags & VRING_DESC_NEXT) || desc->len % sizeof(*desc) ||
		!size || size > queue->size || desc->addr % DESC_ALIGN)
		return -EBADMSG;
	table->desc = ram_at(queue->ram, desc->addr, desc->len);
	table->size = size;
	return table->desc ? 0 : -EBADMSG;
}

/*
 * A chain has at most as many buffers as its queue has descriptors (2.7.5.3.1),
 * so that one that goes in a circle is found by counting.
 */
static int walk(const struct virtqueue *queue, struct chain *chain)
{
	struct table table = { queue->desc, queue->size };
	uint32_t at = chain->head;
	unsigned int steps;
	int err;

	for (steps = 0; steps <= queue->size && at < table.size; steps++) {
		struct vring_desc desc = copy_desc(&table.desc[at]);

		if (desc.flags & VRING_DESC_INDIRECT) {
			err = enter_indirect(queue, &desc, &table);
			at = 0;
		} else {
			err = chain->count == queue->size
				? -EBADMSG
				: add_buffer(queue, chain, &desc);
			at = desc.next;
			if (!err && !(desc.flags & VRING_DESC_NEXT))
				return 0;
		}
		if (err)
			return err;
	}
	return -EBADMSG;
}

int virtqueue_pop(struct virtqueue *queue, struct chain *chain)
{
	unsigned int slot = queue->next_avail % queue->size;
	int err;

	chain->head =
		__atomic_load_n(&queue->avail->ring[slot], __ATOMIC_RELAXED);
	chain->count = 0;
	chain->readable = 0;
	chain->read_at = 0;
	chain->to_read = 0;
	chain->to_write = 0;
	chain->written = 0;
	err = walk(queue, chain);
	chain->write_at = chain->readable;
	if (!err)
		queue->next_avail++;
	return err;
}

void virtqueue_unpop(struct virtqueue *queue)
{
	queue->next_avail--;
}

void virtqueue_push(struct virtqueue *queue, const struct chain *chain)
{
	struct vring_used_elem *elem =
		&queue->used->ring[queue->next_used % queue->size];

	elem->id = chain->head;
	elem->len = chain->written;
	__atomic_store_n(
		&queue->used->idx, ++queue->next_used, __ATOMIC_RELEASE);
}

/*
 * The driver sets the flag, or clears it, and then looks at the used index; the
 * index is written first here. A full barrier on both sides, so that one of
 * the two sees what the other did.
 */
bool virtqueue_wants_interrupt(const struct virtqueue *queue)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(__atomic_load_n(&queue->avail->flags, __ATOMIC_RELAXED) &
		VRING_AVAIL_NO_INTERRUPT);
}

/* Takes up to `size` bytes off the front of iov[*at] to iov[end - 1]. */
static void advance(
	struct iovec *iov, unsigned int *at, unsigned int end, size_t size)
{
	while (*at < end && size >= iov[*at].iov_len) {
		size -= iov[*at].iov_len;
		(*at)++;
	}
	if (*at < end) {
		iov[*at].iov_base = (uint8_t *)iov[*at].iov_base + size;
		iov[*at].iov_len -= size;
	}
}

void chain_drop_readable(struct chain *chain, size_t size)
{
	advance(chain->iov, &chain->read_at, chain->readable, size);
	chain->to_read -= (uint32_t)size;
}

void chain_drop_writable(struct chain *chain, size_t size)
{
	advance(chain->iov, &chain->write_at, chain->count, size);
	chain->to_write -= (uint32_t)size;
	chain->written += (uint32_t)size;
}

bool chain_pull(struct chain *chain, void *data, size_t size)
{
	uint8_t *to = data;

	if (size > chain->to_read)
		return false;
	while (size) {
		const struct iovec *from = &chain->iov[chain->read_at];
		size_t n = size < from->iov_len ? size : from->iov_len;

		memcpy(to, from->iov_base, n);
		chain_drop_readable(chain, n);
		to += n;
		size -= n;
	}
	return true;
}

size_t chain_push(struct chain *chain, const void *data, size_t size)
{
	const uint8_t *from = data;
	size_t left;

	if (size > chain->to_write)
		size = chain->to_write;
	for (left = size; left;) {
		const struct iovec *to = &chain->iov[chain->write_at];
		size_t n = left < to->iov_len ? left : to->iov_len;

		memcpy(to->iov_base, from, n);
		chain_drop_writable(chain, n);
		from += n;
		left -= n;
	}
	return size;
}

uint8_t *chain_last(struct chain *chain)
{
	struct iovec *last;

	if (!chain->to_write)
		return NULL;
	last = &chain->iov[chain->count - 1];
	last->iov_len--;
	chain->to_write--;
	chain->written++;
	if (!last->iov_len)
		chain->count--;
	return (uint8_t *)last->iov_base + last->iov_len;
}
