/* SPDX-License-Identifier: MIT */
/*
 * Offsets and ids from the kernel's own type information (BTF), by name. What
 * is named here is no ABI: where it is called otherwise there are no records.
 */
#include "kernel_layout.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

/*
 * Called with the vCPU when its thread leaves KVM_RUN or is scheduled away,
 * after the guest's system registers have been saved, and not preemptible.
 */
#define FUNCTION "kvm_timer_vcpu_put"

static const struct btf_type *struct_at(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t && btf_is_composite(t) ? t : NULL;
}

/* Bit offset of a member, also of those without name; its type in id. */
static int64_t find_member(const struct btf *btf, uint32_t *id, const char *name)
{
	const struct btf_type *t = struct_at(btf, *id);

	for (uint32_t i = 0; t && i < btf_vlen(t); i++) {
		const struct btf_member *m = &btf_members(t)[i];
		const char *found = btf__name_by_offset(btf, m->name_off);
		uint32_t inner = m->type;
		int64_t bits = btf_member_bit_offset(t, i), more = 0;

		if (!found)
			return -1;
		if (!*found)
			more = find_member(btf, &inner, name);
		else if (strcmp(found, name) != 0)
			continue;
		if (more >= 0) {
			*id = inner;
			return bits + more;
		}
	}
	return -1;
}

/* Of a path of members, "a.b.c", in a struct; -1 if there is no such. */
static int64_t offset_of(const struct btf *btf, const char *type, const char *path)
{
	int32_t found = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	uint32_t id = (uint32_t)found;
	int64_t bits = 0;
	char name[32];

	while (found >= 0 && *path) {
		size_t n = strcspn(path, ".");
		int64_t more;

		if (n >= sizeof(name))
			return -1;
		memcpy(name, path, n);
		name[n] = 0;
		path += n + (path[n] == '.');
		more = find_member(btf, &id, name);
		if (more < 0)
			return -1;
		bits += more;
	}
	return found < 0 ? -1 : bits / 8;
}

/* Which of the saved system registers SCTLR_EL1 is: -1 if that is not told. */
static int64_t sctlr_index(const struct btf *btf)
{
	int32_t id = btf__find_by_name_kind(btf, "vcpu_sysreg", BTF_KIND_ENUM);
	const struct btf_type *t = id < 0 ? NULL
					  : btf__type_by_id(btf, (uint32_t)id);

	for (uint32_t i = 0; t && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(
				btf, btf_enum(t)[i].name_off);

		if (name && !strcmp(name, "SCTLR_EL1"))
			return btf_enum(t)[i].val;
	}
	return -1;
}

static bool put(int16_t *to, int64_t offset)
{
	*to = (int16_t)offset;
	return offset >= 0 && offset <= INT16_MAX;
}

bool hvt_kernel_layout_in(const struct btf *btf, struct hvt_kernel_layout *l)
{
	static const char vcpu[] = "kvm_vcpu";
	int64_t sys_regs = offset_of(btf, vcpu, "arch.ctxt.sys_regs");
	int64_t sctlr = sctlr_index(btf);
	int32_t function = btf__find_by_name_kind(
			btf, FUNCTION, BTF_KIND_FUNC);

	l->function = (uint32_t)function;
	return function > 0 && sys_regs >= 0 && sctlr >= 0 &&
		put(&l->sctlr, sys_regs + 8 * sctlr) &&
		put(&l->run, offset_of(btf, vcpu, "run")) &&
		put(&l->esr, offset_of(btf, vcpu, "arch.fault.esr_el2")) &&
		put(&l->far, offset_of(btf, vcpu, "arch.fault.far_el2")) &&
		put(&l->regs, offset_of(btf, vcpu, "arch.ctxt.regs.regs")) &&
		put(&l->pc, offset_of(btf, vcpu, "arch.ctxt.regs.pc")) &&
		put(&l->pstate, offset_of(btf, vcpu, "arch.ctxt.regs.pstate")) &&
		put(&l->run_s, offset_of(btf, "kvm_run", "s"));
}

int hvt_kernel_layout(struct hvt_kernel_layout *layout)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool all;

	if (!btf)
		return -EOPNOTSUPP;
	all = hvt_kernel_layout_in(btf, layout);
	btf__free(btf);
	return all ? 0 : -EOPNOTSUPP;
}
