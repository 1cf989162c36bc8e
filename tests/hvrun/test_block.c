/* SPDX-License-Identifier: MIT */
/* The block device, on files of its own. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_driver.h"
#include "virtio/block.h"

#define SECTORS 64u
#define DISK	(SECTORS * 512u)

enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11 };
enum { OK = 0, IOERR = 1, UNSUPP = 2, NONE = 0xee };

/* Where a request's parts are in the guest. */
#define HEADER DRIVER_BUFFERS
#define STATUS (DRIVER_BUFFERS + 0x100)
#define DATA   (DRIVER_BUFFERS + 0x1000)

static char path[] = "/tmp/hvrun-disk-XXXXXX";
static struct driver driver;
static struct driver_queue *side = &driver.queues[0];
static uint8_t disk[DISK];

static void make_disk(void)
{
	int fd = mkstemp(path);
	unsigned int i;

	for (i = 0; i < DISK; i++)
		disk[i] = (uint8_t)(i / 512 + i);
	cr_assert_eq(write(fd, disk, DISK), DISK);
	close(fd);
}

static void begin(void)
{
	make_disk();
	driver_begin(&driver, block_create(path, false, 3));
}

static void end(void)
{
	virtio_stop(driver.device);
	driver_fini(&driver);
	unlink(path);
}

TestSuite(block, .init = begin, .fini = end, .timeout = 60);
TestSuite(block_open, .timeout = 60);

static void put_header(uint32_t type, uint64_t sector)
{
	const struct {
		uint32_t type;
		uint32_t reserved;
		uint64_t sector;
	} header = { type, 0, sector };

	memcpy(driver_at(&driver, HEADER), &header, sizeof(header));
	memset(driver_at(&driver, STATUS), NONE, 1);
}

/* Offers the chain, waits until it was used, and gives the status. */
static int submit(const struct driver_buffer *buffers, unsigned int count)
{
	uint16_t before = side->used->idx;

	driver_offer(side, driver_chain(side, buffers, count));
	driver_notify(&driver, 0);
	driver_await_used(side, (uint16_t)(before + 1));
	return *(uint8_t *)driver_at(&driver, STATUS);
}

static int request(uint32_t type, uint64_t sector, uint32_t size)
{
	const struct driver_buffer buffers[] = {
		{ HEADER, 16, false },
		{ DATA, size, type != OUT },
		{ STATUS, 1, true },
	};

	put_header(type, sector);
	return submit(buffers, 3);
}

static uint32_t used_length(void)
{
	return side->used->ring[(side->used->idx - 1) % DRIVER_QUEUE].len;
}

/* What the file holds now. */
static const uint8_t *file(void)
{
	static uint8_t now[DISK + 1];
	int fd = open(path, O_RDONLY);

	cr_assert_eq(read(fd, now, DISK + 1), DISK, "its size is the same");
	close(fd);
	return now;
}

Test(block, tells_its_size_in_sectors)
{
	cr_expect_eq(virtio_read(driver.device, 0x100, 8), SECTORS);
	cr_expect_eq(virtio_read(driver.device, 0x10c, 4), 254);
	cr_expect_eq(driver.device->features & 1u << 5, 0);
}

Test(block, reads_sectors)
{
	cr_expect_eq(request(IN, 5, 3 * 512), OK);
	cr_expect_arr_eq(driver_at(&driver, DATA), disk + 5 * 512, 3 * 512);
	cr_expect_eq(used_length(), 3 * 512 + 1);
	cr_expect_eq(request(IN, SECTORS - 1, 512), OK);
	cr_expect_eq(request(IN, 0, DISK), OK);
	cr_expect_arr_eq(driver_at(&driver, DATA), disk, DISK);
}

Test(block, writes_sectors)
{
	memset(driver_at(&driver, DATA), 0x77, 1024);
	memset(disk + 63 * 512, 0x77, 512);
	memset(disk + 7 * 512, 0x77, 1024);
	cr_expect_eq(request(OUT, 63, 512), OK);
	cr_expect_eq(used_length(), 1);
	cr_expect_eq(request(OUT, 7, 1024), OK);
	cr_expect_eq(request(FLUSH, 0, 0), OK);
	cr_expect_arr_eq(file(), disk, DISK);
}

/* 2.7.4: nothing may depend on how a request is cut into buffers. */
Test(block, takes_requests_cut_anywhere)
{
	const struct driver_buffer odd[] = {
		{ HEADER, 5, false }, { HEADER + 5, 11, false },
		{ DATA, 100, true }, { DATA + 100, 1, true },
		{ DATA + 101, 411, true },
		{ DATA + 512, 513, true }, /* the status is its last byte */
	};
	const struct driver_buffer joined[] = {
		{ HEADER, 16 + 512, false },
		{ STATUS, 1, true },
	};

	put_header(IN, 9);
	submit(odd, 6);
	cr_expect_arr_eq(driver_at(&driver, DATA), disk + 9 * 512, 1024);
	cr_expect_eq(*(uint8_t *)driver_at(&driver, DATA + 1024), OK);
	put_header(OUT, 1);
	memset(driver_at(&driver, HEADER + 16), 0x55, 512);
	memset(driver_at(&driver, STATUS), NONE, 1);
	memset(disk + 512, 0x55, 512);
	/* The status lies in the data: what is written is what was there. */
	disk[512 + 0x100 - 16] = NONE;
	cr_expect_eq(submit(joined, 2), OK);
	cr_expect_arr_eq(file(), disk, DISK);
}

Test(block, refuses_what_is_not_on_the_disk)
{
	cr_expect_eq(request(IN, SECTORS, 512), IOERR);
	cr_expect_eq(used_length(), 1);
	cr_expect_eq(request(IN, SECTORS - 1, 1024), IOERR);
	cr_expect_eq(request(OUT, SECTORS, 512), IOERR);
	cr_expect_eq(request(IN, UINT64_MAX, 512), IOERR);
	cr_expect_eq(request(OUT, UINT64_MAX / 512 + 1, 512), IOERR);
	cr_expect_eq(request(IN, 0, 511), IOERR);
	cr_expect_eq(request(OUT, 0, 513), IOERR);
	cr_expect_arr_eq(file(), disk, DISK);
}

Test(block, gives_its_serial_number)
{
	cr_expect_eq(request(GET_ID, 0, 20), OK);
	cr_expect_str_eq(driver_at(&driver, DATA), "hvrun-disk-3");
	cr_expect_eq(request(GET_ID, 0, 19), IOERR);
}

Test(block, says_what_it_does_not_do)
{
	cr_expect_eq(request(DISCARD, 0, 512), UNSUPP);
	cr_expect_eq(request(UINT32_MAX, 0, 512), UNSUPP);
}

Test(block, answers_what_is_cut_short)
{
	const struct driver_buffer no_status[] = { { HEADER, 16, false } };
	const struct driver_buffer no_header[] = {
		{ HEADER, 15, false },
		{ STATUS, 1, true },
	};

	put_header(OUT, 0);
	cr_expect_eq(submit(no_status, 1), NONE);
	cr_expect_eq(used_length(), 0);
	cr_expect_eq(submit(no_header, 2), IOERR);
}

Test(block, works_through_many_requests_of_one_notification)
{
	uint16_t i;

	for (i = 0; i < 5; i++) {
		const struct driver_buffer buffers[] = {
			{ HEADER + 16u * i, 16, false },
			{ DATA + 0x1000u * i, 512, true },
			{ STATUS + i, 1, true },
		};

		put_header(IN, i);
		memmove(driver_at(&driver, HEADER + 16u * i),
			driver_at(&driver, HEADER), 16);
		driver_offer(side, driver_chain(side, buffers, 3));
	}
	put_header(IN, 0);
	driver_notify(&driver, 0);
	driver_await_used(side, 5);
	for (i = 0; i < 5; i++)
		cr_expect_arr_eq(driver_at(&driver, DATA + 0x1000u * i),
			disk + 512 * i, 512);
}

/* A file that shrinks behind our back, and one that may not grow. */
Test(block, passes_on_the_errors_of_the_file)
{
	const struct rlimit limit = { 10 * 512, 10 * 512 };

	cr_assert_eq(truncate(path, 20 * 512 + 100), 0);
	cr_expect_eq(request(IN, 19, 512), OK);
	cr_expect_eq(request(IN, 20, 512), IOERR);
	cr_expect_eq(request(IN, 40, 512), IOERR);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_expect_eq(request(OUT, 9, 512), OK);
	cr_expect_eq(request(OUT, 10, 512), IOERR);
}

Test(block_open, read_only_disks_are_not_written)
{
	make_disk();
	chmod(path, 0400);
	driver_begin(&driver, block_create(path, true, 0));
	cr_expect_neq(driver.device->features & 1u << 5, 0);
	cr_expect_eq(request(IN, 2, 512), OK);
	cr_expect_arr_eq(driver_at(&driver, DATA), disk + 1024, 512);
	cr_expect_eq(request(OUT, 2, 512), IOERR);
	cr_expect_eq(request(FLUSH, 0, 0), OK);
	cr_expect_arr_eq(file(), disk, DISK);
	end();
}

Test(block_open, refuses_what_is_no_disk)
{
	make_disk();
	cr_expect_null(block_create("/nonexistent/disk", false, 0));
	cr_expect_null(block_create("/tmp", true, 0));
	cr_expect_null(block_create("/dev/null", false, 0));
	cr_assert_eq(truncate(path, 513), 0);
	cr_expect_null(block_create(path, false, 0));
	cr_assert_eq(truncate(path, 0), 0);
	cr_expect_null(block_create(path, false, 0));
	unlink(path);
}
