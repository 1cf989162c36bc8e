/* SPDX-License-Identifier: MIT */
/*
 * os/object.h - reference-counted objects.
 *
 * The four hv_*_config_t and hv_gic_state_t objects of the Hypervisor API are
 * such objects: created with one reference, dropped with os_release().
 * libhypervisor implements both functions, for its own objects only: passing
 * anything else is undefined.
 */
#ifndef HVT_COMPAT_OS_OBJECT_H
#define HVT_COMPAT_OS_OBJECT_H

#include <os/availability.h>
#include <os/base.h>

/* Objects are plain C pointers here, never Objective-C instances. */
#define OS_OBJECT_USE_OBJC 0
#define OS_OBJECT_RETURNS_RETAINED

/* An opaque object type: OS_OBJECT_DECL(foo) declares foo_t. */
#define OS_OBJECT_DECL(name) typedef struct name##_s *name##_t
#define OS_OBJECT_DECL_CLASS(name) OS_OBJECT_DECL(name)

__BEGIN_DECLS

/*
 * Adds a reference and returns object. Any thread. object must not be NULL.
 */
OS_EXPORT void *os_retain(void *object);

/*
 * Drops a reference; the last one frees the object. Any thread. object must
 * not be NULL.
 */
OS_EXPORT void os_release(void *object);

__END_DECLS

#endif
