/* SPDX-License-Identifier: MIT */
/* The guest of guest_code.h through hv_*. */
#include "hv_paths.h"

struct hv_guest hv_guest;

static uint8_t *ram;

void hv_guest_start_vm(void)
{
	ram = guest_make_ram();
	hv_must(hv_vm_create(NULL), "hv_vm_create");
	hv_must(hv_vm_map(ram, GUEST_RAM, GUEST_RAM_SIZE,
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

	hv_must(hv_vcpu_create(&g->vcpu, &exit, NULL), "hv_vcpu_create");
	g->exit = exit;
	hv_guest_set(g, HV_REG_CPSR, GUEST_CPSR);
	hv_must(hv_vcpu_set_vtimer_offset(g->vcpu, 0), "offset");
	for (size_t i = 0; i < guest_reg_count; i++) {
		const struct guest_reg *r = &guest_regs[i];

		if (r->is_system)
			hv_must(hv_vcpu_set_sys_reg(g->vcpu,
					     (hv_sys_reg_t)r->reg, r->value),
					"a system register");
		else
			hv_guest_set(g, (hv_reg_t)(HV_REG_X0 + r->reg),
					r->value);
	}
}

void hv_guest_at(struct hv_guest *g, enum guest_loop loop)
{
	hv_guest_set(g, HV_REG_PC, guest_pc(loop));
	hv_guest_set(g, HV_REG_X0, 0);
}
