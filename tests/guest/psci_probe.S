/* SPDX-License-Identifier: MIT */
/* What PSCI answers to a guest that asks around. */
#include "guest.inc"

start:
	const64	x9, STACK_TOP
	mov	sp, x9
	psci_hvc 0x84000000
	report	"version", x0
	const64	x1, PSCI_CPU_ON
	psci_hvc 0x8400000a
	report	"features of CPU_ON", x0
	const64	x1, 0x84000013
	psci_hvc 0x8400000a
	report	"features of something unknown", x0
	psci_hvc 0x84000006
	report	"migrate info type", x0
	mov	x1, #0
	mov	x2, #0
	psci_hvc PSCI_AFFINITY_INFO
	report	"affinity info of myself", x0
	mov	x1, #0
	adr	x2, start
	psci_hvc PSCI_CPU_ON
	report	"turning myself on", x0
	const64	x1, 0xabcdef
	adr	x2, start
	psci_hvc PSCI_CPU_ON
	report	"turning nobody on", x0
	psci_hvc 0x12345678
	report	"no such function", x0
	psci_hvc PSCI_SYSTEM_OFF
	b	.
