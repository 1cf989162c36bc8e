/* SPDX-License-Identifier: MIT */
/*
 * mach/error.h - how a 32-bit Mach error is put together.
 *
 * Bits 31:26 name the system, 25:14 the subsystem, 13:0 the code. All values
 * are of type int, so an error of the "local" system is negative.
 */
#ifndef HVT_COMPAT_MACH_ERROR_H
#define HVT_COMPAT_MACH_ERROR_H

#include <mach/kern_return.h>

typedef kern_return_t mach_error_t;

#define err_none ((mach_error_t)0)
#define ERR_SUCCESS ((mach_error_t)0)

#define err_system(x) ((int)(((unsigned int)(x) & 0x3fu) << 26))
#define err_sub(x) ((int)(((unsigned int)(x) & 0xfffu) << 14))

#define err_get_system(e) ((int)(((unsigned int)(e) >> 26) & 0x3fu))
#define err_get_sub(e) ((int)(((unsigned int)(e) >> 14) & 0xfffu))
#define err_get_code(e) ((int)((unsigned int)(e) & 0x3fffu))

#define err_kern err_system(0x0)
#define err_us err_system(0x1)
#define err_server err_system(0x2)
#define err_ipc err_system(0x3)
#define err_mach_ipc err_system(0x4)
#define err_local err_system(0x3e)
#define err_ipc_compat err_system(0x3f)
#define err_max_system 0x3f

#endif
