/* SPDX-License-Identifier: MIT */
/*
 * Kernel, initrd and flat images into RAM. The Image header and the placement
 * rules are those of the kernel's Documentation/arch/arm64/booting.rst.
 */
#include "loader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine_map.h"

#define HEADER_SIZE	   64
#define IMAGE_MAGIC	   "ARM\x64"
#define IMAGE_MAGIC_OFFSET 56
#define FLAG_BIG_ENDIAN	   1u

/* Kernels before 3.17 say 0 for their size and mean this text_offset. */
#define OLD_TEXT_OFFSET 0x80000ull

/* The initrd starts on a page of the largest page size. */
#define INITRD_ALIGN KIB(64)

static uint64_t le64(const uint8_t *p)
{
	uint64_t value = 0;
	int i;

	for (i = 7; i >= 0; i--)
		value = value << 8 | p[i];
	return value;
}

static const char *name_format(const uint8_t *data, size_t size)
{
	static const struct {
		const char *magic;
		size_t length;
		const char *name;
	} formats[] = {
		{ "\x1f\x8b", 2, "a gzip file: decompress it first" },
		{ "\xfd"
		  "7zXZ",
			5, "an xz file: decompress it first" },
		{ "\x28\xb5\x2f\xfd", 4, "a zstd file: decompress it first" },
		{ "BZh", 3, "a bzip2 file: decompress it first" },
		{ "\x02\x21\x4c\x18", 4, "an lz4 file: decompress it first" },
		{ "\x7f"
		  "ELF",
			4,
			"an ELF file: use arch/arm64/boot/Image, not vmlinux" },
		{ "MZ\0\0zimg", 8,
			"a compressed EFI image: use the uncompressed Image" },
		{ "MZ", 2, "a PE file without the arm64 Image header" },
		{ "\x27\x05\x19\x56", 4,
			"a U-Boot uImage: use the plain Image" },
		{ "\xd0\x0d\xfe\xed", 4, "a device tree or FIT file" },
		{ "#!", 2, "a script" },
	};
	size_t i;

	if (size == 0)
		return "an empty file";
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (size >= formats[i].length &&
			memcmp(data, formats[i].magic, formats[i].length) == 0)
			return formats[i].name;
	}
	return "a file without the magic number at offset 56";
}

const char *loader_check_image(
	const uint8_t *data, size_t size, struct image_header *header)
{
	if (size < HEADER_SIZE ||
		memcmp(data + IMAGE_MAGIC_OFFSET, IMAGE_MAGIC, 4) != 0)
		return name_format(data, size);
	if (le64(data + 24) & FLAG_BIG_ENDIAN)
		return "a big-endian kernel: only little-endian ones can run";
	header->text_offset = le64(data + 8);
	header->memory_size = le64(data + 16);
	if (header->memory_size == 0)
		header->text_offset = OLD_TEXT_OFFSET;
	if (header->memory_size < size)
		header->memory_size = size;
	if (header->text_offset > MAX_MEMORY_MB * MIB(1) ||
		header->memory_size > MAX_MEMORY_MB * MIB(1))
		return "an Image with senseless sizes in its header";
	return NULL;
}

static int complain(const char *path, const char *what, int err)
{
	fprintf(stderr, "hvrun: %s: %s: %s\n", path, what, strerror(err));
	return -err;
}

/* -EFBIG, with a message, when the file has more than `room` bytes. */
static int read_file(
	const char *path, uint8_t *dest, uint64_t room, size_t *size)
{
	FILE *file = fopen(path, "rb");
	int err = 0;

	if (!file)
		return complain(path, "cannot open", errno);
	errno = 0;
	*size = fread(dest, 1, room, file);
	if (ferror(file)) {
		err = complain(path, "cannot read", errno ? errno : EIO);
	} else if (*size == room && fgetc(file) != EOF) {
		fprintf(stderr,
			"hvrun: %s: more than the %" PRIu64
			" MiB of RAM that are "
			"left for it; give more with --memory\n",
			path, room >> 20);
		err = -EFBIG;
	}
	fclose(file);
	return err;
}

/* The header decides where the kernel goes, so it is looked at first. */
static int read_header(const char *path, struct image_header *header)
{
	uint8_t data[HEADER_SIZE];
	FILE *file = fopen(path, "rb");
	const char *other;
	size_t size;
	int err;

	if (!file)
		return complain(path, "cannot open", errno);
	errno = 0;
	size = fread(data, 1, sizeof(data), file);
	err = ferror(file) ? errno : 0;
	fclose(file);
	if (err)
		return complain(path, "cannot read", err);
	other = loader_check_image(data, size, header);
	if (!other)
		return 0;
	fprintf(stderr,
		"hvrun: %s: not a bootable arm64 Linux Image: it is %s\n", path,
		other);
	return -ENOEXEC;
}

/* `room` is how much of RAM it may use; `end` is how far it reached. */
static int load_kernel(const struct ram *ram, const char *path, uint64_t room,
	uint64_t *start, uint64_t *end)
{
	struct image_header header = { 0 };
	size_t size = 0;
	int err;

	err = read_header(path, &header);
	if (err)
		return err;
	*start = header.text_offset;
	*end = header.text_offset + header.memory_size;
	if (*end > room) {
		fprintf(stderr,
			"hvrun: %s: the kernel needs %" PRIu64
			" MiB of RAM and "
			"%" PRIu64 " MiB are free; give more with --memory\n",
			path, (*end + MIB(1) - 1) >> 20, room >> 20);
		return -EFBIG;
	}
	err = read_file(path, ram->host + *start, room - *start, &size);
	if (!err && *start + size > *end)
		*end = *start + size;
	return err;
}

int loader_load_linux(const struct ram *ram, const char *kernel,
	const char *initrd, struct boot_layout *layout)
{
	uint64_t room = ram->size - FDT_ROOM;
	uint64_t start = 0, end = 0;
	size_t size = 0;
	int err;

	err = load_kernel(ram, kernel, room, &start, &end);
	if (err)
		return err;
	layout->entry = RAM_BASE + start;
	layout->fdt = RAM_BASE + room;

	start = (end + INITRD_ALIGN - 1) & ~(INITRD_ALIGN - 1);
	if (start > room)
		start = room;
	if (initrd)
		err = read_file(initrd, ram->host + start, room - start, &size);
	layout->initrd_start = RAM_BASE + start;
	layout->initrd_end = layout->initrd_start + size;
	return err;
}

int loader_load_flat(const struct ram *ram, const char *path)
{
	size_t size = 0;
	int err = read_file(path, ram->host, ram->size, &size);

	if (err)
		return err;
	if (size == 0) {
		fprintf(stderr, "hvrun: %s: the file is empty\n", path);
		return -ENOEXEC;
	}
	return 0;
}
