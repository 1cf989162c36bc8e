/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "known.h"
#include "register_names.h"
#include "syndrome.h"

/* "uart UARTDR", or the address where nothing is known of it. */
static void describe_place(const struct device_map *devices, uint64_t ipa,
		char *text, size_t size)
{
	const struct device *d = device_map_find(devices, ipa);
	char name[40];

	if (!d) {
		snprintf(text, size, "0x%" PRIx64, ipa);
		return;
	}
	device_register_name(d, ipa, name, sizeof(name));
	if (*name)
		snprintf(text, size, "%s %s", d->name, name);
	else
		snprintf(text, size, "%s+0x%" PRIx64, d->name, ipa - d->base);
}

static void register_name(const struct data_abort *a, char *text, size_t size)
{
	char width = a->rt_is_64bit ? 'X' : 'W';

	if (a->rt == SYNDROME_RT_ZERO)
		snprintf(text, size, "%cZR", width);
	else
		snprintf(text, size, "%c%u", width, a->rt);
}

static void describe_access(const struct device_map *devices,
		const struct hvt_event *e, char *text, size_t size)
{
	struct data_abort a = { 0 };
	char place[80], reg[8];

	syndrome_data_abort(e->values[RUN_SYNDROME], &a);
	describe_place(devices, e->values[RUN_IPA], place, sizeof(place));
	register_name(&a, reg, sizeof(reg));
	snprintf(text, size, "mmio %s %u byte%s%s, %s, %s %s",
			a.is_write ? "write" : "read", a.size,
			a.size == 1 ? "" : "s", a.sign_extend ? " signed" : "",
			place, a.is_write ? "from" : "to", reg);
}

/* DFSC and IFSC (Arm ARM, ESR_EL2): kinds of faults; level in the low bits. */
static const char *fault_name(unsigned fsc)
{
	switch (fsc >> 2) {
	case 0:
		return "address size fault";
	case 1:
		return "translation fault";
	case 2:
		return "access flag fault";
	case 3:
		return "permission fault";
	}
	return fsc == 0x21 ? "alignment fault" : "fault";
}

static void describe_abort(const struct device_map *devices,
		const struct hvt_event *e, char *text, size_t size)
{
	uint64_t esr = e->values[RUN_SYNDROME];
	bool data = syndrome_class(esr) == EC_DATA_ABORT;
	char place[80];

	describe_place(devices, e->values[RUN_IPA], place, sizeof(place));
	snprintf(text, size, "%s, %s, level %u, %s%s",
			syndrome_class_name(esr), fault_name(esr & 0x3f),
			(unsigned)(esr & 3), place,
			!data		  ? ""
			: esr >> 8 & 1	  ? ", cache maintenance"
			: esr >> 7 & 1	  ? ", in a table walk"
			: esr >> 6 & 1	  ? ", by a store"
					  : ", by a load");
}

static void describe_sysreg(uint64_t esr, char *text, size_t size)
{
	struct sysreg_access a;
	char name[40];

	syndrome_sysreg(esr, &a);
	sys_register_name((uint16_t)(a.op0 << 14 | a.op1 << 11 | a.crn << 7 |
					  a.crm << 3 | a.op2),
			name, sizeof(name));
	snprintf(text, size, "sysreg %s %s, X%u", a.is_read ? "read" : "write",
			name, a.rt);
}

/* TI, bits 1:0 (Arm ARM, ISS encoding for a trapped WF* instruction). */
static const char *wfx_name(uint64_t esr)
{
	static const char *const names[] = { "WFI", "WFE", "WFIT", "WFET" };

	return names[esr & 3];
}

static void describe_class(uint64_t esr, char *text, size_t size)
{
	const char *name = syndrome_class_name(esr);

	if (syndrome_class(esr) == EC_BRK)
		snprintf(text, size, "BRK #0x%x", (unsigned)(esr & 0xffff));
	else if (strstr(name, "not known"))
		snprintf(text, size, "exception class 0x%x",
				syndrome_class(esr));
	else
		snprintf(text, size, "%s", name);
}

static void describe_exception(const struct device_map *devices,
		const struct hvt_event *e, enum exit_class class, char *text,
		size_t size)
{
	uint64_t esr = e->values[RUN_SYNDROME];
	unsigned imm = esr & 0xffff;

	switch (class) {
	case EXIT_MMIO_READ:
	case EXIT_MMIO_WRITE:
		describe_access(devices, e, text, size);
		return;
	case EXIT_HVC:
	case EXIT_SMC:
		snprintf(text, size, "%s #%u",
				class == EXIT_HVC ? "HVC" : "SMC", imm);
		return;
	case EXIT_SYSREG:
		describe_sysreg(esr, text, size);
		return;
	case EXIT_WFX:
		snprintf(text, size, "%s", wfx_name(esr));
		return;
	case EXIT_ABORT:
		describe_abort(devices, e, text, size);
		return;
	default:
		describe_class(esr, text, size);
	}
}

void describe_exit(const struct device_map *devices, const struct hvt_event *e,
		char *text, size_t size)
{
	enum exit_class class = exit_classify(e);

	switch (class) {
	case EXIT_VTIMER:
		snprintf(text, size, "virtual timer");
		return;
	case EXIT_CANCELED:
	case EXIT_UNKNOWN:
	case EXIT_FAILED:
		snprintf(text, size, "%s", exit_class_name(class));
		return;
	default:
		describe_exception(devices, e, class, text, size);
	}
}

/* GIC registers that parameters name. */
static void describe_params(const struct hvt_call_schema *s,
		const struct hvt_event *e, char *text, size_t size)
{
	for (unsigned i = 0; !*text && i < s->param_count; i++)
		gic_value_name(s->params[i].type, e->values[i], text, size);
}

/* A function of the SMC calling convention has bit 31 set. */
static bool is_smccc(const struct hvt_event *e)
{
	return e->call == known_calls()->get_reg &&
			e->values[REG_REG] == 0 && !e->result &&
			(e->values[REG_VALUE] & UINT32_MAX) >> 31 &&
			e->values[REG_VALUE] <= UINT32_MAX;
}

void describe_event(const struct device_map *devices,
		const struct hvt_trace *trace, const struct hvt_event *e,
		char *text, size_t size)
{
	*text = 0;
	if (e->call == known_calls()->run) {
		if (e->kind == HVT_EVENT_LEAVE)
			describe_exit(devices, e, text, size);
		return;
	}
	if (is_smccc(e)) {
		smccc_function_name(e->values[REG_VALUE], text, size);
		if (!strncmp(text, "0x", 2))
			*text = 0;
		return;
	}
	if (e->kind != HVT_EVENT_LEAVE)
		describe_params(hvt_trace_call(trace, e->call), e, text, size);
}
