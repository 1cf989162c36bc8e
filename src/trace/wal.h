/* SPDX-License-Identifier: MIT */
/*
 * The write-ahead log beside a trace that is being written, TRACE.wal: a
 * header, then rings of one size. It is there only while its recorder
 * lives, or when it died: then it holds the end of the trace.
 */
#ifndef HVT_TRACE_WAL_H
#define HVT_TRACE_WAL_H

#include "log_point.h"
#include "ring.h"

#define HVT_WAL_HEADER 65536u /* rings are mapped: the largest page */
#define HVT_WAL_MAGIC  "HVTWAL1\n"

struct hvt_wal_header {
	uint8_t magic[8];
	uint8_t id[16];      /* of the trace */
	uint8_t boot[16];    /* of the machine, when the log was made */
	uint64_t ring_size;
	_Atomic uint64_t rings; /* that the file has */
	uint64_t began; /* the tick when it was made; 0: nobody knows */
	_Atomic uint64_t places; /* given away; on a line of its own */
	uint64_t pad1[7];
	/* A reader adds one, to have what there is written; and how far that is. */
	_Atomic uint64_t wanted, served;
};

struct hvt_wal {
	int fd;
	bool writable;
	bool ours; /* created here: it has what its header says */
	bool remote; /* on a file system of another machine: never synced */
	struct hvt_wal_header *header;
	uint64_t ring_size;
	/* Functions besides ours, or NULL; belongs to someone else. */
	const struct hvt_calls_text *calls;
};

/* -EBUSY if a living process has a log for the trace at path, else 0. */
int hvt_wal_is_taken(const char *trace_path);

/* Creates the log of the trace at path, empty. 0 or -errno. */
int hvt_wal_create(struct hvt_wal *wal, const char *trace_path,
		const uint8_t id[16], uint64_t ring_size);

/*
 * Opens the log of the trace at path for reading, or for draining it.
 * -ENOENT: none; -ESTALE: one of another trace, or of one whose recorder
 * died before it had an event; -EBADMSG: it is damaged.
 */
int hvt_wal_open(struct hvt_wal *wal, const char *trace_path,
		const uint8_t id[16], bool writable);

/* Maps the index-th ring. -EBADMSG: it has none. */
int hvt_wal_ring(const struct hvt_wal *wal, uint64_t index, struct hvt_ring *ring);

/* Adds one to the file, and maps it; one caller at a time. -EUSERS: no more. */
int hvt_wal_add_ring(struct hvt_wal *wal, struct hvt_ring *ring);
void hvt_wal_unmap_ring(struct hvt_ring *ring);

/*
 * Has the kernel make bytes of the ring from count at on ready to be stored
 * to, so that its thread need not wait for that. Costs a write of those pages
 * when they are next brought to stable storage.
 */
void hvt_wal_touch(const struct hvt_wal *wal, const struct hvt_ring *ring,
		uint64_t at, uint64_t bytes);

/*
 * Was the machine started anew since, or is this another one? Then the end of
 * a ring may never have reached the disk.
 */
bool hvt_wal_is_of_another_boot(const struct hvt_wal *wal);

/*
 * Does it have the rings that segments were filled from? It may only lack some
 * if its header did not reach the disk.
 */
bool hvt_wal_has_rings_of(
		const struct hvt_wal *wal, const struct hvt_log_point *point);

/*
 * Asks the recorder, which lives, to write what it has to the trace, and waits
 * until it has done so; or not any longer.
 */
void hvt_wal_ask(struct hvt_wal *wal);

/* To stable storage: what was published up to now survives a power loss. */
int hvt_wal_sync(struct hvt_wal *wal);

/* Does the process that writes it still live? (It holds a lock on the file.) */
bool hvt_wal_is_live(const struct hvt_wal *wal);

/* The process lives on, but writes no more. */
void hvt_wal_unlock(struct hvt_wal *wal);

void hvt_wal_close(struct hvt_wal *wal);
int hvt_wal_remove(const char *trace_path);

#endif
