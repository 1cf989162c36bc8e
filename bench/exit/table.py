#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts what bench/exit/measure left together.

usage: table.py [--json FILE] [--markdown FILE] [--unit UNIT] [--functions]
                [--nm NM] DIR...

Each DIR is one run; figures are those of the run in the middle, and the spread
is how far apart runs were. Prints the tables; --markdown writes them for
docs/PERFORMANCE.md, --json all rows, with the verdicts. --functions tells whose
the instructions in user space are.
"""
import argparse
import json
import os
import statistics
import sys

import steps

# What is measured, in the order of the tables.
PATHS = {
    "mmio_store": "MMIO write: run, get Xt, PC += 4",
    "mmio_load": "MMIO read: run, set Xt, PC += 4",
    "hvc": "HVC: run",
    "hvc_regs": "HVC: run, get X0 to X3, set X0",
    "hvc_debug": "HVC: run, debug exceptions trapped",
    "kernel_trap": "trap that the kernel handles (ID register)",
    "vtimer": "vtimer: set by the guest, to its exit",
    "vtimer_unmask": "vtimer: unmask, run to the next exit",
    "vtimer_cycle": "vtimer: exit, HVC, get CNTV_CTL, unmask",
    "wfi_timer": "WFI: from when the timer is due to its exit",
    "exit_self": "hv_vcpus_exit, then a run that it ends",
    "exit_by_1": "hv_vcpus_exit to its exit, 1 thread",
    "exit_by_4": "the same, 4 threads at once",
    "exit_wfi": "the same, 1 thread, guest in WFI",
    "switch": "HVC, then another vCPU and its thread",
    "map": "map 1 MiB",
    "unmap": "unmap 1 MiB",
    "protect": "protect 1 MiB",
    "get_hit": "get Xn, known",
    "get_miss": "get Xn, first since the run",
    "set_hit": "set Xn, set before",
    "set_run": "set Xn and run with it (HVC)",
    "get_sys": "get a system register",
    "set_sys": "set a system register",
}

# Issue 5: at most this often the bare loop.
TARGETS = {
    ("mmio_store", "records"): 1.06, ("mmio_store", "decode"): 1.20,
    ("mmio_load", "records"): 1.06, ("mmio_load", "decode"): 1.20,
    ("hvc_regs", "records"): 2.0, ("hvc_regs", "decode"): 2.0,
}
RECORDING = 1.03
USER_INSTRUCTIONS = 150
WAYS = ("records", "decode")


class Runs:
    """Rows of several runs: by path and who, each a list of dictionaries."""

    def __init__(self, directories):
        self.rows, self.steps, self.tick = {}, {}, None
        for directory in directories:
            for name in sorted(os.listdir(directory)):
                path = os.path.join(directory, name)
                if name.endswith(".json"):
                    self.add_rows(name[:-len(".json")], path)
                elif name.endswith(".steps"):
                    who, what = name[:-len(".steps")].split(".")
                    self.steps.setdefault((what, who), []).append(path)

    def add_rows(self, program, path):
        for row in json.load(open(path, encoding="utf-8"))["rows"]:
            what, _, who = row["what"].partition("/")
            if what == "tick":
                self.tick = row["median"]
            else:
                self.rows.setdefault((what, who or program), []).append(row)

    def figure(self, what, who, key="median"):
        rows = self.rows.get((what, who))
        return statistics.median(r[key] for r in rows) if rows else None

    def spread(self, what, who):
        """How far apart the medians of runs are, of their median."""
        values = [r["median"] for r in self.rows.get((what, who), [])]
        if len(values) < 2:
            return None
        return (max(values) - min(values)) / statistics.median(values)

    def ratio(self, what, who, to):
        a, b = self.figure(what, who), self.figure(what, to)
        return a / b if a and b else None


def number(value, digits=None):
    if value is None:
        return ""
    if digits is None:
        digits = 0 if value >= 100 else 1
    return f"{value:,.{digits}f}"


def verdict(value, target):
    return "met" if value <= target else "MISSED"


def with_verdict(value, target):
    if value is None:
        return ""
    mark = f" ({'≤' if value <= target else '>'} {target:g})" if target else ""
    return f"{value:.3f}{mark}"


def cost_table(runs):
    head = ["path", "bare", "naive"]
    for way in WAYS:
        head += [way, "/ bare", "recorded"]
    lines = []
    for what, text in PATHS.items():
        line = [text, number(runs.figure(what, "bare")),
                number(runs.figure(what, "naive"))]
        for way in WAYS:
            line += [number(runs.figure(what, way)),
                     with_verdict(runs.ratio(what, way, "bare"),
                                  TARGETS.get((what, way))),
                     with_verdict(runs.ratio(what, f"{way}-recorded", way),
                                  RECORDING if (what, way) in TARGETS
                                  else None)]
        lines.append(line)
    return head, lines


def tail_table(runs):
    head = ["path", "bare: median", "99 %", "99.9 %",
            "records: median", "99 %", "99.9 %", "mean", "runs differ by"]
    lines = []
    for what, text in PATHS.items():
        line = [text]
        for who in ("bare", "records"):
            line += [number(runs.figure(what, who, key))
                     for key in ("median", "p99", "p999")]
        line.append(number(runs.figure(what, "records", "mean")))
        apart = [runs.spread(what, who) for who in ("bare", "records")]
        apart = [a for a in apart if a is not None]
        line.append(f"{100 * max(apart):.2f} %" if apart else "one run")
        lines.append(line)
    return head, lines


def lttng_table(runs):
    head = ["path", "off", "loaded", "/ off", "enabled", "/ off"]
    lines = []
    for what, text in PATHS.items():
        line = [text, number(runs.figure(what, "records"))]
        for who in ("lttng-loaded", "lttng-enabled"):
            line += [number(runs.figure(what, who)),
                     with_verdict(runs.ratio(what, who, "records"), None)]
        lines.append(line)
    return head, lines


def step_table(runs, nm):
    head = ["path"]
    for way in WAYS:
        head += [way, f"{way}, recorded"]
    lines = []
    for what in sorted({w for w, _ in runs.steps}, key=list(PATHS).index):
        line = [PATHS[what]]
        for way in WAYS:
            n = user_instructions(runs, what, way, nm)
            recorded = user_instructions(runs, what, f"{way}-recorded", nm)
            line += [with_mark(n), number(recorded, 0)]
        lines.append(line)
    return head, lines


def with_mark(n):
    if n is None:
        return ""
    return number(n, 0) + ("" if n <= USER_INSTRUCTIONS
                           else f" (> {USER_INSTRUCTIONS})")


def user_instructions(runs, what, who, nm):
    paths = runs.steps.get((what, who))
    if not paths:
        return None
    return round(statistics.median(
        steps.total(steps.load(path, nm)) for path in paths))


def markdown(table):
    head, lines = table
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "".join("| " + " | ".join(cells) + " |\n"
                   for cells in [head, rule] + lines)


def text(table):
    head, lines = table
    widths = [max(len(line[i]) if i < len(line) else 0
                  for line in [head] + lines) for i in range(len(head))]
    return "".join(
        "  " + "  ".join(
            cell.ljust(width) if not i else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        ).rstrip() + "\n"
        for line in [head] + lines)


def all_rows(runs, unit, nm):
    """For --json: all that was measured, then what is compared."""
    rows = []
    for (what, who), several in sorted(runs.rows.items()):
        row = {"what": f"{what}, {who}", "unit": unit, "runs": len(several),
               "spread": runs.spread(what, who)}
        row.update({key: runs.figure(what, who, key)
                    for key in ("best", "median", "mean", "p99", "p999")})
        rows.append(row)
    for what in PATHS:
        for way in WAYS:
            for who, to, target in (
                    (way, "bare", TARGETS.get((what, way))),
                    (f"{way}-recorded", way,
                     RECORDING if (what, way) in TARGETS else None)):
                ratio = runs.ratio(what, who, to)
                if ratio:
                    rows.append(judged(f"{what}, {who} / {to}", "", ratio,
                                       target))
        for who in ("lttng-loaded", "lttng-enabled"):
            ratio = runs.ratio(what, who, "records")
            if ratio:
                rows.append(judged(f"{what}, {who} / records", "", ratio,
                                   None))
    for what, who in sorted(runs.steps):
        target = USER_INSTRUCTIONS if who in WAYS else None
        rows.append(judged(f"{what}, {who}, in user space", "instructions",
                           user_instructions(runs, what, who, nm), target))
    return rows


def judged(what, unit, value, target):
    row = {"what": what, "unit": unit, "best": value, "median": value}
    if target:
        row.update(at_most=target, verdict=verdict(value, target))
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    parser.add_argument("--unit", default="ns")
    parser.add_argument("--functions", action="store_true")
    parser.add_argument("--nm", default="nm")
    parser.add_argument("directories", nargs="+")
    args = parser.parse_args()
    runs = Runs(args.directories)
    tables = (
        (f"Medians in {args.unit}, where a tick of the counter lasts "
         f"{runs.tick:g} ns", cost_table(runs)),
        (f"The slowest of a hundred and of a thousand, {args.unit}",
         tail_table(runs)),
        (f"LTTng's tracepoints, {args.unit}", lttng_table(runs)),
        ("Instructions in user space outside the VMM's own code",
         step_table(runs, args.nm)))
    for title, table in tables:
        print(f"{title}\n{text(table)}")
    if args.functions:
        for (what, who), paths in sorted(runs.steps.items()):
            print(f"{what}, {who}\n" + steps.by_function(paths[0], args.nm))
    if args.markdown:
        with open(args.markdown, "w", encoding="utf-8") as f:
            f.write("\n".join(f"{title}:\n\n{markdown(table)}"
                              for title, table in tables))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"bench": "exit", "rounds": len(args.directories),
                       "rows": all_rows(runs, args.unit, args.nm)}, f, indent=1)


sys.exit(main())
