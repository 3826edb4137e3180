#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures how many durable messages of stations a server takes per CPU second, beside the Python peer in the same run.

    bench_chargers.py --binary .build-release/release/amptill [--postgres postgres://…] [--storm 5000]

Each server gets the same `load.py` on the same machine, taking turns: the Python peer (`peer_csms.py --sqlite`, one
commit with synchronous=FULL per message), amptill on SQLite, and amptill on PostgreSQL. Then, with --storm, so many
stations lose their lines in the middle of a session and come back at once (`misbehaving.py reconnect-storm`).
Prints one JSON line per measurement and a table at the end.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KEY = "amp_test_operator_key_for_benchmarks_of_chargers"
SITE = {
    "name": "Bench", "time_zone": "Europe/Berlin", "country": "DE",
    "address": {"street": "Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"},
    "tax_profile": {"energy": "19", "time": "19", "parking": "19", "flat": "19", "included": True},
}
TARIFF = {
    "name": "Standard", "currency": "EUR", "publish": True,
    "version": {"elements": [{"price_components": [{"type": "ENERGY", "price": "0.49", "step_size": 1}]}]},
}


def free_port() -> int:
    """A port that is free together with the next one, which the peer takes for its control port."""
    import socket
    while True:
        with socket.socket() as probe, socket.socket() as second:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


class Peer:
    """The Python central system."""

    name = "Python peer, SQLite"

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "peer_csms.py"), "--port", str(port), "--sqlite", str(folder / "peer.db")],
            stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()
        self.url = f"ws://127.0.0.1:{port}/ocpp"
        self.pid = self.process.pid

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Till:
    """`amptill serve` with a site whose unknown stations are let in."""

    def __init__(self, binary: str, database: str, name: str, card: str | None) -> None:
        self.name, self.binary, self.database = name, binary, database
        self.start([])
        tariff = self.post("/v1/tariffs", TARIFF)["id"]
        site = self.post("/v1/sites", SITE | {"default_tariff": tariff})["id"]
        if card:
            account = self.post("/v1/accounts", {"kind": "personal", "name": "Kim", "funding": "invoice"})["id"]
            self.post("/v1/tokens", {"kind": "rfid", "uid": card, "account": account})
        self.stop()
        self.start(["--unknown-stations", f"admit:{site}"])

    def start(self, options: list[str]) -> None:
        self.port = free_port()
        environment = os.environ | {
            "AMPTILL_OPERATOR_KEY": KEY, "AMPTILL_LOG_LEVEL": "error", "AMPTILL_INSTALLATION_KEY": "5a" * 32}
        self.process = subprocess.Popen(
            [self.binary, "serve", "--database", self.database, "--port", str(self.port), *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "http://" in line:
                break
        self.url, self.pid = f"ws://127.0.0.1:{self.port}/ocpp", self.process.pid

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback only
            return json.load(answer)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@dataclasses.dataclass(frozen=True)
class Load:
    """What the stations do: short sessions ask more of what begins, folds and ends them, long ones of each reading."""

    stations: int
    sessions: int
    samples: int

    @staticmethod
    def read(text: str) -> Load:
        stations, sessions, samples = (int(part) for part in text.split("x"))
        return Load(stations, sessions, samples)

    @property
    def messages(self) -> int:
        return self.stations * self.sessions * (self.samples + 2)

    def __str__(self) -> str:
        return f"{self.stations} stations, {self.sessions} sessions each, {self.samples} readings in each"


def load(server: Peer | Till, work: Load, version: str) -> dict[str, Any]:
    command = [
        sys.executable, str(HERE / "load.py"), "--url", server.url, "--version", version, "--pid", str(server.pid),
        "--stations", str(work.stations), "--sessions", str(work.sessions), "--samples", str(work.samples),
    ]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if not run.stdout:
        # Counted as nothing it would be a figure like the others.
        sys.exit(f"{server.name}: no figures from {' '.join(command)}")
    figures = json.loads(run.stdout)
    figures |= {"server": server.name, "samples": work.samples}
    print(json.dumps(figures), flush=True)
    return figures


def resident_kb(pid: int) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def storm(till: Till, count: int, version: str) -> dict[str, Any]:
    command = [
        sys.executable, str(HERE / "misbehaving.py"), "--url", till.url, "--version", version, "--id", "ST",
        "--timeout", "120", "--pid", str(till.pid), "reconnect-storm", str(count),
    ]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    events = [json.loads(line) for line in run.stdout.splitlines()]
    figures = next((e for e in events if e["event"] == "storm"), {"event": "storm", "failed": run.stdout[-500:]})
    verdict = next((e for e in events if e["event"] == "verdict"), {})
    figures |= {"server": till.name, "broken": len(verdict.get("broken", ["no verdict"]))}
    print(json.dumps(figures), flush=True)
    return figures


def settled(till: Till, count: int) -> None:
    """Waits until every session of the storm has ended, and says how many there are and what they add up to."""
    wanted, deadline = 0, time.monotonic() + 120
    energy, seen, path = 0, 0, "/v1/sessions?limit=200"
    while time.monotonic() < deadline and seen < count:
        energy = seen = 0
        path = "/v1/sessions?limit=200"
        while path:
            request = urllib.request.Request(
                f"http://127.0.0.1:{till.port}{path}", headers={"Authorization": f"Bearer {KEY}"})
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback only
                page = json.load(answer)
            ended = [s for s in page["data"] if s["energy_wh"] == 1000]
            seen, energy = seen + len(ended), energy + sum(s["energy_wh"] for s in ended)
            path = page.get("next") or ""
        wanted += 1
    print(json.dumps({"event": "stored", "server": till.name, "sessions_of_1000_wh": seen, "expected": count}), flush=True)


def fresh_database(postgres: str) -> str:
    """The address of a new database beside the given one; it goes with the server."""
    name = f"bench_{os.urandom(5).hex()}"
    subprocess.run(["psql", "--quiet", postgres, "--command", f"CREATE DATABASE {name}"], check=True)
    address = urllib.parse.urlsplit(postgres)
    return urllib.parse.urlunsplit(address._replace(path=f"/{name}"))


def servers(options: argparse.Namespace) -> list[Callable[[Path], Peer | Till]]:
    """Each makes a server that has never seen a session: what an earlier load left to settle is not counted."""
    made: list[Callable[[Path], Peer | Till]] = [
        Peer, lambda folder: Till(options.binary, str(folder / "till.db"), "amptill, SQLite", options.card)]
    if options.postgres:
        made.append(
            lambda _: Till(options.binary, fresh_database(options.postgres), "amptill, PostgreSQL", options.card))
    return made


def measured(options: argparse.Namespace, work: Load, version: str) -> dict[str, list[float]]:
    """Messages per CPU second of each server, the servers taking turns. Short loads are measured several times."""
    rates: dict[str, list[float]] = {}
    for _ in range(options.rounds if work.messages < 20_000 else 1):
        for make in servers(options):
            with tempfile.TemporaryDirectory() as folder:
                server = make(Path(folder))
                figures = load(server, work, version)
                server.stop()
            rates.setdefault(server.name, []).append(figures.get("messages_per_cpu_s") or 0)
    return rates


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", required=True)
    p.add_argument("--postgres", help="address of a database of a server where more may be made")
    p.add_argument(
        "--load", nargs="*", type=Load.read, default=[Load(50, 20, 5), Load(100, 10, 5), Load(300, 6, 30), Load(1000, 2, 30)],
        help="stations x sessions of each x readings of each session (50x20x5 100x10x5 300x6x30 1000x2x30)")
    p.add_argument("--rounds", type=int, default=5, help="how often a load of less than 20,000 messages is measured")
    p.add_argument("--storm", type=int, default=0)
    p.add_argument("--versions", nargs="*", default=["1.6", "2.0.1"])
    p.add_argument("--card", help="make this token known, so that sessions are priced and billed as well")
    options = p.parse_args()
    rows: list[tuple[str, str, str, Any, Any, Any]] = []
    for work in options.load:
        for version in options.versions:
            rates = measured(options, work, version)
            base = statistics.median(next(iter(rates.values())))
            for name, all_rates in rates.items():
                rate = statistics.median(all_rates)
                ratio = round(rate / base, 1) if base else None
                rows.append((name, version, str(work), round(rate), " ".join(map(str, sorted(all_rates))), ratio))
    if options.storm:
        with tempfile.TemporaryDirectory() as folder:
            till = Till(options.binary, f"{folder}/storm.db", "amptill, SQLite", options.card)
            storm(till, options.storm, "1.6")
            settled(till, options.storm)
            till.stop()
    print("\n| server | OCPP | load | messages per CPU second, median | all | ratio |\n|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
