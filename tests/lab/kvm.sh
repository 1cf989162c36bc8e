#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the lab is for: KVM, on each kernel. Kernels: $HVT_TEST_KERNELS (all).
# shellcheck source-path=SCRIPTDIR source=support.sh
. "$(dirname "$0")/support.sh"

cat >kvm.c <<'END'
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define REG(n) (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
		KVM_REG_ARM_CORE_REG(n))

/* Runs two instructions: a store to where no memory is, seen as MMIO. */
int main(int argc, char **argv)
{
	static const unsigned code[] = { 0xf9000001 /* str x1, [x0] */ };
	int kvm = open("/dev/kvm", O_RDWR);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	unsigned char *ram = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = 0x40000000, .memory_size = 65536,
		.userspace_addr = (unsigned long)ram,
	};
	struct kvm_vcpu_init init = { 0 };
	unsigned long regs[] = { 0x40000000, 0x10000, 0x1234 };
	struct kvm_one_reg one[] = {
		{ REG(regs.pc), (unsigned long)&regs[0] },
		{ REG(regs.regs[0]), (unsigned long)&regs[1] },
		{ REG(regs.regs[1]), (unsigned long)&regs[2] },
	};
	struct kvm_run *run;
	int cpu;

	printf("api %d pages %ld el2 %d\n", ioctl(kvm, KVM_GET_API_VERSION, 0),
	       sysconf(_SC_PAGESIZE), ioctl(kvm, KVM_CHECK_EXTENSION, 240) > 0);
	memcpy(ram, code, sizeof(code));
	if (vm < 0 || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) ||
	    ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init))
		return 2;
	cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (cpu < 0 || ioctl(cpu, KVM_ARM_VCPU_INIT, &init))
		return 3;
	for (int i = 0; i < 3; i++)
		if (ioctl(cpu, KVM_SET_ONE_REG, &one[i]))
			return 4;
	run = mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
		   PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (ioctl(cpu, KVM_RUN, 0) || run->exit_reason != KVM_EXIT_MMIO)
		return 5;
	printf("mmio %llx\n", run->mmio.phys_addr);
	return 0;
}
END
compile kvm kvm.c

for kernel in ${HVT_TEST_KERNELS:-6.12 7.2 7.2-16k}; do
	pages=4096
	[[ $kernel != *-16k ]] || pages=16384
	check "kvm_runs_on_$kernel" is "$("$lab" run --kernel "$kernel" -- ./kvm 2>&1)" \
		"api 12 pages $pages el2 0"$'\nmmio 10000'
done
check kvm_runs_under_icount is "$("$lab" run --icount -- ./kvm 2>&1)" \
	$'api 12 pages 4096 el2 0\nmmio 10000'
check nested_gives_el2 is "$("$lab" run --nested -- ./kvm 2>&1)" \
	$'api 12 pages 4096 el2 1\nmmio 10000'
check smp_gives_cpus is "$("$lab" run --smp 4 -- nproc)" 4
finish
