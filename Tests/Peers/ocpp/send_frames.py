#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends raw frames to a central system and prints what comes back, one JSON line for each frame.

    send_frames.py --url ws://127.0.0.1:8080/ocpp --id CP1 --version 1.6 --password SECRET

Reads from standard input one JSON string per line: the text of a frame, sent as it is. Prints for each
    {"sent": "...", "reply": "..." | null}
where null means that nothing came within --timeout seconds. Exit status 1 if the connection was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol


async def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", required=True)
    p.add_argument("--id", required=True)
    p.add_argument("--version", default="1.6")
    p.add_argument("--password", required=True)
    p.add_argument("--timeout", type=float, default=1.0)
    options = p.parse_args()
    pair = base64.b64encode(f"{options.id}:{options.password}".encode()).decode()
    try:
        async with connect(
            f"{options.url}/{options.id}",
            subprotocols=[Subprotocol(f"ocpp{options.version}")],
            additional_headers={"Authorization": f"Basic {pair}"},
            open_timeout=30,
        ) as socket:
            for line in sys.stdin:
                frame = json.loads(line)
                await socket.send(frame)
                try:
                    reply = await asyncio.wait_for(socket.recv(), options.timeout)
                except TimeoutError:
                    reply = None
                print(json.dumps({"sent": frame, "reply": reply}), flush=True)
    except ConnectionClosed as closed:
        print(json.dumps({"closed": str(closed)}), flush=True)
        return 1
    return 0


sys.exit(asyncio.run(main()))
