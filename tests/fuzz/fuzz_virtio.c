/* SPDX-License-Identifier: MIT */
/*
 * A hostile guest before hvrun's virtio devices: the input is the guest's RAM,
 * rings and buffers, with a byte before it that says which device looks at it:
 * 0: the disk, 1: random numbers, 2: the console, 3: the network. Each is
 * brought up by the rules, notified twice for each queue, given input, reset,
 * and ended.
 *
 * Where things are: 16 descriptors at 0, the available ring at 0x100, the used
 * ring at 0x140, buffers from 0x200 on; the second queue 0x1000 further.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "machine_map.h"
#include "virtio/block.h"
#include "virtio/hvc.h"
#include "virtio/net.h"
#include "virtio/rng.h"
#include "virtio/transport.h"
#include "virtio/virtio_spec.h"

#define RAM	0x4000u
#define SECTORS 8u

static int wire; /* the far end of the network, or -1 */

static void close_backend(struct net_backend *backend)
{
	close(backend->fd);
	close(wire);
}

static struct virtio_device *make_disk(void)
{
	char path[] = "/tmp/fuzz-virtio-XXXXXX";
	int fd = mkstemp(path);
	struct virtio_device *device;

	NEED(fd >= 0 && !ftruncate(fd, SECTORS * 512));
	close(fd);
	device = block_create(path, false, 0);
	unlink(path);
	return device;
}

static struct virtio_device *make_net(void)
{
	static struct net_backend backend;
	int fds[2];

	NEED(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	backend = (struct net_backend){ fds[0], close_backend };
	wire = fds[1];
	return net_create(&backend);
}

static struct virtio_device *make(uint8_t which)
{
	wire = -1;
	switch (which % 4) {
	case 0:
		return make_disk();
	case 1:
		return rng_create(true, 1);
	case 2:
		return hvc_create("file:/dev/null", NULL, NULL);
	default:
		return make_net();
	}
}

static void set(struct virtio_device *device, uint64_t offset, uint64_t value)
{
	virtio_write(device, offset, 4, (uint32_t)value);
}

static void bring_up(struct virtio_device *device)
{
	unsigned int i;

	set(device, VIRTIO_MMIO_STATUS, 3);
	for (i = 0; i < 2; i++) {
		set(device, VIRTIO_MMIO_DRIVER_FEATURES_SEL, i);
		set(device, VIRTIO_MMIO_DRIVER_FEATURES,
			device->features >> (32 * i));
	}
	set(device, VIRTIO_MMIO_STATUS, 11);
	for (i = 0; i < device->model->queue_count; i++) {
		uint64_t at = RAM_BASE + 0x1000 * i;

		set(device, VIRTIO_MMIO_QUEUE_SEL, i);
		set(device, VIRTIO_MMIO_QUEUE_NUM, 16);
		set(device, VIRTIO_MMIO_QUEUE_DESC_LOW, at);
		set(device, VIRTIO_MMIO_QUEUE_DRIVER_LOW, at + 0x100);
		set(device, VIRTIO_MMIO_QUEUE_DEVICE_LOW, at + 0x140);
		set(device, VIRTIO_MMIO_QUEUE_READY, 1);
		NEED(virtio_read(device, VIRTIO_MMIO_QUEUE_READY, 4) == 1);
	}
	set(device, VIRTIO_MMIO_STATUS, 15);
	NEED((virtio_read(device, VIRTIO_MMIO_STATUS, 4) & 15) == 15);
}

static void attack(struct virtio_device *device)
{
	unsigned int i;

	bring_up(device);
	for (i = 0; i < 4; i++) {
		if (wire >= 0)
			(void)send(wire, "a frame of some size", 20, 0);
		set(device, VIRTIO_MMIO_QUEUE_NOTIFY, i / 2);
	}
	set(device, VIRTIO_MMIO_STATUS, 0);
	NEED(virtio_read(device, VIRTIO_MMIO_STATUS, 4) == 0);
}

static void set_line(void *ctx, uint32_t intid, bool level)
{
	(void)ctx;
	(void)level;
	NEED(intid == VIRTIO_INTID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct virtio_line line = { .set = set_line };
	struct ram ram = { .size = RAM };
	struct virtio_device *device;

	if (!size)
		return 0;
	/* Of the exact size, so that the sanitizer sees what lies outside. */
	ram.host = aligned_alloc(4096, RAM);
	NEED(ram.host);
	memset(ram.host, 0, RAM);
	memcpy(ram.host, data + 1, size - 1 < RAM ? size - 1 : RAM);
	device = make(data[0]);
	NEED(device && !virtio_start(device, &ram, &line, VIRTIO_INTID));
	attack(device);
	virtio_stop(device);
	free(ram.host);
	return 0;
}
