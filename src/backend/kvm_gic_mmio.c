/* SPDX-License-Identifier: MIT */
/*
 * What a guest does with the frames that KVM has elsewhere or not at all: the
 * redistributors, and the MSI frame. The access is done, and KVM then completes
 * the instruction, as for a device of its own.
 */
#include <errno.h>
#include <string.h>

#include "gic.h"
#include "kvm.h"

#define GICR_TYPER      0x8u
#define GICR_TYPER_LAST 0x10ull

/* GICv2m as the kernel's documents and ours have it: frame of 4 KiB. */
#define GICM_TYPER       0x008u
#define GICM_SET_SPI_NSR 0x040u

uint64_t hvt_kvm_gic_frames(uint32_t vcpu)
{
	return hvt_kvm.hidden + HVT_HIDDEN_FRAMES + vcpu * HVT_GICR_SIZE;
}

static bool is_there(uint32_t vcpu)
{
	const struct hvt_engine_vcpu *v = hvt_kvm.vcpus[vcpu];

	return atomic_load(&v->exists) && atomic_load(&v->placed);
}

uint64_t hvt_kvm_gic_with_last(uint64_t typer, uint32_t vcpu)
{
	while (++vcpu < hvt_kvm_vcpu_max())
		if (is_there(vcpu))
			return typer & ~GICR_TYPER_LAST;
	return typer | GICR_TYPER_LAST;
}

static int redistributor(uint32_t vcpu, unsigned offset, unsigned size,
		bool write, uint64_t *value)
{
	int err = hvt_kvm_agent_access(hvt_kvm_gic_frames(vcpu) + offset, size,
			write, value);

	/* KVM's Last is that of its own arrangement. */
	if (!err && !write && offset == GICR_TYPER && size >= 4)
		*value = hvt_kvm_gic_with_last(*value, vcpu);
	return err;
}

/* An edge: up and down again. */
static int raise(uint32_t intid)
{
	const struct hvt_gic_params *p = &hvt_kvm.gic_params;
	int err;

	if (intid - p->msi_intid_base >= p->msi_intid_count)
		return 0;
	err = hvt_kvm_gic_set_spi(intid, true);
	return err ? err : hvt_kvm_gic_set_spi(intid, false);
}

/* Other registers, and other sizes, read as zero and ignore writes. */
static int msi_frame(unsigned offset, unsigned size, bool write,
		uint64_t *value)
{
	const struct hvt_gic_params *p = &hvt_kvm.gic_params;

	if (!write)
		*value = offset == GICM_TYPER && size == 4
				? hvt_gicm_typer(p->msi_intid_base,
						p->msi_intid_count)
				: 0;
	/* A device may write the INTID in 16 bits (GICv2m). */
	else if (offset == GICM_SET_SPI_NSR && (size == 4 || size == 2))
		return raise((uint32_t)*value);
	return 0;
}

/* 1 done, 0 none of the frames, -errno. */
static int dispatch(uint64_t ipa, unsigned size, bool write, uint64_t *value)
{
	const struct hvt_gic_params *p = &hvt_kvm.gic_params;
	uint64_t offset = ipa - p->msi_base;
	int err;

	if (p->msi_intid_count && offset < HVT_GICM_SIZE) {
		err = msi_frame((unsigned)offset, size, write, value);
		return err ? err : 1;
	}
	offset = ipa - p->redistributor_base;
	if (offset >= hvt_kvm_vcpu_max() * HVT_GICR_SIZE ||
			!is_there((uint32_t)(offset / HVT_GICR_SIZE)))
		return 0;
	/* As KVM has it for its own devices. */
	if (ipa % size) {
		*value = 0;
		return 1;
	}
	err = redistributor((uint32_t)(offset / HVT_GICR_SIZE),
			(unsigned)(offset % HVT_GICR_SIZE), size, write, value);
	return err ? err : 1;
}

int hvt_kvm_gic_mmio(struct hvt_engine_vcpu *v)
{
	struct kvm_run *run = v->fast.page;
	uint64_t value = 0;
	int done;

	if (hvt_kvm.gic < 0 || run->mmio.len > sizeof(value) || !run->mmio.len)
		return 0;
	if (run->mmio.is_write)
		memcpy(&value, run->mmio.data, run->mmio.len);
	/* It is the guest's: whoever pauses it waits for this, too. */
	hvt_kvm_run_begin(v);
	done = dispatch(run->mmio.phys_addr, run->mmio.len, run->mmio.is_write,
			&value);
	hvt_kvm_run_end(v);
	if (done <= 0)
		return done;
	memcpy(run->mmio.data, &value, sizeof(value));
	v->completes = true;
	return 1;
}

static void cut(struct hvt_extent *extent, uint64_t ipa, uint64_t base,
		uint64_t size)
{
	uint64_t end = extent->start + extent->size;

	if (ipa - base < size) {
		extent->size = 0;
	} else if (ipa < base) {
		extent->size = (base < end ? base : end) - extent->start;
	} else if (extent->start < base + size) {
		extent->start = base + size;
		extent->size = end - extent->start;
	}
}

void hvt_kvm_gic_keep_out(uint64_t ipa, struct hvt_extent *extent)
{
	const struct hvt_gic_params *p = &hvt_kvm.gic_params;

	if (hvt_kvm.gic < 0)
		return;
	if (p->msi_intid_count)
		cut(extent, ipa, p->msi_base, HVT_GICM_SIZE);
	if (extent->size)
		cut(extent, ipa, p->redistributor_base,
				hvt_kvm_vcpu_max() * HVT_GICR_SIZE);
}
