/* SPDX-License-Identifier: MIT */
/*
 * What the host refuses: no KVM, no right to it, no descriptors left, memory
 * taken away, and the VM of a parent. Each in a child of its own, as a process
 * does not get back what it gives up here.
 */
#include "errors.h"
#include "gic_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <os/object.h>

#define NOBODY	    65534
#define DESCRIPTORS 256u

GUEST(guest_call, "hvc #7\n b guest_call");

static unsigned bad_children;

/* Its claims count as those of this program do. */
static void in_child(void (*f)(void))
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		f();
		fflush(stdout);
		/* Past the leak check, which may not be able to look here. */
		_exit(verdict());
	}
	waitpid(child, &status, 0);
	bad_children += !WIFEXITED(status) || WEXITSTATUS(status);
}

/* All that asks KVM. */
static void kvm_rows(hv_return_t code)
{
	hv_vm_config_t config = hv_vm_config_create();
	hv_vcpu_config_t vcpu_config = hv_vcpu_config_create();

	ROW(hv_vm_create(NULL), code, "no_kvm");
	ROW(hv_vm_create(config), code, "no_kvm");
	ROW(hv_vm_config_get_max_ipa_size(&out.u32), code, "no_kvm");
	ROW(hv_vm_config_get_default_ipa_size(&out.u32), code, "no_kvm");
	ROW(hv_vm_config_set_ipa_size(config, 36), code, "no_kvm");
	ROW(hv_vm_config_get_el2_supported(&out.flag), code, "no_kvm");
	ROW(hv_vcpu_config_get_feature_reg(vcpu_config,
		    HV_FEATURE_REG_ID_AA64PFR0_EL1, &out.u64), code, "no_kvm");
	ROW(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(vcpu_config,
		    HV_CACHE_TYPE_DATA, out.values), code, "no_kvm");
	ROW(hv_vm_destroy(), HV_NO_DEVICE, "no_kvm");
	os_release(vcpu_config);
	os_release(config);
}

static void without_kvm(void)
{
	now("no_dev_kvm");
	if (chroot("/proc")) {
		printf("skip no_dev_kvm # only root can hide it\n");
		return;
	}
	kvm_rows(HV_UNSUPPORTED);
}

static void without_the_right(void)
{
	now("dev_kvm_of_others");
	if (setuid(NOBODY) || !access("/dev/kvm", R_OK | W_OK)) {
		printf("skip dev_kvm_of_others # everybody may open it\n");
		return;
	}
	kvm_rows(HV_DENIED);
}

static int spare[DESCRIPTORS];
static unsigned spares;

static void use_up_descriptors(void)
{
	const struct rlimit limit = { DESCRIPTORS, DESCRIPTORS };
	int fd;

	setrlimit(RLIMIT_NOFILE, &limit);
	for (spares = 0; spares < DESCRIPTORS; spares++) {
		fd = dup(STDOUT_FILENO);
		if (fd < 0)
			break;
		spare[spares] = fd;
	}
}

/*
 * With no descriptor to be had, then one, and so on, until f is done or says
 * something else than that there are no resources.
 */
static hv_return_t until_it_has_enough(hv_return_t (*f)(void), unsigned *without)
{
	hv_return_t result = HV_NO_RESOURCES;

	use_up_descriptors();
	*without = 0;
	for (;;) {
		result = f();
		if (result != HV_NO_RESOURCES || !spares)
			break;
		++*without;
		close(spare[--spares]);
	}
	while (spares)
		close(spare[--spares]);
	return result;
}

static hv_return_t create_vm(void)
{
	return hv_vm_create(NULL);
}

static hv_return_t create_vcpu(void)
{
	struct cpu cpu;

	return hv_vcpu_create(&cpu.id, &cpu.exit, NULL);
}

static hv_return_t ask_feature(void)
{
	hv_vcpu_config_t config = hv_vcpu_config_create();
	uint64_t value;
	hv_return_t result = hv_vcpu_config_get_feature_reg(config,
		HV_FEATURE_REG_ID_AA64PFR0_EL1, &value);

	os_release(config);
	return result;
}

static void expect_a_guest_runs(void)
{
	struct cpu cpu = cpu_start();

	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"what_is_made_at_last_runs");
	claim_equal(cpu.exit->exception.syndrome & 0xffff, 7,
		"and_does_what_it_should");
	cpu_end(&cpu);
}

static void without_descriptors(void)
{
	unsigned n, files = count_entries("/proc/self/fd");
	hv_return_t result;

	now("no_descriptors");
	result = until_it_has_enough(ask_feature, &n);
	ROW_OF(hv_vcpu_config_get_feature_reg, result, HV_SUCCESS, "at_last");
	claim(n > 0, "a_feature_is_not_told_without_descriptors");
	result = until_it_has_enough(create_vm, &n);
	ROW_OF(hv_vm_create, result, HV_SUCCESS, "at_last");
	claim(n > 0, "no_vm_without_descriptors");
	NEED(hv_vm_destroy());
	(void)VM_START(guest_call);
	result = until_it_has_enough(create_vcpu, &n);
	ROW_OF(hv_vcpu_create, result, HV_SUCCESS, "at_last");
	claim(n > 0, "no_vcpu_without_descriptors");
	NEED(hv_vcpu_destroy(0));
	expect_a_guest_runs();
	vm_end();
	claim_equal(count_entries("/proc/self/fd"), files, "none_is_left_behind");
}

static void gic_without_descriptors(void)
{
	unsigned n;
	hv_return_t result;
	struct cpu cpu;

	now("no_descriptors");
	gic_guest_start();
	result = until_it_has_enough(gic_create, &n);
	ROW_OF(hv_gic_create, result, HV_SUCCESS, "at_last");
	claim(n > 64, "each_that_a_gic_needs_is_asked_for_again");
	cpu = gic_cpu_start(0x80000000);
	spi_enable(40, true);
	NEED(hv_gic_set_spi(40, true));
	claim_equal(take_irq(&cpu, OP_SPIN), 40, "the_gic_made_at_last_works");
	cpu_end(&cpu);
	vm_end();
}

static void nothing_left(void)
{
	use_up_descriptors();
	now("no_descriptors");
	kvm_rows(HV_NO_RESOURCES);
	while (spares)
		close(spare[--spares]);
	(void)VM_START(guest_call);
	use_up_descriptors();
	ROW(hv_vcpu_create(&out.vcpu.id, &out.vcpu.exit, NULL),
		HV_NO_RESOURCES, "no_descriptors");
	ROW_OF(hv_gic_create, gic_create(), HV_NO_RESOURCES, "no_descriptors");
	while (spares)
		close(spare[--spares]);
	expect_a_guest_runs();
	vm_end();
}

/* The guest's code goes without hv_vm_unmap(), and comes back. */
static void without_memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *ram = VM_START(guest_call);
	struct cpu cpu = cpu_start();

	now("memory_is_gone");
	munmap(ram, page);
	ROW(hv_vcpu_run(cpu.id), HV_ERROR, "of_code_that_is_not_there");
	claim_equal(reg(&cpu, HV_REG_PC), RAM, "nothing_was_executed");
	ram = mmap(ram, page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	for (size_t i = 0; i < (size_t)(guest_call_end - guest_call); i++)
		ram[i] = guest_call[i];
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"it_runs_when_it_is_there_again");
	cpu_end(&cpu);
	vm_end();
}

static hv_vcpu_t of_parent;

/* docs/COVERAGE.md, hv_vm_create: of a VM that was there, all is refused. */
static void fork_rows(void)
{
	now("child_of_a_process_with_a_vm");
	ROW(hv_vm_create(NULL), HV_ERROR, "forked");
	ROW(hv_vm_destroy(), HV_ERROR, "forked");
	ROW(hv_vm_map(&out, RAM, 4096, HV_MEMORY_READ), HV_ERROR, "forked");
	ROW(hv_vm_unmap(RAM, RAM_SIZE), HV_ERROR, "forked");
	ROW(hv_vm_protect(RAM, RAM_SIZE, 0), HV_ERROR, "forked");
	ROW(hv_vcpu_create(&out.vcpu.id, &out.vcpu.exit, NULL), HV_ERROR,
		"forked");
	ROW(hv_vcpus_exit(&of_parent, 1), HV_ERROR, "forked");
	ROW_NULL(hv_vm_config_create(), "forked");
	ROW_NULL(hv_vcpu_config_create(), "forked");
	ROW_NULL(hv_gic_config_create(), "forked");
	ROW_NULL(hv_gic_state_create(), "forked");
	owner_rows(of_parent, HV_ERROR);
	no_gic_vcpu_rows(of_parent, HV_ERROR);
}

static void forked(void)
{
	struct cpu cpu;

	(void)VM_START(guest_call);
	cpu = cpu_start();
	of_parent = cpu.id;
	in_child(fork_rows);
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"the_parents_vcpu_runs_on");
	cpu_end(&cpu);
	vm_end();
}

/* EL2, where the host has none; and without a GIC, where KVM has none. */
static void without_el2_or_gic(void)
{
	hv_vm_config_t config = hv_vm_config_create();
	bool supported = false;
	struct cpu cpu;

	now("el2");
	NEED(hv_vm_config_get_el2_supported(&supported));
	NEED(hv_vm_config_set_el2_enabled(config, true));
	if (supported) {
		vm_start_as(config, guest_call,
			(size_t)(guest_call_end - guest_call));
		cpu = cpu_start();
		ROW(hv_vcpu_run(cpu.id), HV_UNSUPPORTED, "without_a_gic");
		cpu_end(&cpu);
		vm_end();
	} else {
		ROW(hv_vm_create(config), HV_UNSUPPORTED, "not_on_this_host");
		ROW(hv_vm_destroy(), HV_NO_DEVICE, "there_is_none_then");
	}
	os_release(config);
}

int main(void)
{
	in_child(without_kvm);
	in_child(without_the_right);
	in_child(without_descriptors);
	in_child(gic_without_descriptors);
	in_child(nothing_left);
	in_child(without_memory);
	in_child(without_el2_or_gic);
	forked();
	claim_equal(bad_children, 0, "every_child_comes_to_a_good_end");
	return verdict();
}
