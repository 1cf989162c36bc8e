/* SPDX-License-Identifier: MIT */
/*
 * mach/message.h - the header of a Mach message, for the two structures of
 * <arm64/hv/hv_kern_types.h> that contain one. There are no messages here.
 */
#ifndef HVT_COMPAT_MACH_MESSAGE_H
#define HVT_COMPAT_MACH_MESSAGE_H

#include <stdint.h>

typedef uint32_t natural_t;
typedef int32_t integer_t;
typedef natural_t mach_port_name_t;
typedef mach_port_name_t mach_port_t;

typedef uint32_t mach_msg_bits_t;
typedef natural_t mach_msg_size_t;
typedef integer_t mach_msg_id_t;

typedef struct {
	mach_msg_bits_t msgh_bits;
	mach_msg_size_t msgh_size;
	mach_port_t msgh_remote_port;
	mach_port_t msgh_local_port;
	mach_port_name_t msgh_voucher_port;
	mach_msg_id_t msgh_id;
} mach_msg_header_t;

#endif
