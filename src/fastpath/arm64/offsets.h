/* SPDX-License-Identifier: MIT */
/*
 * Where fields are that assembly touches. Macros only, for C and assembly;
 * offsets.c holds them to the declarations.
 */
#ifndef HVT_OFFSETS_H
#define HVT_OFFSETS_H

/* struct hvt_access; the bits are those of its second four bytes, and on. */
#define ACCESS_ISS          0
#define ACCESS_RN           6
#define ACCESS_SHIFT        8
#define ACCESS_OFFSET       12
#define ACCESS_SIZE         16
#define ACCESS_BYTES_BIT    32
#define ACCESS_ADDRESS_BIT  40
#define ACCESS_RN_BIT       48
#define ACCESS_RM_BIT       56
/* Of the eight bytes from shift on. */
#define ACCESS_EXTEND_BIT   8

#define ADDRESS_REGISTER    1
#define ADDRESS_LITERAL     2

/* ISS of a data abort (Arm ARM D17.2.37). */
#define ISS_ISV_BIT         24
#define ISS_SAS_BIT         22
#define ISS_SSE             0x200000
#define ISS_SRT_BIT         16
#define ISS_SF              0x8000
#define ISS_AR_BIT          14
#define ISS_WNR             0x40

#endif
