/* SPDX-License-Identifier: MIT */
/*
 * PSCI 1.1 (Arm DEN 0022) and the SMCCC queries (Arm DEN 0028) that a guest
 * makes by HVC or SMC. Decides; the caller carries out. No API calls.
 */
#ifndef HVRUN_PSCI_H
#define HVRUN_PSCI_H

#include <stdint.h>

struct power;

enum psci_action {
	PSCI_RETURN,  /* put .value into X0 and go on */
	PSCI_CPU_OFF, /* the calling vCPU is off now */
	PSCI_ALL_OFF, /* so is every other: nothing can wake the machine */
	PSCI_SYSTEM_OFF,
	PSCI_SYSTEM_RESET,
};

struct psci_result {
	enum psci_action action;
	uint64_t value;
};

struct psci_call {
	unsigned int caller; /* index of the calling vCPU */
	uint64_t args[4];    /* X0 (function) to X3 */
};

/* CPU_ON is carried out on `power` right away; CPU_OFF is noted there. */
struct psci_result psci_handle(
	struct power *power, const struct psci_call *call);

#endif
