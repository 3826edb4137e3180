#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway that cannot be relied on, on two ports: on `gone` nobody listens, and the owner of `there` reads the
beginning of each request and hangs up.

    hang_up.py

Prints one JSON line with both ports, and goes on until it is killed.
"""

from __future__ import annotations

import json
import socket


def main() -> None:
    gone, there = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    print(json.dumps({"gone": gone.getsockname()[1], "there": there.getsockname()[1]}), flush=True)
    gone.close()
    while True:
        caller, _ = there.accept()
        caller.recv(1)
        caller.close()


if __name__ == "__main__":
    main()
