/* SPDX-License-Identifier: MIT */
/*
 * What a keyframe has is what runs and guests change; what the VMM alone
 * decides, its calls tell, which are in the trace: they are made again up to
 * there, as far as they are not covered. So nothing is told twice, and a
 * keyframe can be of no other memory or vCPUs than the trace is.
 */
#include "keyframe_state.h"

#include <errno.h>
#include <os/object.h>
#include <stdlib.h>
#include <string.h>

#include "vcpu_state.h"

bool hvt_keyframe_covers(uint32_t call)
{
	if (hvt_mapped_is_change(call))
		return true;
	switch (call) {
	case HVT_CALL_HV_VCPU_RUN:
	case HVT_CALL_HV_VCPU_GET_REG:
	case HVT_CALL_HV_VCPU_SET_REG:
	case HVT_CALL_HV_VCPU_GET_SIMD_FP_REG:
	case HVT_CALL_HV_VCPU_SET_SIMD_FP_REG:
	case HVT_CALL_HV_VCPU_GET_SYS_REG:
	case HVT_CALL_HV_VCPU_GET_SERROR:
	case HVT_CALL_HV_VCPU_SET_SERROR:
	case HVT_CALL_HV_VCPU_GET_PENDING_INTERRUPT:
	case HVT_CALL_HV_VCPU_SET_PENDING_INTERRUPT:
	case HVT_CALL_HV_VCPU_GET_EXEC_TIME:
	case HVT_CALL_HV_VCPU_GET_WAIT_FOR_INTERRUPT_TIME:
	case HVT_CALL_HV_VCPU_GET_VTIMER_MASK:
	case HVT_CALL_HV_VCPU_SET_VTIMER_MASK:
	case HVT_CALL_HV_VCPU_INVALIDATE_TLB:
	case HVT_CALL_HV_GIC_SET_SPI:
	case HVT_CALL_HV_GIC_SEND_MSI:
	case HVT_CALL_HV_GIC_GET_DISTRIBUTOR_REG:
	case HVT_CALL_HV_GIC_GET_REDISTRIBUTOR_REG:
	case HVT_CALL_HV_GIC_GET_ICC_REG:
	case HVT_CALL_HV_GIC_GET_ICH_REG:
	case HVT_CALL_HV_GIC_GET_ICV_REG:
	case HVT_CALL_HV_GIC_GET_MSI_REG:
	/* Of an object whose state was never taken. */
	case HVT_CALL_HV_GIC_STATE_GET_DATA:
		return true;
	default:
		return false;
	}
}

struct vcpu_act {
	hv_vcpu_t vcpu;
	struct hvt_keyframe *into;
	const struct hvt_keyframe_reg *regs;
	size_t count;
};

static int take_vcpu(void *context)
{
	const struct vcpu_act *a = context;

	return hvt_vcpu_state_take(a->vcpu, a->into);
}

static int put_vcpu(void *context)
{
	const struct vcpu_act *a = context;

	return hvt_vcpu_state_put(a->vcpu, a->regs, a->count);
}

/* By the thread that has the vCPU. */
static int have_done(struct hvt_guest *g, int (*act)(void *),
		struct vcpu_act *what)
{
	struct hvt_act a = { .act = act, .context = what };
	int err = hvt_actors_do(&g->actors, g->owners[what->vcpu], &a);

	return err ? err : a.result;
}

static int take_gic(struct hvt_keyframe *k)
{
	hv_gic_state_t state = hv_gic_state_create();
	int err = 0;

	if (!state || hv_gic_state_get_size(state, &k->gic_size) ||
			!k->gic_size)
		err = -EIO;
	if (!err) {
		k->gic = malloc(k->gic_size);
		err = k->gic ? 0 : -ENOMEM;
	}
	if (!err && hv_gic_state_get_data(state, k->gic))
		err = -EIO;
	if (state)
		os_release(state);
	return err;
}

int hvt_keyframe_take(struct hvt_guest *g, struct hvt_keyframe *k)
{
	int err = g->has_gic ? take_gic(k) : 0;

	k->event = g->status.events;
	for (hv_vcpu_t i = 0; i < HVT_PLAYED_VCPUS && !err; i++) {
		struct vcpu_act what = { .vcpu = i, .into = k };

		if (g->owners[i] != HVT_NOBODY)
			err = have_done(g, take_vcpu, &what);
	}
	return err;
}

/* All registers of one vCPU follow each other. */
static int put_regs(struct hvt_guest *g, const struct hvt_keyframe *k)
{
	size_t at = 0;
	int err = 0;

	for (hv_vcpu_t i = 0; i < HVT_PLAYED_VCPUS && !err; i++) {
		struct vcpu_act what = { .vcpu = i };

		if (g->owners[i] == HVT_NOBODY)
			continue;
		if (at == k->reg_count)
			return -EBADMSG;
		what.regs = &k->regs[at];
		while (at < k->reg_count && k->regs[at].vcpu == i) {
			at++;
			what.count++;
		}
		err = have_done(g, put_vcpu, &what);
	}
	return err || at == k->reg_count ? err : -EBADMSG;
}

/* Where an extent is, all of it being memory that no other is in. */
static int check_extent(const struct hvt_guest *g,
		const struct hvt_keyframe_extent *e, uint64_t *end)
{
	size_t page = g->memory.pages.page_size;

	if (e->addr & (page - 1) || e->addr < *end ||
			e->count > UINT64_MAX / page ||
			!hvt_space_find(&g->memory.space, e->addr,
					e->count * page))
		return -EBADMSG;
	*end = e->addr + e->count * page;
	return 0;
}

/* Those that the events before it have told. */
static int each_told(struct hvt_guest *g, const struct hvt_keyframe_extent *e,
		int (*each)(void *, uint64_t, const uint8_t *), void *context)
{
	size_t page = g->memory.pages.page_size;
	int err = 0;

	for (uint64_t i = 0; i < e->count && !err; i++) {
		const uint8_t *contents = hvt_page_pool_get(&g->memory.pages,
				e->page + i);

		err = contents ? each(context, e->addr + i * page, contents)
			       : -EBADMSG;
	}
	return err;
}

int hvt_keyframe_each_page(struct hvt_guest *g, const struct hvt_keyframe *k,
		int (*each)(void *context, uint64_t addr,
				const uint8_t *contents), void *context)
{
	uint64_t end = 0;
	int err = 0;

	for (size_t i = 0; i < k->extent_count && !err; i++)
		err = check_extent(g, &k->extents[i], &end);
	for (size_t i = 0; i < k->extent_count && !err; i++)
		if (!(k->extents[i].page & HVT_KEYFRAME_PAGE))
			err = each_told(g, &k->extents[i], each, context);
	return err ? err : hvt_keyframe_pages(g->trace, k,
			g->memory.pages.page_size, each, context);
}

static int put_page(void *context, uint64_t addr, const uint8_t *contents)
{
	struct hvt_guest *g = context;

	return hvt_guest_memory_put(&g->memory, addr, contents);
}

int hvt_keyframe_put(struct hvt_guest *g, const struct hvt_keyframe *k)
{
	int err = hvt_mapped_put(&g->mapped, &g->play);

	if (!err)
		err = hvt_keyframe_each_page(g, k, put_page, g);
	if (!err && !k->gic_size != !g->has_gic)
		err = -EBADMSG;
	if (!err && g->has_gic && hv_gic_set_state(k->gic, k->gic_size))
		err = -EBADMSG;
	return err ? err : put_regs(g, k);
}
