/* SPDX-License-Identifier: MIT */
/* The VM: made with what Apple's semantics need of KVM, or not at all. */
#include <errno.h>
#include <sched.h>

#include "kvm.h"

/* KVM's smallest; smaller ones are bounded by our own range check. */

struct hvt_kvm hvt_kvm = {
	.fd = -1,
	.vm = -1,
	.gic = -1,
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
};

int hvt_kvm_device_attr(int fd, uint32_t group, uint64_t attr, const void *p)
{
	struct kvm_device_attr a = { .group = group, .attr = attr,
		.addr = (uint64_t)(uintptr_t)p };

	return hvt_kvm_sys->ioctl(fd, KVM_SET_DEVICE_ATTR, &a);
}

/*
 * HVC and SMC belong to the VMM. KVM keeps the "Arm architecture call" ranges
 * for itself; all others are forwarded.
 */
static int forward_smccc(int vm)
{
	static const struct {
		uint32_t base, count;
	} ranges[] = {
		{ 0x00000000u, 0x80000000u },
		{ 0x80010000u, 0x3fff0000u },
		{ 0xc0010000u, 0x3fff0000u },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct kvm_smccc_filter filter = {
			.base = ranges[i].base,
			.nr_functions = ranges[i].count,
			.action = KVM_SMCCC_FILTER_FWD_TO_USER,
		};
		int err = hvt_kvm_device_attr(vm, KVM_ARM_VM_SMCCC_CTRL,
				KVM_ARM_VM_SMCCC_FILTER, &filter);

		if (err)
			return err == -ENXIO ? -EOPNOTSUPP : err;
	}
	return 0;
}

static int set_offset(uint64_t offset)
{
	struct kvm_arm_counter_offset o = { .counter_offset = offset };

	return hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_ARM_SET_COUNTER_OFFSET, &o);
}

static int set_up(void)
{
	struct kvm_enable_cap nisv = { .cap = KVM_CAP_ARM_NISV_TO_USER };
	int err = hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_ENABLE_CAP, &nisv);

	hvt_kvm_id_enable(hvt_kvm.vm);
	if (!err)
		err = forward_smccc(hvt_kvm.vm);
	/* CNTVCT = mach_absolute_time() - 0 until the VMM says otherwise. */
	if (!err)
		err = set_offset(0);
	return err;
}

/*
 * One bit more than the VMM has, where that is to be had: KVM takes accesses
 * beyond the end for external aborts of the guest, here they come to the VMM.
 * At its end is what the engine hides (HVT_HIDDEN_SIZE).
 */
static uint32_t ipa_bits(const struct hvt_vm_params *params)
{
	uint32_t bits = params->ipa_bits + 1, max;

	if (!hvt_kvm_max_ipa_bits(&max) && bits > max)
		bits = max;
	return bits < IPA_BITS_MIN ? IPA_BITS_MIN : bits;
}

static int vm_create(const struct hvt_vm_params *params)
{
	uint32_t bits = ipa_bits(params);
	int fd, err, size;

	err = hvt_kvm_kick_init();
	if (err)
		return err;
	fd = hvt_kvm_sys->open_kvm();
	if (fd < 0)
		return fd;
	err = hvt_kvm_check_host(fd);
	if (err)
		goto err_close;
	hvt_kvm.vm = err = hvt_kvm_sys->ioctl_number(fd, KVM_CREATE_VM, bits);
	if (err < 0)
		goto err_close;
	err = set_up();
	if (err)
		goto err_vm;
	(void)hvt_kvm_records_start();
	err = size = hvt_kvm_sys->ioctl_number(fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (err < 0)
		goto err_vm;
	hvt_kvm.run_size = (size_t)size;
	hvt_kvm.ipa_bits = bits;
	hvt_kvm.fd = fd;
	hvt_kvm.el2 = params->el2;
	hvt_kvm.hidden = (1ull << bits) - HVT_HIDDEN_SIZE;
	hvt_kvm.gic = -1;
	hvt_kvm.has_run = hvt_kvm.gic_written = false;
	hvt_kvm.vtimer_offset = 0;
	return 0;

err_vm:
	hvt_kvm_sys->close(hvt_kvm.vm);
err_close:
	hvt_kvm_sys->close(fd);
	hvt_kvm.vm = -1;
	return err;
}

static void vm_destroy(void)
{
	for (uint32_t i = 0; i < HVT_VCPU_MAX; i++) {
		if (hvt_kvm.vcpus[i])
			hvt_kvm_vcpu_close(hvt_kvm.vcpus[i]);
		hvt_kvm.vcpus[i] = NULL;
	}
	hvt_kvm_agent_destroy();
	if (hvt_kvm.gic >= 0)
		hvt_kvm_sys->close(hvt_kvm.gic);
	hvt_kvm_sys->close(hvt_kvm.vm);
	hvt_kvm_sys->close(hvt_kvm.fd);
	hvt_kvm.fd = hvt_kvm.vm = hvt_kvm.gic = -1;
}

static int get_vtimer_offset(uint64_t *offset)
{
	*offset = hvt_kvm.vtimer_offset;
	return 0;
}

/*
 * KVM wants no vCPU busy for this: none runs, and one whose register is being
 * read by its thread is soon done.
 */
static int set_vtimer_offset(uint64_t offset)
{
	int err;

	hvt_kvm_pause();
	while ((err = set_offset(offset)) == -EBUSY)
		sched_yield();
	if (!err)
		hvt_kvm.vtimer_offset = offset;
	hvt_kvm_resume();
	return err;
}

static const struct hvt_engine engine = {
	.name = "kvm",
	.max_ipa_bits = hvt_kvm_max_ipa_bits,
	.el2_supported = hvt_kvm_el2_supported,
	.feature_reg = hvt_kvm_feature_reg,
	.ccsidr = hvt_kvm_ccsidr,
	.host_fact_at = hvt_kvm_host_fact_at,
	.host_lacks = hvt_kvm_host_lacks,
	.vm_create = vm_create,
	.vm_destroy = vm_destroy,
	.slot_set = hvt_kvm_slot_set,
	.slot_clear = hvt_kvm_slot_clear,
	.slot_dirty = hvt_kvm_slot_dirty,
	.slots_log = hvt_kvm_slots_log,
	.slot_limit = hvt_kvm_slot_limit,
	.pause = hvt_kvm_pause_but,
	.resume = hvt_kvm_resume,
	.vcpu_create = hvt_kvm_vcpu_create,
	.vcpu_destroy = hvt_kvm_vcpu_destroy,
	.vcpu_fast = hvt_kvm_vcpu_fast,
	.vcpu_run_on = hvt_kvm_vcpu_run_on,
	.vcpu_run = hvt_kvm_vcpu_run,
	.vcpu_cancel = hvt_kvm_vcpu_cancel,
	.get_reg = hvt_kvm_get_reg,
	.set_reg = hvt_kvm_set_reg,
	.get_simd = hvt_kvm_get_simd,
	.set_simd = hvt_kvm_set_simd,
	.get_sys_reg = hvt_kvm_get_sys_reg,
	.set_sys_reg = hvt_kvm_set_sys_reg,
	.other_sys_regs = hvt_kvm_other_sys_regs,
	.set_trap_debug = hvt_kvm_set_trap_debug,
	.set_trap_debug_access = hvt_kvm_set_trap_debug_access,
	.get_vtimer_mask = hvt_kvm_get_vtimer_mask,
	.set_vtimer_mask = hvt_kvm_set_vtimer_mask,
	.get_vtimer_offset = get_vtimer_offset,
	.set_vtimer_offset = set_vtimer_offset,
	.exec_time = hvt_kvm_exec_time,
	.wfi_time = hvt_kvm_wfi_time,
	.get_serror = hvt_kvm_get_serror,
	.set_serror = hvt_kvm_set_serror,
	.invalidate_tlb = hvt_kvm_invalidate_tlb,
	.gic_create = hvt_kvm_gic_create,
	.gic_set_spi = hvt_kvm_gic_set_spi,
	.gic_place = hvt_kvm_gic_place,
	.gic_get = hvt_kvm_gic_get,
	.gic_set = hvt_kvm_gic_set,
};

const struct hvt_engine *hvt_kvm_engine(void)
{
	return &engine;
}
