#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Receives events: verifies the signature, forgets doubles, keeps the order of each object.

    webhook_receiver.py --port 9000 --secret whsec_…

Prints one line of JSON for each event that is new and genuine.
"""

import argparse
import hashlib
import hmac
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def is_genuine(body, header, secret, now, tolerance):
    """`header` is Amptill-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]. `body` is what came, byte for byte."""
    parts = [part.split("=", 1) for part in header.split(",") if "=" in part]
    times = [value for name, value in parts if name == "t"]
    if len(times) != 1 or not times[0].isdigit():
        return False
    if tolerance is not None and abs(now - int(times[0])) > tolerance:
        return False
    wanted = hmac.new(secret.encode(), times[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(wanted, value) for name, value in parts if name == "v1")


class Inbox:
    """What was received. A real shop keeps this in its database, in the transaction that acts on the event."""

    def __init__(self):
        self.seen, self.last = set(), {}
        # Events of different objects come at the same time, each on a thread of its own.
        self.lock = threading.Lock()

    def take(self, event):
        """Prints an event unless it is a repeat: every event comes at least once."""
        with self.lock:
            if event["id"] in self.seen:
                return
            self.seen.add(event["id"])
            event["in_order"] = event["sequence"] > self.last.get(event["object"], 0)
            self.last[event["object"]] = max(event["sequence"], self.last.get(event["object"], 0))
            print(json.dumps(event), flush=True)


class Server(ThreadingHTTPServer):
    # After an outage many come at once; the system's default lets five wait.
    request_queue_size = 128


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        header = self.headers.get("Amptill-Signature", "")
        options = self.server.options
        genuine = is_genuine(body, header, options.secret, time.time(), options.tolerance)
        if genuine:
            self.server.inbox.take(json.loads(body))
        # Answer first, work later: only a 2xx within ten seconds counts.
        self.send_response(204 if genuine else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--secret", help="without it the first line of standard input is the secret")
    parser.add_argument("--tolerance", type=int, default=300, help="seconds; -1 if the server's clock runs fast")
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), Receiver)
    print(json.dumps({"listens": server.server_port}), flush=True)
    options.secret = options.secret or sys.stdin.readline().strip()
    options.tolerance = None if options.tolerance < 0 else options.tolerance
    server.options, server.inbox = options, Inbox()
    server.serve_forever()


if __name__ == "__main__":
    main()
