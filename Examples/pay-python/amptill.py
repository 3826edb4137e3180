# SPDX-License-Identifier: Apache-2.0
"""A small client for the Amptill API: the standard library and nothing else."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Problem(Exception):
    """A refusal (RFC 9457): `code` is for programs, `detail` for people."""

    def __init__(self, status, body):
        self.status, self.code, self.body = status, body.get("code"), body
        super().__init__(f"{status} {self.code}: {body.get('detail')}")


class Amptill:
    """One credential: an API key, a guest token or a driver token; None for nobody."""

    def __init__(self, server, credential=None):
        self.server, self.credential = server.rstrip("/"), credential

    def get(self, path):
        return self._send("GET", path)

    def post(self, path, body=None, key=None):
        """`key` is the Idempotency-Key: send the same one when you send the same wish again."""
        return self._send("POST", path, {} if body is None else body, {"Idempotency-Key": key or str(uuid.uuid4())})

    def delete(self, path):
        return self._send("DELETE", path)

    def wait(self, path, field, *wanted, seconds=60):
        """Long poll: comes back as soon as `field` has one of these values."""
        end = time.monotonic() + seconds
        while True:
            found = self.get(f"{path}?wait=10")
            if found.get(field) in wanted:
                return found
            if time.monotonic() > end:
                raise TimeoutError(f"{path}: {field} is {found.get(field)}, not {wanted}")

    def _send(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.server + path, method=method, headers=headers or {})
        if self.credential:
            request.add_header("Authorization", f"Bearer {self.credential}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        for attempt in range(5):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    text = answer.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                problem = Problem(error.code, json.loads(error.read() or b"{}"))
                # `retryable` says that the same request with the same key may be sent again.
                if not problem.body.get("retryable") or attempt == 4:
                    raise problem from None
                time.sleep(int(error.headers.get("Retry-After", "1")))


def confirm_at_sandbox(url, instrument="ok"):
    """What the driver does on the gateway's page; with a real gateway a person does it in a browser."""
    form = urllib.parse.urlencode({"instrument": instrument}).encode()
    request = urllib.request.Request(url, data=form)

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    try:
        urllib.request.build_opener(Stay).open(request, timeout=60).close()
    except urllib.error.HTTPError as error:
        if error.code not in (302, 303):
            raise
