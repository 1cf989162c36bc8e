/* SPDX-License-Identifier: MIT */
/*
 * Reading memory that is the VMM's and may be gone: unmapped behind our back,
 * or a file's that was cut short. No system call where it is there.
 */
#ifndef HVT_GUARDED_COPY_H
#define HVT_GUARDED_COPY_H

#include <stddef.h>

/*
 * Copies n bytes: 0, or -EFAULT if they cannot be read; then some of to may
 * have been written. Four and eight bytes are read at once. Any thread.
 */
int hvt_guarded_copy(void *to, const void *from, size_t n);

/*
 * The VM has memory to be read, from now on or still: catches the faults of
 * copies, unless the VMM has taken SIGSEGV or SIGBUS for itself since; copies
 * go by system calls then. Under the lock of the VM, as the next one.
 */
void hvt_guard_renew(void);
/* There is no such memory any more: gives the signals back. */
void hvt_guard_remove(void);

#endif
