#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns ctest's --show-only=json-v1 into lines for tests/kvm/in_lab:

	run_test NAME TIMEOUT SKIP_STATUS COMMAND ARG...
"""
import json
import shlex
import sys


def runnable(command):
    """The lab has no /usr/bin/env, which the first line of a script names."""
    with open(command[0], "rb") as program:
        first = program.readline(80)
    if first.startswith(b"#!/usr/bin/env "):
        return [first.split()[1].decode()] + command
    return command


for test in json.load(sys.stdin)["tests"]:
    properties = {p["name"]: p["value"] for p in test.get("properties", [])}
    if "command" not in test:
        sys.exit(f"{test['name']}: ctest knows no command for it: not built?")
    words = [test["name"], str(int(properties.get("TIMEOUT", 120))),
             str(properties.get("SKIP_RETURN_CODE", 77))]
    environment = properties.get("ENVIRONMENT", [])
    command = (["env"] + environment if environment else [])
    command += runnable(test["command"])
    print("run_test", *map(shlex.quote, words + command))
