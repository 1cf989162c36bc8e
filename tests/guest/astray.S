/* SPDX-License-Identifier: MIT */
/* Jumps to where no memory is: an instruction abort, status 1. */
#include "guest.inc"

start:
	print	"going astray\n"
	const64	x9, 0x20000000
	br	x9
