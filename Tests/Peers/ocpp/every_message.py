#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends every message of a version's JSON schemas to a central system, and judges every answer by the schemas.

    every_message.py --url ws://127.0.0.1:8080/ocpp --id CP1 --version 2.0.1 --table docs/specs/ocpp-2.0.1.md

For each message that stations send: the smallest valid request, full ones with every word of every enumeration,
and broken ones. Answers must be valid for the schema of the answer, have sorted keys, no null and no empty list;
broken requests must get the CALLERROR of the version, except messages that may carry money, which are always answered
normally. Messages that only a central system sends must be answered NotSupported. Calls of the server are checked too.
Prints one line per failure and a summary; exit status 1 if there is any, 2 if nothing was checked.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import itertools
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
from check_payloads import schema_path
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

MONEY = {"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent", "NotifySettlement", "DataTransfer"}
SPELLING = {
    "1.6": {"Occurrence": "OccurenceConstraintViolation", "Format": "FormationViolation"},
    "2.0.1": {"Occurrence": "OccurrenceConstraintViolation", "Format": "FormatViolation"},
}
SPELLING["2.1"] = SPELLING["2.0.1"]
ABSENT = object()
FRAMES_PER_CONNECTION = 300  # a station that says more at once is read more slowly


class Generator:
    """Makes payloads from a schema. `turn` picks the word of each enumeration; `full` fills in what is optional."""

    def __init__(self, schema: dict[str, Any], full: bool, turn: int = 0) -> None:
        self.schema, self.full, self.turn = schema, full, turn

    def make(self, part: dict[str, Any] | None = None) -> Any:
        part = self.schema if part is None else part
        if "$ref" in part:
            return self.make(self.schema["definitions"][part["$ref"].split("/")[-1]])
        if "enum" in part:
            return part["enum"][self.turn % len(part["enum"])]
        kind = part.get("type", "string")
        return getattr(self, kind)(part)

    def object(self, part: dict[str, Any]) -> dict[str, Any]:
        required, members = part.get("required", []), part.get("properties", {})
        names = [n for n in members if n in required or (self.full and n != "customData")]
        made = {n: self.make(members[n]) for n in names}
        if self.full and "customData" in members:
            made["customData"] = {"vendorId": "org.example"}
        return made

    def array(self, part: dict[str, Any]) -> list[Any]:
        count = max(part.get("minItems", 1), 1)
        if self.full:
            count = min(max(count, 2), part.get("maxItems", 2))
        return [self.make(part["items"]) for _ in range(count)]

    def string(self, part: dict[str, Any]) -> str:
        if part.get("format") == "date-time":
            return "2026-11-24T12:00:00.123Z" if self.full else "2026-11-24T12:00:00Z"
        if part.get("format") == "uri":
            return "https://example.org/"
        limit = part.get("maxLength", 40)
        return ("ä" + "x" * (limit - 1) if self.full and limit > 1 else "x")[:limit]

    def integer(self, part: dict[str, Any]) -> int:
        return int(part.get("minimum", 1))

    def number(self, part: dict[str, Any]) -> float | int:
        low, high = part.get("minimum", 0), part.get("maximum", 10)
        return low if not self.full else (low + high) / 2

    def boolean(self, part: dict[str, Any]) -> bool:
        return self.turn % 2 == 0


def most_words(schema: Any) -> int:
    """The length of the longest enumeration."""
    if isinstance(schema, dict):
        own = len(schema["enum"]) if isinstance(schema.get("enum"), list) else 1
        return max([own, *map(most_words, schema.values())])
    return max(map(most_words, schema), default=1) if isinstance(schema, list) else 1


def wrong(part: dict[str, Any]) -> Any:
    """A value that a field of this schema can never have."""
    return "no-number" if part.get("type") in ("integer", "number", "boolean") else 7


def faults(value: Any, path: str = "") -> list[str]:
    """What an answer of ours must never hold, whatever the schema says (C16)."""
    if value is None:
        return [f"{path}: null"]
    if isinstance(value, list):
        if not value:
            return [f"{path}: an empty list"]
        return [fault for index, one in enumerate(value) for fault in faults(one, f"{path}/{index}")]
    if isinstance(value, dict):
        unsorted = [f"{path}: keys not sorted: {list(value)}"] if list(value) != sorted(value) else []
        return unsorted + [fault for key, one in value.items() for fault in faults(one, f"{path}/{key}")]
    return []


class Station:
    """One identity that says what the test wants, and checks what it hears."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.version = options, options.version
        self.socket: ClientConnection | None = None
        self.numbers = itertools.count(1)
        self.frames = 0
        self.checked = 0
        self.failures: list[str] = []
        self.heard: set[str] = set()
        self.schemas: dict[tuple[str, str], dict[str, Any]] = {}

    def fail(self, why: str) -> None:
        self.failures.append(f"{self.version} {why}")

    def schema(self, action: str, kind: str) -> dict[str, Any]:
        key = (action, kind)
        if key not in self.schemas:
            text = schema_path(self.version, action, kind).read_text(encoding="utf-8-sig")
            self.schemas[key] = json.loads(text)
        return self.schemas[key]

    def check(self, payload: Any, action: str, kind: str, about: str) -> None:
        schema = self.schema(action, kind)
        # 1.6 asks for at most one decimal in places; whole multiples need decimals, not floats.
        validator = jsonschema.Draft6Validator(
            json.loads(json.dumps(schema), parse_float=Decimal), format_checker=jsonschema.FormatChecker())
        for error in validator.iter_errors(payload):
            self.fail(f"{action} {kind} after {about}: {error.message}")
        self.checked += 1

    async def open(self) -> None:
        headers = {}
        if self.options.password:
            pair = f"{self.options.id}:{self.options.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        self.socket = await connect(
            f"{self.options.url}/{self.options.id}", additional_headers=headers, open_timeout=30,
            subprotocols=[Subprotocol(f"ocpp{self.version}")])
        self.frames = 0

    async def call(self, action: str, payload: Any) -> list[Any]:
        """The answer to a call; calls of the server are answered meanwhile."""
        if self.socket is None or self.frames >= FRAMES_PER_CONNECTION:
            if self.socket is not None:
                await self.socket.close()
            await self.open()
        assert self.socket is not None
        self.frames += 1
        number = f"n{next(self.numbers)}"
        await self.socket.send(json.dumps([2, number, action, payload]))
        return await self.answer(number)

    async def answer(self, number: str) -> list[Any]:
        assert self.socket is not None
        while True:
            text = await asyncio.wait_for(self.socket.recv(), self.options.timeout)
            frame = json.loads(text, parse_float=Decimal)
            for fault in faults(frame):
                self.fail(f"{text}: {fault}")
            if frame[0] == 2:
                await self.serve(frame)
            elif frame[1] == number:
                return frame
            else:
                self.fail(f"an answer to nothing: {text}")

    async def serve(self, frame: list[Any]) -> None:
        """A call of the server must be valid; it gets a valid answer."""
        assert self.socket is not None
        _, number, action, payload = frame
        self.heard.add(action)
        self.check(payload, action, "call", "a command")
        answer = Generator(self.schema(action, "result"), full=False).make()
        await self.socket.send(json.dumps([3, number, answer]))

    async def expect_result(self, action: str, payload: Any, about: str) -> None:
        frame = await self.call(action, payload)
        if frame[0] != 3:
            self.fail(f"{action} {about}: answered {frame[2:4]} instead of normally: {json.dumps(payload)[:300]}")
            return
        self.check(frame[2], action, "result", about)

    async def expect_error(self, action: str, payload: Any, code: str, about: str) -> None:
        frame = await self.call(action, payload)
        self.checked += 1
        if frame[0] != 4 or frame[2] != code:
            self.fail(f"{action} {about}: answered {str(frame[2:4])[:200]} instead of {code}")

    async def message(self, action: str) -> None:
        """Everything about one message that stations send."""
        schema = self.schema(action, "call")
        await self.expect_result(action, Generator(schema, full=False).make(), "the smallest request")
        for turn in range(most_words(schema)):
            full = Generator(schema, full=True, turn=turn).make()
            await self.expect_result(action, full, f"full request {turn}")
        await self.broken(action, schema)

    async def broken(self, action: str, schema: dict[str, Any]) -> None:
        full = Generator(schema, full=True).make()
        required = schema.get("required", [])
        occurrence = SPELLING[self.version]["Occurrence"]
        for name, part in schema.get("properties", {}).items():
            if name == "customData":
                continue
            strict = occurrence if name in required else "TypeConstraintViolation"
            for value, about, code in (
                (ABSENT, "absent", occurrence if name in required else None),
                (None, "null", occurrence if name in required else None),
                ([], "an empty list", occurrence if name in required else None),
                (wrong(part), "of a wrong type", strict),
            ):
                payload = {k: v for k, v in full.items() if k != name}
                if value is not ABSENT:
                    payload[name] = value
                if code is None or action in MONEY:
                    await self.expect_result(action, payload, f"with {name} {about}")
                else:
                    await self.expect_error(action, payload, code, f"with {name} {about}")
        await self.expect_result(action, full | {"neverHeardOf": {"a": [1]}}, "with an unknown field")

    async def frames_of_no_message(self) -> None:
        """Calls that no station sends, and frames that are no calls."""
        assert self.socket is not None
        await self.expect_error("Frobnicate", {}, "NotImplemented", "unknown")
        await self.expect_error("heartBeat", {}, "NotImplemented", "in another case")
        await self.socket.send(json.dumps([9, "t9", "Heartbeat", {}]))
        if self.version == "2.1":
            frame = await self.answer("t9")
            if frame[0] != 4 or frame[2] != "MessageTypeNotSupported":
                self.fail(f"type 9 got {frame}")
            await self.socket.send(json.dumps([5, "n1", "GenericError", "", {}]))
            stream = Generator(self.schema("NotifyPeriodicEventStream", "call"), full=True).make()
            await self.socket.send(json.dumps([6, "s6", "NotifyPeriodicEventStream", stream]))
        await self.socket.send(json.dumps([3, "nobody-asked", {}]))
        await self.expect_result("Heartbeat", {}, "after frames without an answer")


def table(path: str) -> dict[str, str]:
    """Who sends each message, by docs/specs."""
    rows = [line.split("|") for line in Path(path).read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {row[1].strip().strip("`"): row[2].strip() for row in rows}


async def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", required=True)
    p.add_argument("--id", required=True)
    p.add_argument("--version", required=True, choices=list(SPELLING))
    p.add_argument("--table", required=True, help="the page of docs/specs that says who sends what")
    p.add_argument("--password")
    p.add_argument("--timeout", type=float, default=30.0)
    station = Station(options := p.parse_args())
    await station.call("BootNotification", Generator(station.schema("BootNotification", "call"), full=False).make())
    for action, sender in table(options.table).items():
        if action == "NotifyPeriodicEventStream":
            continue  # 2.1 sends it without wanting an answer; there is no schema of one
        if sender == "us":
            request = Generator(station.schema(action, "call"), full=False).make()
            await station.expect_error(action, request, "NotSupported", "from a station")
        else:
            await station.message(action)
    await station.frames_of_no_message()
    for failure in station.failures:
        print(failure)
    print(f"{station.checked} checked, {len(station.failures)} failed; the server called {sorted(station.heard)}")
    return 2 if station.checked == 0 else min(len(station.failures), 1)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
