/* SPDX-License-Identifier: MIT */
/* userfaultfd(2), as much as is needed. All return 0 or -errno. */
#ifndef HVT_RAM_UFFD_H
#define HVT_RAM_UFFD_H

#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A descriptor whose faults are those of system calls, too: that takes
 * /dev/userfaultfd, CAP_SYS_PTRACE or vm.unprivileged_userfaultfd. features
 * as in struct uffdio_api; -EPERM, -EOPNOTSUPP.
 */
int hvt_uffd_open(uint64_t features, int *fd);

/* mode: UFFDIO_REGISTER_MODE_... */
int hvt_uffd_register(int fd, const void *addr, size_t size, uint64_t mode);
int hvt_uffd_unregister(int fd, const void *addr, size_t size);

/*
 * Enters the page that the file has there, and wakes who waits for it. -EAGAIN:
 * the kernel wants to be rid of a message first.
 */
int hvt_uffd_grant(int fd, const void *addr, size_t size);

/* The same of those that are not entered yet. What fails will be a fault. */
void hvt_uffd_grant_all(int fd, const uint8_t *addr, size_t size);
int hvt_uffd_wake(int fd, const void *addr, size_t size);

#endif
