/* SPDX-License-Identifier: MIT */
/*
 * Names of registers by their offset or encoding, and of functions of the
 * SMC calling convention. Where there is none the text is empty.
 */
#ifndef HVTRACE_REGISTER_NAMES_H
#define HVTRACE_REGISTER_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* Arm DDI 0183, 3.2; Arm DDI 0224, 3.2. */
void pl011_register_name(uint64_t offset, char *text, size_t size);
void pl031_register_name(uint64_t offset, char *text, size_t size);

/* Virtio 1.2, 4.2.2. */
void virtio_register_name(uint64_t offset, char *text, size_t size);

/* Arm IHI 0069, 12.8 to 12.11; GICv2m of the SBSA. */
void gicd_register_name(uint64_t offset, char *text, size_t size);
void gicr_register_name(uint64_t offset, char *text, size_t size);
void gicm_register_name(uint64_t offset, char *text, size_t size);

/*
 * A system register op0, op1, CRn, CRm, op2 as hv_sys_reg_t has it, of the GIC's
 * too: "ICC_PMR_EL1", else "S3_0_C4_C6_0". It always has one.
 */
void sys_register_name(uint16_t encoding, char *text, size_t size);

/* The value of a parameter of that C type: GIC registers have names there. */
void gic_value_name(const char *type, uint64_t value, char *text, size_t size);

/* The function in W0 of HVC or SMC: "PSCI_CPU_ON", else "0xc4000003". */
void smccc_function_name(uint64_t x0, char *text, size_t size);

#endif
