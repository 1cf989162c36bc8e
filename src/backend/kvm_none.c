/* SPDX-License-Identifier: MIT */
/* On hosts that are not arm64 there is no engine: replay and reading only. */
#include "backend.h"

const struct hvt_engine *hvt_kvm_engine(void)
{
	return NULL;
}
