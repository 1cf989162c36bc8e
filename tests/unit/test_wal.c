/* SPDX-License-Identifier: MIT */
/* The file of rings: made, found again, and when it is none. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "format.h"
#include "rng.h"
#include "wal.h"

#define RING 4096u

static const uint8_t id[16] = "sixteen bytes id";
static struct temp_file file;
static char log_path[48];
static struct hvt_wal wal;

static void set_up(void)
{
	file = temp_file_create();
	snprintf(log_path, sizeof(log_path), "%s.wal", file.path);
	cr_assert_eq(hvt_wal_create(&wal, file.path, id, RING), 0);
}

static void tear_down(void)
{
	temp_file_remove(&file);
}

TestSuite(wal, .init = set_up, .fini = tear_down);

static int open_log(bool writable)
{
	struct hvt_wal w;
	int err = hvt_wal_open(&w, file.path, id, writable);

	if (!err)
		hvt_wal_close(&w);
	return err;
}

Test(wal, is_found_again_with_its_rings)
{
	struct hvt_ring ring;
	struct hvt_wal again;

	for (uint64_t i = 0; i < 5; i++) {
		cr_assert_eq(hvt_wal_add_ring(&wal, &ring), 0);
		cr_assert_eq(ring.size, RING);
		ring.bytes[RING - 1] = (uint8_t)(i + 1);
		ring.header->thread = (uint32_t)i;
		hvt_wal_unmap_ring(&ring);
	}
	cr_assert_eq(hvt_wal_sync(&wal), 0);
	cr_assert_eq(hvt_wal_open(&again, file.path, id, false), 0);
	cr_assert_eq(again.ring_size, RING);
	cr_assert_eq(again.header->rings, 5);
	for (uint64_t i = 0; i < 5; i++) {
		cr_assert_eq(hvt_wal_ring(&again, i, &ring), 0);
		cr_assert_eq(ring.bytes[RING - 1], i + 1);
		cr_assert_eq(ring.header->thread, i);
		hvt_wal_unmap_ring(&ring);
	}
	cr_assert_eq(hvt_wal_ring(&again, 5, &ring), -EBADMSG, "not its own");
	hvt_wal_close(&again);
}

/* A store to a hole would kill the VMM when the disk is full. */
Test(wal, has_its_blocks_before_they_are_used)
{
	struct hvt_ring ring;
	struct stat st;

	cr_assert_eq(hvt_wal_add_ring(&wal, &ring), 0);
	cr_assert_eq(fstat(wal.fd, &st), 0);
	cr_assert_geq(512u * (uint64_t)st.st_blocks, HVT_RING_HEADER + RING);
}

Test(wal, has_no_ring_that_was_not_added)
{
	struct hvt_ring ring;

	cr_assert_eq(hvt_wal_ring(&wal, 0, &ring), -EBADMSG);
	cr_assert_eq(hvt_wal_ring(&wal, HVT_THREADS_MAX, &ring), -EBADMSG);
	cr_assert_eq(hvt_wal_ring(&wal, UINT64_MAX, &ring), -EBADMSG);
	cr_assert_eq(wal.header->rings, 0);
}

Test(wal, has_so_many_rings_at_the_most)
{
	struct hvt_ring ring;

	wal.header->rings = HVT_THREADS_MAX;
	cr_assert_eq(hvt_wal_add_ring(&wal, &ring), -EUSERS);
	cr_assert_eq(wal.header->rings, HVT_THREADS_MAX);
}

Test(wal, tells_whether_its_process_lives)
{
	struct hvt_wal again;
	int status;
	pid_t child;

	cr_assert_eq(hvt_wal_open(&again, file.path, id, false), 0);
	cr_assert(hvt_wal_is_live(&again));
	cr_assert_eq(hvt_wal_is_taken(file.path), -EBUSY);
	hvt_wal_unlock(&wal);
	cr_assert_not(hvt_wal_is_live(&again));
	cr_assert_eq(hvt_wal_is_taken(file.path), 0);
	child = fork();
	if (!child) {
		struct hvt_wal mine;

		_exit(hvt_wal_create(&mine, "of-child", id, RING) ? 1 : 7);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(WEXITSTATUS(status), 7);
	cr_assert_eq(hvt_wal_is_taken("of-child"), 0, "it ended");
	unlink("of-child.wal");
	hvt_wal_close(&again);
}

Test(wal, of_a_living_process_is_not_taken_from_it)
{
	struct hvt_ring ring;
	struct hvt_wal other;

	cr_assert_eq(hvt_wal_add_ring(&wal, &ring), 0);
	cr_assert_lt(hvt_wal_create(&other, file.path, id, RING), 0);
	/* Its pages are still there: a store is no fault. */
	ring.bytes[0] = 1;
	cr_assert_eq(memcmp(wal.header->magic, HVT_WAL_MAGIC, 8), 0);
}

Test(wal, that_is_not_there_is_told_from_one_that_is_no_use)
{
	struct hvt_wal w;
	uint8_t other[16] = { 0 };

	cr_assert_eq(open_log(false), 0);
	cr_assert_eq(open_log(true), 0);
	cr_assert_eq(hvt_wal_open(&w, "no-such-trace", id, false), -ENOENT);
	cr_assert_eq(hvt_wal_open(&w, file.path, other, false), -ESTALE);
	wal.header->magic[3] ^= 1;
	cr_assert_eq(open_log(false), -EBADMSG);
	memset(wal.header->magic, 0, 8);
	cr_assert_eq(open_log(false), -ESTALE, "not begun");
	cr_assert_eq(truncate(log_path, HVT_WAL_HEADER - 1), 0);
	cr_assert_eq(open_log(false), -ESTALE);
	cr_assert_eq(truncate(log_path, 0), 0);
	cr_assert_eq(open_log(true), -ESTALE);
	cr_assert_eq(hvt_wal_remove(file.path), 0);
	cr_assert_eq(open_log(false), -ENOENT);
	cr_assert_eq(hvt_wal_remove(file.path), -ENOENT);
}

Test(wal, with_an_absurd_size_of_rings_is_refused)
{
	static const uint64_t sizes[] = { 0, 1, 2048, 4095, 4097, 12288,
		1ull << 31, 1ull << 63, UINT64_MAX };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		wal.header->ring_size = sizes[i];
		cr_assert_eq(open_log(false), -EBADMSG, "%zu", i);
	}
	wal.header->ring_size = 1u << 30;
	cr_assert_eq(open_log(false), 0);
}

Test(wal, gives_no_ring_that_is_not_in_the_file)
{
	struct hvt_ring ring;
	struct hvt_wal again;

	cr_assert_eq(hvt_wal_add_ring(&wal, &ring), 0);
	wal.header->rings = UINT64_MAX;
	cr_assert_eq(hvt_wal_open(&again, file.path, id, false), 0);
	cr_assert_eq(hvt_wal_ring(&again, 0, &ring), 0);
	hvt_wal_unmap_ring(&ring);
	cr_assert_eq(hvt_wal_ring(&again, 1, &ring), -EBADMSG);
	cr_assert_eq(truncate(log_path, HVT_WAL_HEADER + HVT_RING_HEADER +
					RING - 1), 0);
	cr_assert_eq(hvt_wal_ring(&again, 0, &ring), -EBADMSG);
	hvt_wal_close(&again);
}

Test(wal, with_a_path_too_long_is_refused)
{
	char path[5000];
	struct hvt_wal w;

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = 0;
	cr_assert_eq(hvt_wal_create(&w, path, id, RING), -ENAMETOOLONG);
	cr_assert_eq(hvt_wal_open(&w, path, id, false), -ENAMETOOLONG);
	cr_assert_eq(hvt_wal_remove(path), -ENAMETOOLONG);
}
