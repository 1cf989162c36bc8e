/* SPDX-License-Identifier: MIT */
/*
 * What the programs errors and errors_host share: rows of a call that is wrong
 * in the state the program is in, and the code it must return.
 * tests/docs/error_rows looks for these rows in the source.
 */
#ifndef HVT_TEST_ERRORS_H
#define HVT_TEST_ERRORS_H

#include "conformance.h"

/* The state that the rows to come are about; a part of their names. */
void now(const char *state);

/* A call that returns code, and where it fails leaves all of out as it was. */
#define ROW(call, code, why) \
	(row_begin(), row((call), (code), #call, (why)))
/* The same for one that has been made elsewhere. */
#define ROW_OF(function, result, code, why) \
	(row_begin(), row((result), (code), #function, (why)))
/* The same for one that returns an object. */
#define ROW_NULL(call, why) (row_begin(), row_null((call), #call, (why)))

void row_begin(void);
void row(hv_return_t got, hv_return_t wanted, const char *call,
	const char *why);
void row_null(const void *got, const char *call, const char *why);

/* Where the calls of rows have their results. */
extern union out {
	uint64_t u64;
	uint32_t u32;
	bool flag;
	size_t size;
	hv_ipa_t ipa;
	hv_ipa_granule_t granule;
	hv_simd_fp_uchar16_t simd;
	hv_vcpu_sme_state_t sme;
	hv_sme_zt0_uchar64_t zt0;
	uint64_t values[8];
	uint8_t bytes[64];
	void *pointer;
	struct {
		hv_vcpu_t id;
		hv_vcpu_exit_t *exit;
	} vcpu;
} out;

/* errors_config.c: what needs no VM. */
void config_rows(void);

/* errors_vcpu.c: each function of a vCPU's owner, called by who is not it. */
void owner_rows(hv_vcpu_t id, hv_return_t code);
/* The owner's own mistakes, in a VM without a GIC. */
void selector_rows(hv_vcpu_t id);
void null_rows(hv_vcpu_t id);
/* Of a host that has no SME for guests, whoever asks. */
void sme_rows(hv_vcpu_t id);

/* errors_gic.c: each function of the GIC, where there is none. */
void no_gic_rows(void);
/* The same of a vCPU's redistributor and CPU interface. */
void no_gic_vcpu_rows(hv_vcpu_t id, hv_return_t code);
/* A VM with a GIC: from its creation to its vCPUs. */
void gic_errors(void);

#endif
