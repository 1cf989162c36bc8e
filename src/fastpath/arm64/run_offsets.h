/* SPDX-License-Identifier: MIT */
/*
 * Where arm64/run.S finds things: checked by run.c. One definition for
 * assembly and C.
 */
#ifndef HVT_RUN_OFFSETS_H
#define HVT_RUN_OFFSETS_H

/* struct hvt_run */
#define RUN_HINDERED 0 /* in_run, busy, cancel, attention; and fd */
#define RUN_BUSY     1
#define RUN_PAGE     8 /* and record */
#define RUN_EXIT     24
#define RUN_DIRTY    56 /* and valid */
#define RUN_VALID    64 /* and ticks */
#define RUN_TICKS    72
#define RUN_WATCH    80
#define RUN_EXTENT   88 /* start, size, changes, fsc */
#define RUN_FOLD     120 /* and fold_pc */
#define RUN_GO_ON    136
#define RUN_RESULT   144
#define RUN_MASKED   148

/* struct hvt_exit_record */
#define RECORD_REGS  0
#define RECORD_PC    248
#define RECORD_CPSR  272
#define RECORD_TOLD  280
#define RECORD_SCTLR 288 /* and esr */
#define RECORD_ESR   296 /* and far */

/* struct kvm_run */
#define PAGE_EXIT_REASON 8
#define PAGE_CALL_FLAGS  96
#define PAGE_MMIO_IPA    32
#define PAGE_MMIO_DATA   40
#define PAGE_MMIO_LEN    48
#define PAGE_MMIO_WRITE  52
#define PAGE_IRQ_LEVEL   304

/* hv_vcpu_exit_t */
#define EXIT_REASON 0  /* and syndrome, 8 bytes each */
#define EXIT_VA     16 /* and physical_address */

#endif
