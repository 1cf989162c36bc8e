/* SPDX-License-Identifier: MIT */
/*
 * What a VMM could notice of its memory having another mapping since it gave
 * it to the guest; and what the guest notices of what the VMM does to it.
 */
#include "guest_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance.h"

GUEST(guest_prober, "ldr x0, [x1]\n hvc #1\n str x0, [x1]\n hvc #2\n b .");

#define LOAD_PC	 RAM
#define STORE_PC (RAM + 8)
#define SPIN_PC	 (RAM + 16)

#define PAGES	    8u
#define PRIVATE_IPA 0x80000000ull
#define SHARED_IPA  0x90000000ull
#define CONST_IPA   0xa0000000ull
#define FILE_IPA    0xb0000000ull

static const hv_memory_flags_t rw = HV_MEMORY_READ | HV_MEMORY_WRITE;
static size_t page;
static struct cpu cpu;
/* shared and partner: the same pages. */
static uint8_t *private, *shared, *partner, *constant, *file;

static uint64_t value_at(const uint8_t *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static void set_value(uint8_t *p, uint64_t value)
{
	memcpy(p, &value, sizeof(value));
}

static void probe(uint64_t pc, uint64_t ipa)
{
	set_reg(&cpu, HV_REG_PC, pc);
	set_reg(&cpu, HV_REG_X1, ipa);
	if (cpu_run(&cpu) != HV_EXIT_REASON_EXCEPTION ||
			EC(cpu.exit->exception.syndrome) != EC_HVC)
		need(HV_FAULT, "the guest's access");
}

static uint64_t guest_load(uint64_t ipa)
{
	probe(LOAD_PC, ipa);
	return reg(&cpu, HV_REG_X0);
}

static void guest_store(uint64_t ipa, uint64_t value)
{
	set_reg(&cpu, HV_REG_X0, value);
	probe(STORE_PC, ipa);
}

static uint8_t *get(size_t pages, int prot, int flags, int fd)
{
	uint8_t *p = mmap(NULL, pages * page, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		need(HV_NO_RESOURCES, "mmap");
	return p;
}

static void make_memory(void)
{
	const int write = PROT_READ | PROT_WRITE;
	const int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
	int fd = memfd_create("shared", MFD_CLOEXEC);
	int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	page = (size_t)sysconf(_SC_PAGESIZE);
	if (ftruncate(fd, (off_t)(PAGES * page)))
		need(HV_NO_RESOURCES, "memfd");
	private = get(PAGES, write, anonymous, -1);
	constant = get(1, write, anonymous, -1);
	shared = get(PAGES, write, MAP_SHARED, fd);
	partner = get(PAGES, write, MAP_SHARED, fd);
	file = get(1, PROT_READ, MAP_PRIVATE, exe);
	for (unsigned i = 0; i < PAGES; i++) {
		set_value(private + i * page, 100 + i);
		set_value(shared + i * page, 200 + i);
	}
	set_value(constant, 300);
	mprotect(constant, page, PROT_READ);
}

/* "rwx" as /proc/self/maps has it of what is mapped at p. */
static void protection_of(const void *p, char text[4])
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t start, end;
	char line[512], prot[5];

	memset(text, 0, 4);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &start, &end,
			    prot) == 3 && start <= (uintptr_t)p &&
				(uintptr_t)p < end)
			memcpy(text, prot, 3);
	fclose(maps);
}

static bool is_protected_as(const void *p, const char *as)
{
	char text[4];

	protection_of(p, text);
	return !strcmp(text, as);
}

static void map_all(void)
{
	NEED(hv_vm_map(private, PRIVATE_IPA, PAGES * page, rw));
	NEED(hv_vm_map(shared, SHARED_IPA, PAGES * page, rw));
	NEED(hv_vm_map(constant, CONST_IPA, page, HV_MEMORY_READ));
	NEED(hv_vm_map(file, FILE_IPA, page, HV_MEMORY_READ));
	claim(is_protected_as(private, "rw-") && is_protected_as(shared, "rw-") &&
		is_protected_as(constant, "r--"), "protection_stays");
}

static void look_at_contents(void)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < PAGES; i++) {
		wrong += value_at(private + i * page) != 100 + i;
		wrong += guest_load(PRIVATE_IPA + i * page) != 100 + i;
		wrong += guest_load(SHARED_IPA + i * page) != 200 + i;
	}
	claim_equal(wrong, 0, "contents_stay");
	claim_equal(guest_load(CONST_IPA), 300, "constant_contents_stay");
	claim_equal(guest_load(FILE_IPA), value_at(file),
		"guest_has_what_is_not_followed");
	guest_store(PRIVATE_IPA + page, 1);
	claim_equal(value_at(private + page), 1, "vmm_sees_what_the_guest_writes");
	set_value(private + page, 2);
	claim_equal(guest_load(PRIVATE_IPA + page), 2,
		"guest_sees_what_the_vmm_writes");
}

static void look_at_partner(void)
{
	guest_store(SHARED_IPA + page, 3);
	claim_equal(value_at(partner + page), 3, "partner_sees_the_guest");
	claim_equal(value_at(shared + page), 3, "vmm_sees_the_guest");
	set_value(partner + page, 4);
	claim_equal(guest_load(SHARED_IPA + page), 4, "guest_sees_the_partner");
	set_value(shared + page, 5);
	claim_equal(value_at(partner + page), 5, "partner_sees_the_vmm");
}

static void look_at_system_calls(void)
{
	uint64_t value = 0;
	int fds[2];

	if (pipe(fds))
		need(HV_NO_RESOURCES, "pipe");
	guest_store(PRIVATE_IPA + 2 * page, 6);
	claim(write(fds[1], private + 2 * page, 8) == 8 &&
		read(fds[0], &value, 8) == 8 && value == 6,
		"system_call_reads_what_the_guest_wrote");
	guest_store(PRIVATE_IPA + 2 * page, 0);
	value = 7;
	claim(write(fds[1], &value, 8) == 8 &&
		read(fds[0], private + 2 * page, 8) == 8 &&
		guest_load(PRIVATE_IPA + 2 * page) == 7,
		"guest_sees_what_a_system_call_wrote");
	guest_load(CONST_IPA);
	claim(write(fds[1], &value, 8) == 8 && read(fds[0], constant, 8) == -1 &&
		errno == EFAULT, "system_call_may_not_write_what_is_constant");
}

/* A child's memory is its own; the guest is the parent's. */
static void look_at_child(void)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		bool same = value_at(private + 3 * page) == 103;

		set_value(private + 3 * page, 8);
		_exit(same && value_at(private + 3 * page) == 8 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	claim_equal((unsigned)status, 0, "child_has_a_copy");
	claim_equal(guest_load(PRIVATE_IPA + 3 * page), 103,
		"guest_is_the_parents");
	claim_equal(value_at(private + 3 * page), 103, "memory_is_the_parents");
}

static volatile uint64_t seen_by_handler;

static void on_alarm(int signal)
{
	(void)signal;
	seen_by_handler = value_at(private + 3 * page);
	(void)hv_vcpus_exit(&cpu.id, 1);
}

/* The handler runs in the middle of the vCPU's run. */
static void look_from_signal_handler(void)
{
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	set_reg(&cpu, HV_REG_PC, SPIN_PC);
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_CANCELED,
		"signal_handler_can_end_a_run");
	claim_equal(seen_by_handler, 103, "signal_handler_sees_guest_memory");
}

static void look_at_changes(void)
{
	uint8_t *place = get(1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint8_t *at = private + 5 * page;

	guest_store(PRIVATE_IPA + 4 * page, 9);
	madvise(private + 4 * page, page, MADV_DONTNEED);
	claim_equal(value_at(private + 4 * page), 0, "given_up_page_is_zero");
	claim_equal(guest_load(PRIVATE_IPA + 4 * page), 0,
		"given_up_page_is_zero_to_the_guest");
	guest_store(PRIVATE_IPA + 5 * page, 10);
	claim(mremap(at, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, place) ==
		place && value_at(place) == 10, "moved_page_keeps_its_contents");
	claim(!munmap(private + 6 * page, page), "page_can_be_unmapped");
	guest_store(PRIVATE_IPA + 7 * page, 11);
	claim_equal(value_at(private + 7 * page), 11, "what_is_left_is_followed");
	NEED(hv_vm_unmap(PRIVATE_IPA, PAGES * page));
	set_value(private, 12);
	claim_equal(value_at(private), 12, "memory_is_the_vmms_in_the_end");
}

int vmm_that_looks(void)
{
	VM_START(guest_prober);
	make_memory();
	map_all();
	cpu = cpu_start();
	look_at_contents();
	look_at_partner();
	look_at_system_calls();
	look_at_child();
	look_from_signal_handler();
	look_at_changes();
	cpu_end(&cpu);
	vm_end();
	return verdict();
}
