# SPDX-License-Identifier: Apache-2.0
"""Checks requests of our Stripe adapter against the parameter types of Stripe's official library.

Input: JSON lines {"operation", "method", "path", "fields": [[name, value], ...]}. Output: one line per field that the
library's types do not know, or whose value they do not allow. Exit status 1 if there was one.
"""
import json
import re
import sys
import typing

import stripe.params as params
import stripe.params.checkout as checkout

TYPES = [
    ("POST", r"/v1/checkout/sessions", checkout.SessionCreateParams),
    ("GET", r"/v1/checkout/sessions/[^/]+", checkout.SessionRetrieveParams),
    ("POST", r"/v1/checkout/sessions/[^/]+/expire", checkout.SessionExpireParams),
    ("POST", r"/v1/payment_intents", params.PaymentIntentCreateParams),
    ("GET", r"/v1/payment_intents", params.PaymentIntentListParams),
    ("GET", r"/v1/payment_intents/search", params.PaymentIntentSearchParams),
    ("GET", r"/v1/payment_intents/[^/]+", params.PaymentIntentRetrieveParams),
    ("POST", r"/v1/payment_intents/[^/]+/capture", params.PaymentIntentCaptureParams),
    ("POST", r"/v1/payment_intents/[^/]+/cancel", params.PaymentIntentCancelParams),
    ("POST", r"/v1/payment_intents/[^/]+/increment_authorization", params.PaymentIntentIncrementAuthorizationParams),
    ("POST", r"/v1/refunds", params.RefundCreateParams),
    ("GET", r"/v1/refunds", params.RefundListParams),
    ("POST", r"/v1/disputes/[^/]+", params.DisputeModifyParams),
    ("GET", r"/v1/balance_transactions", params.BalanceTransactionListParams),
    ("GET", r"/v1/balance", params.BalanceRetrieveParams),
]


# Every name that the parameter types mention, for those that are written as texts.
NAMES = {name: value for module in list(sys.modules.values()) if module.__name__.startswith("stripe.params")
         for name, value in vars(module).items()}


def arms(hint):
    """The alternatives of a type, wrappers taken off."""
    origin = typing.get_origin(hint)
    if origin is not None and getattr(origin, "__name__", "") in ("NotRequired", "Required"):
        return arms(typing.get_args(hint)[0])
    if isinstance(hint, typing.ForwardRef):
        return arms(eval(hint.__forward_arg__, NAMES))
    args = typing.get_args(hint)
    if origin is typing.Union or type(hint).__name__ == "UnionType":
        return [arm for arg in args for arm in arms(arg)]
    return [hint]


def members(cls):
    """The fields of a class by name; those of the library's own options for a call are left out."""
    names = vars(sys.modules[cls.__module__])
    found = {}
    for name, hint in cls.__annotations__.items():
        try:
            found[name] = typing._eval_type(hint, names, names) if not isinstance(hint, str) else eval(hint, names)
        except NameError:
            continue
    return found


def fits(hint, path, value):
    """Whether a field at this path may have this value."""
    for arm in arms(hint):
        origin = typing.get_origin(arm)
        if not path:
            if arm is str or arm is int and re.fullmatch(r"-?\d+", value) or arm is bool and value in ("true", "false"):
                return True
            if "Literal" in str(origin) and value in typing.get_args(arm):
                return True
            continue
        step, rest = path[0], path[1:]
        if origin is list and (step == "" or step.isdigit()) and fits(typing.get_args(arm)[0], rest, value):
            return True
        if origin is dict and fits(typing.get_args(arm)[1], rest, value):
            return True
        if isinstance(arm, type) and hasattr(arm, "__annotations__") and hasattr(arm, "__total__"):
            known = members(arm)
            if step in known and fits(known[step], rest, value):
                return True
    return False


def main():
    bad = 0
    for line in sys.stdin:
        request = json.loads(line)
        found = [c for method, pattern, c in TYPES if method == request["method"] and re.fullmatch(pattern, request["path"])]
        if not found:
            print(f"{request['operation']}: no such request: {request['method']} {request['path']}")
            bad += 1
            continue
        known = members(found[0])
        for name, value in request["fields"]:
            path = re.findall(r"^[^\[]+|(?<=\[)[^\]]*(?=\])", name)
            if path[0] not in known or not fits(known[path[0]], path[1:], value):
                print(f"{request['operation']}: {name} = {value}")
                bad += 1
        print(f"checked {request['operation']} {len(request['fields'])}", file=sys.stderr)
    sys.exit(1 if bad else 0)


main()
