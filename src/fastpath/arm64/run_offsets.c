/* SPDX-License-Identifier: MIT */
/* What run.S believes of structures is so. Emits no code. */
#include <assert.h>
#include <linux/kvm.h>
#include <stddef.h>

#include "../fastpath.h"
#include "run_offsets.h"

#define AT(type, field, offset) \
	static_assert(offsetof(type, field) == (offset), #field)

AT(struct hvt_run, in_run, RUN_HINDERED);
AT(struct hvt_run, busy, RUN_BUSY);
AT(struct hvt_run, cancel, RUN_HINDERED + 2);
AT(struct hvt_run, attention, RUN_HINDERED + 3);
AT(struct hvt_run, fd, RUN_HINDERED + 4);
AT(struct hvt_run, page, RUN_PAGE);
AT(struct hvt_run, record, RUN_PAGE + 8);
AT(struct hvt_run, exit, RUN_EXIT);
AT(struct hvt_run, dirty, RUN_DIRTY);
AT(struct hvt_run, valid, RUN_VALID);
AT(struct hvt_run, ticks, RUN_TICKS);
AT(struct hvt_run, watch, RUN_WATCH);
AT(struct hvt_run_watch, pauses, 0);
AT(struct hvt_run_watch, changes, 4);
AT(struct hvt_run, extent.start, RUN_EXTENT);
AT(struct hvt_run, extent.size, RUN_EXTENT + 8);
AT(struct hvt_run, extent.changes, RUN_EXTENT + 16);
AT(struct hvt_run, extent.fsc, RUN_EXTENT + 24);
AT(struct hvt_run, fold, RUN_FOLD);
AT(struct hvt_run, fold_pc, RUN_FOLD + 8);
AT(struct hvt_run, go_on, RUN_GO_ON);
AT(struct hvt_run, result, RUN_RESULT);
AT(struct hvt_run, vtimer_masked, RUN_MASKED);
AT(struct hvt_exit_record, told, RECORD_TOLD);
AT(struct hvt_exit_record, esr, RECORD_ESR);
AT(struct hvt_exit_record, far, RECORD_ESR + 8);
AT(struct hvt_exit_record, sctlr, RECORD_SCTLR);
AT(struct hvt_exit_record, regs[0], RECORD_REGS);
AT(struct hvt_exit_record, regs[HVT_RECORD_PC], RECORD_PC);
AT(struct hvt_exit_record, regs[HVT_RECORD_CPSR], RECORD_CPSR);
AT(struct kvm_run, exit_reason, PAGE_EXIT_REASON);
AT(struct kvm_run, hypercall.longmode, PAGE_CALL_FLAGS);
AT(struct kvm_run, mmio.phys_addr, PAGE_MMIO_IPA);
AT(struct kvm_run, mmio.data, PAGE_MMIO_DATA);
AT(struct kvm_run, mmio.len, PAGE_MMIO_LEN);
AT(struct kvm_run, mmio.is_write, PAGE_MMIO_WRITE);
AT(struct kvm_run, s.regs.device_irq_level, PAGE_IRQ_LEVEL);
AT(hv_vcpu_exit_t, reason, EXIT_REASON);
AT(hv_vcpu_exit_t, exception.syndrome, EXIT_REASON + 8);
AT(hv_vcpu_exit_t, exception.virtual_address, EXIT_VA);
AT(hv_vcpu_exit_t, exception.physical_address, EXIT_VA + 8);
