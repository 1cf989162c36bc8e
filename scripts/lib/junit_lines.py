#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns ctest's JUnit file into "ok NAME", "not ok NAME" and "skip NAME" lines,
with what a test printed behind it as "# ..." lines unless it passed."""
import sys
import xml.etree.ElementTree

OUTPUT_LINES = 60

try:
    root = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
except (OSError, xml.etree.ElementTree.ParseError) as error:
    print(f"not ok ctest\n# {error}")
    sys.exit(1)
failed = False
for case in root.iter("testcase"):
    name, status = case.get("name"), case.get("status")
    output = (case.findtext("system-out") or "").strip().split("\n")
    if status == "run":
        print("ok", name)
    elif status in ("notrun", "disabled"):
        print("skip", name)
        print("#", output[-1])
    else:
        failed = True
        print("not ok", name)
        print(*(f"# {line}" for line in output[-OUTPUT_LINES:]), sep="\n")
sys.exit(failed)
