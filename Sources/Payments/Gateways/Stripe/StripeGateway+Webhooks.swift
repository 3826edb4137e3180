// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
package import Quantities

extension StripeGateway {
    /// The header that carries `t=<seconds>,v1=<hex>`.
    package static let signatureHeader = "stripe-signature"

    package func resealed(
        _ delivery: WebhookDelivery, body: [UInt8], secret: WebhookSecret, at now: Instant
    ) -> WebhookDelivery {
        TimedSignature.resealed(delivery, Self.signatureHeader, body: body, secret: secret, at: now)
    }

    package func eventID(of delivery: WebhookDelivery) -> String {
        // What cannot be read is known by its bytes; it will be refused anyway.
        (try? JSON.parse(delivery.body))?["id"]?.string ?? SHA256Digest.text(of: delivery.body)
    }

    package func facts(
        in delivery: WebhookDelivery, secrets: [WebhookSecret], at now: Instant
    ) throws(Rejection) -> [GatewayNews] {
        try TimedSignature.check(
            delivery.header(Self.signatureHeader), of: delivery.body, secrets: secrets, at: now)
        let event: JSON
        do {
            event = try JSON.parse(delivery.body)
        } catch {
            throw .unreadable(error.message)
        }
        guard let id = event["id"]?.string, let type = event["type"]?.string,
            let object = event["data"]?["object"]
        else { throw .unreadable("no event in it") }
        let order = event["created"]?.int64.map { FactOrder(occurredAt: Instant(seconds: $0)) }
        return abouts(type, object, order).enumerated().map { index, about in
            GatewayNews(id: index == 0 ? id : "\(id)-\(index)", about: about)
        }
    }

    /// `charge.succeeded` is not among them: it races with the PaymentIntent (lago-api#3228).
    private func abouts(_ type: String, _ object: JSON, _ order: FactOrder?) -> [GatewayNews.About] {
        switch type {
        case "checkout.session.expired", "payment_intent.canceled", "payment_intent.succeeded",
            "payment_intent.payment_failed":
            return told(object, order)
        case "checkout.session.completed", "payment_intent.amount_capturable_updated":
            // An event names the charge only; until when it may be captured is read from the charge itself.
            return payment(of: object).map { [.changed($0, reference: intentName(object))] } ?? []
        case "charge.refunded":
            return (object["refunds"]?["data"]?.array ?? []).compactMap { refund($0, order) }
        case "refund.created", "refund.updated", "refund.failed", "charge.refund.updated":
            return refund(object, order).map { [$0] } ?? []
        case "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
            "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated":
            return dispute(object, order).map { [.dispute($0)] } ?? []
        case "payout.created", "payout.paid", "payout.failed":
            return payout(object, type).map { [.payout($0)] } ?? []
        default: return []
        }
    }

    private func told(_ object: JSON, _ order: FactOrder?) -> [GatewayNews.About] {
        guard var fact = fact(in: object) else { return [] }
        // An open page is no news; a page nobody paid on has run out.
        if fact.event == .action { return [] }
        if object["object"]?.string == "checkout.session", fact.event == .voidOk { fact.event = .expired }
        fact.order = order
        return [.payment(fact)]
    }

    private func intentName(_ object: JSON) -> String? {
        object["object"]?.string == "payment_intent" ? object["id"]?.string : object["payment_intent"]?.string
    }

    private func refund(_ object: JSON, _ order: FactOrder?) -> GatewayNews.About? {
        guard let event = refundEvent(object) else { return nil }
        let currency = object["currency"]?.string.flatMap { Currency(code: $0.uppercased()) }
        let amount = object["amount"]?.int64
        return .refund(
            RefundFact(
                refund: object["metadata"]?[Self.refundField]?.string.flatMap { RefundID($0) },
                payment: payment(of: object), paymentReference: object["payment_intent"]?.string,
                event: event,
                amount: currency.flatMap { currency in
                    amount.map { Money(minorUnits: $0, currency: currency) }
                }, order: order))
    }

    private func dispute(_ object: JSON, _ order: FactOrder?) -> DisputeFact? {
        let events: [String: Dispute.Event] = [
            "warning_needs_response": .inquiry, "warning_under_review": .evidence, "warning_closed": .closed,
            "needs_response": .opened, "under_review": .evidence, "won": .won, "lost": .lost,
        ]
        guard let id = object["id"]?.string, let amount = object["amount"]?.int64,
            let currency = object["currency"]?.string.flatMap({ Currency(code: $0.uppercased()) }),
            let event = object["status"]?.string.flatMap({ events[$0] })
        else { return nil }
        var fact = DisputeFact(
            dispute: id, payment: payment(of: object), paymentReference: object["payment_intent"]?.string,
            event: event, amount: Money(minorUnits: amount, currency: currency))
        let fees = (object["balance_transactions"]?.array ?? []).compactMap { $0["fee"]?.int64 }
        if !fees.isEmpty { fact.fee = Money(minorUnits: fees.reduce(0, +), currency: currency) }
        fact.reason = object["reason"]?.string
        fact.dueBy = object["evidence_details"]?["due_by"]?.int64.map { Instant(seconds: $0) }
        fact.order = order
        return fact
    }

    private func payout(_ object: JSON, _ type: String) -> PayoutFact? {
        guard let id = object["id"]?.string, let amount = object["amount"]?.int64,
            let currency = object["currency"]?.string.flatMap({ Currency(code: $0.uppercased()) }),
            let event = PayoutFact.Event(rawValue: String(type.dropFirst("payout.".count)))
        else { return nil }
        return PayoutFact(payout: id, amount: Money(minorUnits: amount, currency: currency), event: event)
    }
}
