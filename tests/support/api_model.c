/* SPDX-License-Identifier: MIT */
/* The threads of the model, the life of its VM and the guest's memory. */
#include "api_model.h"

#include <inttypes.h>
#include <os/object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RWX (HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC)

struct model model;

bool model_expect(uint64_t got, uint64_t wanted, const char *what)
{
	atomic_fetch_add(&model.calls, 1);
	if (got == wanted)
		return true;
	if (!atomic_exchange(&model.wrong, true))
		printf("# %s: 0x%" PRIx64 ", should be 0x%" PRIx64 "\n", what,
			got, wanted);
	return false;
}

hv_return_t model_no_vcpu(void)
{
	return model.has_vm ? HV_BAD_ARGUMENT : HV_NO_DEVICE;
}

uint8_t *model_host(unsigned thread, unsigned n)
{
	return model.host + (1 + thread * MODEL_PAGES + n) * model.page_size;
}

uint64_t model_ipa(unsigned thread, unsigned n)
{
	return MODEL_RAM + (1 + thread * MODEL_PAGES + n) * model.page_size;
}

static void look(const char *(*behind)(void))
{
	const char *found = behind ? behind() : NULL;

	if (found)
		model_expect(1, 0, found);
}

static void forget_vm(void)
{
	model.has_vm = model.has_gic = model.knows_offset = false;
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		memset(model.threads[i].pages, 0,
			sizeof(model.threads[i].pages));
	model.ran = model.left = false;
	free(model.state);
	model.state = NULL;
}

/* The result of hv_vm_create with the thread's configuration, if it has one. */
static hv_return_t creatable(const struct model_thread *t, uint32_t *bits)
{
	bool el2 = false;

	EXPECT_RESULT(hv_vm_config_get_default_ipa_size(bits), HV_SUCCESS);
	if (model.has_vm)
		return HV_BUSY;
	if (!t->config.object)
		return HV_SUCCESS;
	if (t->config.ipa_bits)
		*bits = t->config.ipa_bits;
	EXPECT_RESULT(hv_vm_config_get_el2_supported(&el2), HV_SUCCESS);
	if (t->config.el2 && !el2)
		return HV_UNSUPPORTED;
	return t->config.granule == HV_IPA_GRANULE_4KB &&
			model.page_size > 4096
		? HV_UNSUPPORTED
		: HV_SUCCESS;
}

static void create_vm(struct model_thread *t)
{
	uint32_t bits = 0;
	hv_return_t wanted = creatable(t, &bits);

	if (!EXPECT_RESULT(hv_vm_create(t->config.object), wanted) ||
		wanted != HV_SUCCESS)
		return;
	model.has_vm = true;
	model.ipa_bits = bits;
	model.vms++;
	EXPECT_RESULT(
		hv_vm_map(model.host, MODEL_RAM, model.page_size, RWX),
		HV_SUCCESS);
}

static void destroy_vm(void)
{
	hv_return_t wanted = model.vcpus ? HV_BUSY
		: model.has_vm		 ? HV_SUCCESS
					 : HV_NO_DEVICE;

	if (wanted == HV_SUCCESS)
		look(model.world->before_vm_end);
	if (!EXPECT_RESULT(hv_vm_destroy(), wanted) || wanted != HV_SUCCESS)
		return;
	forget_vm();
	look(model.world->after_vm_end);
}

/* A VM lives for some time, or little would be done in it. */
void model_vm_step(struct model_thread *t)
{
	pthread_mutex_lock(&model.lock);
	if (!model.has_vm || rng_below(&t->rng, 4))
		create_vm(t);
	else
		destroy_vm();
	pthread_mutex_unlock(&model.lock);
}

struct range {
	unsigned first, count;
	hv_memory_flags_t flags;
};

static bool all_mapped(
	const struct model_thread *t, const struct range *r, bool mapped)
{
	for (unsigned i = 0; i < r->count; i++)
		if (!t->pages[r->first + i].host == mapped)
			return false;
	return true;
}

static bool in_space(const struct model_thread *t, const struct range *r)
{
	return model_ipa(t->index, r->first + r->count) <=
		1ull << model.ipa_bits;
}

static void map(struct model_thread *t, const struct range *r)
{
	unsigned from = (unsigned)rng_below(
		&t->rng, MODEL_PAGES - r->count + 1);
	bool legal = model.has_vm && !(r->flags & ~RWX) &&
		all_mapped(t, r, false) && in_space(t, r);

	/* Half of it goes on in the host as in the guest. */
	if (rng_bool(&t->rng))
		from = r->first;
	EXPECT_RESULT(hv_vm_map(model_host(t->index, from),
			      model_ipa(t->index, r->first),
			      r->count * model.page_size, r->flags),
		legal ? HV_SUCCESS : model_no_vcpu());
	for (unsigned i = 0; legal && i < r->count; i++)
		t->pages[r->first + i] = (struct model_page){
			model_host(t->index, from + i), r->flags
		};
}

static void unmap(struct model_thread *t, const struct range *r)
{
	bool legal = model.has_vm && all_mapped(t, r, true);

	EXPECT_RESULT(hv_vm_unmap(model_ipa(t->index, r->first),
			      r->count * model.page_size),
		legal ? HV_SUCCESS : model_no_vcpu());
	for (unsigned i = 0; legal && i < r->count; i++)
		t->pages[r->first + i].host = NULL;
}

static void protect(struct model_thread *t, const struct range *r)
{
	bool known = !(r->flags & ~RWX);
	bool legal = model.has_vm && known && all_mapped(t, r, true);

	EXPECT_RESULT(hv_vm_protect(model_ipa(t->index, r->first),
			      r->count * model.page_size, r->flags),
		legal	? HV_SUCCESS
		: known ? model_no_vcpu()
			: HV_BAD_ARGUMENT);
	for (unsigned i = 0; legal && i < r->count; i++)
		t->pages[r->first + i].flags = r->flags;
}

static void misaligned(const struct model_thread *t)
{
	uint64_t ipa = model_ipa(t->index, 0), size = model.page_size;

	EXPECT_RESULT(
		hv_vm_map(model.host, ipa + 1, size, RWX), model_no_vcpu());
	EXPECT_RESULT(hv_vm_unmap(ipa, size - 1), model_no_vcpu());
	EXPECT_RESULT(hv_vm_protect(ipa, 0, RWX), model_no_vcpu());
	EXPECT_RESULT(
		hv_vm_map(model.host, 1ull << 60, size, RWX), model_no_vcpu());
}

void model_memory_step(struct model_thread *t)
{
	struct range r = { .first = (unsigned)rng_below(&t->rng, MODEL_PAGES) };
	bool alone = !t->cpu.exists;

	r.count = 1 + (unsigned)rng_below(&t->rng, MODEL_PAGES - r.first);
	if (rng_bool(&t->rng) && r.count > 3)
		r.count = 3;
	r.flags = rng_below(&t->rng, 8);
	if (!rng_below(&t->rng, 32))
		r.flags |= 1u << 7;
	if (alone)
		pthread_mutex_lock(&model.lock);
	switch (rng_below(&t->rng, 8)) {
	case 0:
		misaligned(t);
		break;
	case 1:
	case 2:
		unmap(t, &r);
		break;
	case 3:
	case 4:
		protect(t, &r);
		break;
	default:
		map(t, &r);
	}
	if (alone)
		pthread_mutex_unlock(&model.lock);
}

static void step(struct model_thread *t)
{
	switch (rng_below(&t->rng, 16)) {
	case 0:
		model_vm_step(t);
		break;
	case 1:
	case 2:
		model_vcpu_step(t);
		break;
	case 3:
	case 4:
	case 5:
		model_memory_step(t);
		break;
	case 6:
		model_config_step(t);
		break;
	case 7:
	case 8:
	case 9:
		model_gic_step(t);
		break;
	default:
		model_register_step(t);
	}
}

static void *work(void *arg)
{
	struct model_thread *t = arg;

	for (unsigned i = 0; i < model.world->steps; i++) {
		if (atomic_load(&model.wrong))
			break;
		step(t);
	}
	if (t->cpu.exists) {
		pthread_mutex_lock(&model.lock);
		EXPECT_RESULT(hv_vcpu_destroy(t->cpu.id), HV_SUCCESS);
		model.vcpus &= ~(1ull << t->cpu.id);
		t->cpu.exists = false;
		pthread_mutex_unlock(&model.lock);
	}
	model_config_release(t);
	return NULL;
}

static void one_round(struct rng *rng)
{
	pthread_t threads[MODEL_THREADS];

	for (unsigned i = 0; i < MODEL_THREADS; i++) {
		model.threads[i].index = i;
		model.threads[i].rng = rng_from(rng_next(rng));
		if (pthread_create(&threads[i], NULL, work, &model.threads[i]))
			abort();
	}
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		pthread_join(threads[i], NULL);
	if (model.has_vm)
		destroy_vm();
}

bool model_run(const struct model_world *world)
{
	const uint32_t code = MODEL_CODE;
	struct rng rng;
	size_t size;

	rng_init(&rng);
	memset(&model, 0, sizeof(model));
	model.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	model.gic_lock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
	model.world = world;
	model.page_size = (size_t)sysconf(_SC_PAGESIZE);
	size = (1 + MODEL_THREADS * MODEL_PAGES) * model.page_size;
	EXPECT_RESULT(hv_vm_allocate((void **)&model.host, size,
			      HV_ALLOCATE_DEFAULT),
		HV_SUCCESS);
	memcpy(model.host, &code, sizeof(code));
	for (unsigned i = 0; i < world->rounds && !model.wrong; i++)
		one_round(&rng);
	EXPECT_RESULT(hv_vm_deallocate(model.host, size), HV_SUCCESS);
	printf("# %u compared, %u VMs\n", model.calls, model.vms);
	return !model.wrong;
}
