/* SPDX-License-Identifier: MIT */
/*
 * Availability.h - SDK version numbers, and run-time version checks.
 *
 * Sources for a Mac choose code by the version of the SDK they are compiled
 * with and by the oldest system they are to run on. Our headers offer all of
 * the API of macOS 27.0, so both versions say 27.0 unless the command line
 * defines them otherwise.
 */
#ifndef HVT_COMPAT_AVAILABILITY_H
#define HVT_COMPAT_AVAILABILITY_H

/* major * 10000 + minor * 100 since 10.10; before that, 1000 + minor * 10. */
#define __MAC_10_0 1000
#define __MAC_10_1 1010
#define __MAC_10_2 1020
#define __MAC_10_3 1030
#define __MAC_10_4 1040
#define __MAC_10_5 1050
#define __MAC_10_6 1060
#define __MAC_10_7 1070
#define __MAC_10_8 1080
#define __MAC_10_9 1090
#define __MAC_10_10 101000
#define __MAC_10_11 101100
#define __MAC_10_12 101200
#define __MAC_10_13 101300
#define __MAC_10_14 101400
#define __MAC_10_15 101500
#define __MAC_10_16 101600
#define __MAC_11_0 110000
#define __MAC_11_1 110100
#define __MAC_11_2 110200
#define __MAC_11_3 110300
#define __MAC_11_4 110400
#define __MAC_11_5 110500
#define __MAC_11_6 110600
#define __MAC_12_0 120000
#define __MAC_12_1 120100
#define __MAC_12_2 120200
#define __MAC_12_3 120300
#define __MAC_12_4 120400
#define __MAC_12_5 120500
#define __MAC_12_6 120600
#define __MAC_12_7 120700
#define __MAC_13_0 130000
#define __MAC_13_1 130100
#define __MAC_13_2 130200
#define __MAC_13_3 130300
#define __MAC_13_4 130400
#define __MAC_13_5 130500
#define __MAC_13_6 130600
#define __MAC_13_7 130700
#define __MAC_14_0 140000
#define __MAC_14_1 140100
#define __MAC_14_2 140200
#define __MAC_14_3 140300
#define __MAC_14_4 140400
#define __MAC_14_5 140500
#define __MAC_14_6 140600
#define __MAC_14_7 140700
#define __MAC_14_8 140800
#define __MAC_15_0 150000
#define __MAC_15_1 150100
#define __MAC_15_2 150200
#define __MAC_15_3 150300
#define __MAC_15_4 150400
#define __MAC_15_5 150500
#define __MAC_15_6 150600
#define __MAC_15_7 150700
#define __MAC_16_0 160000
#define __MAC_26_0 260000
#define __MAC_26_1 260100
#define __MAC_26_2 260200
#define __MAC_26_3 260300
#define __MAC_26_4 260400
#define __MAC_26_5 260500
#define __MAC_27_0 270000

#ifndef __MAC_OS_X_VERSION_MIN_REQUIRED
#define __MAC_OS_X_VERSION_MIN_REQUIRED __MAC_27_0
#endif
#ifndef __MAC_OS_X_VERSION_MAX_ALLOWED
#define __MAC_OS_X_VERSION_MAX_ALLOWED __MAC_27_0
#endif

/*
 * __builtin_available(macOS 15.2, *) is a part of clang, which answers true on
 * every system that its list does not name. Other compilers lack it.
 */
#if !defined(__clang__) && !defined(__builtin_available)
#define __builtin_available(...) 1
#endif

#ifndef __OSX_AVAILABLE
#define __OSX_AVAILABLE(...)
#endif
#ifndef __OSX_AVAILABLE_STARTING
#define __OSX_AVAILABLE_STARTING(...)
#endif

#endif
