/* SPDX-License-Identifier: MIT */
/*
 * The seam to the kernel: what the KVM engine asks of it, but for what it asks
 * most: KVM_RUN and registers are by hvt_ioctl(). Functions return what the
 * system call returns, or -errno.
 */
#ifndef HVT_KVM_SYS_H
#define HVT_KVM_SYS_H

#include <stddef.h>
#include <stdint.h>

#include "backend.h"

struct hvt_kvm_sys {
	int (*open_kvm)(void);
	int (*ioctl)(int fd, unsigned long request, const void *arg);
	/* For requests whose argument is a number. */
	int (*ioctl_number)(int fd, unsigned long request, unsigned long arg);
	int (*map)(int fd, size_t size, void **p);
	void (*unmap)(void *p, size_t size);
	int (*read_at)(int fd, void *p, size_t size, uint64_t offset);
	void (*close)(int fd);
};

extern const struct hvt_kvm_sys *hvt_kvm_sys HVT_HIDDEN;

#endif
