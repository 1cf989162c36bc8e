/* SPDX-License-Identifier: MIT */
/* The host's end of the virtio console: what is read from and written to. */
#ifndef HVRUN_VIRTIO_HVC_END_H
#define HVRUN_VIRTIO_HVC_END_H

#include <stdbool.h>

struct hvc_end {
	int in;		  /* -1: nothing is ever typed */
	int out;	  /* may be the same descriptor */
	bool is_ours;	  /* to be closed */
	bool is_terminal; /* the user's own: has an escape sequence */
	bool is_pty;	  /* hangs up and comes back */
};

/* See hvc_create(). 0, or -1 with a message. */
int hvc_end_open(struct hvc_end *end, const char *target);
void hvc_end_close(struct hvc_end *end);

#endif
