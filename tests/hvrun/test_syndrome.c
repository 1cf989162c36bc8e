/* SPDX-License-Identifier: MIT */
#include "syndrome.h"

#include <string.h>

#include "test.h"

static uint64_t abort_esr(
	unsigned int log2_size, bool sse, unsigned int srt, bool sf, bool write)
{
	return (uint64_t)EC_DATA_ABORT << 26 | 1u << 25 | 1u << 24 |
		log2_size << 22 | (unsigned int)sse << 21 | srt << 16 |
		(unsigned int)sf << 15 | (unsigned int)write << 6 | 7;
}

static void decodes_a_data_abort(void)
{
	struct data_abort abort;
	uint64_t esr = abort_esr(1, true, 31, true, false);

	CHECK_EQ(syndrome_class(esr), EC_DATA_ABORT);
	CHECK_EQ(syndrome_data_abort(esr, &abort), ABORT_ACCESS);
	CHECK_EQ(abort.size, 2);
	CHECK_EQ(abort.rt, SYNDROME_RT_ZERO);
	CHECK(abort.sign_extend && abort.rt_is_64bit && !abort.is_write);
	syndrome_data_abort(abort_esr(3, false, 7, true, true), &abort);
	CHECK_EQ(abort.size, 8);
	CHECK_EQ(abort.rt, 7);
	CHECK(abort.is_write);
}

static void tells_apart_what_has_no_register(void)
{
	uint64_t esr = abort_esr(2, false, 0, false, false);
	struct data_abort abort;

	CHECK_EQ(syndrome_data_abort(esr & ~(1ull << 24), &abort),
		ABORT_NOT_DESCRIBED);
	CHECK_EQ(syndrome_data_abort(esr | 1 << 8, &abort), ABORT_CACHE_OP);
	CHECK_EQ(syndrome_data_abort(esr | 1 << 7, &abort), ABORT_TABLE_WALK);
}

static uint64_t load(unsigned int log2_size, bool sse, bool sf, uint64_t value)
{
	struct data_abort abort;

	syndrome_data_abort(abort_esr(log2_size, sse, 0, sf, false), &abort);
	return syndrome_load_result(&abort, value);
}

static void extends_loads(void)
{
	CHECK_EQ(load(0, false, false, 0x1ff), 0xff);
	CHECK_EQ(load(0, true, false, 0x80), 0xffffff80);
	CHECK_EQ(load(0, true, true, 0x80), 0xffffffffffffff80);
	CHECK_EQ(load(0, true, true, 0x7f), 0x7f);
	CHECK_EQ(load(1, true, false, 0x8000), 0xffff8000);
	CHECK_EQ(load(2, true, true, 0x80000000), 0xffffffff80000000);
	CHECK_EQ(load(2, false, true, 0x80000000), 0x80000000);
	CHECK_EQ(load(3, false, true, 0x8000000000000001), 0x8000000000000001);
}

static void decodes_a_register_access(void)
{
	/* MRS X5, OSLSR_EL1: 2, 0, c1, c1, 4 */
	uint64_t esr = (uint64_t)EC_SYSREG << 26 | 2 << 20 | 4 << 17 | 1 << 10 |
		5 << 5 | 1 << 1 | 1;
	struct sysreg_access access;

	syndrome_sysreg(esr, &access);
	CHECK_EQ(access.op0, 2);
	CHECK_EQ(access.op1, 0);
	CHECK_EQ(access.crn, 1);
	CHECK_EQ(access.crm, 1);
	CHECK_EQ(access.op2, 4);
	CHECK_EQ(access.rt, 5);
	CHECK(access.is_read);
}

static void names_classes(void)
{
	CHECK(!strcmp(syndrome_class_name(0x5a000000), "HVC"));
	CHECK(!strcmp(syndrome_class_name(0x3full << 26),
		"exception class not known"));
}

int main(void)
{
	RUN(decodes_a_data_abort);
	RUN(tells_apart_what_has_no_register);
	RUN(extends_loads);
	RUN(decodes_a_register_access);
	RUN(names_classes);
	return test_result();
}
