#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A guest's way without an account: price, hold, and here the change of mind that gives the hold back.

    guest_checkout.py http://localhost:8080 K7QM2
"""

import sys

from amptill import Amptill, confirm_at_sandbox


def main(server, evse):
    opened = Amptill(server).post("/v1/checkouts", {"evse": evse, "language": "en"})
    guest = Amptill(server, opened["guest_token"])
    path = f"/v1/checkouts/{opened['id']}"
    price = opened["quote"]["prices"][0]
    print("price", price["price"], price["currency"], "per", price["per"])

    # The guest accepts exactly the price that was shown; the hash proves it.
    paying = guest.post(
        f"{path}/pay", {"accept_quote": opened["quote"]["hash"], "method": "card", "auto_start": False}
    )
    while not paying.get("next_action"):
        paying = guest.get(f"{path}?wait=5")
    print("redirect", paying["next_action"]["url"])
    confirm_at_sandbox(paying["next_action"]["url"])

    funded = guest.wait(path, "status", "funded")
    print("held", funded["held"]["amount"], funded["held"]["currency"])
    guest.post(f"{path}/cancel")
    last = guest.get(path)
    while not last.get("released_at"):
        last = guest.get(f"{path}?wait=1")
    print("released", last["status"])


if __name__ == "__main__":
    main(*sys.argv[1:])
