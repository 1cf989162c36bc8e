# SPDX-License-Identifier: MIT
"""usage: compare_ctf.py EVENTS.json BABELTRACE.txt

Compares a trace as hvtrace dump --json has it with what babeltrace2 prints of
its CTF export: events one by one, every value of each.
"""
import json
import re
import sys

SUFFIXES = {"call": "", "enter": "_entry", "leave": "_exit"}
LINE = re.compile(
    r"\[(?P<time>[0-9:.]+)\] (?P<name>\w+): "
    r"\{ number = (?P<number>\d+), thread = (?P<thread>\d+) \}, "
    r"\{ ?(?P<fields>.*?) ?\}$"
)
# name = 0x1F | name = ( "TRUE" : container = 1 ) | name = [ [0] = 1, [1] = 2 ]
FIELD = re.compile(
    r"(\w+) = (?:(-?\w+)|\( (.*?) : container = (-?\d+) \)|\[ ?(.*?) ?\])(?:, |$)"
)


def parse_fields(text):
    fields, at = {}, 0
    while at < len(text):
        match = FIELD.match(text, at)
        if not match:
            sys.exit(f"cannot read {text[at:]!r}")
        name, number, _, container, array = match.groups()
        if array is not None:
            values = re.findall(r"\[\d+\] = (\d+)", array)
            fields[name] = bytes(int(v) for v in values).hex()
        else:
            fields[name] = int(container or number, 0)
        at = match.end()
    return fields


def check(event, line):
    match = LINE.match(line)
    if not match:
        return f"cannot read {line!r}"
    name = event["call"] + SUFFIXES[event["kind"]]
    if match["name"] != name:
        return f"{match['name']}, not {name}"
    fields = parse_fields(match["fields"])
    fields.setdefault("event_2", fields.get("event"))
    fields["event"] = int(match["number"])
    fields["thread"] = int(match["thread"])
    for key, want in event.items():
        if key in ("kind", "tick", "call"):
            continue
        # Where a name is taken JSON has another one, and CTF numbers them.
        names = (key, key + "_2", key[:-1], key[:-1] + "_2")
        if not any(n in fields and fields[n] == want for n in names):
            return f"{key} is {fields.get(key)}, not {want}"
    return None


def main(events_path, text_path):
    count = 0
    with open(events_path) as events, open(text_path) as text:
        for event, line in zip(events, text):
            event = json.loads(event)
            wrong = check(event, line.rstrip("\n"))
            if wrong:
                sys.exit(f"event {event['event']}: {wrong}")
            count += 1
        if next(events, None) or next(text, None):
            sys.exit(f"one has more than {count} events")
    if not count:
        sys.exit("there are no events")


main(*sys.argv[1:])
