/* SPDX-License-Identifier: MIT */
/* The model's GIC, and the objects of its configurations. */
#include <os/object.h>
#include <stdlib.h>

#include "api_model.h"

#define PRIORITIES 0xf8f8f8f8u /* that an interrupt of five bits can have */
#define NO_INTID   1020u

/* The first of the thread's 32 SPIs. */
static uint32_t first_spi(const struct model_thread *t)
{
	return 32 + 32 * t->index;
}

static hv_return_t no_gic(void)
{
	return model.has_gic ? HV_SUCCESS : HV_NO_DEVICE;
}

static void create_gic(void)
{
	hv_gic_config_t config = hv_gic_config_create();
	hv_return_t wanted = HV_SUCCESS;
	bool late = false;

	if (!model.has_vm)
		wanted = HV_NO_DEVICE;
	else if (model.has_gic)
		wanted = HV_EXISTS;
	else if (model.vcpus)
		wanted = HV_BUSY;
	else if (model.world->gic_before_runs && atomic_load(&model.ran))
		late = true;
	EXPECT_RESULT(hv_gic_create(NULL), HV_BAD_ARGUMENT);
	EXPECT_RESULT(hv_gic_config_set_distributor_base(config, 1),
		HV_BAD_ARGUMENT);
	EXPECT_RESULT(hv_gic_create(config),
		wanted == HV_SUCCESS ? HV_BAD_ARGUMENT : wanted);
	EXPECT_RESULT(hv_gic_config_set_distributor_base(config, MODEL_GICD),
		HV_SUCCESS);
	EXPECT_RESULT(hv_gic_config_set_redistributor_base(config, MODEL_GICR),
		HV_SUCCESS);
	if (late && atomic_load(&model.left))
		wanted = HV_BUSY;
	if (!late || wanted == HV_BUSY)
		EXPECT_RESULT(hv_gic_create(os_retain(config)), wanted);
	else
		os_retain(config);
	os_release(config);
	os_release(config);
	if (late || wanted != HV_SUCCESS)
		return;
	model.has_gic = true;
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		model.threads[i].spis = (struct model_spis){ 0 };
}

static void check_gic_reg(uint32_t reg, uint32_t wanted, const char *name)
{
	uint64_t got = wanted;

	EXPECT_RESULT(hv_gic_get_distributor_reg(reg, &got), no_gic());
	model_expect(got, wanted, name);
}

static void set_gic_reg(uint32_t reg, uint32_t value)
{
	EXPECT_RESULT(hv_gic_set_distributor_reg(reg, value), no_gic());
}

/* The registers of the thread's SPIs, which no other thread changes. */
static void check_spis(struct model_thread *t)
{
	struct model_spis *spis = &t->spis;
	uint32_t group = 4 * (1 + t->index), value = (uint32_t)rng_any(&t->rng);
	uint32_t priorities = HV_GIC_DISTRIBUTOR_REG_GICD_IPRIORITYR8 +
		32 * t->index;
	uint32_t set = HV_GIC_DISTRIBUTOR_REG_GICD_ISENABLER1 - 4 + group;

	check_gic_reg(priorities, spis->priority, "priorities");
	check_gic_reg(set, spis->enabled, "enabled SPIs");
	check_gic_reg(set + 0x80, spis->enabled, "enabled SPIs, to clear");
	switch (rng_below(&t->rng, 3)) {
	case 0:
		set_gic_reg(priorities, value);
		spis->priority = value & PRIORITIES;
		break;
	case 1:
		set_gic_reg(set, value);
		spis->enabled |= value;
		break;
	default:
		set_gic_reg(set + 0x80, value);
		spis->enabled &= ~value;
	}
	if (!model.has_gic)
		*spis = (struct model_spis){ 0 };
}

static void set_spi(struct model_thread *t)
{
	uint32_t intid = first_spi(t) + (uint32_t)rng_below(&t->rng, 32);

	EXPECT_RESULT(hv_gic_set_spi(intid, rng_bool(&t->rng)), no_gic());
	EXPECT_RESULT(hv_gic_set_spi(NO_INTID, true), HV_BAD_ARGUMENT);
	EXPECT_RESULT(hv_gic_set_spi(31, true), HV_BAD_ARGUMENT);
	EXPECT_RESULT(hv_gic_send_msi(MODEL_GICD, intid),
		model.has_gic ? HV_BAD_ARGUMENT : HV_NO_DEVICE);
}

static void save_state(void)
{
	hv_gic_state_t state = hv_gic_state_create();
	size_t size = 0;

	model_expect(state != NULL, model.has_gic, "state of the GIC");
	if (!state)
		return;
	EXPECT_RESULT(hv_gic_state_get_size(state, &size), HV_SUCCESS);
	free(model.state);
	model.state = malloc(size);
	model.state_size = size;
	EXPECT_RESULT(
		hv_gic_state_get_data(state, model.state), HV_SUCCESS);
	os_release(state);
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		model.saved[i] = model.threads[i].spis;
}

static void restore_state(void)
{
	if (!model.state)
		return;
	EXPECT_RESULT(hv_gic_set_state(model.state, model.state_size - 1),
		HV_BAD_ARGUMENT);
	EXPECT_RESULT(hv_gic_set_state(model.state, model.state_size),
		HV_SUCCESS);
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		model.threads[i].spis = model.saved[i];
}

static void reset_gic(void)
{
	EXPECT_RESULT(hv_gic_reset(), no_gic());
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		model.threads[i].spis = (struct model_spis){ 0 };
}

/* What concerns all of the GIC. */
static void whole_gic(struct model_thread *t)
{
	pthread_mutex_lock(&model.lock);
	pthread_rwlock_wrlock(&model.gic_lock);
	switch (rng_below(&t->rng, 6)) {
	case 0:
		reset_gic();
		break;
	case 1:
		restore_state();
		break;
	case 2:
		save_state();
		break;
	default:
		create_gic();
	}
	pthread_rwlock_unlock(&model.gic_lock);
	pthread_mutex_unlock(&model.lock);
}

void model_gic_step(struct model_thread *t)
{
	bool alone = !t->cpu.exists;

	if (!rng_below(&t->rng, 4)) {
		whole_gic(t);
		return;
	}
	if (alone)
		pthread_mutex_lock(&model.lock);
	pthread_rwlock_rdlock(&model.gic_lock);
	if (rng_bool(&t->rng))
		check_spis(t);
	else
		set_spi(t);
	pthread_rwlock_unlock(&model.gic_lock);
	if (alone)
		pthread_mutex_unlock(&model.lock);
}

static void new_config(struct model_thread *t)
{
	t->config.object = hv_vm_config_create();
	model_expect(t->config.object != NULL, true, "a configuration");
	t->config.references = 1;
	t->config.ipa_bits = 0;
	t->config.el2 = false;
	t->config.granule = HV_IPA_GRANULE_16KB;
	EXPECT_RESULT(hv_vm_config_get_default_ipa_size(&t->config.ipa_bits),
		HV_SUCCESS);
	EXPECT_RESULT(hv_vm_config_set_ipa_size(
			      t->config.object, t->config.ipa_bits),
		HV_SUCCESS);
}

static void check_config(const struct model_thread *t)
{
	hv_vm_config_t object = t->config.object;
	hv_ipa_granule_t granule = 7;
	uint32_t bits = 0;
	bool el2 = false;

	EXPECT_RESULT(hv_vm_config_get_ipa_size(object, &bits), HV_SUCCESS);
	model_expect(bits, t->config.ipa_bits, "IPA size");
	EXPECT_RESULT(hv_vm_config_get_el2_enabled(object, &el2), HV_SUCCESS);
	model_expect(el2, t->config.el2, "EL2");
	EXPECT_RESULT(
		hv_vm_config_get_ipa_granule(object, &granule), HV_SUCCESS);
	model_expect(granule, t->config.granule, "granule");
	EXPECT_RESULT(
		hv_vm_config_get_ipa_granule(NULL, &granule), HV_BAD_ARGUMENT);
}

static void change_config(struct model_thread *t)
{
	hv_vm_config_t object = t->config.object;
	uint32_t max = 0;

	EXPECT_RESULT(hv_vm_config_get_max_ipa_size(&max), HV_SUCCESS);
	t->config.ipa_bits = 32 + (uint32_t)rng_below(&t->rng, max - 31);
	t->config.el2 = !rng_below(&t->rng, 4);
	t->config.granule = rng_bool(&t->rng) ? HV_IPA_GRANULE_4KB
					      : HV_IPA_GRANULE_16KB;
	EXPECT_RESULT(hv_vm_config_set_ipa_size(object, t->config.ipa_bits),
		HV_SUCCESS);
	EXPECT_RESULT(
		hv_vm_config_set_ipa_size(object, max + 1), HV_UNSUPPORTED);
	EXPECT_RESULT(hv_vm_config_set_el2_enabled(object, t->config.el2),
		HV_SUCCESS);
	EXPECT_RESULT(hv_vm_config_set_ipa_granule(object, t->config.granule),
		HV_SUCCESS);
	EXPECT_RESULT(
		hv_vm_config_set_ipa_granule(object, 2), HV_BAD_ARGUMENT);
}

static void release(struct model_thread *t)
{
	os_release(t->config.object);
	if (!--t->config.references)
		t->config.object = NULL;
}

void model_config_step(struct model_thread *t)
{
	if (!t->config.object) {
		new_config(t);
		return;
	}
	check_config(t);
	switch (rng_below(&t->rng, 4)) {
	case 0:
		change_config(t);
		break;
	case 1:
		os_retain(t->config.object);
		t->config.references++;
		break;
	default:
		release(t);
	}
}

void model_config_release(struct model_thread *t)
{
	while (t->config.object)
		release(t);
}
