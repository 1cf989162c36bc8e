/* SPDX-License-Identifier: MIT */
/* Error codes of the inside and of Apple's door. */
#include "error.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	int err;
	hv_return_t code;
} table[] = {
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
	{ -ENOENT, HV_UNSUPPORTED }, /* no /dev/kvm, no such KVM register */
};

hv_return_t hvt_error_code(int err)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].err == err)
			return table[i].code;
	return HV_ERROR;
}
