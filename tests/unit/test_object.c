/* SPDX-License-Identifier: MIT */
/* Objects: references, kinds, serial numbers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <os/object.h>
#include <pthread.h>
#include <stdlib.h>

#include "object.h"

Test(object, lives_until_its_last_reference_goes)
{
	struct hvt_object *o = hvt_object_create(HVT_OBJECT_VM_CONFIG), *got;

	cr_assert_eq(atomic_load(&o->references), 1);
	cr_assert_eq(os_retain(o), o);
	cr_assert_eq(os_retain(o), o);
	cr_assert_eq(atomic_load(&o->references), 3);
	os_release(o);
	os_release(o);
	cr_assert_eq(hvt_object_get(o, HVT_OBJECT_VM_CONFIG, &got), 0);
	cr_assert_eq(got, o);
	/* That this frees it is for the address sanitizer to see. */
	os_release(o);
}

Test(object, is_of_one_kind)
{
	for (int kind = HVT_OBJECT_VM_CONFIG; kind <= HVT_OBJECT_GIC_STATE;
		kind++) {
		struct hvt_object *o = hvt_object_create(kind), *got;

		for (int k = HVT_OBJECT_VM_CONFIG; k <= HVT_OBJECT_GIC_STATE;
			k++)
			cr_assert_eq(hvt_object_get(o, k, &got),
				k == kind ? 0 : -EINVAL);
		os_release(o);
	}
}

Test(object, is_never_null_nor_foreign_memory)
{
	uint64_t junk[16] = { 0x1234567890abcdef };
	struct hvt_object *got;

	cr_assert_eq(hvt_object_get(NULL, HVT_OBJECT_VM_CONFIG, &got), -EINVAL);
	cr_assert_eq(hvt_object_get(junk, HVT_OBJECT_VM_CONFIG, &got), -EINVAL);
	cr_assert_eq(hvt_object_serial(NULL), 0);
	cr_assert_eq(hvt_object_serial(junk), 0);
	/* Not to be done, yet no reason to fall over. */
	cr_assert_null(os_retain(NULL));
	os_release(NULL);
	cr_assert_eq(os_retain(junk), junk);
	os_release(junk);
}

Test(object, gives_a_state_back_with_its_bytes)
{
	struct hvt_object *o = hvt_object_create(HVT_OBJECT_GIC_STATE);

	o->u.state.bytes = malloc(10);
	o->u.state.size = 10;
	os_release(o);
}

static void *make_many(void *arg)
{
	uint64_t *serials = arg;

	for (int i = 0; i < 1000; i++) {
		struct hvt_object *o = hvt_object_create(HVT_OBJECT_VM_CONFIG);

		serials[i] = hvt_object_serial(o);
		os_release(o);
	}
	return NULL;
}

Test(object, has_a_number_that_no_other_has)
{
	static uint64_t serials[4][1000];
	static bool seen[4001];
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, make_many, serials[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 4000; i++) {
		uint64_t s = serials[i / 1000][i % 1000];

		cr_assert(s >= 1 && s <= 4000);
		cr_assert_not(seen[s]);
		seen[s] = true;
	}
}

static void *retain_and_release(void *arg)
{
	for (int i = 0; i < 100000; i++)
		os_release(os_retain(arg));
	return NULL;
}

Test(object, counts_references_of_many_threads)
{
	struct hvt_object *o = hvt_object_create(HVT_OBJECT_VCPU_CONFIG);
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, retain_and_release, o);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	cr_assert_eq(atomic_load(&o->references), 1);
	os_release(o);
}
