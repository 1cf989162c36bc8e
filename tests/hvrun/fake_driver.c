/* SPDX-License-Identifier: MIT */
/* See fake_driver.h. */
#include "fake_driver.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_line(void *ctx, uint32_t intid, bool level)
{
	struct driver *driver = ctx;

	if (intid != VIRTIO_INTID)
		abort();
	if (level)
		driver->raised++;
	else
		driver->lowered++;
}

void *driver_at(struct driver *driver, uint64_t addr)
{
	return driver->ram.host + (addr - RAM_BASE);
}

void driver_init(struct driver *driver)
{
	unsigned int i;

	memset(driver, 0, sizeof(*driver));
	driver->ram.size = DRIVER_RAM;
	driver->ram.host = aligned_alloc(4096, DRIVER_RAM);
	if (!driver->ram.host)
		abort();
	memset(driver->ram.host, 0, DRIVER_RAM);
	driver->line = (struct virtio_line){ set_line, driver };
	for (i = 0; i < VIRTIO_MAX_QUEUES; i++) {
		struct driver_queue *queue = &driver->queues[i];
		uint64_t at = RAM_BASE + 0x4000 * i;

		queue->config = (struct virtqueue_config){
			.size = DRIVER_QUEUE,
			.desc = at,
			.avail = at + 0x1000,
			.used = at + 0x2000,
			.indirect = true,
		};
		queue->desc = driver_at(driver, at);
		queue->avail = driver_at(driver, at + 0x1000);
		queue->used = driver_at(driver, at + 0x2000);
	}
}

void driver_fini(struct driver *driver)
{
	free(driver->ram.host);
}

uint16_t driver_chain(struct driver_queue *queue,
	const struct driver_buffer *buffers, unsigned int count)
{
	uint16_t head = queue->next_desc % DRIVER_QUEUE;
	unsigned int i;

	for (i = 0; i < count; i++) {
		uint16_t at = queue->next_desc++ % DRIVER_QUEUE;
		bool is_last = i + 1 == count;

		queue->desc[at] = (struct vring_desc){
			.addr = buffers[i].addr,
			.len = buffers[i].len,
			.flags = (uint16_t)((is_last ? 0 : VRING_DESC_NEXT) |
				(buffers[i].is_write ? VRING_DESC_WRITE : 0)),
			.next = queue->next_desc % DRIVER_QUEUE,
		};
	}
	return head;
}

void driver_offer(struct driver_queue *queue, uint16_t head)
{
	uint16_t idx = queue->avail->idx;

	queue->avail->ring[idx % DRIVER_QUEUE] = head;
	__atomic_store_n(
		&queue->avail->idx, (uint16_t)(idx + 1), __ATOMIC_RELEASE);
}

uint32_t driver_get(struct driver *driver, uint64_t offset)
{
	return (uint32_t)virtio_read(driver->device, offset, 4);
}

void driver_set(struct driver *driver, uint64_t offset, uint32_t value)
{
	virtio_write(driver->device, offset, 4, value);
}

uint32_t driver_negotiate(struct driver *driver, uint64_t features)
{
	driver_set(driver, VIRTIO_MMIO_STATUS, 0);
	driver_set(driver, VIRTIO_MMIO_STATUS, 1);
	driver_set(driver, VIRTIO_MMIO_STATUS, 3);
	driver_set(driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_set(driver, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)features);
	driver_set(driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	driver_set(driver, VIRTIO_MMIO_DRIVER_FEATURES,
		(uint32_t)(features >> 32));
	driver_set(driver, VIRTIO_MMIO_STATUS, 11);
	return driver_get(driver, VIRTIO_MMIO_STATUS);
}

void driver_set_up_queue(struct driver *driver, unsigned int index)
{
	const struct virtqueue_config *config = &driver->queues[index].config;
	const struct {
		uint64_t offset;
		uint64_t value;
	} areas[] = {
		{ VIRTIO_MMIO_QUEUE_DESC_LOW, config->desc },
		{ VIRTIO_MMIO_QUEUE_DRIVER_LOW, config->avail },
		{ VIRTIO_MMIO_QUEUE_DEVICE_LOW, config->used },
	};
	unsigned int i;

	driver_set(driver, VIRTIO_MMIO_QUEUE_SEL, index);
	driver_set(driver, VIRTIO_MMIO_QUEUE_NUM, config->size);
	for (i = 0; i < 3; i++) {
		driver_set(driver, areas[i].offset, (uint32_t)areas[i].value);
		driver_set(driver, areas[i].offset + 4,
			(uint32_t)(areas[i].value >> 32));
	}
	driver_set(driver, VIRTIO_MMIO_QUEUE_READY, 1);
}

void driver_bring_up(struct driver *driver)
{
	unsigned int i;

	driver_negotiate(driver, driver->device->features);
	for (i = 0; i < driver->device->model->queue_count; i++)
		driver_set_up_queue(driver, i);
	driver_set(driver, VIRTIO_MMIO_STATUS, 15);
}

void driver_begin(struct driver *driver, struct virtio_device *device)
{
	driver_init(driver);
	driver->device = device;
	if (virtio_start(device, &driver->ram, &driver->line, VIRTIO_INTID))
		abort();
	driver_bring_up(driver);
}

void driver_notify(struct driver *driver, unsigned int index)
{
	driver_set(driver, VIRTIO_MMIO_QUEUE_NOTIFY, index);
}

void driver_await_used(struct driver_queue *queue, uint16_t count)
{
	const uint16_t *idx = &queue->used->idx;

	/* The counter goes around; it may be past the count already. */
	while ((int16_t)(__atomic_load_n(idx, __ATOMIC_ACQUIRE) - count) < 0)
		usleep(100);
}
