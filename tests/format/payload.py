# SPDX-License-Identifier: MIT
"""Events, and the payload of an event segment."""
from collections import namedtuple

from container import Bad
from schema import ENTER, KINDS, LEAVE

MAX_SHAPES, MAX_BYTES, MAX_THREADS, MAX_RINGS = 65536, 1 << 20, 4096, 4096
U64 = (1 << 64) - 1

# How much of the log is in the segments so far: the lowest place that is not,
# and {ring: position}.
Point = namedtuple("Point", "place rings")
NO_LOG = Point(0, {})


def unzigzag(x):
    return (x >> 1) ^ -(x & 1)


class Cursor:
    """Takes a payload from its begin to its end, and notes what it took."""

    def __init__(self, data, notes=None):
        self.data, self.at, self.notes = data, 0, notes

    def note(self, start, text):
        if self.notes is not None:
            self.notes.append([start, self.at, text])
            return self.notes[-1]
        return [start, self.at, text]

    def take(self, n, text=""):
        if n > len(self.data) - self.at:
            raise Bad(self.at, "the payload ends too early")
        self.at += n
        taken = self.data[self.at - n:self.at]
        if text and n:
            self.note(self.at - n, text)
        return taken

    def bare_varint(self):
        x = shift = 0
        while True:
            b = self.take(1)[0]
            if shift == 63 and b > 1:
                raise Bad(self.at - 1, "a varint above 64 bits")
            x |= (b & 127) << shift
            if not b & 128:
                return x
            shift += 7

    def varint(self, text=None):
        start = self.at
        x = self.bare_varint()
        if text and self.notes is not None:
            self.note(start, text(x) if callable(text) else f"{text}: {x}")
        return x


class Shape:
    def __init__(self, kind, function):
        self.kind, self.function = kind, function
        self.result = 0
        self.fixed = {}  # parameter's index: value
        carried = function.carried[kind]
        self.has_result = kind != ENTER
        self.varying = [i for i, p in carried if p.part == "value"]
        self.buffer = function.buffer(kind)
        self.key = 0

    def settle(self):
        """The low 32 bits that, with thread and track, name the thing."""
        self.key = self.fixed.get(1, 0) & 0xFFFFFFFF


class Event:
    __slots__ = ("number", "kind", "thread", "tick", "function", "result",
                 "values", "bytes")


class EventDecoder:
    """The payload of an event segment."""

    def __init__(self, raw, head, meta, notes=None):
        self.c, self.head, self.meta = Cursor(raw, notes), head, meta
        self.point = None

    def decode(self):
        c = self.c
        self.point = self.log()
        shapes = self.shapes()
        threads = self.threads()
        events = self.tokens(shapes, threads)
        self.ticks(events)
        self.values(shapes, events)
        self.bytes(events)
        if c.at != len(c.data):
            raise Bad(c.at, "bytes behind the end of the events")
        return [e for e, _ in events]

    def log(self):
        c, rings, number = self.c, {}, 0
        place = c.varint("the log is here up to place")
        n = c.varint("rings of it")
        if n > MAX_RINGS:
            raise Bad(c.at, "more rings than there may be")
        for i in range(n):
            step = c.varint(lambda x: f"ring {number + x}, less the one before")
            number += step
            if number >= MAX_RINGS or i and not step:
                raise Bad(c.at, "a ring that cannot be")
            rings[number] = c.varint("is here up to position")
            if rings[number] % 8:
                raise Bad(c.at, "a position that is no multiple of 8")
        return Point(place, rings)

    def shapes(self):
        c = self.c
        n = c.varint("shapes")
        if n > MAX_SHAPES:
            raise Bad(c.at, "more shapes than there may be")
        return [self.shape(i) for i in range(n)]

    def shape(self, number):
        c = self.c
        kind = c.varint(lambda k: f"shape {number}: kind {k}, "
                        f"{KINDS.get(k, '?')}")
        function = c.varint(lambda f: f"function {f}, " + (
            self.meta.functions[f].name if f in self.meta.functions else "?"))
        f = self.meta.functions.get(function)
        if not f:
            raise Bad(c.at, f"function {function} is not in the schema")
        if kind not in f.kinds:
            raise Bad(c.at, f"kind {kind} of {f.name} cannot be")
        s = Shape(kind, f)
        if s.has_result and not f.varies:
            s.result = unzigzag(c.varint(
                lambda z: f"result {unzigzag(z)}")) & U64
        for i, p in f.carried[kind]:
            if p.part == "shape":
                s.fixed[i] = c.varint(p.name)
        s.settle()
        return s

    def threads(self):
        c, threads = self.c, []
        while len(threads) < self.head.count:
            thread = c.varint("thread")
            run = c.varint("events of it")
            if thread >= MAX_THREADS:
                raise Bad(c.at, "a thread above the limit")
            if not run or run > self.head.count - len(threads):
                raise Bad(c.at, "a run of events that cannot be")
            threads += [thread] * run
        return threads

    def tokens(self, shapes, threads):
        c, events = self.c, []
        wide = len(shapes) > 256
        for i, thread in enumerate(threads):
            number = self.head.first + i
            token = int.from_bytes(
                c.take(2 if wide else 1, f"event {number}: its shape"),
                "little")
            if token >= len(shapes):
                raise Bad(c.at, "a shape that is not there")
            s = shapes[token]
            e = Event()
            e.number, e.thread, e.kind, e.function = (
                number, thread, s.kind, s.function)
            e.result, e.values, e.bytes = s.result, dict(s.fixed), b""
            e.tick = None
            events.append((e, s))
        return events

    def tick_code(self, what):
        c = self.c
        start = c.at
        code = c.take(1)[0]
        if code == 255:
            d = c.bare_varint()
        elif code < 16:
            d = code
        else:
            s = (code >> 3) - 1
            d = (code - (s << 3)) << s
        c.note(start, f"tick {d} later: {what}")
        return d

    def ticks(self, events):
        diffs = {}
        for kind in (ENTER, LEAVE):
            for e, _ in events:
                if e.kind == kind:
                    diffs[e.number] = self.tick_code(
                        f"event {e.number}, {KINDS[kind]}")
        tick = self.head.first_tick
        for e, _ in events:
            tick += diffs.get(e.number, 0)
            e.tick = tick
        if tick > self.head.last_tick:
            raise Bad(self.c.at, "ticks go beyond the last one")

    def values(self, shapes, events):
        c = self.c
        by_shape = {}
        for e, s in events:
            by_shape.setdefault(id(s), []).append(e)
        diffs = {}
        for s in shapes:
            what = ["result"] if s.has_result and s.function.varies else []
            what += s.varying
            for e in by_shape.get(id(s), []) if what else []:
                mine = diffs[e.number] = []
                for w in what:
                    start = c.at
                    d = unzigzag(c.bare_varint())
                    mine.append((w, d, c.note(start, "")))
        last = {}
        for e, s in events:
            thing = (e.thread, s.function.track, s.key)
            for w, d, note in diffs.get(e.number, ()):
                x = (last.get(thing, 0) + d) & U64
                last[thing] = x
                if w == "result":
                    e.result, name = x, w
                else:
                    e.values[w], name = x, s.function.params[w].name
                note[2] = f"event {e.number}: {name} {d:+d}, so {x:#x}"

    def bytes(self, events):
        for e, s in events:
            if s.buffer is None:
                continue
            n = e.values[s.buffer]
            if n > MAX_BYTES:
                raise Bad(self.c.at, "more bytes of an event than may be")
            e.bytes = self.c.take(n, f"bytes of event {e.number}")
