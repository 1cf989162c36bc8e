# SPDX-License-Identifier: MIT
"""Takes a small trace apart: offset, bytes, meaning, of every byte of it."""
import struct

from container import EVENTS, FACTS, HEAD_SIZE, META, TYPES, Walk
from payload import EventDecoder
from schema import Meta

HEAD = (  # size, how to show it
    (4, "a skippable frame of zstd"),
    (4, "its length: 128"),
    (8, '"HVTRACE\\n"'),
    (4, "version {version}"),
    (4, "type {type}: {type_name}"),
    (16, "id of the trace"),
    (8, "ordinal {ordinal}"),
    (8, "first event: {first}"),
    (8, "count of events: {count}"),
    (8, "first_tick {first_tick}"),
    (8, "last_tick {last_tick}"),
    (8, "exits {exits}"),
    (8, "stall {stall}"),
    (4, "raw: {raw} bytes of payload"),
    (4, "packed: {packed} bytes of frame"),
    (8, "hash of the payload"),
    (8, "chain: hash of the segment before"),
    (8, "threads {threads:#b}"),
    (8, "hash of the 128 bytes above"),
)


def line(at, data, text):
    for i in range(0, len(data), 8):
        yield f"{at + i:5}  {data[i:i + 8].hex(' '):24}  {text}".rstrip()
        text = ""


def text_lines(at, data):
    for part in data.splitlines(keepends=True):
        yield f"{at:5}  {part.decode().rstrip()}"
        at += len(part)


def frame_header(data, at):
    """Of a frame whose only block is not compressed: its parts and size."""
    descriptor = data[at + 4]
    size = 1 if descriptor == 0x20 else 2 if descriptor == 0x60 else 0
    block = int.from_bytes(data[at + 5 + size:at + 8 + size], "little")
    if not size or block & 7 != 1:
        return None
    parts = [(4, "a frame of zstd"), (1, "with its content size, and that is"),
             (size, f"{block >> 3} bytes" + (", stored less 256"
                                             if size == 2 else "")),
             (3, "the last block, not compressed")]
    return parts, 8 + size


def parts_of(data, at, parts):
    for size, text in parts:
        yield from line(at, data[at:at + size], text)
        at += size


def payload(h, raw, meta, base):
    if h.type in (META, FACTS):
        yield from text_lines(base, raw)
    elif h.type == EVENTS:
        notes = []
        EventDecoder(raw, h, meta, notes).decode()
        for start, end, text in notes:
            yield from line(base + start, raw[start:end], text)
    else:
        names = ("offset", "first", "exits", "first_tick", "threads")
        for i, entry in enumerate(struct.iter_unpack("<QQQQQ", raw)):
            yield from parts_of(
                data=bytes(base) + raw, at=base + 40 * i,
                parts=[(8, f"entry {i}: {n} {v}")
                       for n, v in zip(names, entry)])


def segment(data, h, raw, meta):
    yield f"segment {h.ordinal}, {TYPES.get(h.type, 'unknown')}"
    values = dict(vars(h), type_name=TYPES.get(h.type, "unknown"))
    yield from parts_of(data, h.at, [(n, t.format(**values)) for n, t in HEAD])
    at = h.at + HEAD_SIZE
    header = frame_header(data, at)
    if raw is None:
        yield from line(at, data[at:at + h.packed], "nobody knows what")
    elif header:
        yield from parts_of(data, at, header[0])
        yield from payload(h, raw, meta, at + header[1])
    else:
        yield from line(at, data[at:at + h.packed], "the frame, compressed")
        yield "       the payload, by its own offsets"
        yield from payload(h, raw, meta, 0)
    at += h.packed
    yield from parts_of(data, at, [
        (4, "a skippable frame of zstd"), (4, "its length: 8"),
        (8, f"length of the segment: {h.size}")])


def explain(path):
    with open(path, "rb") as f:
        data = f.read()
    meta = None
    walk = Walk(data, lambda at, text: print(f"{at:5}  DAMAGE: {text}"))
    for h, raw in walk.segments():
        if h.type == META:
            meta = Meta(raw)
        for text in segment(data, h, raw, meta):
            print(text)
