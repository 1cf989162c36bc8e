/* SPDX-License-Identifier: MIT */
/*
 * What the conformance programs share: claims, and a small virtual machine.
 * Each program proves a topic of the API on a real KVM, one line per claim:
 * "ok NAME" or "not ok NAME". They use nothing but the public headers.
 */
#ifndef HVT_TEST_CONFORMANCE_H
#define HVT_TEST_CONFORMANCE_H

#include <Hypervisor/Hypervisor.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RAM of the guests; a device is where nothing is mapped. */
#define RAM      0x40000000ull
#define RAM_SIZE (16ull << 20)
#define DEVICE   0x09000000ull

/* Exception classes (Arm ARM, ESR_ELx). */
#define EC(esr) ((unsigned)((esr) >> 26))
enum { EC_HVC = 0x16, EC_SMC = 0x17, EC_DATA_ABORT = 0x24, EC_BRK = 0x3c };

/* Prints what became of the claim; name says what must hold. */
void claim(bool holds, const char *name);
/* The same for a value, which is shown if it is another one. */
void claim_equal(uint64_t got, uint64_t wanted, const char *name);
/* The same for a result code. */
void claim_result(hv_return_t got, hv_return_t wanted, const char *name);
/* To return from main(): 0 if all claims held. */
int verdict(void);
/* A call without which the program cannot go on. */
#define NEED(call) need((call), #call)
void need(hv_return_t result, const char *call);

/*
 * Code of a guest: assembled here, copied to the start of RAM. GUEST(name,
 * "insn\n insn\n") defines name and name_end.
 */
#define GUEST(name, code) \
	__asm__(".pushsection .rodata\n.balign 4\n.globl " #name ", " #name \
		"_end\n.hidden " #name ", " #name "_end\n" #name ":\n" \
		code "\n" #name "_end:\n.popsection\n"); \
	__attribute__((visibility("hidden"))) \
	extern const uint8_t name[], name##_end[]
#define VM_START(name) vm_start(name, (size_t)(name##_end - name))

/* Creates the VM with RAM that begins with code; returns RAM. */
uint8_t *vm_start(const uint8_t *code, size_t size);
uint8_t *vm_start_as(hv_vm_config_t config, const uint8_t *code, size_t size);
void vm_end(void);

struct cpu {
	hv_vcpu_t id;
	hv_vcpu_exit_t *exit;
};

/* A vCPU of the calling thread at EL1h, interrupts masked, PC at RAM. */
struct cpu cpu_start(void);
void cpu_end(struct cpu *cpu);
/* Runs to the next exit, which must be one; returns its reason. */
hv_exit_reason_t cpu_run(struct cpu *cpu);
/* A guest that stays in for long is lost, if nobody says this meanwhile. */
void not_lost(void);
uint64_t reg(const struct cpu *cpu, hv_reg_t reg);
void set_reg(const struct cpu *cpu, hv_reg_t reg, uint64_t value);

/* The same for system registers, which must be had. */
uint64_t get_sys(const struct cpu *cpu, hv_sys_reg_t reg);
void set_sys(const struct cpu *cpu, hv_sys_reg_t reg, uint64_t value);

/* Of a folder of /proc/self; the one to read it with is always there. */
unsigned count_entries(const char *path);

/* Seconds of the clock that only goes forward. */
double seconds(void);

#endif
