/* SPDX-License-Identifier: MIT */
#include "known.h"

#include <hvtrace/hvtrace.h>
#include <stddef.h>
#include <string.h>

struct known_calls known_numbers;

static const struct {
	const char *name;
	uint32_t *number;
} wanted[] = {
	{ "hv_vcpu_run", &known_numbers.run },
	{ "hv_vcpu_get_reg", &known_numbers.get_reg },
	{ "hv_vcpu_set_reg", &known_numbers.set_reg },
	{ "hv_gic_config_set_distributor_base", &known_numbers.set_distributor_base },
	{ "hv_gic_config_set_redistributor_base",
			&known_numbers.set_redistributor_base },
	{ "hv_gic_config_set_msi_region_base", &known_numbers.set_msi_base },
	{ "hv_gic_set_spi", &known_numbers.set_spi },
	{ "hv_gic_send_msi", &known_numbers.send_msi },
	{ "memory_turn", &known_numbers.memory_turn },
};

/* Before main(): they are asked for with every event. */
__attribute__((constructor)) static void look_up(void)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		*wanted[i].number = UINT32_MAX;
		for (uint32_t n = 0; n < hvt_call_limit(); n++) {
			const struct hvt_call_schema *s = hvt_call_schema(n);

			if (s && !strcmp(s->name, wanted[i].name))
				*wanted[i].number = n;
		}
	}
}

/* The first that fits; an asterisk is any end. */
const char *call_sort(const char *name)
{
	static const char *const sorts[][2] = {
		{ "hv_vcpu_run", "run" },
		{ "hv_vcpus_exit", "run" },
		{ "hv_vcpu_get_exec_time", "time" },
		{ "hv_vcpu_get_wait_for*", "time" },
		{ "hv_vcpu_get_vtimer*", "time" },
		{ "hv_vcpu_set_vtimer*", "time" },
		{ "hv_vcpu_get_pending*", "irq" },
		{ "hv_vcpu_set_pending*", "irq" },
		{ "hv_vcpu_get_*", "reg" },
		{ "hv_vcpu_set_*", "reg" },
		{ "hv_vcpu_*", "vcpu" },
		{ "hv_vm_map", "memory" },
		{ "hv_vm_unmap", "memory" },
		{ "hv_vm_protect", "memory" },
		{ "hv_vm_allocate", "memory" },
		{ "hv_vm_deallocate", "memory" },
		{ "hv_vm_*", "vm" },
		{ "hv_gic_*", "irq" },
		{ "mach_*", "time" },
		{ "memory_*", "memory" },
	};

	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		const char *star = strchr(sorts[i][0], '*');

		if (star ? !strncmp(name, sorts[i][0],
				(size_t)(star - sorts[i][0]))
			 : !strcmp(name, sorts[i][0]))
			return sorts[i][1];
	}
	return "call";
}
