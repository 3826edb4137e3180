// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
package import Quantities

extension AdyenGateway {
    /// A batch is known by its items; each item by (pspReference, eventCode, success), which are signed.
    package func eventID(of delivery: WebhookDelivery) -> String {
        // What cannot be read is known by its bytes; it will be refused anyway.
        guard let body = try? JSON.parse(delivery.body) else { return SHA256Digest.text(of: delivery.body) }
        let items = items(in: body)
        if items.count == 1 { return name(of: items[0]) }
        return SHA256Digest.text(of: Array(items.map { name(of: $0) }.joined(separator: "\n").utf8))
    }

    /// One bad item does not reject the batch (F30); a batch without a good one is refused.
    package func facts(
        in delivery: WebhookDelivery, secrets: [WebhookSecret], at now: Instant
    ) throws(Rejection) -> [GatewayNews] {
        let body: JSON
        do {
            body = try JSON.parse(delivery.body)
        } catch {
            throw .unreadable(error.message)
        }
        let items = items(in: body)
        guard !items.isEmpty else { throw .unsigned }
        let genuine = items.filter { isGenuine($0, secrets) }
        guard !genuine.isEmpty else {
            throw items.contains { $0["additionalData"]?["hmacSignature"] != nil } ? .badSignature : .unsigned
        }
        return genuine.compactMap { item in about(item).map { GatewayNews(id: name(of: item), about: $0) } }
    }

    private func items(in body: JSON) -> [JSON] {
        (body["notificationItems"]?.array ?? []).compactMap { $0["NotificationRequestItem"] }
    }

    private func name(of item: JSON) -> String {
        ["pspReference", "eventCode", "success"].map { text(item, $0) }.joined(separator: "/")
    }

    /// Texts, numbers and truth values as Adyen's signature writes them.
    private func text(_ item: JSON, _ path: String) -> String {
        let value = path.split(separator: ".").reduce(Optional(item)) { $0?[String($1)] }
        switch value {
        case .string(let text), .number(let text): return text
        case .bool(let truth): return truth ? "true" : "false"
        default: return ""
        }
    }

    /// HMAC-SHA256 in base 64 over the eight fields, colons between them; the key is given in hex.
    package static func signature(of fields: [String], secret: WebhookSecret) -> String? {
        guard let key = hexBytes(secret.text), !key.isEmpty else { return nil }
        return Base64.text(of: HMACDigest.bytes(of: Array(fields.joined(separator: ":").utf8), key: key))
    }

    private func isGenuine(_ item: JSON, _ secrets: [WebhookSecret]) -> Bool {
        guard let given = item["additionalData"]?["hmacSignature"]?.string else { return false }
        let fields = Self.signed.map { text(item, $0) }
        return secrets.contains { secret in
            guard let expected = Self.signature(of: fields, secret: secret) else { return false }
            return constantTimeEquals(Array(expected.utf8), Array(given.utf8))
        }
    }

    // MARK: what an item says; only signed fields are read

    private func about(_ item: JSON) -> GatewayNews.About? {
        let code = text(item, "eventCode")
        let isSuccess = text(item, "success") == "true"
        if code == "REPORT_AVAILABLE" { return isSuccess ? .report(text(item, "pspReference")) : nil }
        if let event = Self.disputes[code] { return isSuccess ? dispute(item, event) : nil }
        if let event = Self.refunds[code] { return refund(item, isSuccess ? event.success : event.failure) }
        guard let payment = payment(of: item["merchantReference"]),
            let event = event(code, isSuccess, item, payment)
        else { return nil }
        let original = text(item, "originalReference")
        return .payment(
            GatewayFact(
                payment: payment, event: event,
                reference: original.isEmpty ? text(item, "pspReference") : original))
    }

    private func event(_ code: String, _ isSuccess: Bool, _ item: JSON, _ payment: PaymentID) -> Payment
        .Event?
    {
        switch code {
        // A refusal is not the last word of a page, and of a charge it was the answer.
        case "AUTHORISATION":
            guard isSuccess, let amount = money(item["amount"]) else { return nil }
            // A method was left: nothing was held.
            if amount.isZero { return .captured(amount) }
            return .approved(authorization(amount, text(item, "pspReference")))
        case "CAPTURE": return isSuccess ? money(item["amount"]).map { .captured($0) } : .capFailed
        case "CAPTURE_FAILED": return .capFailed
        case "CANCELLATION", "TECHNICAL_CANCEL", "CANCEL_OR_REFUND": return isSuccess ? .voidOk : .voidRefused
        case "AUTHORISATION_ADJUSTMENT":
            return isSuccess ? money(item["amount"]).map { .adjusted($0) } : .adjDeclined
        case "EXPIRE": return isSuccess ? .expired : nil
        default: return nil
        }
    }

    /// Adyen names the refund as we did, or the payment it belongs to.
    private func refund(_ item: JSON, _ event: Refund.Event) -> GatewayNews.About? {
        let refund = item["merchantReference"]?.string.flatMap { RefundID($0) }
        let payment = payment(of: item["merchantReference"])
        guard refund != nil || payment != nil else { return nil }
        let original = text(item, "originalReference")
        return .refund(
            RefundFact(
                refund: refund, payment: payment, paymentReference: original.isEmpty ? nil : original,
                event: event, amount: money(item["amount"])))
    }

    private func dispute(_ item: JSON, _ event: Dispute.Event) -> GatewayNews.About? {
        guard let amount = money(item["amount"]) else { return nil }
        let original = text(item, "originalReference")
        return .dispute(
            DisputeFact(
                dispute: text(item, "pspReference"), payment: payment(of: item["merchantReference"]),
                paymentReference: original.isEmpty ? nil : original, event: event, amount: amount))
    }

    private static let refunds: [String: (success: Refund.Event, failure: Refund.Event)] = [
        "REFUND": (.ok, .decline), "REFUND_FAILED": (.decline, .decline),
        "REFUNDED_REVERSED": (.reversed, .reversed),
    ]

    private static let disputes: [String: Dispute.Event] = [
        "NOTIFICATION_OF_CHARGEBACK": .inquiry, "REQUEST_FOR_INFORMATION": .inquiry, "CHARGEBACK": .opened,
        "SECOND_CHARGEBACK": .opened, "CHARGEBACK_REVERSED": .won, "PREARBITRATION_WON": .won,
        "PREARBITRATION_LOST": .lost, "DISPUTE_DEFENSE_PERIOD_ENDED": .duePassed,
    ]
}
