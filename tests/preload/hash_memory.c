/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD that tells what is in the guest's memory at the end:
 * before a VMM destroys its VM it writes a line "IPA SIZE HASH" for each range
 * mapped by hv_vm_map to $HVT_HASH_FILE. It reads memory as the VMM would.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <Hypervisor/Hypervisor.h>

#define RANGES_MAX 64u

static struct {
	const uint8_t *addr;
	uint64_t ipa;
	size_t size;
} ranges[RANGES_MAX];

static unsigned count;

/* FNV-1a, of words: every change of one word changes it. */
static uint64_t hash(const uint8_t *p, size_t size)
{
	uint64_t h = 0xcbf29ce484222325u, word;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		h = (h ^ word) * 0x100000001b3u;
	}
	return h;
}

static void write_hashes(void)
{
	const char *path = getenv("HVT_HASH_FILE");
	FILE *out = path ? fopen(path, "we") : NULL;

	if (!out)
		abort();
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "0x%" PRIx64 " %zu %016" PRIx64 "\n", ranges[i].ipa,
			ranges[i].size, hash(ranges[i].addr, ranges[i].size));
	fclose(out);
}

__attribute__((visibility("default")))
hv_return_t hv_vm_map(void *addr, hv_ipa_t ipa, size_t size,
		hv_memory_flags_t flags)
{
	hv_return_t (*real)(void *, hv_ipa_t, size_t, hv_memory_flags_t);
	hv_return_t ret;

	*(void **)&real = dlsym(RTLD_NEXT, "hv_vm_map");
	ret = real(addr, ipa, size, flags);
	if (ret == HV_SUCCESS && count < RANGES_MAX) {
		ranges[count].addr = addr;
		ranges[count].ipa = ipa;
		ranges[count++].size = size;
	}
	return ret;
}

__attribute__((visibility("default")))
hv_return_t hv_vm_destroy(void)
{
	hv_return_t (*real)(void);

	*(void **)&real = dlsym(RTLD_NEXT, "hv_vm_destroy");
	write_hashes();
	return real();
}
