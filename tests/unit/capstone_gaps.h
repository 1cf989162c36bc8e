/* SPDX-License-Identifier: MIT */
/*
 * Where Capstone 4.0.2 is wrong about A64 loads and stores, or does not know
 * them: what it takes for no instruction, each with the page of the Arm ARM
 * (DDI 0487, C6.2 general, C7.2 SIMD, C5.3 system instructions, by name) that
 * has it, or the reason why it need not be one. access_table.h and
 * address_table.h vouch for these alone. Two kinds:
 *
 *	newer   an extension made since, all of its encodings
 *	same    registers that must differ are the same: CONSTRAINED
 *		UNPREDICTABLE (Arm ARM K1.2, and the page's "Decode"), so that it
 *		may be an access; Capstone refuses it
 */
/* clang-format off: a table. */
#ifndef HVT_TEST_CAPSTONE_GAPS_H
#define HVT_TEST_CAPSTONE_GAPS_H

#include <stdbool.h>
#include <stdint.h>

/* Which registers must be the same for it to go wrong. */
enum gap {
	GAP_ANY,
	GAP_RT_RN,   /* Rt and Rn, Rn not SP */
	GAP_RT_RT2,
	GAP_PAIR_RN, /* Rt or Rt2, and Rn, Rn not SP */
};

static const struct gap_row {
	uint32_t mask, bits;
	enum gap gap;
	const char *name;
	const char *decided_by;
} gaps[] = {
	/* FEAT_LSE, Armv8.1 */
	{ 0x3fa07c00u, 0x08a07c00u, GAP_ANY, "CAS, CASB, CASH",
		"C6.2 CAS; CASB; CASH" },
	{ 0xbfa07c00u, 0x08207c00u, GAP_ANY, "CASP", "C6.2 CASP" },
	{ 0x3f208c00u, 0x38200000u, GAP_ANY, "LDADD to LDUMIN, STADD and kin",
		"C6.2 LDADD; LDCLR; LDEOR; LDSET; LDSMAX; LDSMIN; LDUMAX; "
		"LDUMIN" },
	{ 0x3f20fc00u, 0x38208000u, GAP_ANY, "SWP, SWPB, SWPH",
		"C6.2 SWP; SWPB; SWPH" },
	/* FEAT_LOR, Armv8.1 */
	{ 0x3fe08000u, 0x08800000u, GAP_ANY, "STLLR, STLLRB, STLLRH",
		"C6.2 STLLR; STLLRB; STLLRH" },
	{ 0x3fe08000u, 0x08c00000u, GAP_ANY, "LDLAR, LDLARB, LDLARH",
		"C6.2 LDLAR; LDLARB; LDLARH" },
	/* FEAT_PAuth, Armv8.3 */
	{ 0xff200400u, 0xf8200400u, GAP_ANY, "LDRAA, LDRAB",
		"C6.2 LDRAA, LDRAB" },
	/* FEAT_LRCPC, LRCPC2, LRCPC3: Armv8.3, 8.4, 8.9 */
	{ 0x3ffffc00u, 0x38bfc000u, GAP_ANY, "LDAPR, LDAPRB, LDAPRH",
		"C6.2 LDAPR; LDAPRB; LDAPRH" },
	{ 0x3f200c00u, 0x19000000u, GAP_ANY, "LDAPUR and STLUR and kin",
		"C6.2 LDAPUR; LDAPURB; LDAPURH; LDAPURSB; LDAPURSH; LDAPURSW; "
		"STLUR; STLURB; STLURH" },
	{ 0x3f200c00u, 0x1d000800u, GAP_ANY, "LDAPUR, STLUR (SIMD&FP)",
		"C7.2 LDAPUR (SIMD&FP); STLUR (SIMD&FP)" },
	{ 0xbfa0ec00u, 0x99000800u, GAP_ANY, "STILP, LDIAPP",
		"C6.2 STILP; LDIAPP" },
	{ 0xbfbffc00u, 0x99800800u, GAP_ANY, "STLR pre-, LDAPR post-index",
		"C6.2 STLR; LDAPR" },
	{ 0xbfbffc00u, 0x0d018400u, GAP_ANY, "STL1, LDAP1",
		"C7.2 STL1 (SIMD&FP); LDAP1 (SIMD&FP)" },
	/* FEAT_MTE, Armv8.5 */
	{ 0xffe00c00u, 0xd9600000u, GAP_ANY, "LDG", "C6.2 LDG" },
	{ 0xff200400u, 0xd9200400u, GAP_ANY, "STG, STZG, ST2G, STZ2G",
		"C6.2 STG; STZG; ST2G; STZ2G" },
	{ 0xff200c00u, 0xd9200800u, GAP_ANY, "STG and kin, offset",
		"C6.2 STG; STZG; ST2G; STZ2G" },
	{ 0xfe400000u, 0x68000000u, GAP_ANY, "STGP", "C6.2 STGP" },
	{ 0xffffffe0u, 0xd50b7460u, GAP_ANY, "DC GVA", "C5.3 DC GVA" },
	{ 0xffffffe0u, 0xd50b7480u, GAP_ANY, "DC GZVA", "C5.3 DC GZVA" },
	/* FEAT_DPB, DPB2: Armv8.2, 8.5 */
	{ 0xffffffe0u, 0xd50b7c20u, GAP_ANY, "DC CVAP", "C5.3 DC CVAP" },
	{ 0xffffffe0u, 0xd50b7d20u, GAP_ANY, "DC CVADP", "C5.3 DC CVADP" },
	/* FEAT_LS64, Armv8.7; FEAT_LSE128, Armv9.4 */
	{ 0xffffbc00u, 0xf83f9000u, GAP_ANY, "ST64B, LD64B",
		"C6.2 ST64B; LD64B" },
	{ 0xffe0ec00u, 0xf820a000u, GAP_ANY, "ST64BV, ST64BV0",
		"C6.2 ST64BV; ST64BV0" },
	{ 0xff20dc00u, 0x19201000u, GAP_ANY, "LDCLRP, LDSETP",
		"C6.2 LDCLRP; LDSETP" },
	{ 0xff20fc00u, 0x19208000u, GAP_ANY, "SWPP", "C6.2 SWPP" },

	/* It takes LDTR, which writes back nothing, for one that does. */
	{ 0x3f200c00u, 0x38000800u, GAP_RT_RN, "LDTR and kin into the base",
		"C6.2 LDTR: no \"wback\" in its decode" },
	{ 0x3f200400u, 0x38000400u, GAP_RT_RN, "LDR, STR write back to Xt",
		"C6.2 LDR (immediate); STR (immediate): wback && n == t" },
	{ 0xbfe00000u, 0x88600000u, GAP_RT_RT2, "LDXP, LDAXP of one register",
		"C6.2 LDXP; LDAXP: t == t2" },
	{ 0x3e400000u, 0x28400000u, GAP_RT_RT2, "LDP, LDNP, LDPSW of one",
		"C6.2 LDP; LDNP; LDPSW: t == t2" },
	{ 0x3e400000u, 0x2c400000u, GAP_RT_RT2, "LDP, LDNP (SIMD&FP) of one",
		"C7.2 LDP (SIMD&FP); LDNP (SIMD&FP): t == t2" },
	{ 0x3e800000u, 0x28800000u, GAP_PAIR_RN, "LDP, STP write back to Xt",
		"C6.2 LDP; LDPSW; STP: wback && (t == n || t2 == n)" },
};

#endif
