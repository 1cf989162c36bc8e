/* SPDX-License-Identifier: MIT */
/*
 * The machine's devices, wired up: the models on the bus, their interrupt lines
 * to the GIC, the clock to the host's counter, the serial port to the console.
 * All functions but init may be called from any vCPU thread.
 */
#ifndef HVRUN_DEVICES_H
#define HVRUN_DEVICES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "pl011.h"
#include "pl031.h"

struct console;
struct peripherals;

struct devices {
	struct console *console;
	uint64_t rtc_base; /* guest time, in seconds, at start_ticks */
	uint64_t start_ticks;
	uint32_t ns_numer; /* ticks * numer / denom = nanoseconds */
	uint32_t ns_denom;

	pthread_mutex_t lock; /* guards what follows */
	struct bus bus;
	struct pl011 uart;
	struct pl031 rtc;
	bool failed; /* an interrupt line could not be set */
};

/*
 * 0 or -errno. Reads the host's counter: call it once, before any vCPU.
 * `peripherals` are put on the bus with the others.
 */
int devices_init(struct devices *devices, struct console *console,
	uint64_t rtc_base, struct peripherals *peripherals);

/* False when the API reported an error; it has been printed then. */
bool devices_read(struct devices *devices, uint64_t addr, unsigned int size,
	uint64_t *value);
bool devices_write(struct devices *devices, uint64_t addr, unsigned int size,
	uint64_t value);

/* A byte arrives on the serial line. */
bool devices_receive(struct devices *devices, uint8_t byte);

#endif
