# SPDX-License-Identifier: Apache-2.0
"""Signs and verifies webhooks with the gateways' own libraries. One JSON object per line in, one word or text out.

{"do": "stripe-verify", "body", "header", "secret"}  -> ok | refused
{"do": "stripe-sign", "body", "secret", "time"}      -> the header
{"do": "adyen-verify", "body", "secret"}             -> ok | refused
{"do": "adyen-sign", "item", "secret"}               -> the signature
"""
import json
import sys

import Adyen.util
import stripe

for line in sys.stdin:
    wish = json.loads(line)
    if wish["do"] == "stripe-verify":
        try:
            stripe.WebhookSignature.verify_header(wish["body"], wish["header"], wish["secret"], tolerance=None)
            print("ok")
        except stripe.SignatureVerificationError:
            print("refused")
    elif wish["do"] == "stripe-sign":
        print(stripe.WebhookSignature.generate_signature_header(wish["body"], wish["secret"], wish["time"]))
    elif wish["do"] == "adyen-verify":
        good = Adyen.util.is_valid_hmac_notification(json.loads(wish["body"]), wish["secret"])
        print("ok" if good else "refused")
    elif wish["do"] == "adyen-sign":
        print(Adyen.util.generate_notification_sig(wish["item"], wish["secret"]).decode())
