/* SPDX-License-Identifier: MIT */
/* The names of the API's return codes, for messages. */
#ifndef HVRUN_HV_ERROR_H
#define HVRUN_HV_ERROR_H

#include <Hypervisor/Hypervisor.h>

/* "HV_BUSY"; for a code without a name "an unnamed code". */
const char *hv_error_name(hv_return_t code);

/* "hvrun: hv_vm_map failed: HV_BAD_ARGUMENT (0xfae94003)" on stderr. */
void hv_error_report(const char *call, hv_return_t code);

#endif
