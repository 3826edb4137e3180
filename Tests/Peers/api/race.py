#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends many POSTs at the same moment: each connection has sent all but its last byte before the first last byte leaves.

    race.py http://127.0.0.1:8080/v1/sites --credential amp_… --body '{…}' --count 200 --key one
    race.py … --key each-     (a key that ends in a hyphen is a different one for each request)

Prints a JSON list of [status, body] in the order of the connections.
"""

import argparse
import json
import socket
import threading
from urllib.parse import urlsplit


def request(options, url, number):
    key = options.key + str(number) if options.key.endswith("-") else options.key
    body = options.body.encode()
    head = (
        f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {options.credential}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nIdempotency-Key: {key}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--credential", required=True)
    parser.add_argument("--body", required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--key", required=True)
    options = parser.parse_args()
    url = urlsplit(options.url)
    answers = [None] * options.count
    start = threading.Barrier(options.count)

    def run(number):
        text = request(options, url, number)
        with socket.create_connection((url.hostname, url.port), timeout=60) as line:
            line.sendall(text[:-1])
            start.wait(60)
            line.sendall(text[-1:])
            answer = b""
            while piece := line.recv(65536):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        answers[number] = [int(head.split()[1]), body.decode()]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(options.count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
