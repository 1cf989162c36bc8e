/* SPDX-License-Identifier: MIT */
/*
 * Return codes by name. Code 8 is given by number: older SDKs lack HV_EXISTS.
 */
#include "hv_error.h"

#include <stddef.h>
#include <stdio.h>

const char *hv_error_name(hv_return_t code)
{
	static const struct {
		hv_return_t code;
		const char *name;
	} names[] = {
		{ HV_SUCCESS, "HV_SUCCESS" },
		{ HV_ERROR, "HV_ERROR" },
		{ HV_BUSY, "HV_BUSY" },
		{ HV_BAD_ARGUMENT, "HV_BAD_ARGUMENT" },
		{ HV_ILLEGAL_GUEST_STATE, "HV_ILLEGAL_GUEST_STATE" },
		{ HV_NO_RESOURCES, "HV_NO_RESOURCES" },
		{ HV_NO_DEVICE, "HV_NO_DEVICE" },
		{ HV_DENIED, "HV_DENIED" },
		{ (hv_return_t)0xfae94008, "HV_EXISTS" },
		{ HV_UNSUPPORTED, "HV_UNSUPPORTED" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].code == code)
			return names[i].name;
	}
	return "an unnamed code";
}

void hv_error_report(const char *call, hv_return_t code)
{
	fprintf(stderr, "hvrun: %s failed: %s (0x%x)\n", call,
		hv_error_name(code), (unsigned int)code);
}
