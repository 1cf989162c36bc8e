/* SPDX-License-Identifier: MIT */
/*
 * A virtio device behind the memory-mapped transport (virtio 1.2, 4.2, version
 * 2), and the threads that do its work: one for each queue.
 *
 * vCPU threads write registers; a queue's thread is told of each notification
 * and does the rest: rings, buffers, and the interrupt. The two share little on
 * purpose. What a vCPU reads or calls never depends on how far a queue's thread
 * has come, and a queue's thread looks at its ring once for each notification,
 * no more and no less; so a replay, which knows the order of calls but not that
 * of locks, has both do the same again. Two things follow:
 *
 * - InterruptStatus says "used ring" as long as the driver is up. A driver that
 *   is interrupted then looks at its rings, where the truth is. Acknowledging
 *   lowers the line, each used buffer raises it, whatever it was before.
 * - Reset waits until all that was notified is done, and only then returns to
 *   the guest.
 */
#ifndef HVRUN_VIRTIO_TRANSPORT_H
#define HVRUN_VIRTIO_TRANSPORT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "virtqueue.h"

#define VIRTIO_MAX_QUEUES 2u

struct virtio_device;
struct virtio_queue;

/* What the transport needs to know of a device. */
struct virtio_model {
	const char *name; /* for messages */
	uint32_t id;	  /* VIRTIO_ID_... */
	unsigned int queue_count;
	unsigned int input_queues; /* bit mask: those filled from the host */
	/*
	 * A queue's thread: works until virtio_queue_wait() or _enter() says
	 * that it is over.
	 */
	void (*run)(struct virtio_queue *queue);
	/*
	 * Wakes the device's threads that wait for the host, so that they ask
	 * virtio_queue_is_over() or _is_ending(). Called with the lock held,
	 * perhaps more than once. NULL where none waits for long.
	 */
	void (*interrupt)(struct virtio_device *device);
	/* After the threads have ended. May be NULL. */
	void (*close)(struct virtio_device *device);
};

/* The way out to the interrupt controller. Called by any thread. */
struct virtio_line {
	void (*set)(void *ctx, uint32_t intid, bool level);
	void *ctx;
};

struct virtio_queue {
	struct virtio_device *device;
	unsigned int index;
	pthread_t thread;
	bool has_thread; /* main thread's */

	/* Guarded by the device's lock. */
	struct virtqueue_config config;
	bool has_begun;
	bool ready;
	bool busy; /* the thread works on the ring */
	uint64_t notified;
	uint64_t handled;
	uint64_t times_closed; /* by reset or QueueReady, ever */

	struct virtqueue ring; /* the thread's, while busy */
};

/* The first member of each device's own struct. */
struct virtio_device {
	const struct virtio_model *model;
	const struct ram *ram;
	const struct virtio_line *line;
	uint32_t intid;
	uint64_t features;     /* offered */
	const uint8_t *config; /* the device's configuration space */
	uint32_t config_size;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	uint32_t status;
	uint32_t features_sel;
	uint32_t driver_features_sel;
	uint32_t queue_sel;
	uint64_t driver_features; /* agreed on, once FEATURES_OK is set */
	bool config_interrupt;
	bool resetting;
	bool stopping;
	struct virtio_queue queues[VIRTIO_MAX_QUEUES];
};

/* Fields of the device that are set by its maker: features, config. */
void virtio_init(
	struct virtio_device *device, const struct virtio_model *model);

/*
 * The queues' threads begin, one after the other: each first lowers the line,
 * so that the order of first calls tells which is which. The line and RAM must
 * outlive them. 0 or -errno.
 */
int virtio_start(struct virtio_device *device, const struct ram *ram,
	const struct virtio_line *line, uint32_t intid);

/*
 * All that was notified is done, then the threads end, and the device closes.
 * To be called when no vCPU runs any more; also after a failed start, or none.
 */
void virtio_stop(struct virtio_device *device);

/* These have the bus's types; `dev` is the struct virtio_device. */
uint64_t virtio_read(void *dev, uint64_t offset, unsigned int size);
void virtio_write(
	void *dev, uint64_t offset, unsigned int size, uint64_t value);

/*
 * For the queue's thread: waits for the next notification, and then has the
 * ring to itself until virtio_queue_leave(). False: it is over.
 */
bool virtio_queue_wait(struct virtio_queue *queue);

/*
 * The same for an input queue: does not wait for a notification, only for the
 * driver.
 */
bool virtio_queue_enter(struct virtio_queue *queue);

/*
 * After an enter that found no buffers, in place of leave: waits for the next
 * notification, or until there is a new ring, and has it then. False: it is
 * over.
 */
bool virtio_queue_reenter(struct virtio_queue *queue);

void virtio_queue_leave(struct virtio_queue *queue);

/* It is over; or, the second, someone waits for the thread to leave. */
bool virtio_queue_is_over(struct virtio_queue *queue);
bool virtio_queue_is_ending(struct virtio_queue *queue);

/* While it has the ring: interrupts the driver if it wants that. */
void virtio_queue_interrupt(struct virtio_queue *queue);

/*
 * While it has the ring: the driver broke the rules. The device needs a reset
 * from then on (2.1.2), and says so.
 */
void virtio_queue_break(struct virtio_queue *queue, const char *what);

/*
 * While it has the ring: the next chain. 1, or 0 when there is none, or -1 when
 * there is a wrong one, which breaks the queue.
 */
int virtio_queue_next(struct virtio_queue *queue, struct chain *chain);

/*
 * Has `handle` look at each chain of the ring that waits, gives them back, and
 * interrupts once. While it has the ring; breaks the queue where it must.
 */
void virtio_queue_serve(struct virtio_queue *queue,
	void (*handle)(struct virtio_queue *queue, struct chain *chain));

/* Agreed on by both sides. For the queue's thread while it has the ring. */
bool virtio_has_feature(const struct virtio_device *device, uint64_t feature);

#endif
