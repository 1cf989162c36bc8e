# SPDX-License-Identifier: MIT
"""The write-ahead log, TRACE.wal: what the segments do not have yet."""
import fcntl
import mmap
import os
import struct

from container import Bad
from payload import MAX_BYTES, MAX_RINGS, MAX_THREADS, U64, Event
from schema import CALL, ENTER, LEAVE

MARK, PAGE = b"HVTWAL1\n", 65536
SKIP, BEGIN = 0, 4
# Bytes before the values, by kind of record.
FIXED = {CALL: 16, ENTER: 32, LEAVE: 32, BEGIN: 32}
MIN_SIZE, MAX_SIZE = 1 << 12, 1 << 30
FREE, USED, ENDED, FULL = range(4)  # states of rings; a reader takes all alike
NO_BOOT = bytes(16)


def boot_here():
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            return bytes.fromhex(f.read().strip().replace("-", ""))
    except (OSError, ValueError):
        return NO_BOOT


def open_log(path):
    """Its bytes, none if there is no log, and whether its recorder lives. To
    be asked before the segments are read: what is closed then stays so."""
    try:
        with open(path, "rb") as f:
            try:
                fcntl.flock(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
                is_live = False
            except BlockingIOError:
                is_live = True
            if not os.fstat(f.fileno()).st_size:
                return b"", is_live
            return mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ), is_live
    except FileNotFoundError:
        return b"", False


class Record:
    def __init__(self, size, place=None, event=None):
        self.size, self.place, self.event = size, place, event


class Ring:
    def __init__(self, log, number, start):
        self.log, self.number = log, number
        self.at = log.ring_at(number)
        self.thread, = log.unpack("<I", self.at + 4)
        self.head, = log.unpack("<Q", self.at + 64)
        self.synced, = log.unpack("<Q", self.at + 136)
        tail, = log.unpack("<Q", self.at + 128)
        self.start = max(tail, start)
        if log.is_anew:  # behind it some pages may be old ones
            self.head = max(min(self.head, self.synced), self.start)
        self.lowest = log.point.place  # that its next place may be

    def check(self):
        if self.start == self.head:
            return
        if self.thread >= MAX_THREADS:
            raise Bad(self.at + 4, "a thread above the limit")
        if (self.head % 8 or self.start % 8
                or not self.start <= self.head <= self.start + self.log.size):
            raise Bad(self.at + 64, "a head of a ring that cannot be")

    def records(self):
        """All of them that hold an event, or only a place."""
        out, position = [], self.start
        self.check()
        while position < self.head:
            record = self.record(position)
            position += record.size
            if record.event or record.place is not None:
                out.append(record)
        return out

    def record(self, position):
        offset = position % self.log.size
        at = self.at + PAGE + offset
        left = self.log.size - offset
        room = min(left, self.head - position)
        size, number, kind, count = self.log.unpack("<IHBB", at)
        if kind == SKIP:
            if size != left or size > room:
                raise Bad(at, "a ring that is passed over beyond its end")
            return Record(size)
        if kind not in FIXED:
            raise Bad(at, f"a record of kind {kind}")
        if size % 8 or not FIXED[kind] + 8 * count <= size <= room:
            raise Bad(at, "a record of a size that cannot be")
        if self.log.unpack("<I", at + 12)[0] != position // 8 % (1 << 32):
            raise Bad(at, "a record of another position")
        record = Record(size)
        if kind == BEGIN:
            if size != FIXED[kind] or count:
                raise Bad(at, "more than a place of where a thread begins")
        else:
            record.event = self.event(at, size, number, kind, count)
        if kind != CALL:
            record.place = self.place(at)
        return record

    def place(self, at):
        place, = self.log.unpack("<Q", at + 16)
        if place < self.lowest:
            raise Bad(at, f"place {place}, which it cannot have")
        self.log.claim(place, at)
        self.lowest = place + 1
        return place

    def event(self, at, size, number, kind, count):
        f = self.log.meta.functions.get(number)
        e = Event()
        e.kind = kind
        if not f or e.kind not in f.kinds:
            raise Bad(at, f"a record of function {number}, kind {kind}")
        e.thread, e.function = self.thread, f
        e.tick = 0  # those of kind 1 take that of the event before them
        if e.kind != CALL:
            e.tick, = self.log.unpack("<Q", at + 24)
        carried = f.carried[e.kind]
        has_result = e.kind != ENTER and f.varies
        if count != has_result + len(carried):
            raise Bad(at, f"{count} values of {f.name}")
        values = self.log.unpack(f"<{count}Q", at + FIXED[kind])
        e.result = (values[0] if has_result else
                    self.log.unpack("<i", at + 8)[0] & U64)
        e.values = {i: v for (i, _), v in zip(carried, values[has_result:])}
        start, n = FIXED[kind] + 8 * count, 0
        if f.buffer(e.kind) is not None:
            n = e.values[f.buffer(e.kind)]
        if n > MAX_BYTES or size != start + (n + 7) // 8 * 8:
            raise Bad(at, f"a record of {size} bytes, {n} of the event")
        e.bytes = self.log.data[at + start:at + start + n]
        return e


class Log:
    """Of a trace with this schema, whose segments reach to `point` and whose
    recorder has died."""

    def __init__(self, data, meta, point):
        self.data, self.meta, self.point = data, meta, point
        if len(data) < PAGE or data[:8] != MARK:
            raise Bad(0, "no write-ahead log")
        boot = data[24:40]
        self.is_anew = boot == NO_BOOT or boot != boot_here()
        self.size, self.count = self.unpack("<QQ", 40)
        if (self.size & (self.size - 1)
                or not MIN_SIZE <= self.size <= MAX_SIZE):
            raise Bad(40, "a size of rings that cannot be")
        if self.count > MAX_RINGS:
            raise Bad(48, "more rings than there may be")
        self.places = set()

    def unpack(self, layout, at):
        return struct.unpack_from(layout, self.data, at)

    def ring_at(self, number):
        at = PAGE + number * (PAGE + self.size)
        if at + PAGE + self.size > len(self.data):
            raise Bad(len(self.data), "the log ends within a ring")
        return at

    def claim(self, place, at):
        if place in self.places:
            raise Bad(at, f"place {place}, which another record has")
        self.places.add(place)

    def check(self):
        """What is in segments was in the log."""
        if not self.is_anew and any(n >= self.count for n in self.point.rings):
            raise Bad(48, "segments have more rings than there are")

    def events(self):
        """Those that are in no segment, in their order."""
        self.check()
        rings = [Ring(self, i, self.point.rings.get(i, 0))
                 for i in range(self.count)]
        first, groups = [], {}  # a half and the calls behind it, by its place
        for ring in rings:
            group = first
            for record in ring.records():
                if record.place is not None:
                    group = groups[record.place] = []
                if record.event:
                    group.append(record.event)
        return first + [e for place in sorted(groups) for e in groups[place]]
