/* SPDX-License-Identifier: MIT */
#include "loader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine_map.h"
#include "test.h"

static char dir[] = "/tmp/hvrun-loader-XXXXXX";
static char path_a[64], path_b[64];
static uint8_t memory[MIB(4)];
static const struct ram ram = { memory, sizeof(memory) };

static void put64(uint8_t *p, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static void make_header(
	uint8_t *data, uint64_t text_offset, uint64_t size, uint64_t flags)
{
	memset(data, 0, 64);
	put64(data + 8, text_offset);
	put64(data + 16, size);
	put64(data + 24, flags);
	memcpy(data + 56, "ARM\x64", 4);
}

static void write_file(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");

	CHECK(file && fwrite(data, 1, size, file) == size);
	CHECK(file && !fclose(file));
}

static const char *check(const void *data, size_t size)
{
	struct image_header header;

	return loader_check_image(data, size, &header);
}

static void accepts_an_image(void)
{
	struct image_header header;
	uint8_t data[64];

	make_header(data, 0, MIB(30), 0xa);
	memcpy(data, "MZ", 2); /* with an EFI stub it is a PE file as well */
	CHECK(!loader_check_image(data, sizeof(data), &header));
	CHECK_EQ(header.text_offset, 0);
	CHECK_EQ(header.memory_size, MIB(30));
	make_header(data, 0x1234, 0, 0);
	CHECK(!loader_check_image(data, sizeof(data), &header));
	CHECK_EQ(header.text_offset, 0x80000);
}

static void says_what_it_is_instead(void)
{
	uint8_t data[64] = { 0 };

	CHECK(strstr(check("", 0), "empty"));
	CHECK(strstr(check("\x1f\x8b\x08", 3), "gzip"));
	CHECK(strstr(check("\x7f"
			   "ELF....",
			     8),
		"ELF"));
	CHECK(strstr(check("MZ\0\0zimg", 8), "compressed EFI"));
	CHECK(strstr(check("MZ\x90\0", 4), "PE"));
	CHECK(strstr(check(data, sizeof(data)), "magic number"));
	make_header(data, 0, 0x1000, 1);
	CHECK(strstr(check(data, sizeof(data)), "big-endian"));
	make_header(data, 0, UINT64_MAX, 0);
	CHECK(strstr(check(data, sizeof(data)), "senseless"));
}

static void places_kernel_initrd_and_tree(void)
{
	struct boot_layout layout;
	uint8_t data[256];

	make_header(data, 0x10000, 0x20001, 0);
	memset(data + 64, 0x5a, sizeof(data) - 64);
	write_file(path_a, data, sizeof(data));
	write_file(path_b, "initrd!", 7);
	CHECK_EQ(loader_load_linux(&ram, path_a, path_b, &layout), 0);
	CHECK_EQ(layout.entry, RAM_BASE + 0x10000);
	CHECK_EQ(layout.initrd_start, RAM_BASE + 0x40000);
	CHECK_EQ(layout.initrd_end, RAM_BASE + 0x40007);
	CHECK_EQ(layout.fdt, RAM_BASE + MIB(2));
	CHECK(!memcmp(memory + 0x10000, data, sizeof(data)));
	CHECK(!memcmp(memory + 0x40000, "initrd!", 7));
	CHECK_EQ(loader_load_linux(&ram, path_a, NULL, &layout), 0);
	CHECK_EQ(layout.initrd_start, layout.initrd_end);
}

static void refuses_what_does_not_fit(void)
{
	static uint8_t big[MIB(3)];
	struct boot_layout layout;
	uint8_t data[64];

	make_header(data, 0, MIB(2) + 1, 0);
	write_file(path_a, data, sizeof(data));
	CHECK_EQ(loader_load_linux(&ram, path_a, NULL, &layout), -EFBIG);
	make_header(data, 0, MIB(2), 0);
	write_file(path_a, data, sizeof(data));
	CHECK_EQ(loader_load_linux(&ram, path_a, NULL, &layout), 0);
	write_file(path_b, "x", 1);
	CHECK_EQ(loader_load_linux(&ram, path_a, path_b, &layout), -EFBIG);
	make_header(big, 0, 64, 0); /* the file is longer than it claims */
	write_file(path_a, big, sizeof(big));
	CHECK_EQ(loader_load_linux(&ram, path_a, NULL, &layout), -EFBIG);
}

static void reports_files_that_cannot_be_read(void)
{
	struct boot_layout layout;

	CHECK_EQ(loader_load_linux(&ram, "/nowhere", NULL, &layout), -ENOENT);
	CHECK_EQ(loader_load_linux(&ram, dir, NULL, &layout), -EISDIR);
	CHECK_EQ(loader_load_flat(&ram, dir), -EISDIR);
}

static void loads_a_flat_image_at_the_start_of_ram(void)
{
	write_file(path_a, "flat", 4);
	CHECK_EQ(loader_load_flat(&ram, path_a), 0);
	CHECK(!memcmp(memory, "flat", 4));
	write_file(path_a, memory, sizeof(memory));
	CHECK_EQ(loader_load_flat(&ram, path_a), 0);
	write_file(path_a, "", 0);
	CHECK_EQ(loader_load_flat(&ram, path_a), -ENOEXEC);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	snprintf(path_a, sizeof(path_a), "%s/a", dir);
	snprintf(path_b, sizeof(path_b), "%s/b", dir);
	RUN(accepts_an_image);
	RUN(says_what_it_is_instead);
	RUN(places_kernel_initrd_and_tree);
	RUN(refuses_what_does_not_fit);
	RUN(reports_files_that_cannot_be_read);
	RUN(loads_a_flat_image_at_the_start_of_ram);
	unlink(path_a);
	unlink(path_b);
	rmdir(dir);
	return test_result();
}
