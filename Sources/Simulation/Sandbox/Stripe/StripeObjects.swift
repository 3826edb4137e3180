// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// The Sandbox's books in the shape of Stripe's objects.
extension StripeDialect {
    static func time(_ instant: Instant?) -> JSON { instant.map { JSON($0.seconds) } ?? .null }

    private func wants(_ path: String) -> Bool { expand.contains(path) || expand.contains("data." + path) }

    // MARK: Checkout Sessions

    func session(_ payment: SandboxPayment) -> JSON {
        let isOpen = payment.status == "requires_action"
        let hasRunOut = payment.instrument == nil && ["expired", "voided"].contains(payment.status)
        let isPaid = !isOpen && !hasRunOut
        let cents = payment.isSetUp ? JSON.null : JSON(payment.amount)
        return [
            "id": payment.stripe["session"] ?? .null, "object": "checkout.session", "amount_subtotal": cents,
            "amount_total": cents, "cancel_url": payment.stripe["cancel_url"] ?? .null,
            "client_reference_id": payment.stripe["client_reference_id"] ?? .null,
            "created": Self.time(payment.createdAt), "currency": .string(payment.currency.lowercased()),
            "customer": isPaid ? payment.payer.map { .string($0) } ?? .null : .null,
            "expires_at": Self.time(payment.createdAt.map { $0 + .hours(24) }), "livemode": false,
            "metadata": payment.stripe["session_metadata"] ?? [:],
            "mode": payment.isSetUp ? "setup" : "payment",
            "payment_intent": isPaid && !payment.isSetUp
                ? wants("payment_intent") || wants("payment_intent.latest_charge")
                    ? intent(payment, wholeCharge: wants("payment_intent.latest_charge"))
                    : .string(payment.reference) : .null,
            "payment_method_types": ["card"],
            "payment_status": payment.isSetUp
                ? "no_payment_required" : payment.status == "captured" ? "paid" : "unpaid",
            "setup_intent": payment.isSetUp
                ? wants("setup_intent") || wants("setup_intent.payment_method")
                    ? setUpIntent(payment) : .string(payment.reference) : .null,
            "status": isOpen ? "open" : hasRunOut ? "expired" : "complete",
            "success_url": .string(payment.returnURL),
            "url": isOpen ? .string(payment.page(sandbox.baseURL)) : .null,
        ]
    }

    func setUpIntent(_ payment: SandboxPayment) -> JSON {
        let isDone = payment.status == "captured"
        let method: JSON? = payment.method.map { token in
            wants("setup_intent.payment_method") || wants("payment_method")
                ? self.method(token, payment.instrument ?? "ok", payer: payment.payer) : .string(token)
        }
        return [
            "id": .string(payment.reference), "object": "setup_intent",
            "client_secret": .string(payment.reference + "_secret_sandbox"),
            "created": Self.time(payment.createdAt), "customer": payment.payer.map { .string($0) } ?? .null,
            "livemode": false, "metadata": payment.stripe["metadata"] ?? [:],
            "payment_method": isDone ? method ?? .null : .null, "payment_method_types": ["card"],
            "status": isDone
                ? "succeeded" : payment.status == "voided" ? "canceled" : "requires_payment_method",
            "usage": "off_session",
        ]
    }

    // MARK: PaymentIntents and charges

    func intent(_ payment: SandboxPayment, wholeCharge: Bool? = nil) -> JSON {
        let isWhole = wholeCharge ?? wants("latest_charge")
        let hasCharge = payment.instrument != nil && payment.declineCode == nil && !payment.isChallenged
        return [
            "id": .string(payment.reference), "object": "payment_intent",
            "amount": JSON(max(payment.amount, payment.authorized)),
            "amount_capturable": JSON(payment.status == "authorized" ? payment.authorized : 0),
            "amount_received": JSON(payment.captured), "canceled_at": .null,
            "cancellation_reason": payment.status == "expired" ? "automatic" : .null,
            "capture_method": payment.capturesAtOnce ? "automatic" : "manual",
            "client_secret": .string(payment.reference + "_secret_sandbox"),
            "confirmation_method": "automatic",
            "created": Self.time(payment.createdAt), "currency": .string(payment.currency.lowercased()),
            "customer": payment.payer.map { .string($0) } ?? .null,
            "description": .string(payment.description),
            "last_payment_error": payment.declineCode.map { error(of: $0) } ?? .null,
            "latest_charge": hasCharge
                ? isWhole ? charge(payment) : .string(Self.chargeName(payment)) : .null,
            "livemode": false, "metadata": payment.stripe["metadata"] ?? [:],
            "next_action": payment.isChallenged
                ? [
                    "type": "redirect_to_url",
                    "redirect_to_url": [
                        "url": .string(payment.page(sandbox.baseURL)),
                        "return_url": .string(payment.returnURL),
                    ],
                ] : .null,
            "payment_method": payment.method.map { .string($0) } ?? .null, "payment_method_types": ["card"],
            "setup_future_usage": payment.savesMethod ? "off_session" : .null,
            "status": .string(Self.status(of: payment)),
        ]
    }

    static func status(of payment: SandboxPayment) -> String {
        switch payment.status {
        case "requires_action" where payment.isChallenged: "requires_action"
        case "requires_action" where payment.method != nil && payment.declineCode == nil:
            "requires_confirmation"
        case "requires_action", "declined": "requires_payment_method"
        case "authorized": "requires_capture"
        case "captured", "capture_failed": "succeeded"
        default: "canceled"
        }
    }

    static func chargeName(_ payment: SandboxPayment) -> String { "ch_" + payment.reference.dropFirst(3) }

    func charge(_ payment: SandboxPayment) -> JSON {
        [
            "id": .string(Self.chargeName(payment)), "object": "charge", "amount": JSON(payment.authorized),
            "amount_captured": JSON(payment.captured), "amount_refunded": JSON(payment.refunded),
            "captured": .bool(payment.status == "captured"), "created": Self.time(payment.createdAt),
            "currency": .string(payment.currency.lowercased()),
            "customer": payment.payer.map { .string($0) } ?? .null, "livemode": false,
            "metadata": payment.stripe["metadata"] ?? [:], "paid": true,
            "payment_intent": .string(payment.reference),
            "payment_method": payment.method.map { .string($0) } ?? .null,
            "payment_method_details": ["type": "card", "card": cardDetails(payment)],
            "refunded": .bool(payment.captured > 0 && payment.refunded == payment.captured),
            "status": payment.status == "capture_failed" ? "failed" : "succeeded",
        ]
    }

    private func cardDetails(_ payment: SandboxPayment) -> JSON {
        let instrument = payment.instrument ?? "ok"
        let canIncrement = Sandbox.incrementsLeft(of: instrument, tried: payment.increments) > 0
        guard case .object(let card) = card(instrument) else { return .null }
        return .object(
            card + [
                JSON.Member(
                    "capture_before",
                    payment.status == "authorized" ? Self.time(payment.captureBefore) : .null),
                JSON.Member(
                    "incremental_authorization", ["status": canIncrement ? "available" : "unavailable"]),
            ])
    }

    private func card(_ instrument: String) -> JSON {
        let card = Sandbox.card(instrument)
        return [
            "brand": .string(card.brand.lowercased()), "last4": .string(card.last4), "exp_month": 12,
            "exp_year": 2031, "fingerprint": .string("fp_\(instrument)"), "funding": "debit", "country": "DE",
            "wallet": card.wallet.map { ["type": .string($0), "dynamic_last4": .null] } ?? .null,
        ]
    }

    func method(_ token: String, _ instrument: String, payer: String?) -> JSON {
        [
            "id": .string(token), "object": "payment_method", "type": "card", "card": card(instrument),
            "created": Self.time(now), "customer": payer.map { .string($0) } ?? .null, "livemode": false,
            "metadata": [:],
            "billing_details": ["address": .null, "email": .null, "name": .null, "phone": .null],
        ]
    }

    private func error(of code: String) -> JSON {
        [
            "type": "card_error", "code": .string(Self.code(of: code)),
            "decline_code": .string(Self.reason(code)), "message": "The card was declined.",
        ]
    }

    /// Stripe's word for a decline of ours.
    static func code(of code: String?) -> String {
        switch code {
        case "authentication_required", "challenge_failed": "authentication_required"
        default: "card_declined"
        }
    }

    static func reason(_ code: String?) -> String {
        switch code {
        case "insufficient_funds": "insufficient_funds"
        case "stolen": "stolen_card"
        case "authentication_required", "challenge_failed": "authentication_required"
        default: "generic_decline"
        }
    }

    // MARK: the rest

    func refund(_ refund: SandboxRefund, _ books: some SandboxBooks) throws -> JSON {
        let metadata = try books.object("stripe_refund", refund.name).flatMap {
            try? JSON.parse(Array($0.utf8))  // what cannot be read counts as not stored
        }
        let hasFailed = ["failed", "reversed"].contains(refund.status)
        return [
            "id": .string(refund.name), "object": "refund", "amount": JSON(refund.amount),
            "charge": .string("ch_" + refund.reference.dropFirst(3)), "created": Self.time(refund.updatedAt),
            "currency": .string(refund.currency.lowercased()), "metadata": metadata ?? [:],
            "payment_intent": .string(refund.reference), "reason": .null,
            "failure_reason": hasFailed ? "unknown" : .null, "status": hasFailed ? "failed" : "succeeded",
        ]
    }

    func dispute(_ dispute: SandboxDispute) -> JSON {
        let words = [
            "inquiry": "warning_needs_response", "closed": "warning_closed",
            "needs_response": "needs_response",
            "under_review": "under_review", "won": "won", "lost": "lost",
        ]
        return [
            "id": .string(dispute.id), "object": "dispute", "amount": JSON(dispute.amount),
            "balance_transactions": dispute.fee == 0
                ? []
                : [
                    [
                        "amount": JSON(-dispute.amount), "fee": JSON(dispute.fee),
                        "object": "balance_transaction",
                    ]
                ],
            "charge": .string("ch_" + dispute.reference.dropFirst(3)),
            "created": Self.time(dispute.updatedAt),
            "currency": .string(dispute.currency.lowercased()), "evidence": [:],
            "evidence_details": [
                "due_by": Self.time(dispute.dueBy), "has_evidence": .bool(dispute.isWinning),
            ],
            "is_charge_refundable": .bool(dispute.status == "inquiry"), "livemode": false, "metadata": [:],
            "payment_intent": .string(dispute.reference), "reason": "fraudulent",
            "status": .string(words[dispute.status] ?? dispute.status),
        ]
    }

    func customer(_ id: String) -> JSON {
        [
            "id": .string(id), "object": "customer", "created": Self.time(now), "livemode": false,
            "metadata": [:],
        ]
    }

    func payout(_ body: JSON) -> JSON {
        [
            "id": body["id"] ?? .null, "object": "payout", "amount": body["amount"] ?? 0,
            "currency": .string((body["currency"]?.string ?? "EUR").lowercased()), "livemode": false,
            "status": body["status"] ?? "paid", "method": "standard", "type": "bank_account",
            "created": Self.time(body["updated_at"]?.string.flatMap { Instant(iso8601: $0) }),
            "arrival_date": Self.time(body["updated_at"]?.string.flatMap { Instant(iso8601: $0) }),
        ]
    }
}
