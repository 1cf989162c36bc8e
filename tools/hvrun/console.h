/* SPDX-License-Identifier: MIT */
/*
 * Standard input and output as the far end of the serial line.
 *
 * Input is handed over one byte at a time and only on request, so that a
 * recorded run can be repeated: the reader thread offers a byte and kicks the
 * first vCPU; that vCPU, whose run has returned "cancelled", takes exactly one
 * byte, waiting for it if need be. Where in the guest's run a byte arrives is
 * thus decided by the API's own log, whatever the speed of the input.
 */
#ifndef HVRUN_CONSOLE_H
#define HVRUN_CONSOLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "options.h"

struct console_ops {
	void (*kick)(void *ctx); /* a byte waits to be taken */
	void (*quit)(void *ctx); /* the user typed Ctrl-A X */
};

/* The escape sequences of a terminal, one byte at a time. */
enum console_key { KEY_PASS, KEY_SWALLOW, KEY_QUIT };

struct console {
	const struct console_ops *ops;
	void *ctx;
	bool is_terminal;
	bool is_reading;    /* a reader thread exists; fixed before vCPUs run */
	bool output_broken; /* guarded by the devices' lock, as output is */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool ready; /* the serial port can take a byte */
	bool full;  /* `byte` is on offer */
	bool ended;
	uint8_t byte;
};

/* Decides whether to read, and makes the terminal raw. Cannot fail. */
void console_init(struct console *console, enum stdin_mode mode,
	const struct console_ops *ops, void *ctx);

/* Call once the vCPUs exist. 0 or -errno. */
int console_start(struct console *console);

/* Writes it before it returns. Serialised by the caller. */
void console_output(struct console *console, uint8_t byte);

/* The port's readiness changed, or may have. */
void console_set_ready(struct console *console, bool ready);

/*
 * Waits for a byte; false when there is no input, or it is all over: a byte
 * that was on offer until then is lost.
 */
bool console_take(struct console *console, uint8_t *byte);

/*
 * No byte is taken any more; wakes whoever waits for one. To be called before
 * vCPUs are cancelled for good.
 */
void console_end(struct console *console);

/* `armed` is the caller's state: whether the last byte was Ctrl-A. */
enum console_key console_filter(bool *armed, uint8_t byte);

#endif
