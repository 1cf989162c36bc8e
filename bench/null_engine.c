/* SPDX-License-Identifier: MIT */
/* One vCPU, whose registers all hold the same. */
#include "null_engine.h"

#include "backend.h"
#include "bench.h"

struct hvt_engine_vcpu {
	uint64_t value;
};

static struct hvt_engine_vcpu the_vcpu = { 0xffff800080000000u };

static int max_ipa_bits(uint32_t *bits)
{
	*bits = 40;
	return 0;
}

static int vm_create(const struct hvt_vm_params *params)
{
	(void)params;
	return 0;
}

static void vm_destroy(void)
{
}

static uint32_t slot_limit(void)
{
	return 512;
}

static int vcpu_create(struct hvt_engine_vcpu **vcpu, uint32_t id)
{
	(void)id;
	*vcpu = &the_vcpu;
	return 0;
}

static void vcpu_destroy(struct hvt_engine_vcpu *vcpu)
{
	(void)vcpu;
}

static int vcpu_run(struct hvt_engine_vcpu *vcpu, unsigned pending,
		hv_vcpu_exit_t *exit)
{
	(void)pending;
	exit->reason = HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = 0x93810045;
	exit->exception.physical_address = vcpu->value;
	return 0;
}

static int get_reg(struct hvt_engine_vcpu *vcpu, hv_reg_t reg, uint64_t *value)
{
	(void)reg;
	*value = vcpu->value;
	return 0;
}

static const struct hvt_engine engine = {
	.name = "null",
	.max_ipa_bits = max_ipa_bits,
	.vm_create = vm_create,
	.vm_destroy = vm_destroy,
	.slot_limit = slot_limit,
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.vcpu_run = vcpu_run,
	.get_reg = get_reg,
};

void null_engine_start(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;

	hvt_backend_set_engine(&engine);
	bench_check(hv_vm_create(NULL), "hv_vm_create");
	bench_check(hv_vcpu_create(&vcpu, &exit, NULL), "hv_vcpu_create");
}
