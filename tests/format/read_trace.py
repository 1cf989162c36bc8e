#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A second reader of traces, written from docs/FORMAT.md alone.

It shares no code with the library and must never be made to agree with it by
looking at it: where the two differ, one of them or the document is wrong.

    read_trace.py TRACE            the events, as `hvtrace dump --json` has them
    read_trace.py --check TRACE    only checks; a summary
    read_trace.py --explain TRACE  a small file taken apart byte by byte

What is damaged is told on stderr, with its offset, and passed over. Exit
status: 0 sound, 2 damaged, cut short, or no trace.
"""
import argparse
import struct
import sys

from container import END, EVENTS, FACTS, INDEX, META, Bad, Refused, Walk
from payload import NO_LOG, EventDecoder
from read_log import Log, open_log
from schema import BUFFERS, ENTER, KINDS, LEAVE, Meta, ended_of


def signed(x):
    return x - (1 << 64) if x >> 63 else x


def quoted(text):
    out = ['"']
    for b in text.encode("utf-8", "surrogateescape"):
        if b in b'"\\':
            out.append("\\" + chr(b))
        elif b < 0x20 or b > 0x7E:
            out.append("\\u%04x" % b)
        else:
            out.append(chr(b))
    return "".join(out) + '"'


# A parameter that has the name of a key of all events gets another one.
KEYS = ("event", "kind", "thread", "tick", "call", "result", "bytes")


def json_line(e):
    f = e.function
    out = [f'{{"event":{e.number},"kind":"{KINDS[e.kind]}",'
           f'"thread":{e.thread},"tick":{e.tick},"call":{quoted(f.name)}']
    if e.kind != ENTER:
        out.append(f',"result":{signed(e.result)}')
    has_bytes = False
    for i, p in f.carried[e.kind]:
        name = p.name + "_" if p.name in KEYS else p.name
        out.append(f',"{name}":{e.values[i]}')
        has_bytes |= p.role in BUFFERS
    if has_bytes:
        out.append(f',"bytes":"{e.bytes.hex()}"')
    return "".join(out) + "}"


class Reader:
    """The events of a trace; `trouble(offset, text)` hears of damage."""

    def __init__(self, path, trouble):
        self.log_path = path + ".wal"
        self.log, self.is_live = open_log(self.log_path)
        with open(path, "rb") as f:
            self.data = f.read()
        self.tell = trouble
        self.is_sound = True   # so far
        self.walk = Walk(self.data, self.trouble)
        self.meta = self.ended = self.last_type = None
        self.next = 0          # number of the next event
        self.tick = 0
        self.exits = None      # so far; None if not known
        self.point = NO_LOG
        self.segments = {}     # offset: head, of event segments
        self.indexes = {}      # offset: entries
        self.pending = []      # offsets of segments that are in no index yet

    def trouble(self, offset, text):
        self.is_sound = False
        self.tell(offset, text)

    def events(self):
        for h, raw in self.walk.segments():
            try:
                yield from self.segment(h, raw)
            except Bad as e:
                self.trouble(h.at, f"payload, byte {e.offset}: {e}")
                self.exits = None
            self.last_type = h.type
        if self.walk.closed:
            return
        if not self.is_log_ours():
            if self.walk.torn is not None:
                self.trouble(self.walk.torn, "the file ends within a segment")
            return
        if self.is_live:
            return  # its recorder alone knows where it will put the rest
        try:
            yield from self.numbered(Log(self.log, self.meta,
                                         self.point).events())
        except Bad as e:
            self.trouble(e.offset, f"{self.log_path}: {e}")

    def is_log_ours(self):
        return (self.meta and self.log[:8] not in (b"", bytes(8))
                and self.log[8:24] == self.data[24:40])

    def numbered(self, events):
        for e in events:
            e.tick = self.tick = max(self.tick, e.tick)
            e.number = self.next
            self.next += 1
            yield e

    def segment(self, h, raw):
        if h.type == META:
            self.begin(h, raw)
        if h.first != self.next:
            self.trouble(h.at, f"event {h.first} here, not {self.next}")
            self.next, self.exits = h.first, None
        events = []
        if h.type == EVENTS:
            events = self.event_segment(h, raw)
        elif h.type == INDEX:
            self.check_index(h, raw)
        elif h.type == FACTS:
            self.ended = ended_of(raw)
        elif h.type == END:
            self.check_end(h, raw)
        self.check_exits(h, events)
        return events

    def begin(self, h, raw):
        if self.meta:
            raise Bad(0, "a second meta segment")
        self.meta = Meta(raw)
        self.next = h.first
        # A part of a trace need not say what was before it.
        self.exits = None if h.first else 0

    def event_segment(self, h, raw):
        if not self.meta:
            raise Bad(0, "events without a schema")
        if not self.tick <= h.first_tick <= h.last_tick:
            self.trouble(h.at, "ticks that decrease")
        self.next, self.tick = h.first + h.count, h.last_tick
        self.segments[h.at] = h
        self.pending.append(h.at)
        decoder = EventDecoder(raw, h, self.meta)
        events = decoder.decode()
        self.advance(h, decoder.point)
        threads = 0
        for e in events:
            threads |= 1 << e.thread % 64
        if threads != h.threads:
            self.trouble(h.at, "the head tells other threads")
        return events

    def advance(self, h, point):
        """What is in segments stays there; a segment without a log tells
        nothing of it."""
        if point == NO_LOG:
            return
        if point.place < self.point.place or any(
                point.rings.get(n, 0) < position
                for n, position in self.point.rings.items()):
            self.trouble(h.at, "less of the log than in segments before")
        self.point = point

    def check_exits(self, h, events):
        exits = sum(e.kind == LEAVE and e.function.name == "hv_vcpu_run"
                    for e in events)
        if self.exits is not None and h.exits != self.exits + exits:
            self.trouble(h.at, f"exits {h.exits}, not {self.exits + exits}")
        if self.exits is not None or h.type == EVENTS:
            self.exits = h.exits

    @staticmethod
    def entries(raw):
        if len(raw) % 40:
            raise Bad(len(raw), "an index that is no whole number of entries")
        return list(struct.iter_unpack("<QQQQQ", raw))

    def check_index(self, h, raw):
        entries = self.entries(raw)
        if self.is_sound and [e[0] for e in entries] != self.pending:
            raise Bad(0, "an index of other segments than those before it")
        self.pending = []
        self.indexes[h.at] = entries
        for offset, *rest in entries:
            s = self.segments.get(offset)
            if s and rest != [s.first, s.exits, s.first_tick, s.threads]:
                raise Bad(0, f"the entry of the segment at {offset} is wrong")

    def check_end(self, h, raw):
        entries = self.entries(raw)
        if self.last_type != FACTS:
            self.trouble(h.at, "no facts stand before the end")
        if self.is_sound and (self.pending or
                              [e[0] for e in entries] != [*self.indexes]):
            raise Bad(0, "an end that does not lead to all events")
        for offset, first, exits, tick, threads in entries:
            inner = self.indexes.get(offset)
            if not inner:
                continue
            union = 0
            for entry in inner:
                union |= entry[4]
            if (first, exits, tick, threads) != (
                    inner[0][1], inner[-1][2], inner[0][3], union):
                raise Bad(0, f"the entry of the index at {offset} is wrong")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("trace")
    args = parser.parse_args()
    damage = []

    def trouble(offset, text):
        sys.stdout.flush()
        damage.append(offset)
        print(f"read_trace: {args.trace}: offset {offset}: {text}",
              file=sys.stderr)

    try:
        if args.explain:
            import explain
            explain.explain(args.trace)
            return 0
        reader = Reader(args.trace, trouble)
        n = 0
        for e in reader.events():
            n += 1
            if not args.check:
                sys.stdout.write(json_line(e) + "\n")
        if args.check:
            print(f"{n} events, {len(damage)} troubles, "
                  f"{'closed' if reader.walk.closed else 'open'}"
                  f"{f', {reader.ended}' if reader.ended else ''}")
    except (Bad, Refused, OSError) as e:
        print(f"read_trace: {args.trace}: {e}", file=sys.stderr)
        return 2
    return 2 if damage else 0


if __name__ == "__main__":
    sys.exit(main())
