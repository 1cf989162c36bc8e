#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: count_frames.py FILE

Prints how many frames a pcapng has that came in, and that went out. All of it must
be as the format says: blocks that end where they say, of a kind that readers know,
on interfaces that were described, and times that do not go back.
"""
import struct
import sys

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
EPB_FLAGS = 2


def options(data):
    while data:
        code, size = struct.unpack_from("<HH", data)
        if code == 0:
            assert size == 0 and len(data) == 4, "options go on behind their end"
            return
        yield code, data[4:4 + size]
        data = data[4 + (size + 3 & ~3):]
    raise AssertionError("options without an end")


def blocks(data):
    while data:
        kind, size = struct.unpack_from("<II", data)
        assert size % 4 == 0 and 12 <= size <= len(data), "a block without an end"
        assert struct.unpack_from("<I", data, size - 4)[0] == size, "two lengths"
        yield kind, data[8:size - 4]
        data = data[size:]


counts = {1: 0, 2: 0}
interfaces, last, first = 0, 0, True
for kind, body in blocks(open(sys.argv[1], "rb").read()):
    assert first == (kind == SECTION), "a section begins the file"
    first = False
    if kind == SECTION:
        magic, major, minor, _ = struct.unpack_from("<IHHq", body)
        assert (magic, major, minor) == (0x1A2B3C4D, 1, 0)
        list(options(body[16:]))
    elif kind == INTERFACE:
        link, _, limit = struct.unpack_from("<HHI", body)
        assert link == 1 and limit >= 65535
        assert (9, b"\t") in options(body[8:]), "nanoseconds"
        interfaces += 1
    elif kind == PACKET:
        which, high, low, kept, size = struct.unpack_from("<IIIII", body)
        assert which < interfaces and kept == size >= 14
        assert (high << 32 | low) >= last, "time goes back"
        last = high << 32 | low
        flags = dict(options(body[20 + (kept + 3 & ~3):]))[EPB_FLAGS]
        counts[struct.unpack("<I", flags)[0]] += 1
    else:
        raise AssertionError(f"a block of kind {kind}")
print(counts[1], counts[2])
