# SPDX-License-Identifier: MIT
"""Writes write-ahead logs after docs/FORMAT.md, for tests: whole ones, and
with what is cut away or put in, broken ones."""
import struct
from collections import namedtuple

from payload import NO_LOG, U64, Point
from read_log import BEGIN, FIXED, MARK, NO_BOOT, PAGE, SKIP, USED
from schema import CALL, ENTER

HEADER = struct.Struct("<8s16s16sQQ8xQ")

# An event in the order of the trace: its place (none of kind 1), its ring, and
# the position behind it there.
Logged = namedtuple("Logged", "place ring behind event")


class Ring:
    def __init__(self, thread):
        self.thread, self.state = thread, USED
        self.tail, self.synced = 0, None  # None: all of it
        self.records = []                 # position, kind, place, event, bytes

    def head(self):
        if not self.records:
            return 0
        position, *_, data = self.records[-1]
        return position + len(data)


class Log:
    def __init__(self, trace_id, functions, threads, size=4096, boot=NO_BOOT):
        self.id, self.size, self.boot = trace_id, size, boot
        self.by_name = {f.name: f for f in functions.values()}
        self.rings = [Ring(thread) for thread in threads]
        self.next = 0  # the next place

    def take_place(self):
        self.next += 1
        return self.next - 1

    def put(self, ring, event):
        r, kind = self.rings[ring], event.kind
        place = None if kind == CALL else self.take_place()
        size = len(self.record(kind, place, event, 0))
        left = self.size - r.head() % self.size
        if left < size:
            r.records.append((r.head(), SKIP, None, None,
                              struct.pack("<IHBB", left, 0, SKIP, 0).ljust(
                                  left, b"\xee")))
        at = r.head()
        r.records.append((at, kind, place, event,
                          self.record(kind, place, event, at)))

    def begin(self, ring):
        """Its thread goes on here, from another ring."""
        r, place = self.rings[ring], self.take_place()
        at, size = r.head(), FIXED[BEGIN]
        assert self.size - at % self.size >= size
        r.records.append((at, BEGIN, place, None, struct.pack(
            "<IHBBiIQQ", size, 0, BEGIN, 0, 0, at // 8, place, 0)))

    def record(self, kind, place, event, position):
        f = self.by_name[event.name]
        has_result = event.kind != ENTER and f.varies
        values = [event.result & U64] * has_result + list(event.values)
        data = event.data + bytes(-len(event.data) % 8)
        result = 0 if has_result else event.result
        size = FIXED[kind] + 8 * len(values) + len(data)
        out = struct.pack("<IHBBiI", size, f.number, kind, len(values),
                          result, position // 8 % (1 << 32))
        if kind != CALL:
            out += struct.pack("<QQ", place, event.tick)
        return out + struct.pack(f"<{len(values)}Q", *values) + data

    def order(self, point=NO_LOG):
        """What is behind this point, as the events of the trace come."""
        first, groups = [], {}
        for i, ring in enumerate(self.rings):
            group = first
            for position, kind, place, event, data in ring.records:
                if kind == SKIP or position < point.rings.get(i, 0):
                    continue
                if place is not None:
                    group = groups[place] = []
                if event:
                    group.append(Logged(place, i, position + len(data), event))
        return first + [e for place in sorted(groups) for e in groups[place]]

    def point(self, before, order, done):
        """Of segments that go on from there with so many of these events."""
        rings = dict(before.rings)
        for logged in order[:done]:
            rings[logged.ring] = logged.behind
        places = [e.place for e in order[done:] if e.place is not None]
        return Point(min(places, default=self.next), rings)

    def whole_point(self):
        """Of segments that have all."""
        return Point(self.next, {i: r.head() for i, r in enumerate(self.rings)
                                 if r.records})

    def bytes(self):
        out = HEADER.pack(MARK, self.id, self.boot, self.size,
                          len(self.rings), self.next).ljust(PAGE, b"\0")
        for ring in self.rings:
            head, data = ring.head(), bytearray(self.size)
            assert head - ring.tail <= self.size
            for position, *_, record in ring.records:
                place = position % self.size
                data[place:place + len(record)] = record
            synced = head if ring.synced is None else ring.synced
            page = bytearray(PAGE)
            struct.pack_into("<II", page, 0, ring.state, ring.thread)
            struct.pack_into("<Q", page, 64, head)
            struct.pack_into("<QQ", page, 128, ring.tail, synced)
            out += page + data
        return bytes(out)
