#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks payloads against the JSON schemas of OCPP that the package `ocpp` carries.

Reads JSON lines from standard input:
    {"version": "2.0.1", "action": "Reset", "kind": "call" | "result", "payload": {...}}
    {"version": "2.0.1", "actions": ["Authorize", ...]}      the whole list of messages must equal the schemas'
Prints one line per failure; exit status 1 if there is any, 2 if nothing was checked.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path

import jsonschema
import ocpp

FOLDERS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}
ROOT = Path(ocpp.__file__).parent


def schema_path(version: str, action: str, kind: str) -> Path:
    folder = ROOT / FOLDERS[version] / "schemas"
    if kind == "result":
        return folder / f"{action}Response.json"
    plain, suffixed = folder / f"{action}.json", folder / f"{action}Request.json"
    return plain if plain.exists() else suffixed


def actions(version: str) -> set[str]:
    names = (path.stem for path in (ROOT / FOLDERS[version] / "schemas").glob("*.json"))
    return {name.removesuffix("Request") for name in names if not name.endswith("Response")}


def failures(line: dict) -> list[str]:
    version = line["version"]
    if "actions" in line:
        ours, theirs = set(line["actions"]), actions(version)
        return [f"{version}: missing {sorted(theirs - ours)}, unknown {sorted(ours - theirs)}"] if ours != theirs else []
    path = schema_path(version, line["action"], line["kind"])
    schema = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    # The 1.6 schemas name a draft that allows what OCPP forbids; format checks find bad times.
    validator = jsonschema.Draft6Validator(schema, format_checker=jsonschema.FormatChecker())
    found = validator.iter_errors(line["payload"])
    return [f"{version} {line['action']} {line['kind']}: {error.message}" for error in found]


def main() -> int:
    checked, failed = 0, 0
    for text in sys.stdin:
        for failure in failures(json.loads(text, parse_float=Decimal)):
            print(failure)
            failed += 1
        checked += 1
    print(f"{checked} checked, {failed} failed")
    return 2 if checked == 0 else min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
