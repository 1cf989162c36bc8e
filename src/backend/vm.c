/* SPDX-License-Identifier: MIT */
/*
 * hv_vm_create and its kin: one VM per process. The lock of the VM is a leaf
 * but for the engine, whose pauses wait for vCPUs to leave the guest, and for
 * hv_vcpu_destroy, which waits for calls of hv_vcpus_exit under way.
 */
#include "vm.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api.h"
#include "object.h"

struct hvt_vm hvt_vm = { .lock = PTHREAD_MUTEX_INITIALIZER };
const struct hvt_engine *hvt_engine;

void hvt_backend_set_engine(const struct hvt_engine *engine)
{
	hvt_engine = engine;
}

bool hvt_backend_has_vm(void)
{
	return hvt_vm.exists;
}

bool hvt_host_fact_at(size_t index, struct hvt_host_fact *fact)
{
	if (hvt_engine)
		return hvt_engine->host_fact_at(index, fact);
	if (index)
		return false;
	*fact = (struct hvt_host_fact){ "arm64 host", false, true,
		"KVM for arm64 guests exists on arm64 only" };
	return true;
}

bool hvt_host_lacks(struct hvt_host_fact *fact)
{
	return hvt_engine ? hvt_engine->host_lacks(fact)
			  : hvt_host_fact_at(0, fact);
}

int hvt_vm_check(void)
{
	return hvt_vm.exists ? 0 : -ENODEV;
}

int hvt_vm_get_max_vcpu_count(uint32_t *max_vcpu_count)
{
	if (!max_vcpu_count)
		return -EINVAL;
	*max_vcpu_count = HVT_VCPU_MAX;
	return 0;
}

/* What config asks for, checked against what the host can do. */
static int params_from(hv_vm_config_t config, struct hvt_vm_params *params)
{
	struct hvt_object *o;
	uint32_t max;
	int err;

	*params = (struct hvt_vm_params){ 0 };
	if (config) {
		err = hvt_object_get(config, HVT_OBJECT_VM_CONFIG, &o);
		if (err)
			return err;
		params->ipa_bits = o->u.vm.ipa_bits;
		params->el2 = o->u.vm.el2;
		/* hv_vm_map goes by the pages of the host. */
		if (o->u.vm.granule == HV_IPA_GRANULE_4KB &&
				sysconf(_SC_PAGESIZE) > 4096)
			return -EOPNOTSUPP;
	}
	if (params->el2) {
		err = hvt_vm_config_get_el2_supported(&params->el2);
		if (err || !params->el2)
			return err ? err : -EOPNOTSUPP;
	}
	err = hvt_engine->max_ipa_bits(&max);
	if (err)
		return err;
	if (!params->ipa_bits)
		params->ipa_bits = max < IPA_BITS_DEFAULT ? max
							  : IPA_BITS_DEFAULT;
	return params->ipa_bits > max ? -EOPNOTSUPP : 0;
}

int hvt_vm_create(hv_vm_config_t config)
{
	struct hvt_vm_params params;
	int err;

	if (!hvt_engine)
		return -EOPNOTSUPP;
	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_vm.exists ? -EBUSY : params_from(config, &params);
	if (!err)
		err = hvt_engine->vm_create(&params);
	if (!err) {
		hvt_vm.exists = true;
		hvt_vm.ipa_bits = params.ipa_bits;
		hvt_vm.el2 = params.el2;
		hvt_vm.has_gic = false;
	}
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}

int hvt_vm_destroy(void)
{
	int err;

	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_vm_check();
	if (!err && hvt_vm.vcpus)
		err = -EBUSY;
	if (!err) {
		hvt_memory_reset();
		hvt_engine->vm_destroy();
		hvt_vm.exists = false;
	}
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}

/* Host memory: the API lends it out, it is mapped into the VM by hv_vm_map. */

int hvt_vm_allocate(void **uvap, size_t size, hv_allocate_flags_t flags)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p;

	if (!uvap || !size || size % page || flags != HV_ALLOCATE_DEFAULT)
		return -EINVAL;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	/* A hint: stage 2 then maps 2 MiB at once. */
	(void)madvise(p, size, MADV_HUGEPAGE);
	*uvap = p;
	return 0;
}

int hvt_vm_deallocate(void *uva, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!uva || !size || size % page || (uintptr_t)uva % page)
		return -EINVAL;
	/* Nothing is written by it; it fails where memory is missing. */
	if (msync(uva, size, MS_ASYNC))
		return -EINVAL;
	return munmap(uva, size) ? -EINVAL : 0;
}
