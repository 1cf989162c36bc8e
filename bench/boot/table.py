#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts what bench/boot/measure left together.

usage: table.py [--json FILE] [--markdown FILE] [--unit UNIT] DIR

UNIT is what a microsecond holds 1,000 of: instructions in the lab, else ns.
Figures are medians of the runs, the spread is how far apart they were. The
status is 1 if a boot under hvf costs more than TARGET times that of its twin.
"""
import argparse
import json
import os
import statistics
import sys

# Issue 5.
TARGET = 1.10
TWIN = "kvm"
WAYS = {
    "hvf": "hvf, exit records; GICv2 in QEMU",
    "hvf-decode": "hvf, decoding; GICv2 in QEMU",
    "kvm": "kvm, kernel-irqchip=off; GICv2 in QEMU",
    "kvm-gic": "kvm; GICv3 in the kernel",
}
# What is told of a boot, and of which fields of "costs" it is made.
MEASURES = {
    "busy": ("all CPUs", lambda c: c["elapsed"] - c["idle"]),
    "process": ("QEMU, user + system", lambda c: c["user"] + c["system"]),
}
FIELDS = ("elapsed", "idle", "user", "system")


def read_costs(path):
    """By who and what: a list of costs, one a run."""
    costs = {}
    for line in open(path, encoding="ascii"):
        _, who, what, *numbers = line.split()
        cost = dict(zip(FIELDS, (round(float(n)) for n in numbers), strict=True))
        costs.setdefault((who, what), []).append(cost)
    return costs


def read_exits(path):
    exits = {}
    for line in open(path, encoding="ascii"):
        who, what, count = line.split()
        # One of several VMs, if QEMU has had a look at one before its own.
        counts = exits.setdefault(who, {})
        counts[what] = counts.get(what, 0) + int(count)
    return exits


def rows_of(costs, exits):
    rows = []
    for who in WAYS:
        for name, (_, measure) in MEASURES.items():
            whole, start = ([measure(c) / 1000 for c in costs[who, what]]
                            for what in ("boot", "start"))
            boots = [w - s for w, s in zip(whole, start, strict=True)]
            middle = statistics.median(boots)
            rows.append({
                "what": f"{who}/{name}", "unit": "million", "median": middle,
                "start": statistics.median(start), "runs": boots,
                "spread": (max(boots) - min(boots)) / middle,
            })
    by_name = {row["what"]: row for row in rows}
    for row in rows:
        who, _, name = row["what"].partition("/")
        row["ratio"] = row["median"] / by_name[f"{TWIN}/{name}"]["median"]
        row["exits"] = exits[who]
    target = by_name["hvf/busy"]
    target["target"] = TARGET
    target["verdict"] = "met" if target["ratio"] <= TARGET else "missed"
    return rows


def cost_table(rows):
    by_name = {row["what"]: row for row in rows}
    yield "| QEMU | " + " | ".join(
        f"{text} | / kvm" for text, _ in MEASURES.values()) + " | spread | start |"
    yield "| --- |" + " ---: |" * (2 * len(MEASURES) + 2)
    for who, title in WAYS.items():
        cells = []
        for name in MEASURES:
            row = by_name[f"{who}/{name}"]
            ratio = f"{row['ratio']:.3f}"
            if "target" in row:
                sign = "≤" if row["verdict"] == "met" else ">"
                ratio += f" ({sign} {row['target']:g})"
            cells += [f"{row['median']:,.1f}", ratio]
        busy = by_name[f"{who}/busy"]
        cells += [f"{100 * busy['spread']:.2f} %", f"{busy['start']:,.1f}"]
        yield f"| {title} | " + " | ".join(cells) + " |"


def exit_table(exits):
    names = list(dict.fromkeys(n for counts in exits.values() for n in counts))
    yield "| exits | " + " | ".join(f"`{name}`" for name in names) + " |"
    yield "| --- |" + " ---: |" * len(names)
    for who, title in WAYS.items():
        cells = (f"{exits[who][name]:,}" for name in names)
        yield f"| {title} | " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    parser.add_argument("--unit", default="instructions")
    parser.add_argument("dir")
    args = parser.parse_args()
    costs = read_costs(os.path.join(args.dir, "costs"))
    exits = read_exits(os.path.join(args.dir, "exits"))
    rows = rows_of(costs, exits)
    text = "\n".join([
        f"Medians of {len(costs[TWIN, 'boot'])} boots, millions of {args.unit}:", "",
        *cost_table(rows), "", *exit_table(exits)]) + "\n"
    print(text, end="")
    if args.markdown:
        with open(args.markdown, "w", encoding="utf-8") as file:
            file.write(text)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"bench": "boot", "unit": args.unit, "rows": rows}, file, indent=1)
    return any(row.get("verdict") == "missed" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
