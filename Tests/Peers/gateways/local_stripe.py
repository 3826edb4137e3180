#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""localstripe, a stand-in for Stripe that somebody else wrote, on a free port of the loopback interface.

    local_stripe.py

Prints one JSON line with the port, keeps nothing on disk, and ends when its standard input does.

localstripe knows an older and smaller Stripe than the one we speak. What stands between is written here, and nothing else:

* fields of a PaymentIntent that Stripe takes and localstripe refuses are left out of the request;
* `amount_capturable` and `amount_received`, which it does not tell, are computed from the charge that it does tell;
* a card error is told as Stripe's `card_error`; localstripe calls every error `invalid_request_error`.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys

from aiohttp import web
from localstripe import errors, resources, server

UNKNOWN = ("automatic_payment_methods", "description", "application_fee_amount")


def without_unknown(made):
    """`PaymentIntent._api_create` without the fields that it does not know."""

    def create(**data):
        return made(**{name: value for name, value in data.items() if name not in UNKNOWN})

    return create


def amounts(intent: dict) -> dict:
    """What Stripe tells beside the charge: what may be captured and what was. A part that was not captured is a refund
    without a payment_intent in localstripe."""
    charge = intent.get("latest_charge")
    held = charge["amount"] if charge and charge["status"] == "succeeded" else 0
    captured = bool(charge and charge["captured"])
    released = 0
    if captured:
        of_charge = resources.Refund._api_list_all("/v1/refunds", charge=charge["id"], limit=100)._list
        released = sum(refund.amount for refund in of_charge if refund.payment_intent is None)
    return {
        "amount_capturable": 0 if captured or intent["status"] == "canceled" else held,
        "amount_received": held - released if captured else 0,
    }


def with_amounts(export):
    def told(self, expand=None):
        intent = export(self, expand)
        return {**intent, **amounts(intent)}

    return told


def as_card_error(to_response):
    def told(self):
        if self.code == 402:
            self.body["error"]["type"] = "card_error"
        return to_response(self)

    return told


async def main() -> None:
    intents = resources.PaymentIntent
    intents._api_create = without_unknown(intents._api_create)
    intents._export = with_amounts(intents._export)
    errors.UserError.to_response = as_card_error(errors.UserError.to_response)
    resources.Store.dump_to_disk = lambda self: None

    listener = socket.create_server(("127.0.0.1", 0))
    runner = web.AppRunner(server.app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
