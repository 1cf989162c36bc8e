/* SPDX-License-Identifier: MIT */
/*
 * What VMM sources do with the headers, gathered in one program that is only
 * compiled: it must build without a warning in every C standard.
 */
#include <libkern/OSCacheControl.h>
#include <mach/mach.h>
#include <mach/mach_time.h>
#include <os/object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <AvailabilityMacros.h>
#include <TargetConditionals.h>
#include <Hypervisor/Hypervisor.h>

/* Sources that share code with x86-64 define the name themselves. */
#define HV_VM_DEFAULT NULL

#if !defined(__MAC_OS_X_VERSION_MAX_ALLOWED) ||                                \
	__MAC_OS_X_VERSION_MAX_ALLOWED < 150200
#error "the SDK version hides the matrix extension"
#endif
#if !defined(MAC_OS_VERSION_13_0) ||                                           \
	MAC_OS_X_VERSION_MIN_REQUIRED < MAC_OS_VERSION_13_0
#error "the SDK version hides the configuration objects"
#endif
#if __MAC_OS_X_VERSION_MIN_REQUIRED < 270000
#error "not a macOS 27 SDK"
#endif
#if TARGET_OS_IPHONE
#error "not a telephone"
#endif

#define GUEST_BASE UINT64_C(0x40000000)

static const struct {
	hv_sys_reg_t reg;
	uint64_t value;
} boot_sys_regs[] = {
	{ HV_SYS_REG_MPIDR_EL1, 0x80000000 },
	{ HV_SYS_REG_SCTLR_EL1, 0x30100180 },
	{ HV_SYS_REG_DBGBVR0_EL1, 0 },
};

static const char *describe(hv_return_t ret)
{
	switch (ret) {
	case HV_SUCCESS:
		return "success";
	case HV_ERROR:
		return "error";
	case HV_BUSY:
		return "busy";
	case HV_BAD_ARGUMENT:
		return "bad argument";
	case HV_ILLEGAL_GUEST_STATE:
		return "illegal guest state";
	case HV_NO_RESOURCES:
		return "no resources";
	case HV_NO_DEVICE:
		return "no device";
	case HV_DENIED:
		return "denied";
	case HV_FAULT:
		return "exists";
	case HV_UNSUPPORTED:
		return "unsupported";
	default:
		return mach_error_string(ret);
	}
}

static void check(hv_return_t ret)
{
	if (ret == HV_SUCCESS)
		return;
	fprintf(stderr, "0x%x: %s\n", (unsigned int)ret, describe(ret));
	abort();
}

static uint64_t ticks_to_ns(uint64_t ticks)
{
	mach_timebase_info_data_t base;

	if (mach_timebase_info(&base) != KERN_SUCCESS)
		abort();
	return ticks * base.numer / base.denom;
}

static void create_vm(void)
{
	hv_vm_config_t config = hv_vm_config_create();
	uint32_t bits = 0;
	bool el2 = false;

	check(hv_vm_config_get_max_ipa_size(&bits));
	check(hv_vm_config_set_ipa_size(config, bits));
	if (__builtin_available(macOS 15.0, *))
		check(hv_vm_config_get_el2_supported(&el2));
	if (el2)
		check(hv_vm_config_set_el2_enabled(config, true));
	check(hv_vm_create(el2 ? config : HV_VM_DEFAULT));
	os_release(config);
}

static void create_gic(void)
{
	hv_gic_config_t config = hv_gic_config_create();
	uint32_t first, count;
	uint64_t value;
	int n;

	check(hv_gic_config_set_distributor_base(config, 0x8000000));
	check(hv_gic_config_set_redistributor_base(config, 0x80a0000));
	check(hv_gic_create(config));
	os_release(os_retain(config));
	os_release(config);

	check(hv_gic_get_spi_interrupt_range(&first, &count));
	for (n = 0; n < 32; n++)
		check(hv_gic_get_distributor_reg(
			HV_GIC_DISTRIBUTOR_REG_GICD_ISENABLER0 + 4 * n,
			&value));
	check(hv_gic_set_spi(first + 1, true));
	check(hv_gic_reset());
}

static void map_memory(void)
{
	void *ram = NULL;
	size_t size = 64 << 20;

	check(hv_vm_allocate(&ram, size, HV_ALLOCATE_DEFAULT));
	memcpy(ram, "\x02\x00\x00\xd4", 4);
	sys_icache_invalidate(ram, 4);
	check(hv_vm_map(ram, GUEST_BASE, size,
		HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC));
	check(hv_vm_protect(GUEST_BASE, 0x4000, HV_MEMORY_READ));
	check(hv_vm_unmap(GUEST_BASE, size));
	check(hv_vm_deallocate(ram, size));
}

static void emulate(hv_vcpu_t vcpu, const hv_vcpu_exit_t *exit)
{
	uint64_t syndrome = exit->exception.syndrome;
	uint32_t rt = (syndrome >> 16) & 0x1f;
	uint64_t value = 0, pc;

	if (rt < 31)
		check(hv_vcpu_get_reg(vcpu, HV_REG_X0 + rt, &value));
	printf("%llx <- %llx\n",
		(unsigned long long)exit->exception.physical_address,
		(unsigned long long)value);
	check(hv_vcpu_get_reg(vcpu, HV_REG_PC, &pc));
	check(hv_vcpu_set_reg(vcpu, HV_REG_PC, pc + 4));
}

static void set_up_vcpu(hv_vcpu_t vcpu)
{
	hv_vcpu_sme_state_t sme = { 0 };
	hv_simd_fp_uchar16_t q;
	hv_reg_t reg;
	size_t n;

	for (reg = HV_REG_X0; reg <= HV_REG_LR; reg++)
		check(hv_vcpu_set_reg(vcpu, reg, 0));
	for (n = 0; n < sizeof(boot_sys_regs) / sizeof(boot_sys_regs[0]); n++)
		check(hv_vcpu_set_sys_reg(
			vcpu, boot_sys_regs[n].reg, boot_sys_regs[n].value));
	memset(&q, 0xa5, sizeof(q));
	q[0] = 1;
	for (n = 0; n < 32; n++)
		check(hv_vcpu_set_simd_fp_reg(vcpu, HV_SIMD_FP_REG_Q0 + n, q));
	if (__builtin_available(macOS 15.2, iOS 18.0, *)) {
		sme.streaming_sve_mode_enabled = true;
		check(hv_vcpu_set_sme_state(vcpu, &sme));
	}
}

int main(void)
{
	hv_vcpu_t vcpu;
	hv_vcpu_exit_t *exit;
	uint64_t start = mach_absolute_time();
	hv_return_t ret;

	create_vm();
	create_gic();
	map_memory();
	check(hv_vcpu_create(&vcpu, &exit, HV_VCPU_DEFAULT));
	set_up_vcpu(vcpu);
	check(hv_vcpu_set_vtimer_offset(vcpu, start));
	for (;;) {
		ret = hv_vcpu_run(vcpu);
		if (ret)
			break;
		switch (exit->reason) {
		case HV_EXIT_REASON_EXCEPTION:
			emulate(vcpu, exit);
			continue;
		case HV_EXIT_REASON_VTIMER_ACTIVATED:
			check(hv_vcpu_set_pending_interrupt(
				vcpu, HV_INTERRUPT_TYPE_IRQ, true));
			check(hv_vcpu_set_vtimer_mask(vcpu, false));
			continue;
		case HV_EXIT_REASON_CANCELED:
			break;
		case HV_EXIT_REASON_UNKNOWN:
		default:
			abort();
		}
		break;
	}
	check(hv_vcpus_exit(&vcpu, 1));
	check(hv_vcpu_destroy(vcpu));
	check(hv_vm_destroy());
	printf("%llu ns\n",
		(unsigned long long)ticks_to_ns(mach_absolute_time() - start));
	return 0;
}
