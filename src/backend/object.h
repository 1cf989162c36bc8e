/* SPDX-License-Identifier: MIT */
/*
 * The API's four kinds of objects: reference counted, made by hv_*_create,
 * dropped by os_release(). Each has a serial number, counted from 1 in the
 * process, by which traces name it. Any thread.
 */
#ifndef HVT_OBJECT_H
#define HVT_OBJECT_H

#include <Hypervisor/Hypervisor.h>
#include <stdatomic.h>

enum hvt_object_kind {
	HVT_OBJECT_VM_CONFIG = 1,
	HVT_OBJECT_VCPU_CONFIG,
	HVT_OBJECT_GIC_CONFIG,
	HVT_OBJECT_GIC_STATE,
};

struct hvt_object {
	uint32_t magic;
	enum hvt_object_kind kind;
	atomic_uint references;
	uint64_t serial;
	union {
		struct {
			uint32_t ipa_bits; /* 0: the default */
			bool el2;
			hv_ipa_granule_t granule;
		} vm;
		struct {
			uint64_t distributor_base, redistributor_base;
			bool has_distributor, has_redistributor; /* set */
			uint64_t msi_base;
			bool has_msi_base;
			uint32_t msi_intid_base, msi_intid_count;
		} gic;
		struct {
			size_t size;
			uint8_t *bytes;
		} state;
	} u;
};

/* A new object with one reference, or NULL. */
struct hvt_object *hvt_object_create(enum hvt_object_kind kind);

/* 0 and *object for a live object of that kind; -EINVAL otherwise. */
int hvt_object_get(
		const void *p, enum hvt_object_kind kind, struct hvt_object **o);

/* Serial number; 0 for NULL and for what is no object of ours. */
uint64_t hvt_object_serial(const void *object);

#endif
