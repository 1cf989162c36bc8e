/* SPDX-License-Identifier: MIT */
/*
 * Faults on demand in the calls that the linker redirects (CMakeLists.txt).
 * They strike any thread, and our code only: Criterion and the libraries keep
 * calling the real ones.
 */
#ifndef HVT_TEST_FAULTS_H
#define HVT_TEST_FAULTS_H

#include <stdbool.h>

enum fault {
	FAULT_NONE,
	FAULT_ALLOC, /* malloc and kin, contexts, threads: no memory */
	FAULT_OPEN,  /* these fail with fault_errno: open */
	FAULT_WRITE, /* pwrite */
	FAULT_READ,  /* pread */
	FAULT_CLOSE, /* close, yet closes */
	FAULT_FALLOCATE,
	FAULT_TRUNCATE, /* ftruncate */
	FAULT_SYNC,     /* fdatasync */
	FAULT_MAP,      /* mmap */
	FAULT_UNLINK,
	FAULT_SHORT, /* no failure: writes and reads do a part only */
	FAULT_INTR,  /* every other write and read fails with EINTR */
};

/* From now on the n-th call of kind fails, and all after it if lasting. */
void fault_arm(enum fault kind, unsigned n, bool lasting);
/* The next write does a half, all after it fail. */
void fault_half_then_fail(void);
/* True: one struck since fault_arm(). No more faults. */
bool fault_disarm(void);

extern int fault_errno;

#endif
