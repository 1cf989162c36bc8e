/* SPDX-License-Identifier: MIT */
/* Prints a line and never ends by itself: for signals. */
#include "guest.inc"

start:
	print	"spinning\n"
1:	b	1b
