// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
package import Quantities

extension SandboxGateway {
    /// The header that carries `t=<seconds>,v1=<hex>`.
    package static let signatureHeader = "sandbox-signature"

    /// The signature of a body: HMAC-SHA256 over `"<t>.<body>"`.
    package static func signature(of body: [UInt8], secret: WebhookSecret, at now: Instant) -> String {
        TimedSignature.text(of: body, secret: secret, at: now)
    }

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
        let body: JSON
        do {
            body = try JSON.parse(delivery.body)
        } catch {
            throw .unreadable(error.message)
        }
        guard let object = body["object"], let code = object["currency"]?.string,
            let currency = Currency(code: code)
        else { throw .unreadable("no object with a currency in it") }
        let id = body["id"]?.string ?? SHA256Digest.text(of: delivery.body)
        guard let about = about(body["type"]?.string ?? "", object, currency) else { return [] }
        return [GatewayNews(id: id, about: about)]
    }

    private func about(_ type: String, _ object: JSON, _ currency: Currency) -> GatewayNews.About? {
        switch type.prefix(while: { $0 != "." }) {
        case "refund":
            guard let event = refundEvent(object) else { return nil }
            return .refund(
                RefundFact(
                    refund: object["refund"]?.string.flatMap { RefundID($0) },
                    payment: object["reference"]?.string.flatMap { PaymentID($0) }, event: event,
                    amount: object["amount"]?.int64.map { Money(minorUnits: $0, currency: currency) },
                    order: order(in: object)))
        case "dispute": return dispute(object, currency).map { .dispute($0) }
        case "payout":
            guard let payout = object["id"]?.string, let amount = object["amount"]?.int64,
                let event = object["status"]?.string.flatMap({ PayoutFact.Event(rawValue: $0) })
            else { return nil }
            return .payout(
                PayoutFact(
                    payout: payout, amount: Money(minorUnits: amount, currency: currency), event: event))
        default:
            var fact = fact(in: object, currency: currency)
            if type == "payment.adjusted", case .approved(let hold) = fact?.event {
                fact?.event = .adjusted(hold.amount)
            }
            return fact.map { .payment($0) }
        }
    }

    private func dispute(_ object: JSON, _ currency: Currency) -> DisputeFact? {
        let events: [String: Dispute.Event] = [
            "inquiry": .inquiry, "needs_response": .opened, "under_review": .evidence, "won": .won,
            "lost": .lost, "expired": .duePassed, "closed": .closed,
        ]
        guard let id = object["id"]?.string, let amount = object["amount"]?.int64,
            let event = object["status"]?.string.flatMap({ events[$0] })
        else { return nil }
        var fact = DisputeFact(
            dispute: id, payment: object["reference"]?.string.flatMap { PaymentID($0) }, event: event,
            amount: Money(minorUnits: amount, currency: currency))
        fact.fee = object["fee"]?.int64.map { Money(minorUnits: $0, currency: currency) }
        fact.reason = object["reason"]?.string
        fact.dueBy = object["due_by"]?.string.flatMap { Instant(iso8601: $0) }
        fact.order = order(in: object)
        return fact
    }
}
