/* SPDX-License-Identifier: MIT */
/* Which devices there are, at which address and line. */
#include "peripherals.h"

#include <Hypervisor/Hypervisor.h>
#include <errno.h>
#include <string.h>

#include "bus.h"
#include "hv_error.h"
#include "options.h"
#include "virtio/block.h"
#include "virtio/hvc.h"
#include "virtio/net.h"
#include "virtio/net_tap.h"
#include "virtio/net_user.h"
#include "virtio/rng.h"

static void set_line(void *ctx, uint32_t intid, bool level)
{
	struct peripherals *peripherals = ctx;
	hv_return_t ret = hv_gic_set_spi(intid, level);

	if (ret == HV_SUCCESS)
		return;
	hv_error_report("hv_gic_set_spi", ret);
	peripherals->failed = true;
	peripherals->ops->fail(peripherals->ctx);
}

/* `device` is NULL where it could not be made. */
static int add(struct peripherals *peripherals, struct virtio_device *device)
{
	if (!device)
		return -1;
	peripherals->devices[peripherals->count++] = device;
	return 0;
}

static struct virtio_device *create_net(const struct net_option *option)
{
	struct net_backend *backend = option->user
		? net_user_create(option->tftp)
		: net_tap_create(option->tap);

	return backend ? net_create(backend) : NULL;
}

static void quit(void *ctx)
{
	const struct peripherals *peripherals = ctx;

	peripherals->ops->quit(peripherals->ctx);
}

static const struct hvc_ops hvc_ops = {
	.quit = quit,
};

int peripherals_open(struct peripherals *peripherals,
	const struct options *options, const struct peripherals_ops *ops,
	void *ctx)
{
	unsigned int i;
	int err = 0;

	memset(peripherals, 0, sizeof(*peripherals));
	peripherals->ops = ops;
	peripherals->ctx = ctx;
	for (i = 0; !err && i < options->disk_count; i++) {
		const struct disk_option *disk = &options->disks[i];

		err = add(peripherals,
			block_create(disk->path, disk->read_only, i));
	}
	if (!err && (options->net.user || options->net.tap))
		err = add(peripherals, create_net(&options->net));
	if (!err && options->hvc)
		err = add(peripherals,
			hvc_create(options->hvc, &hvc_ops, peripherals));
	if (!err && options->has_rng)
		err = add(peripherals,
			rng_create(options->rng_is_seeded, options->rng_seed));
	return err;
}

int peripherals_attach(struct peripherals *peripherals, struct bus *bus)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < peripherals->count; i++) {
		const struct bus_device place = { virtio_base(i), VIRTIO_SIZE,
			virtio_read, virtio_write, peripherals->devices[i] };

		err = bus_add(bus, &place);
	}
	return err;
}

int peripherals_start(struct peripherals *peripherals, const struct ram *ram)
{
	unsigned int i;
	int err = 0;

	peripherals->line = (struct virtio_line){ set_line, peripherals };
	for (i = 0; !err && i < peripherals->count; i++)
		err = virtio_start(peripherals->devices[i], ram,
			&peripherals->line, virtio_intid(i));
	return !err && peripherals->failed ? -EIO : err;
}

void peripherals_close(struct peripherals *peripherals)
{
	unsigned int i;

	for (i = 0; i < peripherals->count; i++)
		virtio_stop(peripherals->devices[i]);
	peripherals->count = 0;
}
