// SPDX-License-Identifier: Apache-2.0

import Logging
import Payments
import Quantities
import Storage

/// Interprets what came from outside, after it was stored and acknowledged.
package struct InboxWorker: Sendable {
    let desk: Desk
    private static let batch = 20

    package init(desk: Desk) { self.desk = desk }

    /// As a background worker.
    package var worker: Worker {
        Worker(name: "inbox", desk: desk, bell: .inbox, pause: .seconds(2)) { try await round() }
    }

    /// Works on what is due now; returns how many deliveries that were.
    package func round() async throws -> Int {
        let now = desk.clock.now
        let deliveries = try await desk.store.transaction { tx in
            try tx.claimDeliveries(
                by: desk.settings.node, at: now, until: now + OutboxWorker.lease, limit: Self.batch)
        }
        for delivery in deliveries { try await work(on: delivery) }
        return deliveries.count
    }

    private func work(on delivery: DeliveryRecord) async throws {
        let now = desk.clock.now
        do {
            try await desk.store.transaction { tx in try apply(delivery, in: tx, at: now) }
        } catch {
            desk.log.warning(
                "delivery not applied", metadata: ["delivery": "\(delivery.id)", "error": "\(error)"])
            let isHopeless = delivery.attempts >= 10
            try await desk.store.transaction { tx in
                _ = try tx.finish(
                    delivery, as: isHopeless ? "parked" : "deferred",
                    dueAt: now + OutboxWorker.backoff(after: delivery.attempts), error: "\(error)")
                if isHopeless { try ask(about: delivery, "\(error)", in: tx, at: now) }
            }
        }
    }

    private func apply(_ delivery: DeliveryRecord, in tx: Tx, at now: Instant) throws {
        guard let id = GatewayAccountID(delivery.source),
            let account = try tx.find(GatewayAccountRecord.self, id),
            let gateway = desk.gateways[account.kind]
        else {
            _ = try tx.finish(delivery, as: "ignored")
            return
        }
        let news = try gateway.facts(
            in: WebhookDelivery(headers: delivery.headers, body: delivery.body),
            secrets: account.webhookSecrets, at: delivery.receivedAt)
        var isKnown = true
        for item in news {
            switch item.about {
            case .payment(let fact): isKnown = try apply(fact, at: account, in: tx, now: now) && isKnown
            case .changed(let id, let reference):
                isKnown = try reread(id, reference, at: account, in: tx, now: now) && isKnown
            case .refund(let fact): try apply(fact, at: account, in: tx, now: now)
            case .dispute(let fact):
                let record = RecordDispute(desk: desk)
                isKnown = try record(fact, cause: item.id, at: account, in: tx, now: now) && isKnown
            case .payout, .report: continue
            }
        }
        guard isKnown else { return try postpone(delivery, in: tx, at: now) }
        _ = try tx.finish(delivery, as: news.isEmpty ? "ignored" : "applied")
    }

    /// Returns false if there is no such payment here, yet.
    private func apply(_ fact: GatewayFact, at account: GatewayAccountRecord, in tx: Tx, now: Instant) throws
        -> Bool
    {
        guard let payment = try tx.find(PaymentRecord.self, fact.payment),
            payment.gatewayAccount == account.id
        else { return false }
        try RecordGatewayFact(desk: desk)(fact, of: fact.payment, in: tx, at: now)
        return true
    }

    /// The event does not tell all: the gateway is asked, as after any doubt.
    private func reread(
        _ id: PaymentID, _ reference: String?, at account: GatewayAccountRecord, in tx: Tx, now: Instant
    ) throws -> Bool {
        guard var payment = try tx.lock(PaymentRecord.self, id: id), payment.gatewayAccount == account.id
        else {
            return false
        }
        if let reference, payment.gatewayReference != reference {
            payment.gatewayReference = reference
            try tx.update(&payment)
        }
        try PlanAttempt(desk: desk)(.lookUp, of: payment, in: tx, at: now)
        return true
    }

    /// A refund that is not ours is somebody else's, made in the gateway's own office; its report will show it.
    private func apply(_ fact: RefundFact, at account: GatewayAccountRecord, in tx: Tx, now: Instant) throws {
        guard let id = fact.refund, let refund = try tx.find(RefundRecord.self, id),
            try tx.find(PaymentRecord.self, refund.payment)?.gatewayAccount == account.id
        else { return }
        try RecordRefund(desk: desk)(fact.event, of: id, in: tx, at: now)
    }

    /// Our reference, but no such payment yet: its row may not be visible (F29); later it is an orphan.
    private func postpone(_ delivery: DeliveryRecord, in tx: Tx, at now: Instant) throws {
        let pauses: [Elapsed] = [.seconds(2), .seconds(10), .minutes(1), .minutes(10)]
        guard delivery.attempts <= Int64(pauses.count) else {
            _ = try tx.finish(delivery, as: "ignored", error: "nobody knows this payment")
            return try ask(about: delivery, "nobody knows this payment", in: tx, at: now)
        }
        _ = try tx.finish(delivery, as: "deferred", dueAt: now + pauses[Int(max(delivery.attempts, 1)) - 1])
    }

    private func ask(about delivery: DeliveryRecord, _ why: String, in tx: Tx, at now: Instant) throws {
        guard let id = GatewayAccountID(delivery.source),
            let account = try tx.find(GatewayAccountRecord.self, id)
        else { return }
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: account.organisation, reason: "webhook_unclear",
                object: delivery.id.text, detail: why, state: "open", openedAt: now))
    }
}
