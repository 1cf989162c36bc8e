/* SPDX-License-Identifier: MIT */
/*
 * usage: lttng_calls PROVIDER (live|answered|TRACE)
 *
 * Each call that has a tracepoint, with arguments that cannot be mistaken for
 * others, of a VMM on the fake engine; recorded to TRACE; or answered by a tap,
 * as a replay does. Prints why there are no tracepoints, if so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_engine.h"
#include "taps.h"

#define IPA  0x40000000ull
#define SIZE 0x40000ull

static void told(const char *why)
{
	printf("untraced %s\n", why);
}

static void make_gic(void)
{
	hv_gic_config_t config = hv_gic_config_create();

	(void)hv_gic_config_set_distributor_base(config, 0x08000000);
	(void)hv_gic_config_set_redistributor_base(config, 0x080a0000);
	(void)hv_gic_config_set_msi_region_base(config, 0x0a000000);
	(void)hv_gic_config_set_msi_interrupt_range(config, 64, 32);
	(void)hv_gic_create(config);
}

static void interrupts(hv_vcpu_t vcpu)
{
	(void)hv_gic_set_spi(40, true);
	(void)hv_gic_send_msi(0x0a000040, 66);
	/* Not with a GIC: an error is told, too. */
	(void)hv_vcpu_set_pending_interrupt(vcpu, HV_INTERRUPT_TYPE_FIQ, true);
	(void)hv_vcpu_set_serror(vcpu, true);
	(void)hv_vcpu_set_vtimer_mask(vcpu, true);
}

static void live(void)
{
	void *memory = aligned_alloc(SIZE, SIZE);
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;

	(void)hv_vm_create(NULL);
	make_gic();
	(void)hv_vm_map(memory, IPA, SIZE, HV_MEMORY_READ | HV_MEMORY_WRITE);
	(void)hv_vm_protect(IPA, SIZE, HV_MEMORY_READ);
	(void)hv_vcpu_create(&vcpu, &exit, NULL);
	interrupts(vcpu);
	(void)hv_vcpu_run(vcpu);
	(void)hv_vcpus_exit(&vcpu, 1);
	(void)hv_vm_unmap(IPA, SIZE);
	/* Without a vector. */
	(void)hv_vcpus_exit(NULL, 0);
	(void)hv_vcpu_destroy(vcpu);
	(void)hv_vm_destroy();
	free(memory);
}

int main(int argc, char **argv)
{
	const char *how = argc == 3 ? argv[2] : "";
	bool answered = !strcmp(how, "answered");
	bool recorded = !answered && strcmp(how, "live") != 0;

	if (argc != 3)
		return 2;
	fake_engine_install();
	if (answered)
		hvt_backend_set_tap(&answering_tap);
	if (recorded && hvt_recording_start(how, HVT_MEMORY_NONE, NULL))
		return 1;
	if (hvt_probes_start(argv[1], told))
		return 1;
	if (answered)
		(void)hv_vcpu_run(3);
	else
		live();
	return recorded && hvt_recording_stop() ? 1 : 0;
}
