/* SPDX-License-Identifier: MIT */
/*
 * os/base.h - compiler attributes under the names Apple's headers use.
 *
 * On Linux most of them have nothing to say and expand to nothing. This file
 * declares no function and no type, includes only glibc headers, and never
 * redefines a name that somebody defined before.
 */
#ifndef HVT_COMPAT_OS_BASE_H
#define HVT_COMPAT_OS_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* glibc has these in <sys/cdefs.h>; other C libraries need not. */
#ifndef __BEGIN_DECLS
#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif
#endif

#ifdef __has_feature
#define HVT_COMPAT_HAS_FEATURE(x) __has_feature(x)
#else
#define HVT_COMPAT_HAS_FEATURE(x) 0
#endif

/* Nullability is a clang keyword; elsewhere the words must vanish. */
#if HVT_COMPAT_HAS_FEATURE(nullability)
#define OS_ASSUME_NONNULL_BEGIN _Pragma("clang assume_nonnull begin")
#define OS_ASSUME_NONNULL_END _Pragma("clang assume_nonnull end")
#else
#define OS_ASSUME_NONNULL_BEGIN
#define OS_ASSUME_NONNULL_END
#ifndef _Nonnull
#define _Nonnull
#endif
#ifndef _Nullable
#define _Nullable
#endif
#ifndef _Null_unspecified
#define _Null_unspecified
#endif
#endif

#define OS_EXPORT extern __attribute__((__visibility__("default")))
#define OS_NONNULL1 __attribute__((__nonnull__(1)))
#define OS_NONNULL_ALL __attribute__((__nonnull__))
#define OS_NOTHROW __attribute__((__nothrow__))
#define OS_NORETURN __attribute__((__noreturn__))
#define OS_WARN_RESULT __attribute__((__warn_unused_result__))
#define OS_ALWAYS_INLINE __attribute__((__always_inline__))
#define OS_UNUSED __attribute__((__unused__))
#define OS_REFINED_FOR_SWIFT
#define OS_SWIFT_NAME(...)

#define OS_EXPECT(x, v) __builtin_expect((x), (v))
#define os_likely(x) OS_EXPECT(!!(x), 1)
#define os_unlikely(x) OS_EXPECT(!!(x), 0)

/*
 * OS_ENUM(name, type, constants): the type name_t, of exactly that size and
 * sign, and its constants. C++ gets a true enumeration with a fixed underlying
 * type, as on a Mac. C has had those only since C23, so there name_t is the
 * plain integer type and the constants are integer constant expressions.
 */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define OS_ENUM(name, type, ...) typedef enum : type { __VA_ARGS__ } name##_t
#else
#define OS_ENUM(name, type, ...) \
	enum { __VA_ARGS__ };    \
	typedef type name##_t
#endif
#define OS_CLOSED_ENUM(name, type, ...) OS_ENUM(name, type, __VA_ARGS__)

#endif
