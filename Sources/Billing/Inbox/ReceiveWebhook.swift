// SPDX-License-Identifier: Apache-2.0

import Digests
import Logging
import Payments
import Quantities
import Storage

/// A gateway tells something: checked, stored raw, and answered; worked on later (payments.md §3.4).
package struct ReceiveWebhook: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What a webhook was answered with.
    package enum Outcome: Hashable, Sendable {
        /// Durable: 200. A repeat is answered like the first.
        case stored(acknowledgement: String)
        /// No such gateway account: 404.
        case unknownAccount
        /// The signature does not fit: 401, nothing is stored.
        case badSignature
    }

    /// `body` is exactly what was received: the signature covers the bytes.
    package func callAsFunction(
        account text: String, headers: [String: String], body: [UInt8]
    ) async throws -> Outcome {
        let now = desk.clock.now
        guard let id = GatewayAccountID(text),
            let account = try await desk.store.read({ tx in try tx.find(GatewayAccountRecord.self, id) }),
            let gateway = desk.gateways[account.kind]
        else { return .unknownAccount }
        let delivery = WebhookDelivery(headers: headers, body: body)
        do {
            _ = try gateway.facts(in: delivery, secrets: account.webhookSecrets, at: now)
        } catch {
            desk.log.warning("webhook refused", metadata: ["account": "\(id)", "why": "\(error)"])
            return .badSignature
        }
        let kept = Self.withoutCards(delivery, of: account, gateway, at: now)
        let row = DeliveryRecord(
            id: desk.ids.new(at: now), source: id.text, externalId: gateway.eventID(of: delivery),
            headers: kept.headers, body: kept.body, receivedAt: now)
        try await desk.store.transaction { tx in
            if try tx.insertIfAbsent(row) { tx.ring(.inbox) }
        }
        return .stored(acknowledgement: gateway.acknowledgement)
    }

    /// No card number is ever stored (I29), not even one that a gateway sends.
    private static func withoutCards(
        _ delivery: WebhookDelivery, of account: GatewayAccountRecord, _ gateway: any Gateway, at now: Instant
    ) -> WebhookDelivery {
        let body = CardNumbers.removed(from: delivery.body)
        var kept = delivery
        kept.headers = delivery.headers.mapValues { CardNumbers.removed(from: $0) }
        guard body != delivery.body else { return kept }
        return gateway.resealed(kept, body: body, secret: WebhookSecret(account.webhookSecret), at: now)
    }
}
