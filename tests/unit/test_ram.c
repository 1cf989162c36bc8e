/* SPDX-License-Identifier: MIT */
/* RAM with two views: what the VMM must not notice, and what is noticed. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drop.h"
#include "guest_ram.h"
#include "ram_model.h"
#include "rng.h"

#ifndef MADV_COLLAPSE /* Linux 6.1 */
#define MADV_COLLAPSE 25
#endif

#define PAGES 16u

static size_t page;
static uint8_t *ram, *view;

static void set_up(void)
{
	int err;

	page = (size_t)sysconf(_SC_PAGESIZE);
	ram = ram_map_private(PAGES);
	ram_model_init(ram, PAGES * page);
	err = hvt_ram_start(&ram_model_ops);
	if (err)
		cr_skip("no userfaultfd for this process: %s", strerror(-err));
}

TestSuite(ram, .init = set_up, .fini = hvt_ram_stop, .timeout = 60);

static void adopt(void)
{
	cr_assert_eq(hvt_ram_adopt(ram, PAGES * page, &view), 0);
	cr_assert(view != ram);
}

/* One run of a vCPU that does nothing. */
static void run(void)
{
	hvt_ram_run_begin();
	hvt_ram_run_end();
}

/* As the library has it done. */
static pid_t fork_vmm(void)
{
	pid_t child;

	hvt_ram_before_fork();
	child = fork();
	if (!child)
		hvt_ram_in_child();
	hvt_ram_after_fork();
	return child;
}

static int status_of(pid_t child)
{
	int status;

	cr_assert_eq(waitpid(child, &status, 0), child);
	return status;
}

Test(ram, keeps_contents_where_they_are)
{
	ram[0] = 1;
	ram[5 * page + 77] = 2;
	adopt();
	cr_assert_eq(ram_told.rehomed, 1);
	cr_assert_eq(ram[0], 1);
	cr_assert_eq(ram[5 * page + 77], 2);
	cr_assert_eq(ram[6 * page], 0);
	cr_assert_eq(view[5 * page + 77], 2);
	ram[6 * page] = 3;
	cr_assert_eq(view[6 * page], 3);
}

Test(ram, keeps_protection)
{
	int fds[2];

	ram[0] = 1;
	ram[page] = 2;
	cr_assert_eq(mprotect(ram, page, PROT_READ), 0);
	cr_assert_eq(mprotect(ram + page, page, PROT_NONE), 0);
	adopt();
	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(ram[0], 1);
	/* The kernel says what a store and a load would. */
	cr_assert_eq(write(fds[1], "x", 1), 1);
	cr_assert_eq(read(fds[0], ram, 1), -1);
	cr_assert_eq(errno, EFAULT);
	cr_assert_eq(write(fds[1], ram + page, 1), -1);
	cr_assert_eq(errno, EFAULT);
	cr_assert_eq(view[page], 2);
}

Test(ram, tells_what_was_there_before_a_vcpu_runs)
{
	ram[page] = 7;
	adopt();
	ram[2 * page] = 8;
	run();
	cr_assert_eq(ram_told.changed, 2);
	cr_assert_eq(ram_told.touched, 0);
	cr_assert_eq(ram_told.ended, 1);
	cr_assert_eq(ram_model()[page], 7);
	cr_assert_eq(ram_model()[2 * page], 8);
}

Test(ram, tells_a_read)
{
	adopt();
	run();
	view[3 * page] = 9;
	ram_model()[3 * page] = 9;
	cr_assert_eq(ram[3 * page], 9);
	cr_assert_eq(ram_told.touched, 1);
	run();
	cr_assert_eq(ram_told.changed, 0);
	cr_assert_eq(ram_told.ended, 2);
	cr_assert_eq(ram_told.surprises, 0);
}

Test(ram, tells_a_write_once_in_a_turn)
{
	adopt();
	run();
	for (unsigned i = 0; i < 100; i++)
		ram[3 * page + i] = 1;
	run();
	cr_assert_eq(ram_told.touched, 1);
	cr_assert_eq(ram_told.changed, 1);
	ram[3 * page] = 2;
	run();
	cr_assert_eq(ram_told.touched, 2);
	cr_assert_eq(ram_told.changed, 2);
	cr_assert_eq(ram_told.surprises, 0);
}

Test(ram, costs_no_turn_where_nothing_is_touched)
{
	adopt();
	run();
	for (unsigned i = 0; i < 10; i++)
		run();
	cr_assert_eq(ram_told.ended, 1);
}

Test(ram, sees_system_calls)
{
	int fds[2];

	adopt();
	run();
	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(write(fds[1], "hello", 5), 5);
	cr_assert_eq(read(fds[0], ram + 4 * page - 2, 5), 5);
	run();
	cr_assert_eq(ram_told.touched, 2);
	cr_assert_eq(ram_told.changed, 2);
	cr_assert_eq(memcmp(ram_model() + 4 * page - 2, "hello", 5), 0);
}

/* Counts in a page that moves meanwhile, and never loses a count. */
static void *count(void *stop)
{
	volatile uint64_t *counter = (volatile uint64_t *)(ram + 8 * page);
	uint64_t n = 0;

	while (!atomic_load((atomic_bool *)stop)) {
		if (*counter != n)
			return (void *)1;
		*counter = ++n;
	}
	return NULL;
}

Test(ram, loses_no_write_while_memory_moves)
{
	for (unsigned i = 0; i < test_scale(50, 1000); i++) {
		atomic_bool stop = false;
		pthread_t thread;
		void *wrong;

		ram = ram_map_private(PAGES);
		pthread_create(&thread, NULL, count, &stop);
		usleep(500);
		adopt();
		usleep(500);
		atomic_store(&stop, true);
		pthread_join(thread, &wrong);
		cr_assert_null(wrong);
		hvt_ram_reset();
		munmap(ram, PAGES * page);
	}
}

Test(ram, shows_partners_of_shared_memory)
{
	int fd = memfd_create("shared", MFD_CLOEXEC);
	uint8_t *shared, *partner;

	cr_assert_eq(ftruncate(fd, (off_t)(2 * page)), 0);
	shared = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	partner = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			0);
	ram_model_init(shared, 2 * page);
	cr_assert_eq(hvt_ram_adopt(shared, 2 * page, &view), 0);
	cr_assert_eq(ram_told.shared, 1);
	run();
	shared[page] = 5;
	cr_assert_eq(partner[page], 5);
	cr_assert_eq(view[page], 5);
	run();
	cr_assert_eq(ram_told.touched, 1);
	cr_assert_eq(ram_told.changed, 1);
}

Test(ram, says_what_it_cannot_follow)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	uint8_t *file = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			fd, 0);

	cr_assert(file != MAP_FAILED);
	cr_assert_eq(hvt_ram_adopt(file, page, &view), 0);
	cr_assert_eq(view, file);
	cr_assert_eq(ram_told.untracked, 1);
}

/* A file lies in it, which cannot be followed: so none of it is. */
Test(ram, lets_go_of_what_could_not_be_mapped)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	uint8_t *part, *file = mmap(ram + 8 * page, page, PROT_READ,
			MAP_SHARED | MAP_FIXED, fd, 0);

	cr_assert_eq(file, ram + 8 * page);
	cr_assert_eq(hvt_ram_adopt(ram, PAGES * page, &view), -EOPNOTSUPP);
	cr_assert_eq(ram_told.rehomed, 1);
	cr_assert_eq(ram_told.gone, 1);
	run();
	ram[page] = 1;
	run();
	cr_assert_eq(ram_told.touched, 0);
	cr_assert_eq(hvt_ram_adopt(ram, 2 * page, &part), 0);
	run();
	ram[page] = 2;
	run();
	cr_assert_eq(ram_told.touched, 1);
	cr_assert_eq(part[page], 2);
}

Test(ram, forgets_what_is_given_up_with_madvise)
{
	adopt();
	ram[page] = 1;
	ram[2 * page] = 1;
	run();
	ram[page] = 2;
	cr_assert_eq(madvise(ram + page, 2 * page, MADV_DONTNEED), 0);
	cr_assert_eq(ram[page], 0);
	cr_assert_eq(ram[2 * page], 0);
	ram[page + 1] = 3;
	run();
	cr_assert_eq(ram_model()[page], 0);
	cr_assert_eq(ram_model()[page + 1], 3);
	cr_assert_eq(ram_model()[2 * page], 0);
	cr_assert_eq(view[2 * page], 0);
}

/* Under a sanitizer mlock() does nothing. */
static int lock_memory(uint8_t *addr, size_t size)
{
	return (int)syscall(SYS_mlock, addr, size);
}

/* mlockall() of a VMM, before or after. */
Test(ram, follows_locked_memory)
{
	cr_assert_eq(lock_memory(ram, PAGES * page), 0);
	adopt();
	cr_assert_eq(lock_memory(ram, PAGES * page), 0);
	run();
	ram[page] = 1;
	run();
	ram[page] = 2;
	run();
	cr_assert_eq(ram_told.untracked, 0);
	cr_assert_eq(ram_told.touched, 2);
	cr_assert_eq(ram_model()[page], 2);
}

/* As kernels before 5.18 do, from which MADV_DONTNEED_LOCKED is. */
static void have_no_way_to_drop_locked_memory(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
				offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
				offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 24, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

Test(ram, says_so_when_it_can_follow_locked_memory_no_more)
{
	adopt();
	run();
	have_no_way_to_drop_locked_memory();
	ram[page] = 1;
	cr_assert_eq(lock_memory(ram + page, page), 0);
	run();
	cr_assert_eq(ram_told.untracked, 1);
	cr_assert_eq(ram_model()[page], 1);
	ram[2 * page] = 1;
	run();
	cr_assert_eq(ram[2 * page], 1);
	cr_assert_eq(ram_told.surprises, 0);
}

/* All of it would be mapped by that, and writes not be seen. */
Test(ram, does_not_let_pages_be_collapsed)
{
	size_t huge = 2u << 20;
	uint8_t *big = ram_map_private(2 * huge / page), *at;

	at = big + (huge - (uintptr_t)big % huge) % huge;
	ram_model_init(at, huge);
	memset(at, 1, huge);
	cr_assert_eq(hvt_ram_adopt(at, huge, &view), 0);
	run();
	cr_assert_neq(madvise(at, huge, MADV_COLLAPSE), 0);
	at[page] = 2;
	run();
	cr_assert_eq(ram_model()[page], 2);
}

Test(ram, leaves_alone_what_was_unmapped)
{
	uint8_t *other;

	adopt();
	run();
	ram[2 * page] = 1;
	cr_assert_eq(munmap(ram + 2 * page, page), 0);
	/* The message was read; it is dealt with before the next one. */
	ram[5 * page] = 1;
	cr_assert_eq(ram_told.gone, 1);
	other = mmap(ram + 2 * page, page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	cr_assert_eq(other, ram + 2 * page);
	other[0] = 4;
	ram[6 * page] = 1;
	run();
	cr_assert_eq(other[0], 4);
	cr_assert_eq(ram_model()[2 * page], 0);
	cr_assert_eq(ram_model()[5 * page], 1);
	cr_assert_eq(ram_model()[6 * page], 1);
}

static uint8_t *map_again(uint8_t *addr)
{
	uint8_t *p = mmap(addr, page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
			0);

	cr_assert_eq(p, addr);
	return p;
}

/* Pages that are near to each other are dropped together. */
Test(ram, leaves_alone_what_was_unmapped_in_between)
{
	adopt();
	run();
	ram[2 * page] = ram[6 * page] = 1;
	cr_assert_eq(munmap(ram + 4 * page, page), 0);
	map_again(ram + 4 * page)[0] = 4;
	run();
	cr_assert_eq(ram[4 * page], 4);
	ram[2 * page] = ram[6 * page] = 2;
	run();
	cr_assert_eq(ram[4 * page], 4);
	cr_assert_eq(ram_model()[2 * page], 2);
	cr_assert_eq(ram_model()[6 * page], 2);
}

/* What lies behind takes a descriptor of its own, and there is none. */
Test(ram, says_so_when_it_has_to_forget_a_part)
{
	struct rlimit none = { 0 };

	adopt();
	run();
	none.rlim_cur = none.rlim_max = (rlim_t)dup(0);
	close((int)none.rlim_cur);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	cr_assert_eq(munmap(ram + 4 * page, page), 0);
	ram[10 * page] = 1;
	cr_assert_eq(ram[10 * page], 1);
	cr_assert_eq(view[10 * page], 1);
	cr_assert_eq(ram_told.gone, 1);
	cr_assert_eq(ram_told.untracked, 1);
}

static void *run_once(void *unused)
{
	(void)unused;
	run();
	return NULL;
}

/*
 * Pages far apart are dropped one by one, and a turn with many takes its time. The
 * last two are dropped together, if what lies in between is the guest's still.
 */
Test(ram, leaves_alone_what_is_unmapped_while_a_turn_ends)
{
	size_t many = 128, apart = HVT_DROP_GAP + 2 * page;
	uint8_t *last, *between;
	pthread_t thread;

	ram = ram_map_private(many * apart / page);
	last = ram + (many - 1) * apart;
	between = last + page;
	ram_model_init(ram, many * apart);
	cr_assert_eq(hvt_ram_adopt(ram, many * apart, &view), 0);
	run();
	for (size_t i = 0; i < many; i++)
		ram[i * apart] = 1;
	last[2 * page] = 1;
	pthread_create(&thread, NULL, run_once, NULL);
	while (ram_count_mapped(ram, 1))
		;
	cr_assert_eq(munmap(between, page), 0);
	map_again(between)[0] = 0x55;
	pthread_join(thread, NULL);
	cr_assert_eq(between[0], 0x55);
	last[0] = last[2 * page] = 2;
	run();
	cr_assert_eq(between[0], 0x55);
	cr_assert_eq(ram_model()[last - ram], 2);
	cr_assert_eq(ram_model()[last - ram + 2 * (ptrdiff_t)page], 2);
}

/* Where a mapping is split meanwhile the kernel may drop a part only. */
static void *protect_and_back(void *stop)
{
	uint8_t *middle = ram + PAGES / 2 * page;

	while (!atomic_load((atomic_bool *)stop)) {
		mprotect(middle, page, PROT_READ);
		mprotect(middle, page, PROT_READ | PROT_WRITE);
	}
	return NULL;
}

Test(ram, drops_all_where_mappings_are_split)
{
	uint8_t *first = ram, *last = ram + (PAGES - 1) * page;
	atomic_bool stop = false;
	pthread_t thread;

	adopt();
	run();
	pthread_create(&thread, NULL, protect_and_back, &stop);
	for (unsigned i = 1; i <= test_scale(2000, 20000); i++) {
		first[0] = last[0] = (uint8_t)i;
		run();
		cr_assert_eq(ram_model()[0], (uint8_t)i);
		cr_assert_eq(ram_model()[last - ram], (uint8_t)i);
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
}

/* The messages are dealt with one by one: that of the last page is not yet. */
Test(ram, takes_new_memory_for_new_where_there_was_some)
{
	uint8_t *last = ram + (PAGES - 1) * page, *fresh;
	unsigned told;

	adopt();
	run();
	for (unsigned i = 0; i < test_scale(30, 300); i++) {
		for (unsigned n = 1; n < PAGES; n++)
			cr_assert_eq(munmap(ram + n * page, page), 0);
		for (unsigned n = 1; n < PAGES; n++)
			map_again(ram + n * page);
		last[0] = (uint8_t)(i + 1);
		told = ram_told.rehomed;
		cr_assert_eq(hvt_ram_adopt(last, page, &fresh), 0);
		cr_assert_eq(ram_told.rehomed, told + 1);
		cr_assert_eq(fresh[0], (uint8_t)(i + 1));
		for (unsigned n = 1; n < PAGES - 1; n++)
			cr_assert_eq(hvt_ram_adopt(ram + n * page, page, &view),
					0);
		run();
	}
}

Test(ram, follows_memory_to_where_it_is_moved_no_more)
{
	uint8_t *moved;

	adopt();
	run();
	ram[2 * page] = 1;
	moved = mremap(ram + 2 * page, page, page, MREMAP_MAYMOVE | MREMAP_FIXED,
			ram_map_private(1));
	cr_assert(moved != MAP_FAILED);
	cr_assert_eq(moved[0], 1);
	moved[0] = 2;
	ram[3 * page] = 1;
	run();
	moved[0] = 3;
	run();
	cr_assert_eq(moved[0], 3);
	cr_assert_eq(ram_told.gone, 1);
	cr_assert_eq(ram_model()[2 * page], 0);
	cr_assert_eq(ram_model()[3 * page], 1);
}

Test(ram, is_the_vmms_alone_when_the_guest_has_it_no_more)
{
	adopt();
	run();
	ram[page] = 1;
	hvt_ram_abandon(view, PAGES * page);
	cr_assert_eq(ram_told.gone, 1);
	ram[2 * page] = 2;
	run();
	cr_assert_eq(ram[page], 1);
	cr_assert_eq(ram[2 * page], 2);
	cr_assert_eq(ram_told.touched, 1);
	cr_assert_eq(munmap(ram, PAGES * page), 0);
}

/* What is left of it when the VMM has unmapped a part is let go all the same. */
Test(ram, is_the_vmms_alone_after_a_part_was_unmapped)
{
	adopt();
	run();
	cr_assert_eq(munmap(ram + 4 * page, page), 0);
	ram[page] = 1;
	run();
	cr_assert_eq(ram_told.gone, 1);
	hvt_ram_abandon(view, PAGES * page);
	cr_assert_eq(ram_told.gone, 3);
}

/* A part that the guest has once more, or not any more, is counted as a part. */
Test(ram, counts_parts_that_the_guest_has)
{
	uint8_t *part, *all;

	adopt();
	cr_assert_eq(hvt_ram_adopt(ram + 2 * page, 3 * page, &part), 0);
	cr_assert_eq(part, view + 2 * page);
	cr_assert_eq(hvt_ram_adopt(ram, PAGES * page, &all), 0);
	cr_assert_eq(all, view);
	run();
	hvt_ram_abandon(view, PAGES * page);
	hvt_ram_abandon(view + page, (PAGES - 1) * page);
	cr_assert_eq(ram_told.gone, 2);
	ram[page * 2] = 1;
	run();
	cr_assert_eq(ram_model()[page * 2], 1);
	hvt_ram_abandon(view, page);
	cr_assert_eq(ram_told.gone, 3);
	hvt_ram_abandon(part, 3 * page);
	cr_assert_eq(ram_told.gone, 4);
}

/* It is private still, whatever file its pages are in. */
Test(ram, stays_private_when_the_guest_has_it_no_more)
{
	uint8_t *again;
	int status;
	pid_t child;

	adopt();
	run();
	ram[page] = 1;
	ram[2 * page] = 2;
	hvt_ram_abandon(view, PAGES * page);
	cr_assert_eq(madvise(ram + page, page, MADV_DONTNEED), 0);
	cr_assert_eq(ram[page], 0);
	ram[page] = 3;
	child = fork_vmm();
	if (!child) {
		ram[2 * page] = 5;
		_exit(ram[page] == 3 ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_eq(ram[2 * page], 2);
	/* And the guest's again: as before, with nothing missing. */
	ram_model_init(ram, PAGES * page);
	cr_assert_eq(hvt_ram_adopt(ram, PAGES * page, &again), 0);
	cr_assert_eq(ram_told.rehomed, 1);
	run();
	cr_assert_eq(ram_model()[page], 3);
	cr_assert_eq(again[2 * page], 2);
	ram[2 * page] = 6;
	run();
	cr_assert_eq(ram_model()[2 * page], 6);
	cr_assert_eq(ram_told.surprises, 0);
}

Test(ram, stays_private_when_there_is_no_vm_any_more)
{
	adopt();
	run();
	ram[page] = 1;
	hvt_ram_reset();
	cr_assert_eq(ram[page], 1);
	cr_assert_eq(madvise(ram + page, page, MADV_DONTNEED), 0);
	cr_assert_eq(ram[page], 0);
	adopt();
	cr_assert_eq(ram_told.rehomed, 2);
	ram[3 * page] = 4;
	run();
	cr_assert_eq(view[3 * page], 4);
	cr_assert_eq(munmap(ram, PAGES * page), 0);
}

Test(ram, forgets_what_is_given_up_before_a_vcpu_runs)
{
	ram[page] = 1;
	adopt();
	ram[2 * page] = 2;
	cr_assert_eq(madvise(ram, 4 * page, MADV_DONTNEED), 0);
	cr_assert_eq(ram[page], 0);
	cr_assert_eq(ram[2 * page], 0);
	ram[2 * page + 1] = 3;
	run();
	cr_assert_eq(view[page], 0);
	cr_assert_eq(view[2 * page], 0);
	cr_assert_eq(ram_model()[2 * page + 1], 3);
}

Test(ram, has_one_view_of_what_is_in_several_mappings)
{
	uint8_t *part, *all;

	cr_assert_eq(hvt_ram_adopt(ram + 2 * page, 3 * page, &part), 0);
	cr_assert_eq(hvt_ram_adopt(ram, PAGES * page, &all), 0);
	run();
	for (unsigned i = 0; i < PAGES; i++)
		ram[i * page] = (uint8_t)(i + 1);
	for (unsigned i = 0; i < PAGES; i++)
		cr_assert_eq(all[i * page], i + 1);
	cr_assert_eq(part[page], 4);
	run();
	for (unsigned i = 0; i < PAGES; i++)
		cr_assert_eq(ram_model()[i * page], i + 1);
	hvt_ram_abandon(all, PAGES * page);
	cr_assert_eq(ram_told.gone, 2);
	ram[3 * page] = 9;
	cr_assert_eq(part[page], 9);
	run();
	cr_assert_eq(ram_model()[3 * page], 9);
}

Test(ram, is_a_copy_in_a_child)
{
	int status;
	pid_t child;

	adopt();
	run();
	ram[page] = 1;
	child = fork_vmm();
	if (!child) {
		ram[page]++;
		ram[2 * page] = 5;
		_exit(ram[page] == 2 ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_eq(ram[page], 1);
	cr_assert_eq(ram[2 * page], 0);
}

/* It lies in a file of ours all the same. */
Test(ram, is_a_copy_in_a_child_where_it_is_not_followed)
{
	pid_t child;

	adopt();
	run();
	have_no_way_to_drop_locked_memory();
	ram[page] = 1;
	cr_assert_eq(lock_memory(ram + page, page), 0);
	run();
	cr_assert_eq(ram_told.untracked, 1);
	child = fork_vmm();
	if (!child) {
		ram[page]++;
		_exit(ram[page] == 2 ? 0 : 1);
	}
	cr_assert_eq(status_of(child), 0);
	cr_assert_eq(ram[page], 1);
}

Test(ram, is_protected_in_a_child_as_in_its_parent)
{
	pid_t child;
	int fds[2];

	adopt();
	run();
	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(mprotect(ram + page, page, PROT_READ), 0);
	cr_assert_eq(write(fds[1], "x", 1), 1);
	child = fork_vmm();
	if (!child)
		_exit(read(fds[0], ram + page, 1) == -1 && errno == EFAULT &&
						read(fds[0], ram, 1) == 1
				? 0
				: 1);
	cr_assert_eq(status_of(child), 0);
}

Test(ram, lets_go_of_all_when_it_stops)
{
	adopt();
	run();
	ram[page] = 1;
	hvt_ram_stop();
	run();
	ram[page]++;
	ram[2 * page] = 5;
	cr_assert_eq(ram[page], 2);
	cr_assert_eq(view[2 * page], 5);
}
