/* SPDX-License-Identifier: MIT */
/* Prints what creating a VM came to: 0x00000000 where there is a hypervisor. */
#include <Hypervisor/Hypervisor.h>
#include <stdio.h>

int main(void)
{
	hv_return_t created = hv_vm_create(NULL);

	printf("0x%08x\n", (unsigned)created);
	return created == HV_SUCCESS && hv_vm_destroy() != HV_SUCCESS;
}
