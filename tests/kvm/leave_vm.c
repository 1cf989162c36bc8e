/* SPDX-License-Identifier: MIT */
/*
 * A VMM that ends without destroying its vCPU and VM, with status 3. Under
 * record its trace must be whole nevertheless. Runs in replay on any machine.
 */
#include <Hypervisor/Hypervisor.h>
#include <string.h>
#include <sys/mman.h>

#define RAM      0x40000000ull
#define RAM_SIZE (1u << 20)

int main(void)
{
	static const uint32_t code = 0xd40000e2; /* hvc #7 */
	void *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	if (ram == MAP_FAILED)
		return 1;
	memcpy(ram, &code, sizeof(code));
	if (hv_vm_create(NULL) ||
		hv_vm_map(ram, RAM, RAM_SIZE,
			HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC) ||
		hv_vcpu_create(&id, &exit, NULL) ||
		hv_vcpu_set_reg(id, HV_REG_CPSR, 0x3c5) ||
		hv_vcpu_set_reg(id, HV_REG_PC, RAM) || hv_vcpu_run(id))
		return 1;
	return (exit->exception.syndrome & 0xffff) == 7 ? 3 : 1;
}
