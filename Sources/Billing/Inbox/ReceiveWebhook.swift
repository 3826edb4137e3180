// SPDX-License-Identifier: Apache-2.0

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
        case stored
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
            _ = try gateway.facts(in: delivery, secrets: [WebhookSecret(account.webhookSecret)], at: now)
        } catch {
            desk.log.warning("webhook refused", metadata: ["account": "\(id)", "why": "\(error)"])
            return .badSignature
        }
        let row = DeliveryRecord(
            id: desk.ids.new(at: now), source: id.text, externalId: gateway.eventID(of: delivery),
            headers: headers, body: body, receivedAt: now)
        try await desk.store.transaction { tx in
            if try tx.insertIfAbsent(row) { tx.ring(.inbox) }
        }
        return .stored
    }
}
