/* SPDX-License-Identifier: MIT */
/*
 * Builds the device tree with libfdt's sequential writer. Node names and
 * properties follow the kernel's bindings (arm,gic-v3; arm,pl011; arm,pl031;
 * arm,armv8-timer; arm,psci-1.0; virtio,mmio). No seeds for the guest's random
 * numbers are given: two runs must see the same tree.
 */
#include "guest_fdt.h"

#include <errno.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>

#include "machine_map.h"

enum { PHANDLE_GIC = 1, PHANDLE_CLOCK = 2 };

/* First and third cell of an arm,gic-v3 interrupt specifier. */
enum { GIC_SPI = 0, GIC_PPI = 1 };
enum { LEVEL_HIGH = 4, LEVEL_LOW = 8 };

/* The first error sticks, so that the tree below reads like a tree. */
struct writer {
	void *fdt;
	int err;
};

static void begin(struct writer *w, const char *name)
{
	if (!w->err)
		w->err = fdt_begin_node(w->fdt, name);
}

static void begin_at(struct writer *w, const char *name, uint64_t address)
{
	char full[64];

	snprintf(full, sizeof(full), "%s@%llx", name,
		(unsigned long long)address);
	begin(w, full);
}

static void end(struct writer *w)
{
	if (!w->err)
		w->err = fdt_end_node(w->fdt);
}

static void prop(struct writer *w, const char *name, const void *data, int size)
{
	if (!w->err)
		w->err = fdt_property(w->fdt, name, data, size);
}

static void string(struct writer *w, const char *name, const char *value)
{
	if (!w->err)
		w->err = fdt_property_string(w->fdt, name, value);
}

/* Any number of 32-bit cells. */
static void cells(struct writer *w, const char *name, unsigned int count, ...)
{
	fdt32_t data[16];
	unsigned int i;
	va_list ap;

	va_start(ap, count);
	for (i = 0; i < count; i++)
		data[i] = cpu_to_fdt32(va_arg(ap, uint32_t));
	va_end(ap);
	prop(w, name, data, (int)(count * sizeof(data[0])));
}

static void reg(struct writer *w, uint64_t base, uint64_t size)
{
	cells(w, "reg", 4, (uint32_t)(base >> 32), (uint32_t)base,
		(uint32_t)(size >> 32), (uint32_t)size);
}

static void number64(struct writer *w, const char *name, uint64_t value)
{
	cells(w, name, 2, (uint32_t)(value >> 32), (uint32_t)value);
}

static void write_chosen(struct writer *w, const struct guest_fdt *guest)
{
	char path[32];

	snprintf(path, sizeof(path), "/pl011@%llx", UART_BASE);
	begin(w, "chosen");
	string(w, "bootargs", guest->command_line);
	string(w, "stdout-path", path);
	if (guest->initrd_start != guest->initrd_end) {
		number64(w, "linux,initrd-start", guest->initrd_start);
		number64(w, "linux,initrd-end", guest->initrd_end);
	}
	end(w);
}

static void write_memory(struct writer *w, const struct guest_fdt *guest)
{
	begin_at(w, "memory", RAM_BASE);
	string(w, "device_type", "memory");
	reg(w, RAM_BASE, guest->ram_size);
	end(w);
}

static void write_cpus(struct writer *w, const struct guest_fdt *guest)
{
	unsigned int i;

	begin(w, "cpus");
	cells(w, "#address-cells", 1, 2);
	cells(w, "#size-cells", 1, 0);
	for (i = 0; i < guest->cpu_count; i++) {
		begin_at(w, "cpu", cpu_affinity(i));
		string(w, "device_type", "cpu");
		string(w, "compatible", "arm,armv8");
		string(w, "enable-method", "psci");
		number64(w, "reg", cpu_affinity(i));
		end(w);
	}
	end(w);
}

static void write_psci(struct writer *w)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	begin(w, "psci");
	prop(w, "compatible", compatible, sizeof(compatible));
	string(w, "method", "hvc");
	end(w);
}

static void write_gic(struct writer *w, const struct guest_fdt *guest)
{
	begin_at(w, "interrupt-controller", GICD_BASE);
	string(w, "compatible", "arm,gic-v3");
	cells(w, "#interrupt-cells", 1, 3);
	cells(w, "#address-cells", 1, 0);
	prop(w, "interrupt-controller", NULL, 0);
	cells(w, "reg", 8, 0, (uint32_t)GICD_BASE, 0, (uint32_t)GICD_SIZE, 0,
		(uint32_t)GICR_BASE, 0,
		(uint32_t)(GICR_SIZE_PER_CPU * guest->cpu_count));
	cells(w, "phandle", 1, PHANDLE_GIC);
	end(w);
}

/* PPI numbers in a specifier count from INTID 16. */
static void write_timer(struct writer *w)
{
	begin(w, "timer");
	string(w, "compatible", "arm,armv8-timer");
	cells(w, "interrupts", 12, GIC_PPI, TIMER_SECURE_PPI - 16, LEVEL_LOW,
		GIC_PPI, TIMER_PHYS_PPI - 16, LEVEL_LOW, GIC_PPI,
		TIMER_VIRT_PPI - 16, LEVEL_LOW, GIC_PPI, TIMER_HYP_PPI - 16,
		LEVEL_LOW);
	prop(w, "always-on", NULL, 0);
	end(w);
}

static void write_clock(struct writer *w)
{
	begin(w, "apb-pclk");
	string(w, "compatible", "fixed-clock");
	cells(w, "#clock-cells", 1, 0);
	cells(w, "clock-frequency", 1, 24000000);
	string(w, "clock-output-names", "clk24mhz");
	cells(w, "phandle", 1, PHANDLE_CLOCK);
	end(w);
}

static void write_uart(struct writer *w)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clocks[] = "uartclk\0apb_pclk";

	begin_at(w, "pl011", UART_BASE);
	prop(w, "compatible", compatible, sizeof(compatible));
	reg(w, UART_BASE, UART_SIZE);
	cells(w, "interrupts", 3, GIC_SPI, UART_INTID - 32, LEVEL_HIGH);
	cells(w, "clocks", 2, PHANDLE_CLOCK, PHANDLE_CLOCK);
	prop(w, "clock-names", clocks, sizeof(clocks));
	end(w);
}

static void write_rtc(struct writer *w)
{
	static const char compatible[] = "arm,pl031\0arm,primecell";

	begin_at(w, "pl031", RTC_BASE);
	prop(w, "compatible", compatible, sizeof(compatible));
	reg(w, RTC_BASE, RTC_SIZE);
	cells(w, "interrupts", 3, GIC_SPI, RTC_INTID - 32, LEVEL_HIGH);
	cells(w, "clocks", 1, PHANDLE_CLOCK);
	string(w, "clock-names", "apb_pclk");
	end(w);
}

/* Cache-coherent: the devices are threads beside those of the vCPUs. */
static void write_virtio(struct writer *w, unsigned int index)
{
	begin_at(w, "virtio_mmio", virtio_base(index));
	string(w, "compatible", "virtio,mmio");
	reg(w, virtio_base(index), VIRTIO_SIZE);
	cells(w, "interrupts", 3, GIC_SPI, virtio_intid(index) - 32,
		LEVEL_HIGH);
	prop(w, "dma-coherent", NULL, 0);
	end(w);
}

static void write_tree(struct writer *w, const struct guest_fdt *guest)
{
	unsigned int i;

	begin(w, "");
	string(w, "compatible", "linux,dummy-virt");
	string(w, "model", "hvrun");
	cells(w, "#address-cells", 1, 2);
	cells(w, "#size-cells", 1, 2);
	cells(w, "interrupt-parent", 1, PHANDLE_GIC);
	write_chosen(w, guest);
	write_memory(w, guest);
	write_cpus(w, guest);
	write_psci(w);
	write_gic(w, guest);
	write_timer(w);
	write_clock(w);
	write_uart(w);
	write_rtc(w);
	for (i = 0; i < guest->virtio_count; i++)
		write_virtio(w, i);
	end(w);
}

int guest_fdt_build(void *dest, size_t size, const struct guest_fdt *guest)
{
	struct writer w = { .fdt = dest };

	w.err = fdt_create(dest, (int)size);
	if (!w.err)
		w.err = fdt_finish_reservemap(dest);
	write_tree(&w, guest);
	if (!w.err)
		w.err = fdt_finish(dest);
	if (w.err == -FDT_ERR_NOSPACE)
		return -ENOSPC;
	return w.err ? -EINVAL : 0;
}
