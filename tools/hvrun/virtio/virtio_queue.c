/* SPDX-License-Identifier: MIT */
/*
 * Who has a queue's ring, and when. A queue is live from the moment that the
 * driver is up (DRIVER_OK) and the queue is ready, until either ends or the
 * driver breaks a rule.
 */
#include "virtio_queue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "transport.h"
#include "virtio_spec.h"

static bool is_live(const struct virtio_queue *queue)
{
	uint32_t status = queue->device->status;

	return queue->ready && (status & VIRTIO_STATUS_DRIVER_OK) &&
		!(status & VIRTIO_STATUS_NEEDS_RESET);
}

static bool has_work(const struct virtio_queue *queue)
{
	return is_live(queue) && queue->handled < queue->notified;
}

/* Can be entered without a notification: not while the driver waits for us. */
static bool is_open(const struct virtio_queue *queue)
{
	return is_live(queue) && !queue->device->resetting;
}

void virtio_queue_notify(struct virtio_queue *queue)
{
	if (!queue->ready)
		return;
	queue->notified++;
	pthread_cond_broadcast(&queue->device->changed);
}

/* Buffers for input may have been notified long before there is any. */
static bool is_drained(const struct virtio_queue *queue)
{
	bool is_input = queue->device->model->input_queues >> queue->index & 1;

	return !queue->busy &&
		(is_input || !queue->has_thread || !has_work(queue));
}

static void drain(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;

	while (!is_drained(queue)) {
		if (device->model->interrupt)
			device->model->interrupt(device);
		pthread_cond_wait(&device->changed, &device->lock);
	}
}

static void close_queue(struct virtio_queue *queue)
{
	queue->ready = false;
	queue->notified = 0;
	queue->handled = 0;
	queue->times_closed++;
}

void virtio_queue_set_ready(struct virtio_queue *queue, bool ready)
{
	struct virtio_device *device = queue->device;

	if (ready == queue->ready ||
		!(device->status & VIRTIO_STATUS_FEATURES_OK))
		return;
	if (!ready) {
		device->resetting = true;
		drain(queue);
		device->resetting = false;
		close_queue(queue);
		return;
	}
	queue->config.indirect =
		device->driver_features & VIRTIO_F_INDIRECT_DESC;
	if (virtqueue_init(&queue->ring, device->ram, &queue->config))
		fprintf(stderr,
			"hvrun: virtio %s: the guest's queue %u is not in RAM, "
			"not aligned, or of a wrong size\n",
			device->model->name, queue->index);
	else
		queue->ready = true;
	pthread_cond_broadcast(&device->changed);
}

static void forget(struct virtio_queue *queue)
{
	queue->config = (struct virtqueue_config){ 0 };
	close_queue(queue);
}

void virtio_reset(struct virtio_device *device)
{
	unsigned int i;

	device->resetting = true;
	for (i = 0; i < device->model->queue_count; i++)
		drain(&device->queues[i]);
	for (i = 0; i < device->model->queue_count; i++)
		forget(&device->queues[i]);
	device->resetting = false;
	device->status = 0;
	device->features_sel = 0;
	device->driver_features_sel = 0;
	device->driver_features = 0;
	device->queue_sel = 0;
	device->config_interrupt = false;
	device->line->set(device->line->ctx, device->intid, false);
	pthread_cond_broadcast(&device->changed);
}

bool virtio_queue_wait(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;
	bool has;

	pthread_mutex_lock(&device->lock);
	while (!(has = has_work(queue)) && !device->stopping)
		pthread_cond_wait(&device->changed, &device->lock);
	if (has) {
		queue->handled++;
		queue->busy = true;
	}
	pthread_mutex_unlock(&device->lock);
	return has;
}

static bool enter(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;

	while (!is_open(queue) && !device->stopping)
		pthread_cond_wait(&device->changed, &device->lock);
	queue->busy = !device->stopping;
	return queue->busy;
}

bool virtio_queue_enter(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;
	bool has;

	pthread_mutex_lock(&device->lock);
	has = enter(queue);
	pthread_mutex_unlock(&device->lock);
	return has;
}

/*
 * A ring that was closed and opened in the meantime is a new one, whether or
 * not this thread has seen it closed.
 */
bool virtio_queue_reenter(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;
	uint64_t times_closed;
	bool has;

	pthread_mutex_lock(&device->lock);
	times_closed = queue->times_closed;
	queue->busy = false;
	pthread_cond_broadcast(&device->changed);
	while (queue->times_closed == times_closed && !has_work(queue) &&
		!device->stopping)
		pthread_cond_wait(&device->changed, &device->lock);
	if (queue->times_closed == times_closed && has_work(queue))
		queue->handled++;
	has = enter(queue);
	pthread_mutex_unlock(&device->lock);
	return has;
}

void virtio_queue_leave(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;

	pthread_mutex_lock(&device->lock);
	queue->busy = false;
	pthread_cond_broadcast(&device->changed);
	pthread_mutex_unlock(&device->lock);
}

bool virtio_queue_is_over(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;
	bool is_over;

	pthread_mutex_lock(&device->lock);
	is_over = device->stopping;
	pthread_mutex_unlock(&device->lock);
	return is_over;
}

bool virtio_queue_is_ending(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;
	bool is_ending;

	pthread_mutex_lock(&device->lock);
	is_ending = device->resetting || device->stopping;
	pthread_mutex_unlock(&device->lock);
	return is_ending;
}

void virtio_queue_interrupt(struct virtio_queue *queue)
{
	const struct virtio_device *device = queue->device;

	if (virtqueue_wants_interrupt(&queue->ring))
		device->line->set(device->line->ctx, device->intid, true);
}

void virtio_queue_break(struct virtio_queue *queue, const char *what)
{
	struct virtio_device *device = queue->device;

	fprintf(stderr,
		"hvrun: virtio %s: queue %u: %s; nothing more is done until "
		"the guest resets the device\n",
		device->model->name, queue->index, what);
	pthread_mutex_lock(&device->lock);
	device->status |= VIRTIO_STATUS_NEEDS_RESET;
	device->config_interrupt = true;
	pthread_mutex_unlock(&device->lock);
	device->line->set(device->line->ctx, device->intid, true);
}

int virtio_queue_next(struct virtio_queue *queue, struct chain *chain)
{
	unsigned int count = virtqueue_pending(&queue->ring);

	if (!count)
		return 0;
	if (count > queue->ring.size)
		virtio_queue_break(queue, "more buffers than the queue holds");
	else if (virtqueue_pop(&queue->ring, chain))
		virtio_queue_break(queue, "not a proper chain");
	else
		return 1;
	return -1;
}

void virtio_queue_serve(struct virtio_queue *queue,
	void (*handle)(struct virtio_queue *queue, struct chain *chain))
{
	unsigned int count = virtqueue_pending(&queue->ring), i;
	struct chain chain;

	for (i = 0; i < count; i++) {
		if (virtio_queue_next(queue, &chain) != 1)
			return;
		handle(queue, &chain);
		virtqueue_push(&queue->ring, &chain);
	}
	if (count)
		virtio_queue_interrupt(queue);
}

/* Fixed while the queue is live: read without the lock. */
bool virtio_has_feature(const struct virtio_device *device, uint64_t feature)
{
	return device->driver_features & feature;
}

static void *thread_main(void *arg)
{
	struct virtio_queue *queue = arg;
	struct virtio_device *device = queue->device;

	pthread_mutex_lock(&device->lock);
	device->line->set(device->line->ctx, device->intid, false);
	queue->has_begun = true;
	pthread_cond_broadcast(&device->changed);
	pthread_mutex_unlock(&device->lock);
	device->model->run(queue);
	return NULL;
}

static int start_thread(struct virtio_queue *queue)
{
	struct virtio_device *device = queue->device;
	int err = pthread_create(&queue->thread, NULL, thread_main, queue);

	if (err)
		return -err;
	queue->has_thread = true;
	pthread_mutex_lock(&device->lock);
	while (!queue->has_begun)
		pthread_cond_wait(&device->changed, &device->lock);
	pthread_mutex_unlock(&device->lock);
	return 0;
}

int virtio_start(struct virtio_device *device, const struct ram *ram,
	const struct virtio_line *line, uint32_t intid)
{
	unsigned int i;
	int err = 0;

	device->ram = ram;
	device->line = line;
	device->intid = intid;
	for (i = 0; !err && i < device->model->queue_count; i++)
		err = start_thread(&device->queues[i]);
	return err;
}

void virtio_stop(struct virtio_device *device)
{
	unsigned int i;

	pthread_mutex_lock(&device->lock);
	device->stopping = true;
	pthread_cond_broadcast(&device->changed);
	if (device->model->interrupt)
		device->model->interrupt(device);
	pthread_mutex_unlock(&device->lock);
	for (i = 0; i < device->model->queue_count; i++) {
		if (device->queues[i].has_thread)
			pthread_join(device->queues[i].thread, NULL);
		device->queues[i].has_thread = false;
	}
	if (device->model->close)
		device->model->close(device);
}
