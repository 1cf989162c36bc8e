/* SPDX-License-Identifier: MIT */
#include "fake_engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake_engine fake;

/* Counts the call; the error it is to fail with, or 0. */
static int called(enum fake_op op)
{
	fake.calls[op]++;
	if (fake.on_call)
		fake.on_call(op);
	if (!fake.fail_in || op != fake.fail_op)
		return 0;
	if (--fake.fail_in)
		return 0;
	if (fake.fail_more) {
		fake.fail_more--;
		fake.fail_in = 1;
	}
	return fake.fail_err;
}

static int max_ipa_bits(uint32_t *bits)
{
	int err = called(FAKE_MAX_IPA_BITS);

	if (!err)
		*bits = fake.max_ipa_bits;
	return err;
}

static int feature_reg(hv_feature_reg_t reg, uint64_t *value)
{
	int err = called(FAKE_FEATURE_REG);

	if (!err)
		*value = 0x1000u + reg;
	return err;
}

static bool host_fact_at(size_t index, struct hvt_host_fact *fact)
{
	*fact = (struct hvt_host_fact){ "fake", true, true, "tests" };
	return index == 0;
}

static bool host_lacks(struct hvt_host_fact *fact)
{
	(void)fact;
	return false;
}

static int vm_create(const struct hvt_vm_params *params)
{
	int err = called(FAKE_VM_CREATE);

	if (err)
		return err;
	fake.vm = true;
	fake.gic = false;
	fake.vm_params = *params;
	return 0;
}

static void vm_destroy(void)
{
	(void)called(FAKE_VM_DESTROY);
	fake.vm = fake.gic = false;
	/* As KVM's: they go with the VM. */
	memset(fake.slots, 0, sizeof(fake.slots));
}

static int slot_set(uint32_t slot, uint64_t ipa, uint64_t size, void *host,
	hv_memory_flags_t flags)
{
	struct fake_slot *s = &fake.slots[slot];
	int err = called(FAKE_SLOT_SET);

	if (err)
		return err;
	/* As KVM: a used slot cannot change size, slots never overlap. */
	if (slot >= fake.slot_limit || s->used)
		return -EINVAL;
	for (unsigned i = 0; i < FAKE_SLOTS; i++)
		if (fake.slots[i].used && fake.slots[i].ipa < ipa + size &&
			ipa < fake.slots[i].ipa + fake.slots[i].size)
			return -EEXIST;
	*s = (struct fake_slot){ true, ipa, size, host, flags, { 0 } };
	return 0;
}

static struct fake_slot *slot_at(uint64_t ipa)
{
	for (unsigned i = 0; i < FAKE_SLOTS; i++)
		if (fake.slots[i].used && ipa - fake.slots[i].ipa <
				fake.slots[i].size)
			return &fake.slots[i];
	return NULL;
}

void fake_guest_store(uint64_t ipa, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < size; i++) {
		struct fake_slot *s = slot_at(ipa + i);
		uint64_t offset = s ? ipa + i - s->ipa : 0;
		size_t page = offset / (size_t)sysconf(_SC_PAGESIZE);

		if (!s || !(s->flags & HV_MEMORY_WRITE))
			abort();
		s->host[offset] = from[i];
		s->dirty[page / 64 % FAKE_DIRTY_WORDS] |= 1ull << page % 64;
	}
}

static int slot_dirty(uint32_t slot, uint64_t *dirty)
{
	struct fake_slot *s = &fake.slots[slot];
	size_t pages = s->size / (size_t)sysconf(_SC_PAGESIZE);
	int err = called(FAKE_SLOT_DIRTY);

	if (err)
		return err;
	if (!s->used || !(s->flags & HVT_SLOT_LOGS))
		return -ENOENT;
	for (size_t i = 0; i < (pages + 63) / 64; i++)
		dirty[i] = i < FAKE_DIRTY_WORDS ? s->dirty[i] : 0;
	memset(s->dirty, 0, sizeof(s->dirty));
	return 0;
}

static int slots_log(void)
{
	return fake.no_logs;
}

static int slot_clear(uint32_t slot)
{
	int err = called(FAKE_SLOT_CLEAR);

	if (err)
		return err;
	if (!fake.slots[slot].used)
		return -EINVAL;
	if (!fake.paused && fake.vm && fake.vcpus[0].exists)
		fake.slot_changed_unpaused = true;
	fake.slots[slot].used = false;
	fake.cleared += fake.slots[slot].size;
	return 0;
}

static uint32_t slot_limit(void)
{
	return fake.slot_limit;
}

static void pause_all(pid_t outside)
{
	(void)outside;
	(void)called(FAKE_PAUSE);
	fake.paused++;
}

static void resume_all(void)
{
	(void)called(FAKE_RESUME);
	fake.paused--;
}

static int vcpu_create(struct hvt_engine_vcpu **vcpu, uint32_t id)
{
	int err = called(FAKE_VCPU_CREATE);

	if (err)
		return err;
	fake.vcpus[id] = (struct hvt_engine_vcpu){ .id = id };
	atomic_store(&fake.vcpus[id].exists, true);
	*vcpu = &fake.vcpus[id];
	return 0;
}

static void vcpu_destroy(struct hvt_engine_vcpu *vcpu)
{
	(void)called(FAKE_VCPU_DESTROY);
	atomic_store(&vcpu->exists, false);
}

static int vcpu_run(
	struct hvt_engine_vcpu *vcpu, unsigned pending, hv_vcpu_exit_t *exit)
{
	int err = called(FAKE_VCPU_RUN);

	vcpu->pending = pending;
	vcpu->runs++;
	if (err)
		return err;
	if (fake.next_exit) {
		fake.next_exit(vcpu, exit);
		return 0;
	}
	exit->reason = HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = 0x5a000000u + vcpu->runs;
	exit->exception.virtual_address = 0x1000u + vcpu->id;
	exit->exception.physical_address = 0x2000u + vcpu->id;
	return 0;
}

static void vcpu_cancel(struct hvt_engine_vcpu *vcpu)
{
	(void)called(FAKE_VCPU_CANCEL);
	vcpu->cancels++;
	if (!atomic_load(&vcpu->exists))
		atomic_fetch_add(&fake.dead_cancels, 1);
}

static int get_reg(struct hvt_engine_vcpu *vcpu, hv_reg_t reg, uint64_t *value)
{
	int err = called(FAKE_GET_REG);

	if (!err)
		*value = vcpu->regs[reg];
	return err;
}

static int set_reg(struct hvt_engine_vcpu *vcpu, hv_reg_t reg, uint64_t value)
{
	int err = called(FAKE_SET_REG);

	if (!err)
		vcpu->regs[reg] = value;
	return err;
}

static int get_simd(struct hvt_engine_vcpu *vcpu, unsigned n, uint8_t value[16])
{
	int err = called(FAKE_GET_SIMD);

	if (!err)
		memcpy(value, vcpu->simd[n], 16);
	return err;
}

static int set_simd(
	struct hvt_engine_vcpu *vcpu, unsigned n, const uint8_t value[16])
{
	int err = called(FAKE_SET_SIMD);

	if (!err)
		memcpy(vcpu->simd[n], value, 16);
	return err;
}

static int get_sys_reg(
	struct hvt_engine_vcpu *vcpu, hv_sys_reg_t reg, uint64_t *value)
{
	int err = called(FAKE_GET_SYS_REG);

	if (!err)
		*value = vcpu->sys_reg ^ reg;
	return err;
}

static int set_sys_reg(
	struct hvt_engine_vcpu *vcpu, hv_sys_reg_t reg, uint64_t value)
{
	int err = called(FAKE_SET_SYS_REG);

	if (err)
		return err;
	vcpu->sys_name = reg;
	vcpu->sys_reg = value;
	return 0;
}

static int set_trap_debug(struct hvt_engine_vcpu *vcpu, bool on)
{
	int err = called(FAKE_SET_TRAP_DEBUG);

	if (!err)
		vcpu->trap_debug = on;
	return err;
}

static int get_vtimer_mask(struct hvt_engine_vcpu *vcpu, bool *masked)
{
	int err = called(FAKE_GET_VTIMER_MASK);

	if (!err)
		*masked = vcpu->vtimer_mask;
	return err;
}

static int set_vtimer_mask(struct hvt_engine_vcpu *vcpu, bool masked)
{
	int err = called(FAKE_SET_VTIMER_MASK);

	if (!err)
		vcpu->vtimer_mask = masked;
	return err;
}

static int get_vtimer_offset(uint64_t *offset)
{
	int err = called(FAKE_GET_VTIMER_OFFSET);

	if (!err)
		*offset = fake.vtimer_offset;
	return err;
}

static int set_vtimer_offset(uint64_t offset)
{
	int err = called(FAKE_SET_VTIMER_OFFSET);

	if (!err)
		fake.vtimer_offset = offset;
	return err;
}

static int exec_time(struct hvt_engine_vcpu *vcpu, uint64_t *ticks)
{
	int err = called(FAKE_EXEC_TIME);

	if (!err)
		*ticks = vcpu->exec_time;
	return err;
}

static int wfi_time(struct hvt_engine_vcpu *vcpu, uint64_t *ticks)
{
	int err = called(FAKE_WFI_TIME);

	if (!err)
		*ticks = vcpu->wfi_time;
	return err;
}

static int set_trap_debug_access(struct hvt_engine_vcpu *vcpu, bool on)
{
	int err = called(FAKE_SET_TRAP_DEBUG_ACCESS);

	if (!err)
		vcpu->trap_debug_access = on;
	return err;
}

static int get_serror(struct hvt_engine_vcpu *vcpu, bool *pending)
{
	int err = called(FAKE_GET_SERROR);

	if (!err)
		*pending = vcpu->serror;
	return err;
}

static int set_serror(struct hvt_engine_vcpu *vcpu, bool pending)
{
	int err = called(FAKE_SET_SERROR);

	if (!err)
		vcpu->serror = pending;
	return err;
}

static int invalidate_tlb(void)
{
	return called(FAKE_INVALIDATE_TLB);
}

/* A value that tells type and level. */
static int ccsidr(hv_cache_type_t type, uint64_t values[8])
{
	int err = called(FAKE_CCSIDR);

	for (unsigned i = 0; i < 8 && !err; i++)
		values[i] = 0x7000 + 0x100 * type + i;
	return err;
}
static int el2_supported(bool *supported)
{
	int err = called(FAKE_EL2_SUPPORTED);

	if (!err)
		*supported = fake.el2_supported;
	return err;
}

static struct fake_gic gic;

static int gic_create(const struct hvt_gic_params *params)
{
	int err = called(FAKE_GIC_CREATE);

	if (err)
		return err;
	fake.gic = true;
	fake.gic_params = *params;
	fake.gic_regs = &gic;
	fake_gic_reset(&gic);
	return 0;
}

static int gic_set_spi(uint32_t intid, bool level)
{
	int err = called(FAKE_GIC_SET_SPI);

	if (err)
		return err;
	fake.spi = intid;
	fake.spi_level = level;
	fake.spi_rises += level;
	return 0;
}

static int gic_place(struct hvt_engine_vcpu *vcpu, uint64_t mpidr)
{
	int err = called(FAKE_GIC_PLACE);

	if (!err)
		vcpu->placed = mpidr;
	return err;
}

static int gic_get(
	enum hvt_gic_file file, uint32_t vcpu, uint32_t reg, uint64_t *value)
{
	int err = called(FAKE_GIC_GET);

	return err ? err : fake_gic_get(&gic, file, vcpu, reg, value);
}

static int gic_set(
	enum hvt_gic_file file, uint32_t vcpu, uint32_t reg, uint64_t value)
{
	int err = called(FAKE_GIC_SET);

	return err ? err : fake_gic_set(&gic, file, vcpu, reg, value);
}

static const struct hvt_engine engine = {
	.name = "fake",
	.max_ipa_bits = max_ipa_bits,
	.feature_reg = feature_reg,
	.host_fact_at = host_fact_at,
	.host_lacks = host_lacks,
	.vm_create = vm_create,
	.vm_destroy = vm_destroy,
	.slot_set = slot_set,
	.slot_clear = slot_clear,
	.slot_dirty = slot_dirty,
	.slots_log = slots_log,
	.slot_limit = slot_limit,
	.pause = pause_all,
	.resume = resume_all,
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.vcpu_run = vcpu_run,
	.vcpu_cancel = vcpu_cancel,
	.get_reg = get_reg,
	.set_reg = set_reg,
	.get_simd = get_simd,
	.set_simd = set_simd,
	.get_sys_reg = get_sys_reg,
	.set_sys_reg = set_sys_reg,
	.set_trap_debug = set_trap_debug,
	.get_vtimer_mask = get_vtimer_mask,
	.set_vtimer_mask = set_vtimer_mask,
	.get_vtimer_offset = get_vtimer_offset,
	.set_vtimer_offset = set_vtimer_offset,
	.exec_time = exec_time,
	.wfi_time = wfi_time,
	.set_trap_debug_access = set_trap_debug_access,
	.get_serror = get_serror,
	.set_serror = set_serror,
	.invalidate_tlb = invalidate_tlb,
	.ccsidr = ccsidr,
	.el2_supported = el2_supported,
	.gic_create = gic_create,
	.gic_set_spi = gic_set_spi,
	.gic_place = gic_place,
	.gic_get = gic_get,
	.gic_set = gic_set,
};

void fake_engine_install(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.max_ipa_bits = 40;
	fake.slot_limit = FAKE_SLOTS;
	hvt_backend_set_tap(NULL);
	hvt_backend_set_engine(&engine);
}

void fake_engine_fail(enum fake_op op, unsigned n, int err)
{
	fake.fail_op = op;
	fake.fail_err = err;
	fake.fail_more = 0;
	fake.fail_in = n;
}

unsigned fake_engine_slots_used(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FAKE_SLOTS; i++)
		n += fake.slots[i].used;
	return n;
}
