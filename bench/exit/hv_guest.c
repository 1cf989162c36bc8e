/* SPDX-License-Identifier: MIT */
/* The guest of guest_code.h through hv_*. */
#include "hv_paths.h"

#include <errno.h>

struct hv_guest hv_guest;

static uint8_t *ram;

static void must(hv_return_t ret, const char *what)
{
	bench_check(ret == HV_SUCCESS ? 0 : EIO, what);
}

void hv_guest_start_vm(void)
{
	ram = guest_make_ram();
	must(hv_vm_create(NULL), "hv_vm_create");
	must(hv_vm_map(ram, GUEST_RAM, GUEST_RAM_SIZE,
			     HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC),
			"hv_vm_map");
}

volatile struct guest_flags *hv_guest_flags(void)
{
	return guest_flags_in(ram);
}

void hv_guest_create(struct hv_guest *g)
{
	hv_vcpu_exit_t *exit;

	must(hv_vcpu_create(&g->vcpu, &exit, NULL), "hv_vcpu_create");
	g->exit = exit;
	hv_guest_set(g, HV_REG_CPSR, GUEST_CPSR);
	must(hv_vcpu_set_vtimer_offset(g->vcpu, 0), "offset");
	for (size_t i = 0; i < guest_reg_count; i++) {
		const struct guest_reg *r = &guest_regs[i];

		if (r->is_system)
			must(hv_vcpu_set_sys_reg(g->vcpu,
					     (hv_sys_reg_t)r->reg, r->value),
					"a system register");
		else
			hv_guest_set(g, (hv_reg_t)(HV_REG_X0 + r->reg),
					r->value);
	}
}

void hv_guest_set(struct hv_guest *g, hv_reg_t reg, uint64_t value)
{
	must(hv_vcpu_set_reg(g->vcpu, reg, value), "hv_vcpu_set_reg");
}

uint64_t hv_guest_get(struct hv_guest *g, hv_reg_t reg)
{
	uint64_t value = 0;

	must(hv_vcpu_get_reg(g->vcpu, reg, &value), "hv_vcpu_get_reg");
	return value;
}

void hv_guest_at(struct hv_guest *g, enum guest_loop loop)
{
	hv_guest_set(g, HV_REG_PC, guest_pc(loop));
	hv_guest_set(g, HV_REG_X0, 0);
}

void hv_guest_run(struct hv_guest *g, hv_exit_reason_t reason)
{
	must(hv_vcpu_run(g->vcpu), "hv_vcpu_run");
	bench_check(g->exit->reason == reason ? 0 : EIO, "another exit");
}

void hv_guest_run_to(struct hv_guest *g, uint64_t syndrome, uint64_t mask)
{
	hv_guest_run(g, HV_EXIT_REASON_EXCEPTION);
	bench_check((g->exit->exception.syndrome & mask) == syndrome ? 0 : EIO,
			"another exception");
}
