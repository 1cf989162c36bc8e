/* SPDX-License-Identifier: MIT */
#include "net_follow.h"

#include <string.h>

#include "syndrome.h"
#include "virtio/virtio_spec.h"

#define REGISTERS 0x200u /* the least that devices are apart */

#define NET_CONFIG_PAIRS (VIRTIO_MMIO_CONFIG + 8) /* 5.1.4 */
#define NET_HEADER	 12u			  /* 5.1.6, with version 1 */
#define NUM_BUFFERS	 10u			  /* in that */

#define NET_F_MRG_RXBUF (1ull << 15)
#define NET_F_MQ	(1ull << 22)
#define F_RING_PACKED	(1ull << 34)

#define QUEUE_SIZE_MAX 32768u /* 2.7 */

/*
 * Descriptors that are read at a time, of all queues: as many as these have, and
 * buffers may have tables of their own, but all of a ring may lead to the same one.
 */
#define BUDGET_MAX 131072u

static struct net_device *device_at(struct net_follow *n, uint64_t ipa)
{
	for (unsigned i = 0; i < n->count; i++)
		if (ipa - n->devices[i].base < REGISTERS)
			return &n->devices[i];
	return NULL;
}

/* A guest looks for the magic value before all else. */
static void find_device(struct net_follow *n, const struct exit *exit)
{
	if (exit->class == EXIT_MMIO_READ &&
			(uint32_t)exit->value == VIRTIO_MMIO_MAGIC_VALUE &&
			n->count < NET_DEVICES_MAX)
		n->devices[n->count++].base = exit->ipa;
}

static void on_read(struct net_device *d, uint64_t reg, uint32_t value)
{
	if (reg == VIRTIO_MMIO_VERSION)
		d->version = value;
	else if (reg == VIRTIO_MMIO_DEVICE_ID)
		d->is_net = value == VIRTIO_ID_NET;
	else if (reg == NET_CONFIG_PAIRS)
		d->pairs = (uint16_t)value;
}

static void set_half(uint64_t *whole, bool high, uint32_t value)
{
	unsigned shift = high ? 32 : 0;

	*whole = (*whole & ~(0xffffffffull << shift)) | (uint64_t)value << shift;
}

static bool read_index(const struct net_queue *q, const struct net_memory *m,
		uint16_t *index)
{
	return !m->read(m->context, q->used + 2, index, sizeof(*index));
}

/* The driver made the index 0 (2.7.8), which the VMM has still to see. */
static void begin_queue(struct net_queue *q, const struct net_memory *m)
{
	q->seen = 0;
	if (!q->ready || !read_index(q, m, &q->stale))
		q->stale = 0;
}

static void write_queue(struct net_queue *q, uint64_t reg, uint32_t value,
		const struct net_memory *m)
{
	switch (reg) {
	case VIRTIO_MMIO_QUEUE_NUM:
		q->size = value <= QUEUE_SIZE_MAX ? (uint16_t)value : 0;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		q->ready = value & 1;
		begin_queue(q, m);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&q->desc, reg == VIRTIO_MMIO_QUEUE_DESC_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_DEVICE_LOW:
	case VIRTIO_MMIO_QUEUE_DEVICE_HIGH:
		set_half(&q->used, reg == VIRTIO_MMIO_QUEUE_DEVICE_HIGH, value);
		break;
	default:
		break;
	}
}

static void on_write(struct net_device *d, uint64_t reg, uint32_t value,
		const struct net_memory *m)
{
	switch (reg) {
	case VIRTIO_MMIO_QUEUE_SEL:
		d->selected = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		d->feature_word = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (d->feature_word <= 1)
			set_half(&d->features, d->feature_word, value);
		break;
	case VIRTIO_MMIO_STATUS:
		if (!value) {
			memset(d->queues, 0, sizeof(d->queues));
			d->features = 0;
		}
		break;
	default:
		if (d->selected < NET_QUEUES_MAX)
			write_queue(&d->queues[d->selected], reg, value, m);
	}
}

/* VMMs ask for no register where the guest stored the zero register. */
static bool has_value(const struct exit *exit)
{
	struct data_abort abort;

	return exit->has_value || (exit->class == EXIT_MMIO_WRITE &&
			syndrome_data_abort(exit->syndrome, &abort) ==
					ABORT_ACCESS &&
			abort.rt == SYNDROME_RT_ZERO);
}

void net_follow_exit(struct net_follow *n, const struct exit *exit,
		const struct net_memory *memory)
{
	struct net_device *d = device_at(n, exit->ipa);

	if (!has_value(exit))
		return;
	if (!d)
		find_device(n, exit);
	else if (exit->class == EXIT_MMIO_READ)
		on_read(d, exit->ipa - d->base, (uint32_t)exit->value);
	else if (exit->class == EXIT_MMIO_WRITE)
		on_write(d, exit->ipa - d->base, (uint32_t)exit->value, memory);
}

/* A chain as bytes: those that the device reads, or those that it wrote. */
struct chain {
	const struct net_memory *memory;
	uint64_t table;
	uint32_t size; /* of the table */
	bool written, indirect;
	uint8_t *bytes;
	size_t room, got;
	unsigned *budget;
};

/* False: there is no more to be had. */
static bool take_buffer(struct chain *c, const struct vring_desc *desc)
{
	size_t size = desc->len < c->room - c->got ? desc->len : c->room - c->got;

	if (!(desc->flags & VRING_DESC_WRITE) == c->written)
		return true;
	if (c->memory->read(c->memory->context, desc->addr, c->bytes + c->got,
			    size))
		return false;
	c->got += size;
	return true;
}

/* 2.7.5.3: the last descriptor of a chain may name a table with more of it. */
static bool enter_table(struct chain *c, const struct vring_desc *desc)
{
	if (c->indirect || desc->len / sizeof(*desc) > QUEUE_SIZE_MAX)
		return false;
	c->indirect = true;
	c->table = desc->addr;
	c->size = desc->len / sizeof(*desc);
	return true;
}

/* False: it ends nowhere, or where nothing can be read. */
static bool take_chain(struct chain *c, uint32_t head)
{
	struct vring_desc desc = { .next = (uint16_t)head,
		.flags = VRING_DESC_NEXT };
	uint32_t steps = 0;

	/* A chain has no more descriptors than its table. */
	while (desc.flags & VRING_DESC_NEXT && steps++ < c->size) {
		if (!*c->budget || desc.next >= c->size ||
				c->memory->read(c->memory->context,
				c->table + desc.next * sizeof(desc), &desc,
				sizeof(desc)))
			return false;
		--*c->budget;
		if (!(desc.flags & VRING_DESC_INDIRECT)) {
			if (!take_buffer(c, &desc))
				return false;
			continue;
		}
		if (!enter_table(c, &desc))
			return false;
		desc = (struct vring_desc){ .flags = VRING_DESC_NEXT };
		steps = 0;
	}
	return !(desc.flags & VRING_DESC_NEXT);
}

static bool read_used(const struct net_queue *q, const struct net_memory *m,
		uint16_t at, struct vring_used_elem *elem)
{
	return !m->read(m->context,
			q->used + 4 + at % q->size * sizeof(*elem), elem,
			sizeof(*elem));
}

/*
 * Adds what the used element at has to the frame, behind header bytes of it that
 * come first there. False: it cannot be had.
 */
static bool add_element(struct net_follow *n, const struct net_queue *q,
		const struct net_memory *m, uint16_t at, bool sent, size_t *size)
{
	struct chain c = { .memory = m, .table = q->desc, .size = q->size,
		.written = !sent, .bytes = n->frame + *size,
		.room = NET_FRAME_MAX - *size, .budget = &n->budget };
	struct vring_used_elem elem;

	if (!read_used(q, m, at, &elem) || elem.id >= q->size)
		return false;
	/* A device says how much it wrote; it read all. */
	if (!sent && elem.len < c.room)
		c.room = elem.len;
	if (!take_chain(&c, elem.id) && c.got < c.room)
		return false;
	*size += c.got;
	return true;
}

/* How many buffers a received frame is in. */
static uint16_t buffers_of(const struct net_follow *n,
		const struct net_device *d, size_t size)
{
	if (!(d->features & NET_F_MRG_RXBUF) || size < NET_HEADER)
		return 1;
	return (uint16_t)(n->frame[NUM_BUFFERS] |
			n->frame[NUM_BUFFERS + 1] << 8);
}

/* One frame from the element at; returns how many elements it is in. */
static uint16_t take_frame(struct net_follow *n, const struct net_device *d,
		unsigned queue, const struct net_memory *m, uint16_t left,
		struct net_frame *frame)
{
	const struct net_queue *q = &d->queues[queue];
	size_t size = 0;
	bool ok = add_element(n, q, m, q->seen, frame->sent, &size);
	uint16_t count = frame->sent || !ok ? 1 : buffers_of(n, d, size);

	if (!count || count > left)
		count = 1;
	for (uint16_t i = 1; i < count && ok; i++)
		ok = add_element(n, q, m, (uint16_t)(q->seen + i), false, &size);
	ok = ok && size > NET_HEADER;
	frame->bytes = n->frame + NET_HEADER;
	frame->size = ok ? size - NET_HEADER : 0;
	return count;
}

static void follow_queue(struct net_follow *n, struct net_device *d,
		unsigned queue, const struct net_memory *m,
		struct net_frame *frame,
		void (*got)(const struct net_frame *frame, void *context),
		void *context)
{
	struct net_queue *q = &d->queues[queue];
	uint16_t index, left;

	if (!q->ready || !q->size || !read_index(q, m, &index))
		return;
	if (q->stale && index == q->stale)
		return;
	q->stale = 0;
	left = (uint16_t)(index - q->seen);
	/* More than the ring holds were overwritten, or never were. */
	if (left > q->size) {
		n->lost++;
		q->seen = index;
		return;
	}
	while (left) {
		uint16_t count = take_frame(n, d, queue, m, left, frame);

		q->seen = (uint16_t)(q->seen + count);
		left = (uint16_t)(left - count);
		if (frame->size)
			got(frame, context);
		else
			n->lost++;
	}
}

/* Pairs of queues that have frames; the queue behind them is for control. */
static unsigned pairs_of(const struct net_device *d)
{
	unsigned pairs = d->features & NET_F_MQ && d->pairs ? d->pairs : 1;

	return pairs < NET_QUEUES_MAX / 2 ? pairs : NET_QUEUES_MAX / 2;
}

static bool is_known(const struct net_device *d)
{
	return d->version >= 2 && !(d->features & F_RING_PACKED);
}

void net_follow_rings(struct net_follow *n, const struct net_memory *memory,
		void (*got)(const struct net_frame *frame, void *context),
		void *context)
{
	struct net_frame frame = { 0 };

	n->budget = BUDGET_MAX;
	for (unsigned i = 0; i < n->count; i++) {
		struct net_device *d = &n->devices[i];

		if (!d->is_net)
			continue;
		frame.device = d->base;
		/* What it answers comes after what was asked. */
		for (unsigned pair = 0; pair < pairs_of(d) && is_known(d); pair++) {
			frame.sent = true;
			follow_queue(n, d, 2 * pair + 1, memory, &frame, got,
					context);
			frame.sent = false;
			follow_queue(n, d, 2 * pair, memory, &frame, got, context);
		}
	}
}

unsigned net_follow_unknown(const struct net_follow *n)
{
	unsigned unknown = 0;

	for (unsigned i = 0; i < n->count; i++)
		unknown += n->devices[i].is_net && !is_known(&n->devices[i]);
	return unknown;
}
