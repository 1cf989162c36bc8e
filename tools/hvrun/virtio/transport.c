/* SPDX-License-Identifier: MIT */
/* The register file. The threads and their hand-over are in virtio_queue.c. */
#include "transport.h"

#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "virtio_queue.h"
#include "virtio_spec.h"

#define TRANSPORT_VERSION 2u
#define VENDOR_ID	  0x4d565648u /* "HVVM" */

void virtio_init(struct virtio_device *device, const struct virtio_model *model)
{
	unsigned int i;

	device->model = model;
	device->features |= VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC;
	pthread_mutex_init(&device->lock, NULL);
	pthread_cond_init(&device->changed, NULL);
	for (i = 0; i < model->queue_count; i++) {
		device->queues[i].device = device;
		device->queues[i].index = i;
	}
}

/* NULL when the driver has selected one that does not exist. */
static struct virtio_queue *selected(struct virtio_device *device)
{
	return device->queue_sel < device->model->queue_count
		? &device->queues[device->queue_sel]
		: NULL;
}

static uint32_t feature_word(uint64_t features, uint32_t sel)
{
	return sel < 2 ? (uint32_t)(features >> (32 * sel)) : 0;
}

/* See transport.h for why this is all there is to say. */
static uint32_t interrupt_status(const struct virtio_device *device)
{
	uint32_t status = 0;

	if (device->status & VIRTIO_STATUS_DRIVER_OK)
		status |= VIRTIO_INT_USED_RING;
	if (device->config_interrupt)
		status |= VIRTIO_INT_CONFIG;
	return status;
}

static uint32_t read_register(struct virtio_device *device, uint64_t offset)
{
	const struct virtio_queue *queue = selected(device);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC:
		return VIRTIO_MMIO_MAGIC_VALUE;
	case VIRTIO_MMIO_VERSION:
		return TRANSPORT_VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return device->model->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR_ID;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return feature_word(device->features, device->features_sel);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return queue ? VIRTQUEUE_MAX : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return queue && queue->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return interrupt_status(device);
	case VIRTIO_MMIO_STATUS:
		return device->status;
	default:
		/* 4.2.2: of a region that is not there, all ones. */
		return offset >= VIRTIO_MMIO_SHM_LEN_LOW &&
				offset <= VIRTIO_MMIO_SHM_BASE_HIGH
			? UINT32_MAX
			: 0; /* ConfigGeneration too: nothing ever changes */
	}
}

static uint64_t read_config(
	const struct virtio_device *device, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	if (offset < device->config_size) {
		uint64_t left = device->config_size - offset;

		memcpy(&value, device->config + offset,
			size < left ? size : left);
	}
	return value;
}

/* 4.2.2.2: registers are accessed with 32 bits and aligned. */
static bool is_register(uint64_t offset, unsigned int size)
{
	return offset < VIRTIO_MMIO_CONFIG && size == 4 && offset % 4 == 0;
}

uint64_t virtio_read(void *dev, uint64_t offset, unsigned int size)
{
	struct virtio_device *device = dev;
	uint64_t value = 0;

	pthread_mutex_lock(&device->lock);
	if (is_register(offset, size))
		value = read_register(device, offset);
	else if (offset >= VIRTIO_MMIO_CONFIG)
		value = read_config(device, offset - VIRTIO_MMIO_CONFIG, size);
	pthread_mutex_unlock(&device->lock);
	return value;
}

static void set_driver_features(struct virtio_device *device, uint32_t value)
{
	uint32_t sel = device->driver_features_sel;

	if (sel >= 2 || (device->status & VIRTIO_STATUS_FEATURES_OK))
		return;
	device->driver_features &= ~(0xffffffffull << (32 * sel));
	device->driver_features |= (uint64_t)value << (32 * sel);
}

/* 3.1.1: FEATURES_OK stays clear where the device cannot do with them. */
static void set_status(struct virtio_device *device, uint32_t value)
{
	uint32_t new = value &VIRTIO_STATUS_ALL & ~device->status;
	bool is_acceptable = device->driver_features & VIRTIO_F_VERSION_1 &&
		!(device->driver_features & ~device->features);

	if (value == 0) {
		virtio_reset(device);
		return;
	}
	if ((new &VIRTIO_STATUS_FEATURES_OK) && !is_acceptable)
		new &= ~VIRTIO_STATUS_FEATURES_OK;
	if (!((device->status | new) & VIRTIO_STATUS_FEATURES_OK))
		new &= ~VIRTIO_STATUS_DRIVER_OK;
	device->status |= new;
	pthread_cond_broadcast(&device->changed);
}

static void set_low(uint64_t *address, uint32_t value)
{
	*address = (*address & ~0xffffffffull) | value;
}

static void set_high(uint64_t *address, uint32_t value)
{
	*address = (*address & 0xffffffffull) | (uint64_t)value << 32;
}

/* 4.2.2.2: not while the queue is ready. */
static void set_queue(
	struct virtio_queue *queue, uint64_t offset, uint32_t value)
{
	struct virtqueue_config *config = &queue->config;

	if (queue->ready)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		config->size = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
		set_low(&config->desc, value);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_high(&config->desc, value);
		break;
	case VIRTIO_MMIO_QUEUE_DRIVER_LOW:
		set_low(&config->avail, value);
		break;
	case VIRTIO_MMIO_QUEUE_DRIVER_HIGH:
		set_high(&config->avail, value);
		break;
	case VIRTIO_MMIO_QUEUE_DEVICE_LOW:
		set_low(&config->used, value);
		break;
	case VIRTIO_MMIO_QUEUE_DEVICE_HIGH:
		set_high(&config->used, value);
		break;
	default:
		break; /* a register that is only read, or none */
	}
}

static void write_queue(
	struct virtio_device *device, uint64_t offset, uint32_t value)
{
	struct virtio_queue *queue = selected(device);

	if (!queue)
		return;
	if (offset == VIRTIO_MMIO_QUEUE_READY)
		virtio_queue_set_ready(queue, value & 1);
	else
		set_queue(queue, offset, value);
}

static void acknowledge(struct virtio_device *device, uint32_t value)
{
	if (value & VIRTIO_INT_CONFIG)
		device->config_interrupt = false;
	if (value & (VIRTIO_INT_USED_RING | VIRTIO_INT_CONFIG))
		device->line->set(device->line->ctx, device->intid, false);
}

static void write_register(
	struct virtio_device *device, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		device->features_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		set_driver_features(device, value);
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		device->driver_features_sel = value;
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		device->queue_sel = value;
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		if (value < device->model->queue_count)
			virtio_queue_notify(&device->queues[value]);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		acknowledge(device, value);
		break;
	case VIRTIO_MMIO_STATUS:
		set_status(device, value);
		break;
	default:
		write_queue(device, offset, value);
		break;
	}
}

void virtio_write(void *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	struct virtio_device *device = dev;

	if (!is_register(offset, size))
		return; /* no device here has a configuration to be written */
	pthread_mutex_lock(&device->lock);
	write_register(device, offset, (uint32_t)value);
	pthread_mutex_unlock(&device->lock);
}
