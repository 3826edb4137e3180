// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// What the Stripe-shaped Sandbox tells by itself.
extension StripeDialect {
    /// A view that expands nothing, as events are.
    init(telling account: String, of sandbox: Sandbox, at now: Instant) {
        self.init(
            sandbox, Sandbox.Merchant(account: account, secret: "", webhookSecret: ""), form: Form([]),
            at: now)
    }

    func events(of payment: SandboxPayment, as word: String?) -> [Sandbox.Webhook] {
        let hasSession = payment.stripe["session"] != nil
        let wasOpen = payment.instrument == nil
        let id = "\(payment.reference)_\(payment.sequence)"
        var told: [(String, JSON)] = []
        switch word ?? payment.status {
        case _ where payment.isSetUp:
            told =
                payment.status == "captured"
                ? [("checkout.session.completed", session(payment))]
                : [("checkout.session.expired", session(payment))]
        case "authorized":
            told = [
                ("payment_intent.amount_capturable_updated", intent(payment)),
                ("charge.succeeded", charge(payment)),
            ]
            if hasSession { told.append(("checkout.session.completed", session(payment))) }
        case "adjusted": told = [("payment_intent.amount_capturable_updated", intent(payment))]
        case "captured":
            told = [("payment_intent.succeeded", intent(payment)), ("charge.captured", charge(payment))]
            if hasSession, payment.capturesAtOnce {
                told.append(("checkout.session.completed", session(payment)))
            }
        case "declined": told = [("payment_intent.payment_failed", intent(payment))]
        case "voided", "expired":
            told =
                hasSession && wasOpen
                ? [("checkout.session.expired", session(payment))]
                : [("payment_intent.canceled", intent(payment))]
        default: break
        }
        return told.enumerated().map { index, event in self.event("evt_\(id)_\(index)", event.0, event.1) }
    }

    func events(of refund: SandboxRefund, on payment: SandboxPayment, books: some SandboxBooks) throws
        -> [Sandbox.Webhook]
    {
        let shown = try self.refund(refund, books)
        let type = refund.status == "succeeded" ? "refund.created" : "refund.failed"
        return [event("evt_\(refund.name)_\(refund.status)", type, shown)]
    }

    func event(of dispute: SandboxDispute) -> Sandbox.Webhook {
        let type =
            switch dispute.status {
            case "inquiry", "needs_response": "created"
            case "under_review": "updated"
            default: "closed"
            }
        return event("evt_\(dispute.id)_\(dispute.sequence)", "charge.dispute.\(type)", self.dispute(dispute))
    }

    func event(_ id: String, _ type: String, _ object: JSON) -> Sandbox.Webhook {
        let body: JSON = [
            "id": .string(id), "object": "event", "api_version": "2024-06-20", "created": Self.time(now),
            "data": ["object": object], "livemode": false, "pending_webhooks": 1,
            "request": ["id": .null, "idempotency_key": .null], "type": .string(type),
        ]
        return Sandbox.Webhook(
            account: account, headers: ["Content-Type": "application/json", "Stripe-Event": "yes"],
            body: body.serialized(), dueAt: now)
    }
}
