/* SPDX-License-Identifier: MIT */
/*
 * With a file name as its argument it writes the tree there instead of testing
 * it, for a look with dtc.
 */
#include "guest_fdt.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "machine_map.h"
#include "test.h"

static char tree[MIB(2)];

static int build(unsigned int cpus, uint64_t initrd_end)
{
	const struct guest_fdt guest = {
		.ram_size = MIB(512),
		.initrd_start = 0x42000000,
		.initrd_end = initrd_end,
		.cpu_count = cpus,
		.command_line = "console=ttyAMA0 quiet",
	};

	return guest_fdt_build(tree, sizeof(tree), &guest);
}

static uint32_t cell(const char *path, const char *name, int index)
{
	int size = 0, node = fdt_path_offset(tree, path);
	const fdt32_t *cells = fdt_getprop(tree, node, name, &size);

	if (!cells || size < 4 * (index + 1))
		return 0xdead;
	return fdt32_to_cpu(cells[index]);
}

static void is_a_whole_tree(void)
{
	CHECK_EQ(build(64, 0x42000000), 0);
	CHECK_EQ(fdt_check_full(tree, sizeof(tree)), 0);
}

static void names_a_node_for_each_virtio_device(void)
{
	const struct guest_fdt guest = { .ram_size = MIB(512),
		.cpu_count = 1,
		.virtio_count = MAX_VIRTIO,
		.command_line = "" };
	char path[32];

	CHECK_EQ(guest_fdt_build(tree, sizeof(tree), &guest), 0);
	CHECK_EQ(fdt_check_full(tree, sizeof(tree)), 0);
	CHECK_EQ(cell("/virtio_mmio@a000000", "reg", 1), 0x0a000000);
	CHECK_EQ(cell("/virtio_mmio@a002000", "reg", 3), 0x1000);
	CHECK_EQ(cell("/virtio_mmio@a002000", "interrupts", 1), 18);
	CHECK_EQ(cell("/virtio_mmio@a002000", "interrupts", 2), 4);
	snprintf(path, sizeof(path), "/virtio_mmio@%x",
		0x0a000000 + (MAX_VIRTIO - 1) * 0x1000);
	CHECK(fdt_path_offset(tree, path) > 0);
	CHECK_EQ(build(1, 0), 0);
	CHECK(fdt_path_offset(tree, "/virtio_mmio@a000000") < 0);
}

static void says_where_the_devices_are(void)
{
	build(2, 0x42000000);
	CHECK_EQ(cell("/memory@40000000", "reg", 1), 0x40000000);
	CHECK_EQ(cell("/memory@40000000", "reg", 3), 0x20000000);
	CHECK_EQ(cell("/pl011@9000000", "reg", 1), 0x09000000);
	CHECK_EQ(cell("/pl011@9000000", "interrupts", 1), 1);
	CHECK_EQ(cell("/pl031@9010000", "interrupts", 1), 2);
	CHECK_EQ(cell("/interrupt-controller@8000000", "reg", 5), 0x080a0000);
	CHECK_EQ(cell("/interrupt-controller@8000000", "reg", 7), 0x40000);
	CHECK_EQ(cell("/timer", "interrupts", 7), 11);
	CHECK_EQ(cell("/", "interrupt-parent", 0),
		cell("/interrupt-controller@8000000", "phandle", 0));
}

static void numbers_cpus_as_mpidr_does(void)
{
	build(64, 0x42000000);
	CHECK_EQ(cell("/cpus/cpu@0", "reg", 1), 0);
	CHECK_EQ(cell("/cpus/cpu@f", "reg", 1), 0xf);
	CHECK_EQ(cell("/cpus/cpu@100", "reg", 1), 0x100);
	CHECK_EQ(cell("/cpus/cpu@30f", "reg", 1), 0x30f);
	CHECK_EQ(cpu_mpidr(63), 0x8000030f);
	CHECK(fdt_path_offset(tree, "/cpus/cpu@400") < 0);
}

static void names_the_initrd_only_if_there_is_one(void)
{
	build(1, 0x42000000);
	CHECK_EQ(cell("/chosen", "linux,initrd-end", 1), 0xdead);
	build(1, 0x42345678);
	CHECK_EQ(cell("/chosen", "linux,initrd-start", 1), 0x42000000);
	CHECK_EQ(cell("/chosen", "linux,initrd-end", 1), 0x42345678);
	CHECK(!strcmp(fdt_getprop(tree, fdt_path_offset(tree, "/chosen"),
			      "bootargs", NULL),
		"console=ttyAMA0 quiet"));
}

static void is_the_same_each_time(void)
{
	static char first[MIB(2)];

	memset(tree, 0x55, sizeof(tree));
	build(4, 0x42345678);
	memcpy(first, tree, fdt_totalsize(tree));
	memset(tree, 0xaa, sizeof(tree));
	build(4, 0x42345678);
	CHECK(!memcmp(first, tree, fdt_totalsize(tree)));
}

static void reports_a_lack_of_room(void)
{
	const struct guest_fdt guest = { .cpu_count = 1, .command_line = "" };

	CHECK_EQ(guest_fdt_build(tree, 256, &guest), -ENOSPC);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		FILE *out = fopen(argv[1], "wb");

		if (!out || build(2, 0x42000000) ||
			!fwrite(tree, fdt_totalsize(tree), 1, out))
			return 1;
		return fclose(out);
	}
	RUN(is_a_whole_tree);
	RUN(names_a_node_for_each_virtio_device);
	RUN(says_where_the_devices_are);
	RUN(numbers_cpus_as_mpidr_does);
	RUN(names_the_initrd_only_if_there_is_one);
	RUN(is_the_same_each_time);
	RUN(reports_a_lack_of_room);
	return test_result();
}
