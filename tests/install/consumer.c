/* SPDX-License-Identifier: MIT */
/*
 * A program of somebody else's: built as C and as C++ against what is
 * installed. It fails if the library is not the headers' one, or was linked
 * without its engine. The result of hv_vm_create is its output.
 */
#include <Hypervisor/Hypervisor.h>
#include <hvtrace/hvtrace.h>
#include <mach/mach_time.h>
#include <os/object.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	hv_vm_config_t config = hv_vm_config_create();
	mach_timebase_info_data_t base = { 0, 0 };
	hv_return_t created;

	if (argc != 2 || strcmp(hvt_version(), argv[1]) != 0) {
		fprintf(stderr, "consumer: library is %s\n", hvt_version());
		return 1;
	}
	mach_timebase_info(&base);
	if (!config || !base.denom)
		return 1;
	created = hv_vm_create(config);
	os_release(config);
	if (created == HV_SUCCESS && hv_vm_destroy() != HV_SUCCESS)
		return 1;
	printf("0x%08x\n", (unsigned)created);
	return 0;
}
