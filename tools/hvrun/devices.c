/* SPDX-License-Identifier: MIT */
/*
 * One lock around all devices. API calls are made under it, so that a line's
 * level and the GIC's idea of it cannot be swapped between two vCPUs.
 */
#include "devices.h"

#include <Hypervisor/Hypervisor.h>
#include <errno.h>
#include <mach/mach_time.h>
#include <string.h>

#include "console.h"
#include "hv_error.h"
#include "machine_map.h"
#include "peripherals.h"

static void set_spi(struct devices *devices, uint32_t intid, bool level)
{
	hv_return_t ret = hv_gic_set_spi(intid, level);

	if (ret == HV_SUCCESS)
		return;
	hv_error_report("hv_gic_set_spi", ret);
	devices->failed = true;
}

static void uart_output(void *ctx, uint8_t byte)
{
	struct devices *devices = ctx;

	console_output(devices->console, byte);
}

static void uart_set_irq(void *ctx, bool level)
{
	set_spi(ctx, UART_INTID, level);
}

static void rtc_set_irq(void *ctx, bool level)
{
	set_spi(ctx, RTC_INTID, level);
}

/*
 * The API's counter and not the host's calendar: it is recorded, so a replay
 * tells the same time.
 */
static uint64_t rtc_seconds(void *ctx)
{
	struct devices *devices = ctx;
	uint64_t ticks = mach_absolute_time() - devices->start_ticks;
	uint64_t ns = ticks * devices->ns_numer / devices->ns_denom;

	return devices->rtc_base + ns / 1000000000;
}

static const struct pl011_ops uart_ops = {
	.output = uart_output,
	.set_irq = uart_set_irq,
};

static const struct pl031_ops rtc_ops = {
	.seconds = rtc_seconds,
	.set_irq = rtc_set_irq,
};

int devices_init(struct devices *devices, struct console *console,
	uint64_t rtc_base, struct peripherals *peripherals)
{
	const struct bus_device uart = { UART_BASE, UART_SIZE, pl011_read,
		pl011_write, &devices->uart };
	const struct bus_device rtc = { RTC_BASE, RTC_SIZE, pl031_read,
		pl031_write, &devices->rtc };
	mach_timebase_info_data_t timebase;
	int err;

	memset(devices, 0, sizeof(*devices));
	pthread_mutex_init(&devices->lock, NULL);
	devices->console = console;
	devices->rtc_base = rtc_base;
	if (mach_timebase_info(&timebase) || !timebase.denom)
		return -EIO;
	devices->ns_numer = timebase.numer;
	devices->ns_denom = timebase.denom;
	devices->start_ticks = mach_absolute_time();
	pl011_init(&devices->uart, &uart_ops, devices);
	pl031_init(&devices->rtc, &rtc_ops, devices);
	err = bus_add(&devices->bus, &uart);
	if (!err)
		err = bus_add(&devices->bus, &rtc);
	return err ? err : peripherals_attach(peripherals, &devices->bus);
}

/* Ends every access: the console learns whether the port can take input. */
static bool finish(struct devices *devices)
{
	bool failed = devices->failed;

	console_set_ready(devices->console, pl011_rx_ready(&devices->uart));
	pthread_mutex_unlock(&devices->lock);
	return !failed;
}

bool devices_read(struct devices *devices, uint64_t addr, unsigned int size,
	uint64_t *value)
{
	pthread_mutex_lock(&devices->lock);
	*value = bus_read(&devices->bus, addr, size);
	return finish(devices);
}

bool devices_write(struct devices *devices, uint64_t addr, unsigned int size,
	uint64_t value)
{
	pthread_mutex_lock(&devices->lock);
	bus_write(&devices->bus, addr, size, value);
	return finish(devices);
}

bool devices_receive(struct devices *devices, uint8_t byte)
{
	pthread_mutex_lock(&devices->lock);
	pl011_receive(&devices->uart, byte);
	return finish(devices);
}
