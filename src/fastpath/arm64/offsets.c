/* SPDX-License-Identifier: MIT */
/* What assembly believes of structures and numbers is so. Emits no code. */
#include <assert.h>
#include <stddef.h>

#include "../decode.h"
#include "offsets.h"

#define AT(field, offset)                                                      \
	static_assert(offsetof(struct hvt_access, field) == (offset), #field)

static_assert(sizeof(struct hvt_access) == ACCESS_SIZE, "hvt_access");
AT(iss, ACCESS_ISS);
AT(bytes, ACCESS_BYTES_BIT / 8);
AT(address, ACCESS_ADDRESS_BIT / 8);
AT(rn, ACCESS_RN);
AT(rn, ACCESS_RN_BIT / 8);
AT(rm, ACCESS_RM_BIT / 8);
AT(shift, ACCESS_SHIFT);
AT(extend, ACCESS_SHIFT + ACCESS_EXTEND_BIT / 8);
AT(offset, ACCESS_OFFSET);
static_assert(ADDRESS_REGISTER == HVT_ADDRESS_REGISTER, "register");
static_assert(ADDRESS_LITERAL == HVT_ADDRESS_LITERAL, "literal");
static_assert(HVT_ESR_ISV == 1u << ISS_ISV_BIT, "ISV");
static_assert(SAS(1) == 1u << ISS_SAS_BIT, "SAS");
static_assert(HVT_ESR_SSE == ISS_SSE, "SSE");
static_assert(SRT(1) == 1u << ISS_SRT_BIT, "SRT");
static_assert(HVT_ESR_SF == ISS_SF, "SF");
static_assert(HVT_ESR_AR == 1u << ISS_AR_BIT, "AR");
static_assert(HVT_ESR_WNR == ISS_WNR, "WNR");
