# SPDX-License-Identifier: Apache-2.0
"""Drives the Sandbox's Stripe-shaped part with Stripe's official library: stripe_flow.py BASE SECRET."""
import sys
import urllib.parse
import urllib.request

import stripe

base, secret = sys.argv[1:3]
stripe.api_base = base + "/sandbox/stripe"
stripe.api_key = secret
stripe.max_network_retries = 0


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def pick(url, instrument):
    """A visitor picks an instrument on the hosted page."""
    form = urllib.parse.urlencode({"instrument": instrument}).encode()
    try:
        urllib.request.build_opener(Stay).open(url, form)
    except urllib.error.HTTPError as answer:
        assert answer.code == 303, answer.code


def refused(kind, call, **facts):
    try:
        call()
    except kind as error:
        for name, value in facts.items():
            assert getattr(error, name) == value, (name, getattr(error, name), value)
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def intent(**fields):
    return stripe.PaymentIntent.create(
        amount=4000, currency="eur", payment_method="pm_card_visa", confirm=True, capture_method="manual", **fields)


# A hosted page: nothing is there until somebody has paid, then the hold is.
page = stripe.checkout.Session.create(
    mode="payment", success_url="https://shop.example/back", cancel_url="https://shop.example/no",
    line_items=[{"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 4000, "product_data": {"name": "Charging"}}}],
    payment_intent_data={"capture_method": "manual", "metadata": {"order": "7"}, "setup_future_usage": "off_session"},
    customer_creation="always")
assert page.status == "open" and page.payment_intent is None
pick(page.url, "declined")
assert stripe.checkout.Session.retrieve(page.id).status == "open"
pick(page.url, "ok")
page = stripe.checkout.Session.retrieve(page.id, expand=["payment_intent.latest_charge"])
assert page.status == "complete" and page.payment_intent.status == "requires_capture"
card = page.payment_intent.latest_charge.payment_method_details.card
assert card.last4 == "4242" and card.capture_before > page.created
assert stripe.PaymentIntent.search(query="metadata['order']:'7'").data[0].id == page.payment_intent.id

# Raised, captured in part, given back; never more than there is.
held = page.payment_intent.id
assert stripe.PaymentIntent.increment_authorization(held, amount=6000).amount_capturable == 6000
refused(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.capture(held, amount_to_capture=6001))
paid = stripe.PaymentIntent.capture(held, amount_to_capture=1837)
assert paid.status == "succeeded" and paid.amount_received == 1837
again = refused(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.capture(held), code="payment_intent_unexpected_state")
assert again.error.payment_intent.status == "succeeded"
refused(stripe.InvalidRequestError, lambda: stripe.Refund.create(payment_intent=held, amount=1838))
back = stripe.Refund.create(payment_intent=held, amount=500, metadata={"why": "kindness"})
assert back.status == "succeeded" and back.metadata["why"] == "kindness"
assert [refund.id for refund in stripe.Refund.list(payment_intent=held).data] == [back.id]

# The method that was left is charged while nobody is there.
method = paid.payment_method
absent = stripe.PaymentIntent.create(
    amount=430, currency="eur", customer=paid.customer, payment_method=method, off_session=True, confirm=True)
assert absent.status == "succeeded"
refused(
    stripe.CardError,
    lambda: stripe.PaymentIntent.create(
        amount=430, currency="eur", payment_method="pm_card_authenticationRequired", off_session=True, confirm=True),
    code="authentication_required")

# Declines as Stripe tells them.
for token, reason in [
    ("pm_card_chargeDeclined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ("pm_card_chargeDeclinedStolenCard", "stolen_card"),
]:
    error = refused(
        stripe.CardError,
        lambda: stripe.PaymentIntent.create(amount=4000, currency="eur", payment_method=token, confirm=True),
        code="card_declined")
    assert error.error.decline_code == reason, error.error.decline_code

# No capture after a cancel.
given_up = intent()
assert stripe.PaymentIntent.cancel(given_up.id).status == "canceled"
refused(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.capture(given_up.id), code="payment_intent_unexpected_state")

# The same key gives the same answer, another body is refused.
first = intent(idempotency_key="once")
assert intent(idempotency_key="once").id == first.id
refused(stripe.IdempotencyError, lambda: intent(idempotency_key="once", description="other"))

# A page that is closed stays closed; what is not there is not there; a wrong key is nobody.
page = stripe.checkout.Session.create(mode="setup", success_url="https://shop.example/back", customer_creation="always")
assert stripe.checkout.Session.expire(page.id).status == "expired"
refused(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.retrieve("pi_nothing"), code="resource_missing")
refused(stripe.AuthenticationError, lambda: stripe.Balance.retrieve(api_key="sk_test_wrong"))

# The books: lines and balance agree.
lines = list(stripe.BalanceTransaction.list(limit=2, expand=["data.source"]).auto_paging_iter())
assert {line.type for line in lines} == {"charge", "refund"}, lines
assert sum(line.net for line in lines) == stripe.Balance.retrieve().available[0].amount
assert all(line.amount - line.fee == line.net for line in lines)
print("ok")
