# SPDX-License-Identifier: MIT
"""Writes traces after docs/FORMAT.md, for tests: whole, odd and broken ones.

Like the reader beside it, it knows the document only. Everything is given by
the caller, time and chance too, so that the same input makes the same bytes.
"""
import itertools
import struct

import zstandard
from container import (END, EVENTS, FACTS, HEAD_MAGIC, INDEX, MARK, META,
                       TAIL_MAGIC, TAIL_SIZE, VERSION, Head, xxh3)
from payload import NO_LOG, U64, Cursor
from schema import CALL, ENTER, LEAVE, Meta


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


def tick_code(d, most=U64):
    """The nearest difference that has a code and is not above `most`."""
    if d < 16:
        return bytes([d])
    s = d.bit_length() - 4
    near = d + (1 << s >> 1)
    near_s = near.bit_length() - 4
    if near >> near_s << near_s > most:
        near, near_s = d, s
    code = (near_s << 3) + (near >> near_s)
    return bytes([code]) if code < 255 else b"\xff" + varint(d)


def tick_of(code):
    c = code[0]
    if c == 255:
        return Cursor(code[1:]).bare_varint()
    s = (c >> 3) - 1
    return c if c < 16 else (c - (s << 3)) << s


class Call:
    """An event to be written."""

    def __init__(self, kind, name, *values, thread=0, tick=0, result=0,
                 data=b""):
        self.kind, self.name, self.thread, self.tick = kind, name, thread, tick
        self.result, self.data = result, data
        self.values = values  # of the parameters that this kind carries


def log_part(point):
    out, before = varint(point.place) + varint(len(point.rings)), 0
    for number in sorted(point.rings):
        out += varint(number - before) + varint(point.rings[number])
        before = number
    return out


def encode(events, functions, first_tick, point):
    by_name = {f.name: f for f in functions.values()}
    shapes, tokens, values, last = {}, [], {}, {}
    ticks, data = {ENTER: b"", LEAVE: b""}, b""
    tick, last_tick = first_tick, max(
        [e.tick for e in events if e.kind != CALL], default=first_tick)
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
        if e.kind != CALL:
            code = tick_code(max(e.tick - tick, 0), last_tick - tick)
            ticks[e.kind] += code
            tick += tick_of(code)
        data += e.data
    wide = len(shapes) > 256
    return (log_part(point) + varint(len(shapes)) + b"".join(shapes) +
            b"".join(varint(t) + varint(len([*run])) for t, run in
                     itertools.groupby(e.thread for e in events)) +
            b"".join(t.to_bytes(2 if wide else 1, "little") for t in tokens) +
            ticks[ENTER] + ticks[LEAVE] +
            b"".join(values.get(i, b"") for i in range(len(shapes))) + data)


class Writer:
    def __init__(self, meta, trace_id, first=0, frame=zstd_frame):
        self.functions = Meta(meta.encode()).functions
        self.id, self.frame = trace_id, frame
        self.out = bytearray()
        self.ordinal = self.chain = self.exits = self.tick = 0
        self.next = first
        self.pending, self.indexes = [], []  # entries
        self.segment(META, meta.encode())

    def segment(self, kind, raw, count=0, first_tick=None, last_tick=None,
                threads=0, frame=None):
        frame = frame or self.frame(raw)
        at = len(self.out)
        first_tick = self.tick if first_tick is None else first_tick
        last_tick = self.tick if last_tick is None else last_tick
        checksum = xxh3(raw, self.chain)
        head = Head.LAYOUT.pack(
            HEAD_MAGIC, 128, MARK, VERSION, kind, self.id, self.ordinal,
            self.next, count, first_tick, last_tick, self.exits, 0, len(raw),
            len(frame), checksum, self.chain, threads, 0)[:128]
        self.out += head + struct.pack("<Q", xxh3(head)) + frame
        self.out += struct.pack("<IIQ", TAIL_MAGIC, 8,
                                len(self.out) - at + TAIL_SIZE)
        self.ordinal += 1
        self.chain = checksum
        return at

    def events(self, events, point=NO_LOG):
        first_tick = next((e.tick for e in events if e.kind != CALL),
                          self.tick)
        if events[0].kind == CALL:
            first_tick = self.tick
        threads = 0
        for e in events:
            threads |= 1 << e.thread % 64
            self.tick = max(self.tick, e.tick if e.kind != CALL else 0)
            self.exits += e.kind == LEAVE and e.name == "hv_vcpu_run"
        raw = encode(events, self.functions, first_tick, point)
        at = self.segment(EVENTS, raw, len(events), first_tick, self.tick,
                          threads)
        self.pending.append((at, self.next, self.exits, first_tick, threads))
        self.next += len(events)

    def starts(self):
        """Where its segments begin."""
        out, at = [], 0
        while at < len(self.out):
            out.append(at)
            at += Head(self.out, at).size
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

    def end(self, ended="finished"):
        self.index()
        self.segment(FACTS, f"fact ended {ended}\n".encode())
        self.segment(END, self.entries(self.indexes))
        return bytes(self.out)
