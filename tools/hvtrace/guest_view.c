/* SPDX-License-Identifier: MIT */
#include "guest_view.h"

#include <inttypes.h>

#include "disassembly.h"

#define BEFORE 6u
#define AROUND 12u

struct named {
	char name[12];
	uint64_t value;
};

#define NAMED_MAX (31 + 13)

static unsigned name_regs(const struct hvt_guest_regs *r, struct named *list)
{
	const struct named others[] = {
		{ "pc", r->pc }, { "cpsr", r->cpsr },
		{ "sp_el0", r->sp_el0 }, { "sp_el1", r->sp_el1 },
		{ "elr_el1", r->elr_el1 }, { "spsr_el1", r->spsr_el1 },
		{ "esr_el1", r->esr_el1 }, { "far_el1", r->far_el1 },
		{ "vbar_el1", r->vbar_el1 }, { "sctlr_el1", r->sctlr_el1 },
		{ "tcr_el1", r->tcr_el1 }, { "ttbr0_el1", r->ttbr0_el1 },
		{ "ttbr1_el1", r->ttbr1_el1 },
	};
	unsigned n = 0;

	for (; n < 31; n++) {
		snprintf(list[n].name, sizeof(list[n].name), "x%u", n);
		list[n].value = r->x[n];
	}
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++)
		list[n++] = others[i];
	return n;
}

/* How many there are; 0: there is no such vCPU. */
static unsigned list_regs(struct hvt_guest *guest, unsigned vcpu,
		struct named *list)
{
	struct hvt_guest_regs regs;

	return hvt_guest_regs(guest, vcpu, &regs) ? 0 : name_regs(&regs, list);
}

bool guest_view_regs(FILE *to, struct hvt_guest *guest, unsigned vcpu)
{
	struct named list[NAMED_MAX];
	unsigned n = list_regs(guest, vcpu, list);

	for (unsigned i = 0; i < n; i++)
		fprintf(to, "%s%9s %016" PRIx64 "%s", i % 4 ? " " : "  ",
				list[i].name, list[i].value,
				i % 4 == 3 || i == n - 1 ? "\n" : "");
	return n;
}

bool guest_view_regs_json(FILE *to, struct hvt_guest *guest, unsigned vcpu)
{
	struct named list[NAMED_MAX];
	unsigned n = list_regs(guest, vcpu, list);

	for (unsigned i = 0; i < n; i++)
		fprintf(to, "%s\"%s\":\"0x%" PRIx64 "\"", i ? "," : "",
				list[i].name, list[i].value);
	return n;
}

/* The words from va on that are in memory, in one page each way. */
static unsigned read_code(const struct hvt_guest *guest,
		const struct hvt_guest_regs *regs, uint64_t va, uint32_t *words,
		unsigned count)
{
	unsigned n = 0;

	for (; n < count; n++, va += sizeof(*words)) {
		uint64_t ipa;

		if (hvt_guest_translate(guest, regs, va, &ipa) ||
				hvt_guest_read(guest, ipa, words + n,
						sizeof(*words)))
			break;
	}
	return n;
}

void guest_view_code(FILE *to, struct hvt_guest *guest, unsigned vcpu)
{
	struct hvt_guest_regs regs;
	uint32_t words[AROUND];
	unsigned count;
	uint64_t va;

	if (hvt_guest_regs(guest, vcpu, &regs))
		return;
	for (unsigned before = BEFORE; ; before--) {
		va = regs.pc - before * sizeof(*words);
		count = read_code(guest, &regs, va, words, AROUND);
		if (count > before || !before)
			break;
	}
	if (count)
		disassemble(to, words, count, va, regs.pc);
	else
		fprintf(to, "     0x%" PRIx64 " cannot be read\n", regs.pc);
}
