// SPDX-License-Identifier: Apache-2.0

import JSONText
import Payments
package import Quantities

extension Sandbox {
    /// What it tells about a payment, as its instrument lets webhooks travel.
    func news(
        of payment: SandboxPayment, as word: String? = nil, at now: Instant, books: some SandboxBooks
    ) throws -> [Webhook] {
        if payment.stripe != .null {
            let dialect = StripeDialect(telling: payment.account, of: self, at: now)
            return travelling(dialect.events(of: payment, as: word), payment)
        }
        let id = "evt_\(payment.reference.dropFirst(4))_\(payment.sequence)"
        let webhook = webhook(
            "payment.\(word ?? payment.status)", id, payment.shown(baseURL), to: payment.account, at: now)
        return travelling([webhook], payment)
    }

    func news(of refund: SandboxRefund, on payment: SandboxPayment, at now: Instant, books: some SandboxBooks)
        throws -> [Webhook]
    {
        if payment.stripe != .null {
            let dialect = StripeDialect(telling: payment.account, of: self, at: now)
            return travelling(try dialect.events(of: refund, on: payment, books: books), payment)
        }
        let id = "evt_\(refund.name)_\(refund.status)"
        return travelling(
            [webhook("refund.\(refund.status)", id, refund.shown, to: payment.account, at: now)], payment)
    }

    func news(
        of dispute: SandboxDispute, on payment: SandboxPayment, at now: Instant, books: some SandboxBooks
    )
        throws -> [Webhook]
    {
        if payment.stripe != .null {
            let dialect = StripeDialect(telling: payment.account, of: self, at: now)
            return travelling([dialect.event(of: dispute)], payment)
        }
        let id = "evt_\(dispute.id)_\(dispute.sequence)"
        return travelling(
            [webhook("dispute.\(dispute.status)", id, dispute.shown, to: payment.account, at: now)], payment)
    }

    /// Lost, twice, early or late.
    func travelling(_ webhooks: [Webhook], _ payment: SandboxPayment) -> [Webhook] {
        switch payment.instrument {
        case "webhook_lost": return []
        case "webhook_twice": return webhooks + webhooks
        case "webhook_first":
            return webhooks.map { webhook in
                var early = webhook
                early.isFirst = true
                return early
            }
        case "webhook_shuffled":
            // The earlier something happened, the later it is told.
            return webhooks.map { webhook in
                var late = webhook
                late.dueAt = webhook.dueAt + .seconds(max(0, 90 - 30 * payment.sequence))
                return late
            }
        default: return webhooks
        }
    }

    /// One webhook of its own dialect, signed over the raw bytes.
    func webhook(_ type: String, _ id: String, _ object: JSON, to account: String, at now: Instant) -> Webhook
    {
        let body: JSON = [
            "id": .string(id), "type": .string(type), "created_at": .string(now.iso8601), "object": object,
        ]
        return Webhook(
            account: account, headers: ["Content-Type": "application/json"], body: body.serialized(),
            dueAt: now)
    }

    /// Signs a webhook at the moment it is sent: a signature is good for 300 s only.
    package func signed(_ webhook: Webhook, at now: Instant) -> Webhook {
        let secret = WebhookSecret(webhookSecret(of: webhook.account))
        let isStripe = webhook.headers["Stripe-Event"] != nil
        var signed = webhook
        signed.headers["Stripe-Event"] = nil
        let name = isStripe ? "stripe-signature" : SandboxGateway.signatureHeader
        signed.headers[name] = TimedSignature.text(of: webhook.body, secret: secret, at: now)
        return signed
    }
}

extension Sandbox.Webhook {
    /// As the text of a parcel.
    package var packed: String {
        "\(account)\n\(headers["Stripe-Event"] == nil ? "sandbox" : "stripe")\n"
            + String(decoding: body, as: UTF8.self)
    }

    /// Reads it back; nil for something else.
    package init?(packed text: String) {
        let parts = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        self.init(
            account: String(parts[0]), headers: ["Content-Type": "application/json"],
            body: Array(parts[2].utf8),
            dueAt: .epoch)
        if parts[1] == "stripe" { headers["Stripe-Event"] = "yes" }
    }
}
