/* SPDX-License-Identifier: MIT */
/*
 * Identification registers. On a Mac each vCPU has its own, which take any
 * value and are what the guest reads. KVM has one set for the VM, fixed by the
 * first run, and refuses what its hardware cannot be: then the VMM reads back
 * what it wrote all the same, and the guest sees the nearest that KVM takes.
 */
#include <errno.h>

#include "kvm.h"

#ifndef KVM_CAP_ARM_WRITABLE_IMP_ID_REGS
#define KVM_CAP_ARM_WRITABLE_IMP_ID_REGS 239
#endif

#define PFR0_GIC (15ull << 24)

/* op0 3, op1 0, CRn 0: MIDR_EL1 to ID_AA64MMFR4_EL1. */
static bool is_id(hv_sys_reg_t reg)
{
	return (reg & 0xffc0) == HV_SYS_REG_MIDR_EL1 &&
			reg != HV_SYS_REG_MPIDR_EL1;
}

static int get(int fd, uint16_t reg, uint64_t *value)
{
	*value = 0;
	return hvt_kvm_one_reg(fd, KVM_GET_ONE_REG, hvt_kvm_sys_id(reg), value);
}

static int set(int fd, uint16_t reg, uint64_t value)
{
	return hvt_kvm_one_reg(
			fd, KVM_SET_ONE_REG, hvt_kvm_sys_id(reg), &value);
}

/*
 * One field as near to wanted as it goes: features come in steps, so what is
 * less is tried next. now is what the register holds.
 */
static void set_field(
		int fd, uint16_t reg, unsigned low, uint64_t wanted, uint64_t *now)
{
	uint64_t mask = 15ull << low;

	for (uint64_t n = (wanted & mask) >> low;; n--) {
		uint64_t value = (*now & ~mask) | n << low;

		if (value == *now)
			return;
		if (!set(fd, reg, value)) {
			*now = value;
			return;
		}
		if (!n)
			return;
	}
}

/* As near as KVM lets it be; nowhere at all once the VM has run. */
static void set_nearest(int fd, uint16_t reg, uint64_t wanted)
{
	int err = set(fd, reg, wanted);
	uint64_t now;

	/* MIDR is a name, not a list of features. */
	if (!err || err == -EBUSY || reg == HV_SYS_REG_MIDR_EL1 ||
			get(fd, reg, &now))
		return;
	for (unsigned low = 0; low < 64; low += 4)
		if ((now ^ wanted) >> low & 15)
			set_field(fd, reg, low, wanted, &now);
}

static uint64_t at_most(uint64_t value, unsigned low, uint64_t limit)
{
	uint64_t mask = 15ull << low;

	return (value & mask) >> low <= limit
			? value
			: (value & ~mask) | limit << low;
}

/* ID_AA64MMFR0_EL1.PARange for an address space of that size. */
static uint64_t pa_range(uint32_t bits)
{
	static const uint8_t ranges[] = { 32, 36, 40, 42, 44, 48, 52 };
	uint64_t n = 0;

	while (n + 1 < sizeof(ranges) && ranges[n + 1] <= bits)
		n++;
	return n;
}

/*
 * What a Mac hides and clients rely on: AArch32 at any exception level, and
 * physical addresses beyond what a VM can have. What else Apple's framework
 * has masked was about its own chips (docs/COVERAGE.md).
 */
void hvt_kvm_id_init(int fd)
{
	uint64_t value;
	uint32_t bits;

	if (!get(fd, HV_SYS_REG_ID_AA64PFR0_EL1, &value)) {
		for (unsigned low = 0; low < 16; low += 4)
			value = at_most(value, low, 1);
		set_nearest(fd, HV_SYS_REG_ID_AA64PFR0_EL1, value);
	}
	if (!get(fd, HV_SYS_REG_ID_AA64MMFR0_EL1, &value) &&
			!hvt_kvm_max_ipa_bits(&bits))
		set_nearest(fd, HV_SYS_REG_ID_AA64MMFR0_EL1,
				at_most(value, 0, pa_range(bits)));
}

/* Lets MIDR be written, where KVM can; it fails where it cannot. */
void hvt_kvm_id_enable(int vm)
{
	const struct kvm_enable_cap cap = {
		.cap = KVM_CAP_ARM_WRITABLE_IMP_ID_REGS,
	};

	(void)hvt_kvm_sys->ioctl(vm, KVM_ENABLE_CAP, &cap);
}

/* KVM makes up its mind about the GIC at the first run: here it is made up. */
static uint64_t as_seen(uint16_t reg, uint64_t value, bool has_gic)
{
	return reg == HV_SYS_REG_ID_AA64PFR0_EL1 && !has_gic
			? value & ~PFR0_GIC
			: value;
}

bool hvt_kvm_id_get(struct hvt_engine_vcpu *v, hv_sys_reg_t reg,
		uint64_t *value, int *err)
{
	unsigned n = reg & 63;

	if (!is_id(reg))
		return false;
	*err = 0;
	if (v->id_written >> n & 1) {
		*value = v->id_values[n];
		return true;
	}
	*err = get(v->fast.fd, reg, value);
	if (!*err)
		*value = as_seen(reg, *value, hvt_kvm.gic >= 0);
	return true;
}

bool hvt_kvm_id_set(struct hvt_engine_vcpu *v, hv_sys_reg_t reg, uint64_t value)
{
	unsigned n = reg & 63;

	if (!is_id(reg))
		return false;
	v->id_written |= 1ull << n;
	v->id_values[n] = value;
	set_nearest(v->fast.fd, reg, value);
	return true;
}

/* ID registers by hv_feature_reg_t, as op0..op2 of KVM's register ids. */
static const uint16_t feature_ids[] = {
	[HV_FEATURE_REG_ID_AA64DFR0_EL1] = HV_SYS_REG_ID_AA64DFR0_EL1,
	[HV_FEATURE_REG_ID_AA64DFR1_EL1] = HV_SYS_REG_ID_AA64DFR1_EL1,
	[HV_FEATURE_REG_ID_AA64ISAR0_EL1] = HV_SYS_REG_ID_AA64ISAR0_EL1,
	[HV_FEATURE_REG_ID_AA64ISAR1_EL1] = HV_SYS_REG_ID_AA64ISAR1_EL1,
	[HV_FEATURE_REG_ID_AA64MMFR0_EL1] = HV_SYS_REG_ID_AA64MMFR0_EL1,
	[HV_FEATURE_REG_ID_AA64MMFR1_EL1] = HV_SYS_REG_ID_AA64MMFR1_EL1,
	[HV_FEATURE_REG_ID_AA64MMFR2_EL1] = HV_SYS_REG_ID_AA64MMFR2_EL1,
	[HV_FEATURE_REG_ID_AA64PFR0_EL1] = HV_SYS_REG_ID_AA64PFR0_EL1,
	[HV_FEATURE_REG_ID_AA64PFR1_EL1] = HV_SYS_REG_ID_AA64PFR1_EL1,
	[HV_FEATURE_REG_CTR_EL0] = 0xd801,   /* 3, 3, 0, 0, 1 */
	[HV_FEATURE_REG_CLIDR_EL1] = 0xc801, /* 3, 1, 0, 0, 1 */
	[HV_FEATURE_REG_ID_AA64SMFR0_EL1] = HV_SYS_REG_ID_AA64SMFR0_EL1,
	[HV_FEATURE_REG_ID_AA64ZFR0_EL1] = HV_SYS_REG_ID_AA64ZFR0_EL1,
	[HV_FEATURE_REG_ID_AA64ISAR2_EL1] = HV_SYS_REG_ID_AA64ISAR2_EL1,
	[HV_FEATURE_REG_ID_AA64PFR2_EL1] = HV_SYS_REG_ID_AA64PFR2_EL1,
	[HV_FEATURE_REG_ID_AA64MMFR3_EL1] = HV_SYS_REG_ID_AA64MMFR3_EL1,
	[HV_FEATURE_REG_ID_AA64MMFR4_EL1] = HV_SYS_REG_ID_AA64MMFR4_EL1,
};

/* A vCPU of a VM that is there for its registers alone. */
struct scratch {
	int kvm, vm, vcpu;
};

static void scratch_destroy(const struct scratch *s)
{
	if (s->vcpu >= 0)
		hvt_kvm_sys->close(s->vcpu);
	if (s->vm >= 0)
		hvt_kvm_sys->close(s->vm);
	if (s->kvm >= 0)
		hvt_kvm_sys->close(s->kvm);
}

static int scratch_create(struct scratch *s)
{
	int err;

	s->vm = s->vcpu = -1;
	err = s->kvm = hvt_kvm_sys->open_kvm();
	if (err >= 0)
		err = s->vm = hvt_kvm_sys->ioctl_number(
				s->kvm, KVM_CREATE_VM, IPA_BITS_MIN);
	if (err >= 0)
		err = s->vcpu = hvt_kvm_sys->ioctl_number(
				s->vm, KVM_CREATE_VCPU, 0);
	if (err >= 0)
		err = hvt_kvm_vcpu_init(s->vm, s->vcpu, false);
	if (err < 0)
		scratch_destroy(s);
	else
		hvt_kvm_id_init(s->vcpu);
	return err < 0 ? err : 0;
}

int hvt_kvm_feature_reg(hv_feature_reg_t reg, uint64_t *value)
{
	struct scratch s;
	int err;

	/* KVM has no id for it, and user space reads the host's, as a guest. */
	if (reg == HV_FEATURE_REG_DCZID_EL0) {
		__asm__("mrs %0, dczid_el0" : "=r"(*value));
		return 0;
	}
	err = scratch_create(&s);
	if (err)
		return err;
	err = get(s.vcpu, feature_ids[reg], value);
	if (!err)
		*value = as_seen(feature_ids[reg], *value, false);
	scratch_destroy(&s);
	return err;
}

static int get_ccsidr(int fd, unsigned csselr, uint64_t *value)
{
	uint32_t v = 0;
	int err = hvt_kvm_one_reg(fd, KVM_GET_ONE_REG,
			KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX |
					KVM_REG_ARM_DEMUX_ID_CCSIDR | csselr,
			&v);

	*value = v;
	return err;
}

/* Kinds of caches in CLIDR_EL1, three bits a level: 1 I, 2 D, 3 both, 4 one. */
static bool has_cache(uint64_t clidr, unsigned level, bool instruction)
{
	unsigned kind = level < 7 ? clidr >> 3 * level & 7 : 0;

	return instruction ? kind == 1 || kind == 3 : kind >= 2 && kind <= 4;
}

int hvt_kvm_ccsidr(hv_cache_type_t type, uint64_t values[8])
{
	bool instruction = type == HV_CACHE_TYPE_INSTRUCTION;
	struct scratch s;
	uint64_t clidr;
	int err = scratch_create(&s);

	if (err)
		return err;
	err = get(s.vcpu, feature_ids[HV_FEATURE_REG_CLIDR_EL1], &clidr);
	for (unsigned i = 0; i < 8 && !err; i++) {
		values[i] = 0;
		if (has_cache(clidr, i, instruction))
			err = get_ccsidr(s.vcpu, i << 1 | instruction,
					&values[i]);
	}
	scratch_destroy(&s);
	return err;
}
