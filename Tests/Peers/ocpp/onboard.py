#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A station without a password comes in through its window, takes the password that it is given, and comes back with it.

    onboard.py --url ws://127.0.0.1:8080/ocpp --id CP1 --version 1.6 [--ca certificate.pem]

Prints one JSON line: how each of four handshakes ended (`first` without a password, `second` with the new one, `third`
with its other form in 1.6, `last` without again). Exit status 1 if no password came within --timeout.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import ssl
import sys
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol


class Station:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.tls = ssl.create_default_context(cafile=options.ca) if options.ca else None

    async def open(self, password: str | None) -> ClientConnection | int:
        """The socket, or the status of the refusal."""
        headers = {}
        if password is not None:
            pair = f"{self.options.id}:{password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        try:
            return await connect(
                f"{self.options.url}/{self.options.id}", additional_headers=headers, ssl=self.tls, open_timeout=30,
                subprotocols=[Subprotocol(f"ocpp{self.options.version}")])
        except InvalidStatus as refused:
            return refused.response.status_code

    async def handshake(self, password: str | None) -> int:
        socket = await self.open(password)
        if isinstance(socket, int):
            return socket
        await socket.close()
        return 101

    def boot(self) -> dict[str, Any]:
        if self.options.version == "1.6":
            return {"chargePointVendor": "Amptill", "chargePointModel": "Onboard"}
        return {"reason": "PowerUp", "chargingStation": {"vendorName": "Amptill", "model": "Onboard"}}

    async def password(self, socket: ClientConnection) -> str:
        """Boots, and answers the server until it has given a password."""
        await socket.send(json.dumps([2, "boot", "BootNotification", self.boot()]))
        while True:
            frame = json.loads(await asyncio.wait_for(socket.recv(), self.options.timeout))
            if frame[0] != 2:
                continue
            _, number, action, payload = frame
            if action == "ChangeConfiguration" and payload["key"] == "AuthorizationKey":
                await socket.send(json.dumps([3, number, {"status": "Accepted"}]))
                return payload["value"]
            if action == "SetVariables":
                item = payload["setVariableData"][0]
                result = {"attributeStatus": "Accepted", "component": item["component"], "variable": item["variable"]}
                await socket.send(json.dumps([3, number, {"setVariableResult": [result]}]))
                return item["attributeValue"]
            await socket.send(json.dumps([4, number, "NotImplemented", "", {}]))


async def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", required=True)
    p.add_argument("--id", required=True)
    p.add_argument("--version", default="1.6")
    p.add_argument("--ca", help="certificate that signs the server's, for wss addresses")
    p.add_argument("--timeout", type=float, default=30.0)
    station = Station(options := p.parse_args())
    socket = await station.open(None)
    if isinstance(socket, int):
        print(json.dumps({"first": socket}))
        return 1
    value = await station.password(socket)
    # The answer is stored before anybody may use the new password.
    await socket.send(json.dumps([2, "beat", "Heartbeat", {}]))
    while json.loads(await asyncio.wait_for(socket.recv(), options.timeout))[1] != "beat":
        pass
    # Until then the window is open to everybody.
    deadline = time.monotonic() + 30
    last = 101
    while last != 401 and time.monotonic() < deadline:
        await asyncio.sleep(1)
        last = await station.handshake(None)
    await socket.close()
    other = bytes.fromhex(value).decode() if options.version == "1.6" else value
    ends = {"first": 101, "length": len(other)}
    ends |= {"second": await station.handshake(value), "third": await station.handshake(other)}
    ends["last"] = last
    print(json.dumps(ends))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
