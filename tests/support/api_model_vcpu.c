/* SPDX-License-Identifier: MIT */
/* The model's vCPUs, their runs and registers, and its configurations. */
#include <os/object.h>
#include <string.h>

#include "api_model.h"

#define EL1H_MASKED 0x3c5u
#define HVC_1	    0x5a000001u

/* Those that keep 64 bits, whatever the kernel. */
const hv_sys_reg_t model_sys_regs[MODEL_SYS_REGS] = {
	HV_SYS_REG_TPIDR_EL0,
	HV_SYS_REG_TPIDR_EL1,
	HV_SYS_REG_TPIDRRO_EL0,
	HV_SYS_REG_FAR_EL1,
	HV_SYS_REG_SP_EL0,
	HV_SYS_REG_SP_EL1,
	HV_SYS_REG_ELR_EL1,
};

static void create_vcpu(struct model_thread *t)
{
	struct model_vcpu *cpu = &t->cpu;
	hv_vcpu_exit_t *exit = NULL;
	hv_return_t wanted = HV_SUCCESS;
	hv_vcpu_t id = UINT64_MAX;
	unsigned lowest = (unsigned)__builtin_ctzll(~model.vcpus);

	if (!model.has_vm)
		wanted = HV_NO_DEVICE;
	else if (cpu->exists)
		wanted = HV_BUSY;
	EXPECT_RESULT(hv_vcpu_create(NULL, &exit, NULL), HV_BAD_ARGUMENT);
	if (!EXPECT_RESULT(hv_vcpu_create(&id, &exit, NULL), wanted) ||
		wanted != HV_SUCCESS)
		return;
	model_expect(id, lowest, "id of a new vCPU");
	*cpu = (struct model_vcpu){ .exists = true, .id = id, .exit = exit };
	model.vcpus |= 1ull << id;
}

static void destroy_vcpu(struct model_thread *t)
{
	if (!EXPECT_RESULT(hv_vcpu_destroy(t->cpu.id), HV_SUCCESS))
		return;
	model.vcpus &= ~(1ull << t->cpu.id);
	t->cpu.exists = false;
}

/* Another's, or nobody's. */
static void use_foreign(struct model_thread *t)
{
	hv_vcpu_t id = rng_below(&t->rng, MODEL_VCPU_MAX + 8);
	uint64_t value;

	if (t->cpu.exists && id == t->cpu.id)
		id++;
	EXPECT_RESULT(hv_vcpu_destroy(id), model_no_vcpu());
	EXPECT_RESULT(hv_vcpu_run(id), model_no_vcpu());
	EXPECT_RESULT(hv_vcpu_get_reg(id, HV_REG_X0, &value), model_no_vcpu());
	EXPECT_RESULT(hv_vcpu_set_vtimer_mask(id, true), model_no_vcpu());
}

static void check_offset(struct model_thread *t)
{
	uint64_t offset = rng_next(&t->rng) >> 16;

	if (model.knows_offset) {
		uint64_t got = 0;

		EXPECT_RESULT(hv_vcpu_get_vtimer_offset(t->cpu.id, &got),
			HV_SUCCESS);
		model_expect(got, model.vtimer_offset, "vtimer offset");
	}
	EXPECT_RESULT(
		hv_vcpu_set_vtimer_offset(t->cpu.id, offset), HV_SUCCESS);
	model.vtimer_offset = offset;
	model.knows_offset = true;
}

void model_vcpu_step(struct model_thread *t)
{
	pthread_mutex_lock(&model.lock);
	switch (rng_below(&t->rng, 8)) {
	case 0:
		use_foreign(t);
		break;
	case 1:
	case 2:
		if (t->cpu.exists)
			destroy_vcpu(t);
		break;
	case 3:
		if (t->cpu.exists)
			check_offset(t);
		break;
	default:
		create_vcpu(t);
	}
	pthread_mutex_unlock(&model.lock);
}

/* Of the vCPU that has the id now; its owner may be about to end it. */
static void cancel(hv_vcpu_t id)
{
	atomic_fetch_add(&model.cancels[id], 1);
	EXPECT_RESULT(hv_vcpus_exit(&id, 1), HV_SUCCESS);
}

static void run(struct model_thread *t, bool must_cancel)
{
	struct model_vcpu *cpu = &t->cpu;

	EXPECT_RESULT(
		hv_vcpu_set_reg(cpu->id, HV_REG_CPSR, EL1H_MASKED), HV_SUCCESS);
	EXPECT_RESULT(
		hv_vcpu_set_reg(cpu->id, HV_REG_PC, MODEL_RAM), HV_SUCCESS);
	atomic_store(&model.ran, true);
	EXPECT_RESULT(hv_vcpu_run(cpu->id), HV_SUCCESS);
	EXPECT_RESULT(
		hv_vcpu_get_reg(cpu->id, HV_REG_PC, &cpu->regs[31]), HV_SUCCESS);
	cpu->lines[0] = cpu->lines[1] = false;
	if (cpu->exit->reason == HV_EXIT_REASON_CANCELED) {
		model_expect(++model.canceled[cpu->id] <=
				atomic_load(&model.cancels[cpu->id]),
			true, "canceled no more than asked for");
		return;
	}
	atomic_store(&model.left, true);
	model_expect(must_cancel, false, "lost a cancel");
	model_expect(cpu->exit->reason, HV_EXIT_REASON_EXCEPTION, "exit");
	model_expect(cpu->exit->exception.syndrome, HVC_1, "syndrome");
}

static void check_reg(struct model_thread *t)
{
	unsigned n = (unsigned)rng_below(&t->rng, 32);
	uint64_t got = 0, value = rng_any(&t->rng);
	hv_reg_t reg = n < 31 ? HV_REG_X0 + n : HV_REG_PC;

	EXPECT_RESULT(hv_vcpu_get_reg(t->cpu.id, reg, &got), HV_SUCCESS);
	model_expect(got, t->cpu.regs[n], "register");
	/* SMCCC's fast calls, by bit 31 of W0, do not leave KVM. */
	value = n ? value : value & INT32_MAX;
	EXPECT_RESULT(hv_vcpu_set_reg(t->cpu.id, reg, value), HV_SUCCESS);
	t->cpu.regs[n] = value;
	EXPECT_RESULT(hv_vcpu_get_reg(t->cpu.id, HV_REG_CPSR + 1, &got),
		HV_BAD_ARGUMENT);
	EXPECT_RESULT(
		hv_vcpu_get_reg(t->cpu.id, reg, NULL), HV_BAD_ARGUMENT);
}

static void check_sys_reg(struct model_thread *t)
{
	struct model_vcpu *cpu = &t->cpu;
	unsigned n = (unsigned)rng_below(&t->rng, MODEL_SYS_REGS);
	uint64_t got = 0, value = rng_any(&t->rng);

	EXPECT_RESULT(hv_vcpu_get_sys_reg(cpu->id, model_sys_regs[n], &got),
		HV_SUCCESS);
	model_expect(got,
		model.world->sys_reg ? model.world->sys_reg(cpu, n)
				     : cpu->sys[n],
		"system register");
	EXPECT_RESULT(hv_vcpu_set_sys_reg(cpu->id, model_sys_regs[n], value),
		HV_SUCCESS);
	cpu->sys[n] = cpu->last_sys = value;
	/* EL2's, in a VM that has none; and no register of the API. */
	EXPECT_RESULT(
		hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_TPIDR_EL2, &got),
		HV_BAD_ARGUMENT);
	EXPECT_RESULT(hv_vcpu_set_sys_reg(cpu->id, 0, 0), HV_BAD_ARGUMENT);
	EXPECT_RESULT(
		hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_CNTP_CTL_EL0, &got),
		model.has_gic ? HV_SUCCESS : HV_BAD_ARGUMENT);
}

static void check_simd(struct model_thread *t)
{
	unsigned n = (unsigned)rng_below(&t->rng, 32);
	hv_simd_fp_uchar16_t value, got;

	EXPECT_RESULT(hv_vcpu_get_simd_fp_reg(
			      t->cpu.id, HV_SIMD_FP_REG_Q0 + n, &got),
		HV_SUCCESS);
	model_expect(memcmp(&got, t->cpu.simd[n], 16) != 0, 0, "SIMD register");
	rng_bytes(&t->rng, &value, sizeof(value));
	EXPECT_RESULT(hv_vcpu_set_simd_fp_reg(
			      t->cpu.id, HV_SIMD_FP_REG_Q0 + n, value),
		HV_SUCCESS);
	memcpy(t->cpu.simd[n], &value, 16);
	EXPECT_RESULT(hv_vcpu_get_simd_fp_reg(
			      t->cpu.id, HV_SIMD_FP_REG_Q31 + 1, &got),
		HV_BAD_ARGUMENT);
}

/* With a GIC, lines are none of the VMM's. */
static void check_line(struct model_thread *t)
{
	unsigned n = (unsigned)rng_below(&t->rng, 2);
	hv_interrupt_type_t type = n ? HV_INTERRUPT_TYPE_FIQ
				     : HV_INTERRUPT_TYPE_IRQ;
	hv_return_t wanted = model.has_gic ? HV_UNSUPPORTED : HV_SUCCESS;
	bool got = t->cpu.lines[n], value = rng_bool(&t->rng);

	EXPECT_RESULT(hv_vcpu_get_pending_interrupt(t->cpu.id, type, &got),
		wanted);
	model_expect(got, t->cpu.lines[n], "pending interrupt");
	EXPECT_RESULT(hv_vcpu_set_pending_interrupt(t->cpu.id, type, value),
		wanted);
	t->cpu.lines[n] = value && !model.has_gic;
	EXPECT_RESULT(hv_vcpu_set_pending_interrupt(t->cpu.id, 2, value),
		HV_BAD_ARGUMENT);
}

/* What is but kept: get, compare, set. */
static void check_flag(struct model_thread *t)
{
	const struct {
		hv_return_t (*get)(hv_vcpu_t id, bool *value);
		hv_return_t (*set)(hv_vcpu_t id, bool value);
		bool *value;
		const char *name;
	} flags[] = {
		{ hv_vcpu_get_vtimer_mask, hv_vcpu_set_vtimer_mask,
			&t->cpu.masked, "vtimer mask" },
		{ hv_vcpu_get_trap_debug_exceptions,
			hv_vcpu_set_trap_debug_exceptions, &t->cpu.trap_debug,
			"trap of debug exceptions" },
		{ hv_vcpu_get_trap_debug_reg_accesses,
			hv_vcpu_set_trap_debug_reg_accesses,
			&t->cpu.trap_access, "trap of debug registers" },
		{ hv_vcpu_get_serror, hv_vcpu_set_serror, &t->cpu.serror,
			"SError" },
	};
	unsigned n = (unsigned)rng_below(&t->rng, 4);
	bool got = !*flags[n].value, value = rng_bool(&t->rng);

	EXPECT_RESULT(flags[n].get(t->cpu.id, &got), HV_SUCCESS);
	model_expect(got, *flags[n].value, flags[n].name);
	EXPECT_RESULT(flags[n].set(t->cpu.id, value), HV_SUCCESS);
	*flags[n].value = value;
	EXPECT_RESULT(flags[n].get(t->cpu.id, NULL), HV_BAD_ARGUMENT);
}

static void check_time(struct model_thread *t)
{
	uint64_t now = 0;

	EXPECT_RESULT(hv_vcpu_get_exec_time(t->cpu.id, &now), HV_SUCCESS);
	model_expect(now >= t->cpu.exec_time, true, "time goes forward");
	t->cpu.exec_time = now;
	EXPECT_RESULT(
		hv_vcpu_get_exec_time(t->cpu.id, NULL), HV_BAD_ARGUMENT);
}

void model_register_step(struct model_thread *t)
{
	if (!t->cpu.exists)
		return;
	switch (rng_below(&t->rng, 10)) {
	case 0:
		cancel(t->cpu.id);
		run(t, true);
		break;
	case 1:
		cancel(rng_below(&t->rng, MODEL_THREADS));
		break;
	case 2:
	case 3:
		run(t, false);
		break;
	case 4:
		check_sys_reg(t);
		break;
	case 5:
		check_simd(t);
		break;
	case 6:
		check_line(t);
		break;
	case 7:
		check_flag(t);
		break;
	case 8:
		check_time(t);
		break;
	default:
		check_reg(t);
	}
}
