# SPDX-License-Identifier: Apache-2.0
"""A mail server that takes everything and tells what it got, a line of JSON each (aiosmtpd).

Addresses that begin with "refused" are refused for good, those that begin with "later" the first time only. With --user
and --password nobody is let in without them.
"""

import argparse
import asyncio
import email
import email.policy
import hashlib
import json

from aiosmtpd.smtp import SMTP, AuthResult


def tell(**what):
    print(json.dumps(what), flush=True)


class Sink:
    def __init__(self):
        self.put_off = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return f"550 5.1.1 <{address}> is nobody here"
        if address.startswith("later") and address not in self.put_off:
            self.put_off.add(address)
            return f"451 4.7.1 <{address}> is greylisted"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = []
        for part in message.walk():
            if part.is_multipart():
                continue
            content = part.get_payload(decode=True)
            text = content.decode("utf-8") if part.get_content_maintype() == "text" else None
            parts.append(
                {
                    "type": part.get_content_type(),
                    "filename": part.get_filename(),
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "text": text,
                }
            )
        tell(
            received=envelope.rcpt_tos,
            envelope_from=envelope.mail_from,
            headers={name.lower(): str(value) for name, value in message.items()},
            names=[name.lower() for name in message.keys()],
            parts=parts,
        )
        return "250 2.0.0 OK"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password")
    arguments = parser.parse_args()

    def authenticate(server, session, envelope, mechanism, data):
        good = data.login.decode() == arguments.user and data.password.decode() == arguments.password
        return AuthResult(success=good)

    async def serve():
        options = {}
        if arguments.user:
            options = dict(auth_required=True, auth_require_tls=False, authenticator=authenticate)
        sink = Sink()
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(sink, enable_SMTPUTF8=False, **options), "127.0.0.1", arguments.port
        )
        tell(listens=server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


main()
