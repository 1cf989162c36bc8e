/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host_memory.h"

#define PAGES 8u

static uint8_t *memory;
static size_t page;

static void set_up(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	memory = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(memory, MAP_FAILED);
}

TestSuite(host_memory, .init = set_up);

/* "rwx" with dashes, of the page, as the kernel has it. */
static const char *permissions(const uint8_t *p)
{
	static char found[4];
	unsigned long from, to;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	strcpy(found, "?");
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %3s", &from, &to, found) == 3 &&
			(unsigned long)p >= from && (unsigned long)p < to)
			break;
	fclose(maps);
	return found;
}

Test(host_memory, takes_what_is_mapped)
{
	cr_assert_eq(hvt_host_memory_check(memory, PAGES * page, 7), 0);
	cr_assert_str_eq(permissions(memory), "rw-");
}

Test(host_memory, refuses_what_is_not_mapped)
{
	munmap(memory + 3 * page, page);
	cr_assert_eq(hvt_host_memory_check(memory, 3 * page, 7), 0);
	cr_assert_eq(hvt_host_memory_check(memory, 4 * page, 7), -EINVAL);
	cr_assert_eq(
		hvt_host_memory_check(memory + 3 * page, page, 0), -EINVAL);
	cr_assert_eq(hvt_host_memory_check(memory, PAGES * page, 7), -EINVAL);
}

Test(host_memory, refuses_nothing_and_what_wraps)
{
	cr_assert_eq(hvt_host_memory_check(NULL, page, 7), -EINVAL);
	cr_assert_eq(
		hvt_host_memory_check(memory, 0 - (uint64_t)page, 7), -EINVAL);
}

/* KVM would not read it, though an arm64 CPU does. */
Test(host_memory, makes_readable_what_may_only_be_written)
{
	mprotect(memory + page, 4 * page, PROT_WRITE);
	cr_assert_str_eq(permissions(memory + page), "-w-");
	cr_assert_eq(hvt_host_memory_check(memory + 2 * page, page, 7), 0);
	cr_assert_str_eq(permissions(memory + page), "-w-");
	cr_assert_str_eq(permissions(memory + 2 * page), "rw-");
	cr_assert_str_eq(permissions(memory + 3 * page), "-w-");
}

Test(host_memory, leaves_alone_what_the_guest_shall_not_read)
{
	mprotect(memory, page, PROT_WRITE);
	cr_assert_eq(hvt_host_memory_check(memory, page, HV_MEMORY_WRITE), 0);
	cr_assert_str_eq(permissions(memory), "-w-");
}

/* The VMM may yet open it. */
Test(host_memory, opens_nothing_that_is_closed)
{
	mprotect(memory, page, PROT_NONE);
	cr_assert_eq(hvt_host_memory_check(memory, PAGES * page, 7), 0);
	cr_assert_str_eq(permissions(memory), "---");
}
