/* SPDX-License-Identifier: MIT */
/* Every -errno has one hv_return_t; what is not named is HV_ERROR. */
#include <criterion/criterion.h>
#include <errno.h>

#include "error.h"

Test(error, names_all_errors_it_knows)
{
	static const struct {
		int err;
		hv_return_t code;
	} rows[] = {
		{ 0, HV_SUCCESS },
		{ -EBUSY, HV_BUSY },
		{ -EINVAL, HV_BAD_ARGUMENT },
		{ -ENOEXEC, HV_ILLEGAL_GUEST_STATE },
		{ -ENOMEM, HV_NO_RESOURCES },
		{ -ENOSPC, HV_NO_RESOURCES },
		{ -EMFILE, HV_NO_RESOURCES },
		{ -ENFILE, HV_NO_RESOURCES },
		{ -ENODEV, HV_NO_DEVICE },
		{ -EACCES, HV_DENIED },
		{ -EPERM, HV_DENIED },
		{ -EEXIST, HV_EXISTS },
		{ -EOPNOTSUPP, HV_UNSUPPORTED },
		{ -ENOENT, HV_UNSUPPORTED },
	};

	for (int err = 0; err >= -4096; err--) {
		hv_return_t want = HV_ERROR;

		for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (rows[i].err == err)
				want = rows[i].code;
		cr_assert_eq(hvt_error_to_hv(err), want, "%d", err);
	}
	cr_assert_eq(hvt_error_to_hv(1), HV_ERROR);
}
