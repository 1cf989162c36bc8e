/* SPDX-License-Identifier: MIT */
/*
 * A buffer is filled up to a limit: the guest may ask for gigabytes, and takes
 * what it gets (5.4.6).
 */
#include "rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "transport.h"
#include "virtio_spec.h"

#define MOST_AT_ONCE 4096u

/* What the host gives at once, whole (getrandom(2), getentropy(3)). */
#define CHUNK 256u

struct rng_device {
	struct virtio_device device;
	bool seeded;
	uint64_t state;
};

static bool host_bytes(uint8_t *bytes)
{
#ifdef __linux__
	return getrandom(bytes, CHUNK, 0) == CHUNK;
#else
	return getentropy(bytes, CHUNK) == 0;
#endif
}

/* SplitMix64, byte order fixed, so that a seed means the same everywhere. */
static void seeded_bytes(struct rng_device *rng, uint8_t *bytes)
{
	unsigned int i, k;

	for (i = 0; i < CHUNK; i += 8) {
		uint64_t z = rng->state += 0x9e3779b97f4a7c15ull;

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
		z ^= z >> 31;
		for (k = 0; k < 8; k++)
			bytes[i + k] = (uint8_t)(z >> (8 * k));
	}
}

static void handle(struct virtio_queue *queue, struct chain *chain)
{
	struct rng_device *rng = (struct rng_device *)queue->device;
	uint8_t bytes[CHUNK];
	unsigned int given;

	for (given = 0; given < MOST_AT_ONCE && chain->to_write;
		given += CHUNK) {
		if (rng->seeded)
			seeded_bytes(rng, bytes);
		else if (!host_bytes(bytes))
			return;
		chain_push(chain, bytes, sizeof(bytes));
	}
}

static void run(struct virtio_queue *queue)
{
	while (virtio_queue_wait(queue)) {
		virtio_queue_serve(queue, handle);
		virtio_queue_leave(queue);
	}
}

static void release(struct virtio_device *device)
{
	free(device);
}

static const struct virtio_model model = {
	.name = "entropy device",
	.id = VIRTIO_ID_RNG,
	.queue_count = 1,
	.run = run,
	.close = release,
};

struct virtio_device *rng_create(bool seeded, uint64_t seed)
{
	struct rng_device *rng = calloc(1, sizeof(*rng));

	if (!rng) {
		fprintf(stderr, "hvrun: --rng: out of memory\n");
		return NULL;
	}
	rng->seeded = seeded;
	rng->state = seed;
	virtio_init(&rng->device, &model);
	return &rng->device;
}
