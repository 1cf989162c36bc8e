/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD that counts the calls a VMM makes of the Hypervisor
 * API, knowing nothing of traces: what a trace is checked against. At exit it
 * writes "COUNT NAME" lines, in the order of the names, to $HVT_COUNT_FILE.
 *
 * The functions are those that libhypervisor exports. Each is a jump: it must
 * not touch a register that holds an argument, whatever the prototype is.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const names[] = {
#define CALL(name) #name,
#include "counted_calls.inc"
#undef CALL
};

#define COUNT (sizeof(names) / sizeof(names[0]))

/* Seen by the assembly below, and by nobody else. */
#define HIDDEN __attribute__((visibility("hidden"), used))
HIDDEN uint64_t count_calls_counts[COUNT];
HIDDEN void *count_calls_real[COUNT];

#define ENTRY(name) \
	".globl " #name "\n\t.type " #name ", %function\n" #name ":\n\t"

#if defined(__aarch64__)
/* x9..x17 are free at a call. A store-exclusive works on every arm64. */
__asm__(".text\n"
	"count_calls_jump:\n\t"
	"adrp x9, count_calls_counts\n\t"
	"add x9, x9, :lo12:count_calls_counts\n\t"
	"add x9, x9, x16, lsl #3\n"
	"1:\tldxr x10, [x9]\n\t"
	"add x10, x10, #1\n\t"
	"stxr w11, x10, [x9]\n\t"
	"cbnz w11, 1b\n\t"
	"adrp x9, count_calls_real\n\t"
	"add x9, x9, :lo12:count_calls_real\n\t"
	"ldr x17, [x9, x16, lsl #3]\n\t"
	"br x17\n"
	".set index, 0\n");
#define CALL(name) \
	__asm__(ENTRY(name) "mov x16, #index\n\tb count_calls_jump\n" \
			    ".set index, index + 1\n");
#elif defined(__x86_64__)
__asm__(".text\n"
	"count_calls_jump:\n\t"
	"lea count_calls_counts(%rip), %r10\n\t"
	"lock incq (%r10,%r11,8)\n\t"
	"lea count_calls_real(%rip), %r10\n\t"
	"jmp *(%r10,%r11,8)\n"
	".set index, 0\n");
#define CALL(name) \
	__asm__(ENTRY(name) "mov $index, %r11d\n\tjmp count_calls_jump\n" \
			    ".set index, index + 1\n");
#endif
#include "counted_calls.inc"

__attribute__((constructor))
static void find_functions(void)
{
	for (size_t i = 0; i < COUNT; i++)
		count_calls_real[i] = dlsym(RTLD_NEXT, names[i]);
}

/* Not for programs on the way to the VMM, such as env: they call nothing. */
__attribute__((destructor))
static void write_counts(void)
{
	const char *path = getenv("HVT_COUNT_FILE");
	uint64_t sum = 0;
	FILE *f;

	for (size_t i = 0; i < COUNT; i++)
		sum += count_calls_counts[i];
	f = sum && path ? fopen(path, "w") : NULL;
	if (!f)
		return;
	for (size_t i = 0; i < COUNT; i++)
		if (count_calls_counts[i])
			fprintf(f, "%" PRIu64 " %s\n", count_calls_counts[i],
				names[i]);
	fclose(f);
}
