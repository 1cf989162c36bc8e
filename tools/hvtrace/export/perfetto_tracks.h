/* SPDX-License-Identifier: MIT */
/*
 * The tracks of a trace for Perfetto, each described when it is asked for first.
 * All belong to one process, the VMM: vCPUs, and exits a second of each below it;
 * devices; interrupts; threads, with the calls that they made.
 */
#ifndef HVTRACE_PERFETTO_TRACKS_H
#define HVTRACE_PERFETTO_TRACKS_H

#include "look/devices.h"
#include "perfetto_packets.h"

enum perfetto_kind {
	PERFETTO_GROUP,
	PERFETTO_VCPU,
	PERFETTO_RATE,
	PERFETTO_DEVICE,
	PERFETTO_LINE,
	PERFETTO_THREAD,
	PERFETTO_KINDS
};

#define PERFETTO_TRACKS_EACH 65536u /* of a kind are told apart */

struct perfetto_tracks {
	struct perfetto *packets;
	uint8_t known[PERFETTO_KINDS * PERFETTO_TRACKS_EACH / 8];
};

/* Describes the process. command: the VMM's, or NULL. */
void perfetto_tracks_init(struct perfetto_tracks *t, struct perfetto *packets,
		const char *command);

/* Numbers of tracks. */
uint64_t perfetto_vcpu(struct perfetto_tracks *t, uint64_t vcpu);
uint64_t perfetto_rate(struct perfetto_tracks *t, uint64_t vcpu);
uint64_t perfetto_device(struct perfetto_tracks *t, unsigned number,
		const struct device *d);
uint64_t perfetto_line(struct perfetto_tracks *t, uint64_t intid);
uint64_t perfetto_messages(struct perfetto_tracks *t);
uint64_t perfetto_thread(struct perfetto_tracks *t, uint32_t thread);

#endif
