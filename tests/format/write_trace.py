# SPDX-License-Identifier: MIT
"""Writes traces after docs/FORMAT.md, for tests: whole, odd and broken ones.

Like the reader beside it, it knows the document only. Everything is given by
the caller, time and chance too, so that the same input makes the same bytes.
"""
import struct

import read_trace as fmt
import zstandard
from read_trace import CALL, END, ENTER, EVENTS, INDEX, LEAVE, META, U64


def varint(x):
    out = bytearray()
    while x > 127:
        out.append(x & 127 | 128)
        x >>= 7
    out.append(x)
    return bytes(out)


def zigzag(d):
    d = (d + (1 << 63)) % (1 << 64) - (1 << 63)
    return (d << 1 ^ d >> 63) & U64


def raw_frame(data):
    """A zstd frame whose only block is the data as it is."""
    assert len(data) < 65536 + 256
    if len(data) < 256:
        size = bytes([0x20, len(data)])
    else:
        size = b"\x60" + struct.pack("<H", len(data) - 256)
    return (b"\x28\xb5\x2f\xfd" + size +
            (len(data) << 3 | 1).to_bytes(3, "little") + data)


def zstd_frame(data):
    return zstandard.ZstdCompressor(level=3).compress(data)


def tick_code(d):
    if d < 16:
        return bytes([d])
    s = d.bit_length() - 4
    if s > 30:
        return b"\xff" + varint(d)
    return bytes([(s << 3) + (d >> s)])


def tick_of(code):
    c = code[0]
    if c == 255:
        return fmt.Cursor(code[1:]).bare_varint()
    s = (c >> 3) - 1
    return c if c < 16 else (c - (s << 3)) << s


class Call:
    """An event to be written."""

    def __init__(self, kind, name, *values, thread=0, tick=0, result=0,
                 data=b""):
        self.kind, self.name, self.thread, self.tick = kind, name, thread, tick
        self.result, self.data = result, data
        self.values = values  # of the parameters that this kind carries


def encode(events, functions, first_tick):
    by_name = {f.name: f for f in functions.values()}
    shapes, tokens, values, last = {}, [], {}, {}
    runs, ticks, data = [], {ENTER: b"", LEAVE: b""}, b""
    tick = first_tick
    for e in events:
        f = by_name[e.name]
        carried = f.carried[e.kind]
        shape = varint(e.kind) + varint(f.number)
        key, diffs = 0, []
        if e.kind != ENTER and not f.varies:
            shape += varint(zigzag(e.result))
        for (i, p), v in zip(carried, e.values):
            if p.part == "shape":
                shape += varint(v)
                key = v & 0xFFFFFFFF if i == 1 else key
        thing = (e.thread, f.track, key)
        varying = [e.result] if e.kind != ENTER and f.varies else []
        varying += [v for (_, p), v in zip(carried, e.values)
                    if p.part == "value"]
        for v in varying:
            diffs.append(varint(zigzag(v - last.get(thing, 0))))
            last[thing] = v
        token = shapes.setdefault(shape, len(shapes))
        tokens.append(token)
        values[token] = values.get(token, b"") + b"".join(diffs)
        if runs and runs[-1][0] == e.thread:
            runs[-1][1] += 1
        else:
            runs.append([e.thread, 1])
        if e.kind != CALL:
            code = tick_code(max(e.tick - tick, 0))
            ticks[e.kind] += code
            tick += tick_of(code)
        data += e.data
    wide = len(shapes) > 256
    return (varint(len(shapes)) + b"".join(shapes) +
            b"".join(varint(t) + varint(n) for t, n in runs) +
            b"".join(t.to_bytes(2 if wide else 1, "little") for t in tokens) +
            ticks[ENTER] + ticks[LEAVE] +
            b"".join(values.get(i, b"") for i in range(len(shapes))) + data)


class Writer:
    def __init__(self, meta, trace_id, first=0, frame=zstd_frame):
        self.functions = fmt.Meta(meta.encode()).functions
        self.id, self.frame = trace_id, frame
        self.out = bytearray()
        self.ordinal = self.chain = self.exits = self.tick = 0
        self.next = first
        self.pending, self.indexes = [], []  # entries
        self.segment(META, meta.encode())

    def segment(self, kind, raw, count=0, first_tick=None, last_tick=None,
                threads=0):
        frame = self.frame(raw)
        at = len(self.out)
        first_tick = self.tick if first_tick is None else first_tick
        last_tick = self.tick if last_tick is None else last_tick
        checksum = fmt.xxh3(raw, self.chain)
        head = fmt.Head.LAYOUT.pack(
            fmt.HEAD_MAGIC, 128, fmt.MARK, fmt.VERSION, kind, self.id,
            self.ordinal, self.next, count, first_tick, last_tick, self.exits,
            0, len(raw), len(frame), checksum, self.chain, threads, 0)[:128]
        self.out += head + struct.pack("<Q", fmt.xxh3(head)) + frame
        self.out += struct.pack("<IIQ", fmt.TAIL_MAGIC, 8,
                                len(self.out) - at + fmt.TAIL_SIZE)
        self.ordinal += 1
        self.chain = checksum
        return at

    def events(self, events):
        first_tick = next((e.tick for e in events if e.kind != CALL),
                          self.tick)
        if events[0].kind == CALL:
            first_tick = self.tick
        threads = 0
        for e in events:
            threads |= 1 << e.thread % 64
            self.tick = e.tick if e.kind != CALL else self.tick
            self.exits += e.kind == LEAVE and e.name == "hv_vcpu_run"
        at = self.segment(EVENTS, encode(events, self.functions, first_tick),
                          len(events), first_tick, self.tick, threads)
        self.pending.append((at, self.next, self.exits, first_tick, threads))
        self.next += len(events)

    def starts(self):
        """Where its segments begin."""
        out, at = [], 0
        while at < len(self.out):
            out.append(at)
            at += fmt.Head(self.out, at).size
        return out

    @staticmethod
    def entries(entries):
        return b"".join(struct.pack("<QQQQQ", *e) for e in entries)

    def index(self):
        if not self.pending:
            return
        union = 0
        for e in self.pending:
            union |= e[4]
        at = self.segment(INDEX, self.entries(self.pending))
        self.indexes.append((at, self.pending[0][1], self.pending[-1][2],
                             self.pending[0][3], union))
        self.pending = []

    def end(self):
        self.index()
        self.segment(END, self.entries(self.indexes))
        return bytes(self.out)


def log(trace_id, functions, rings, next_event, size=4096):
    """A write-ahead log. rings: (thread, tail, [(number, Call)...]) each;
    a tail that is not 0 is that of a ring which went round already."""
    by_name = {f.name: f for f in functions.values()}
    out = struct.pack("<8s16sQQQ", fmt.WAL_MARK, trace_id, size, len(rings),
                      next_event).ljust(fmt.WAL_PAGE, b"\0")
    for thread, tail, events in rings:
        ring, head = bytearray(size), tail
        for number, e in events:
            record = log_event(by_name[e.name], number, e)
            left = size - head % size
            if left < len(record):
                struct.pack_into("<IHBB", ring, head % size, left, 0, 0, 0)
                head += left
            ring[head % size:head % size + len(record)] = record
            head += len(record)
        page = bytearray(fmt.WAL_PAGE)
        struct.pack_into("<II", page, 0, 1, thread)
        struct.pack_into("<Q", page, 64, head)
        struct.pack_into("<Q", page, 128, tail)
        out += page + ring
    return out


def log_event(f, number, e):
    values = [0] * len(f.params)
    for (i, _), v in zip(f.carried[e.kind], e.values):
        values[i] = v
    data = e.data + bytes(-len(e.data) % 8)
    return struct.pack("<IHBBQQQQ", 40 + 8 * len(values) + len(data), f.number,
                       e.kind, len(values), number,
                       0 if e.kind == CALL else e.tick, e.result & U64,
                       len(e.data)) + struct.pack(
                           f"<{len(values)}Q", *values) + data
