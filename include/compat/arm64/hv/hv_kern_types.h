/* SPDX-License-Identifier: MIT */
/*
 * arm64/hv/hv_kern_types.h - result codes and memory permissions.
 */
#ifndef HVT_COMPAT_ARM64_HV_HV_KERN_TYPES_H
#define HVT_COMPAT_ARM64_HV_HV_KERN_TYPES_H

#include <mach/error.h>
#include <mach/message.h>
#include <os/base.h>

__BEGIN_DECLS

/* The hypervisor's subsystem within the "local" Mach error system. */
#define err_sub_hypervisor err_sub(0xba5)
#define err_common_hypervisor (err_local | err_sub_hypervisor)

/*
 * The result of nearly every hv_* call: a signed 32-bit number, 0 on success
 * and 0xfae94000 + n, hence negative, otherwise.
 */
typedef mach_error_t hv_return_t;

enum {
	/* Done. */
	HV_SUCCESS = 0,
	/* Failed, for a reason that no other code names. */
	HV_ERROR = err_common_hypervisor | 0x1,
	/* The thing is in use, or exists once per process or thread. */
	HV_BUSY = err_common_hypervisor | 0x2,
	/* An argument is out of range, misaligned, NULL, or of no known kind. */
	HV_BAD_ARGUMENT = err_common_hypervisor | 0x3,
	/* The vCPU cannot be entered with the state it has. */
	HV_ILLEGAL_GUEST_STATE = err_common_hypervisor | 0x4,
	/* Memory, vCPU ids or another finite resource ran out. */
	HV_NO_RESOURCES = err_common_hypervisor | 0x5,
	/* There is no VM, or no such vCPU. */
	HV_NO_DEVICE = err_common_hypervisor | 0x6,
	/* The process may not do this; on Linux, no access to /dev/kvm. */
	HV_DENIED = err_common_hypervisor | 0x7,
	/* The thing is there already (named by SDKs newer than 15.0). */
	HV_EXISTS = err_common_hypervisor | 0x8,
	/* Older name of code 8, from the x86-64 API. */
	HV_FAULT = err_common_hypervisor | 0x8,
	/* The host, its kernel or this VM's configuration cannot do this. */
	HV_UNSUPPORTED = err_common_hypervisor | 0xf,
};

/* Guest access rights of a mapping; a set of bits. */
typedef uint64_t hv_memory_flags_t;

enum {
	HV_MEMORY_READ = 1 << 0,
	HV_MEMORY_WRITE = 1 << 1,
	HV_MEMORY_EXEC = 1 << 2,
};

/*
 * Two message layouts that no public function uses. They are here because the
 * name of this header promises them.
 */
typedef struct __attribute__((__packed__)) {
	uint64_t context;
	uint64_t ipa;
	uint64_t value;
	uint32_t access_size;
	uint32_t access_type;
} hv_data_abort_notification_t;

typedef struct {
	mach_msg_header_t header;
	hv_data_abort_notification_t body;
} hv_vm_mem_access_msg_t;

__END_DECLS

#endif
