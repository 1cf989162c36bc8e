/* SPDX-License-Identifier: MIT */
/*
 * Queue 0 takes input to the guest, queue 1 output from it. Input is read once
 * what was read before has gone into the guest's buffers; the rest stays with
 * the host. Output waits for who reads it, and is lost where nobody does.
 */
#include "hvc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "hvc_end.h"
#include "transport.h"
#include "virtio_spec.h"
#include "waker.h"

enum { INPUT = 0, OUTPUT = 1 };

#define INPUT_ROOM 1024u

/* A pipe that can be written to takes so much without blocking (PIPE_BUF). */
#define OUTPUT_MOST 4096u

/* How long until a pseudo-terminal is looked at whether someone has come. */
#define HANGUP_MS 200

/* How long output may still take in all when someone waits for its end. */
#define LAST_MS 1000

struct hvc {
	struct virtio_device device;
	const struct hvc_ops *ops;
	void *ctx;
	struct hvc_end end;
	struct waker input_waker;
	struct waker output_waker;
	bool armed;	    /* input thread: see console_filter() */
	bool output_broken; /* these two: output thread */
	bool has_given_up;  /* it took too long, since the end came near */
};

static void complain(struct hvc *hvc)
{
	hvc->output_broken = true;
	fprintf(stderr,
		"hvrun: virtio console: %s; the guest goes on without it\n",
		strerror(errno));
}

/* For poll(). Many chains may wait, and all of them get the one time. */
static int patience(struct virtio_queue *queue, struct hvc *hvc)
{
	if (!virtio_queue_is_ending(queue)) {
		hvc->has_given_up = false;
		return -1;
	}
	return hvc->has_given_up ? 0 : LAST_MS;
}

/* Bytes that were written, or 0 when they are to be lost. */
static size_t write_some(
	struct virtio_queue *queue, const uint8_t *bytes, size_t size)
{
	struct hvc *hvc = (struct hvc *)queue->device;

	while (!hvc->output_broken) {
		int timeout = patience(queue, hvc);
		short is = waker_wait(
			&hvc->output_waker, hvc->end.out, POLLOUT, timeout);
		ssize_t n;

		if (!is && timeout < 0)
			continue; /* woken: perhaps there is an end now */
		hvc->has_given_up = !is;
		if (!is || (hvc->end.is_pty && (is & POLLHUP)))
			return 0;
		n = write(hvc->end.out, bytes, size);
		if (n > 0)
			return (size_t)n;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			complain(hvc);
	}
	return 0;
}

static void put_out(struct virtio_queue *queue, struct chain *chain)
{
	while (chain->to_read) {
		const struct iovec *from = &chain->iov[chain->read_at];
		size_t n = write_some(queue, from->iov_base,
			from->iov_len < OUTPUT_MOST ? from->iov_len
						    : OUTPUT_MOST);

		if (!n)
			return;
		chain_drop_readable(chain, n);
	}
}

static void run_output(struct virtio_queue *queue)
{
	while (virtio_queue_wait(queue)) {
		virtio_queue_serve(queue, put_out);
		virtio_queue_leave(queue);
	}
}

/* Takes the escape sequences out; returns how many bytes are left. */
static size_t filter(struct hvc *hvc, char *bytes, size_t size)
{
	size_t i, left = 0;

	if (!hvc->end.is_terminal)
		return size;
	for (i = 0; i < size; i++) {
		switch (console_filter(&hvc->armed, (uint8_t)bytes[i])) {
		case KEY_PASS:
			bytes[left++] = bytes[i];
			break;
		case KEY_QUIT:
			hvc->ops->quit(hvc->ctx);
			break;
		default:
			break;
		}
	}
	return left;
}

/* Waits for input; 0 when it is over. */
static size_t take_in(struct virtio_queue *queue, char *bytes)
{
	struct hvc *hvc = (struct hvc *)queue->device;
	int fd = hvc->end.in;

	while (!virtio_queue_is_over(queue)) {
		size_t size;
		ssize_t n;

		if (!waker_wait(&hvc->input_waker, fd, POLLIN, -1))
			continue;
		n = read(fd, bytes, INPUT_ROOM);
		size = n > 0 ? filter(hvc, bytes, (size_t)n) : 0;
		if (size)
			return size;
		if (n <= 0 && hvc->end.is_pty)
			waker_wait(&hvc->input_waker, -1, 0, HANGUP_MS);
		else if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			fd = -1; /* its end */
	}
	return 0;
}

/* Into as many buffers as it takes, and waiting for them. */
static void give_in(struct virtio_queue *queue, const char *bytes, size_t size)
{
	bool has = virtio_queue_enter(queue);
	struct chain chain;

	while (has && size) {
		size_t n;

		if (virtio_queue_next(queue, &chain) != 1) {
			has = virtio_queue_reenter(queue);
			continue;
		}
		n = chain_push(&chain, bytes, size);
		bytes += n;
		size -= n;
		virtqueue_push(&queue->ring, &chain);
		virtio_queue_interrupt(queue);
	}
	if (has)
		virtio_queue_leave(queue);
}

static void run_input(struct virtio_queue *queue)
{
	char bytes[INPUT_ROOM];
	size_t size;

	while ((size = take_in(queue, bytes)))
		give_in(queue, bytes, size);
}

static void run(struct virtio_queue *queue)
{
	if (queue->index == OUTPUT)
		run_output(queue);
	else
		run_input(queue);
}

static void interrupt(struct virtio_device *device)
{
	struct hvc *hvc = (struct hvc *)device;

	waker_wake(&hvc->input_waker);
	waker_wake(&hvc->output_waker);
}

static void close_hvc(struct virtio_device *device)
{
	struct hvc *hvc = (struct hvc *)device;

	hvc_end_close(&hvc->end);
	waker_fini(&hvc->input_waker);
	waker_fini(&hvc->output_waker);
	free(hvc);
}

static const struct virtio_model model = {
	.name = "console",
	.id = VIRTIO_ID_CONSOLE,
	.queue_count = 2,
	.input_queues = 1u << INPUT,
	.run = run,
	.interrupt = interrupt,
	.close = close_hvc,
};

struct virtio_device *hvc_create(
	const char *target, const struct hvc_ops *ops, void *ctx)
{
	struct hvc *hvc = calloc(1, sizeof(*hvc));

	if (!hvc || hvc_end_open(&hvc->end, target)) {
		free(hvc);
		return NULL;
	}
	if (waker_init(&hvc->input_waker) || waker_init(&hvc->output_waker)) {
		fprintf(stderr, "hvrun: --virtio-console: %s\n",
			strerror(errno));
		free(hvc);
		return NULL;
	}
	hvc->ops = ops;
	hvc->ctx = ctx;
	virtio_init(&hvc->device, &model);
	return &hvc->device;
}
