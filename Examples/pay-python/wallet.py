#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A prepaid balance: a driver tops it up on the gateway's page, and has part of it refunded to the same card.

    wallet.py http://localhost:8080 amp_test_…
"""

import sys
import time

from amptill import Amptill, confirm_at_sandbox


def main(server, key):
    shop = Amptill(server, key)
    account = shop.post("/v1/accounts", {"kind": "personal", "name": "Kim", "funding": "wallet"})["id"]
    wallet = shop.get(f"/v1/accounts/{account}/wallets")["data"][0]["id"]
    # The driver's app gets a token of its own, short-lived and for this account only; never the key.
    driver = Amptill(server, shop.post("/v1/driver_tokens", {"account": account})["token"])

    payment = driver.post(f"/v1/wallets/{wallet}/top_ups", {"amount": {"amount": 5000, "currency": "EUR"}})
    while not payment.get("next_action"):
        payment = driver.get(f"/v1/payments/{payment['id']}?wait=5")
    confirm_at_sandbox(payment["next_action"]["url"])
    # Credited when it is captured, never on approval.
    paid = driver.wait(f"/v1/payments/{payment['id']}", "status", "captured")
    print("topped up", paid["captured"]["amount"], paid["captured"]["currency"])

    # 202: the refund is on its way. It is done when it says so, by event or by asking.
    out = driver.post(f"/v1/wallets/{wallet}/pay_out", {"amount": {"amount": 2000, "currency": "EUR"}})
    refund = out["refunds"][0]
    while refund["status"] not in ("succeeded", "failed"):
        time.sleep(0.2)
        refund = shop.get(f"/v1/refunds/{refund['id']}")
    print("refunded", refund["status"], refund["amount"]["amount"], refund["amount"]["currency"])
    left = driver.get(f"/v1/wallets/{wallet}")["available"]
    print("left", left["amount"], left["currency"])


if __name__ == "__main__":
    main(*sys.argv[1:])
