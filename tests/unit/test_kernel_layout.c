/* SPDX-License-Identifier: MIT */
/*
 * Where things are in a kernel, by its type information: that of made-up
 * kernels, which have all that is looked for, or lack one of it.
 */
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <string.h>

#include "kernel_layout.h"

/* A name of which this kernel has another one, and what is too far away. */
static const char *lacking, *far_away;

static const char *name_of(const char *name)
{
	return lacking && !strcmp(name, lacking) ? "other" : name;
}

static int check(int id)
{
	cr_assert_gt(id, 0);
	return id;
}

static void add_field(struct btf *btf, const char *name, int type,
	unsigned bytes)
{
	unsigned more = far_away && !strcmp(name, far_away) ? 40000 : 0;

	cr_assert(!btf__add_field(btf, name_of(name), type, 8 * (bytes + more),
		0));
}

static int add_struct(struct btf *btf, const char *name, unsigned size)
{
	return check(btf__add_struct(btf, *name ? name_of(name) : NULL,
		100000 + size));
}

/* kvm_cpu_context: the registers, and in a union without name the system's. */
static int add_context(struct btf *btf, int u64)
{
	int array31 = check(btf__add_array(btf, u64, u64, 31));
	int array99 = check(btf__add_array(btf, u64, u64, 99));
	int regs = add_struct(btf, "user_pt_regs", 272), any, context;

	add_field(btf, "regs", array31, 0);
	add_field(btf, "sp", u64, 248);
	add_field(btf, "pc", u64, 256);
	add_field(btf, "pstate", u64, 264);
	any = check(btf__add_union(btf, NULL, 792));
	add_field(btf, "sys_regs", array99, 0);
	regs = check(btf__add_const(btf, regs));
	context = add_struct(btf, "kvm_cpu_context", 1100);
	add_field(btf, "regs", regs, 0);
	add_field(btf, "", any, 280);
	return context;
}

static int add_arch(struct btf *btf, int u64)
{
	int context = add_context(btf, u64), fault, typedefed, arch;

	fault = add_struct(btf, "kvm_vcpu_fault_info", 32);
	add_field(btf, "esr_el2", u64, 0);
	add_field(btf, "far_el2", u64, 8);
	typedefed = check(btf__add_typedef(btf, "fault_t", fault));
	arch = add_struct(btf, "kvm_vcpu_arch", 1500);
	add_field(btf, "ctxt", context, 16);
	add_field(btf, "fault", typedefed, 1200);
	return arch;
}

static int add_run(struct btf *btf, int u64)
{
	int padding = check(btf__add_array(btf, u64, u64, 256)), s, run;

	s = check(btf__add_union(btf, NULL, 2048));
	add_field(btf, "padding", padding, 0);
	run = add_struct(btf, "kvm_run", 2400);
	add_field(btf, "exit_reason", u64, 8);
	add_field(btf, "s", s, 300);
	return run;
}

static struct btf *make_kernel(void)
{
	struct btf *btf = btf__new_empty();
	int u64 = check(btf__add_int(btf, "unsigned long", 8, 0));
	int arch = add_arch(btf, u64), run = add_run(btf, u64), proto;

	add_struct(btf, "kvm_vcpu", 3000);
	add_field(btf, "kvm", u64, 0);
	add_field(btf, "run", check(run), 64);
	add_field(btf, "arch", arch, 1000);
	check(btf__add_enum(btf, name_of("vcpu_sysreg"), 4));
	cr_assert(!btf__add_enum_value(btf, "MPIDR_EL1", 1));
	cr_assert(!btf__add_enum_value(btf, name_of("SCTLR_EL1"), 5));
	proto = check(btf__add_func_proto(btf, 0));
	check(btf__add_func(btf, name_of("kvm_timer_vcpu_put"),
		BTF_FUNC_GLOBAL, proto));
	return btf;
}

static bool find(struct hvt_kernel_layout *l)
{
	struct btf *btf = make_kernel();
	bool found = hvt_kernel_layout_in(btf, l);

	btf__free(btf);
	return found;
}

Test(kernel_layout, is_found_by_name)
{
	struct hvt_kernel_layout l = { 0 };

	cr_assert(find(&l));
	cr_assert(l.function);
	cr_assert_eq(l.run, 64);
	cr_assert_eq(l.regs, 1016);
	cr_assert_eq(l.pc, 1016 + 256);
	cr_assert_eq(l.pstate, 1016 + 264);
	cr_assert_eq(l.sctlr, 1016 + 280 + 5 * 8);
	cr_assert_eq(l.esr, 2200);
	cr_assert_eq(l.far, 2208);
	cr_assert_eq(l.run_s, 300);
}

Test(kernel_layout, is_not_made_up_where_something_is_called_otherwise)
{
	static const char *const names[] = { "kvm_vcpu", "run",
		"arch", "ctxt", "regs", "pc", "pstate", "sys_regs", "fault",
		"esr_el2", "far_el2", "kvm_run", "s", "vcpu_sysreg",
		"SCTLR_EL1", "kvm_timer_vcpu_put" };
	struct hvt_kernel_layout l;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		lacking = names[i];
		cr_assert_not(find(&l), "%s", lacking);
	}
}

/* What the instructions of the program cannot reach. */
Test(kernel_layout, is_not_cut_short_where_something_is_far_away)
{
	static const char *const names[] = { "run", "arch",
		"ctxt", "regs", "pc", "pstate", "", "fault", "esr_el2",
		"far_el2", "s" };
	struct hvt_kernel_layout l;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		far_away = names[i];
		cr_assert_not(find(&l), "%s", far_away);
	}
}

Test(kernel_layout, is_not_found_in_a_kernel_without_types)
{
	struct btf *btf = btf__new_empty();
	struct hvt_kernel_layout l;

	cr_assert_not(hvt_kernel_layout_in(btf, &l));
	btf__free(btf);
}
