// SPDX-License-Identifier: Apache-2.0

import Payments
package import Quantities
package import Storage

/// A guest accepts the price and wants to pay: a payment, its first attempt and the parcel that carries it.
///
/// The driver pays on the gateway's own page; what comes back here is that page's address.
package struct RequestHold: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// - Parameters:
    ///   - accepted: the hash of the quote the guest was shown.
    ///   - consent: what the guest agreed to be charged later without being there, if they ticked the box.
    ///   - clientKey: the same key again gives the same payment; a new one replaces a payment that is still open.
    package func callAsFunction(
        _ id: CheckoutID, accepting accepted: String, clientKey: String, autoStart: Bool = true,
        consent: Consent? = nil
    ) async throws -> PaymentRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard var checkout = try tx.lock(CheckoutRecord.self, id: id),
                var bill = try tx.lock(BillRecord.self, id: checkout.bill),
                let quote = try tx.find(QuoteRecord.self, checkout.quote)
            else { throw CheckoutRefusal.unknownCheckout }
            let earlier = try tx.payments(of: bill.id)
            if let same = earlier.first(where: { $0.clientKey == clientKey }) { return same }
            guard ["quoted", "funding"].contains(bill.status) else {
                throw CheckoutRefusal.invalidState(bill.status, allowed: ["quoted", "funding"])
            }
            guard quote.hash == accepted else { throw CheckoutRefusal.priceChanged(hash: quote.hash) }
            guard quote.expiresAt > now else { throw CheckoutRefusal.quoteExpired(id) }
            for open in earlier where !open.isOver {
                try ReleaseHold(desk: desk).release(open.id, in: tx, at: now)
            }
            try bill.apply(.fund, with: desk, in: tx, at: now)
            try tx.update(&bill)
            checkout.autoStart = autoStart
            checkout.consent = consent ?? checkout.consent
            try tx.update(&checkout)
            return try begin(
                quote.hold, for: bill, checkout: checkout, PaymentWords(clientKey: clientKey), in: tx, at: now
            )
        }
    }

    /// The hold of a bill, asked for on the gateway's page.
    func begin(
        _ hold: Money, for bill: BillRecord, checkout: CheckoutRecord?, _ words: PaymentWords, in tx: Tx,
        at now: Instant
    ) throws -> PaymentRecord {
        guard let account = try tx.gatewayAccount(of: bill.organisation) else {
            throw CheckoutRefusal.noGateway
        }
        // While a gateway does not answer, nobody new is asked to pay there (payments.md §5.1).
        guard desk.breakers.isOpen(account.id, at: now) == nil else { throw CheckoutRefusal.noGateway }
        var payment = PaymentRecord(
            id: desk.ids.new(at: now), organisation: bill.organisation, bill: bill.id,
            gatewayAccount: account.id,
            purpose: .session, source: .card, status: "created", machine: Payment(), currency: hold.currency,
            amountMinor: hold.minorUnits, capturedMinor: 0, createdAt: now)
        payment.take(words)
        try payment.apply(.authorize)
        try tx.insert(payment)
        try PlanAttempt(desk: desk)(.authorize(hold), of: payment, in: tx, at: now)
        if let checkout { tx.note(.checkout, checkout.id.text) }
        return payment
    }
}

/// Writes an attempt down and enqueues it: nothing leaves without both (I16).
struct PlanAttempt {
    let desk: Desk

    @discardableResult
    func callAsFunction(
        _ operation: Payments.Operation, of payment: PaymentRecord, in tx: Tx, at now: Instant
    ) throws -> AttemptRecord {
        let ordinal = Int64(try tx.attempts(of: payment.id).count { $0.operation == operation.name }) + 1
        let attempt = AttemptRecord(
            id: desk.ids.new(at: now), organisation: payment.organisation, payment: payment.id,
            refund: operation.refundID, operation: operation.name, ordinal: ordinal,
            idempotencyKey: Attempt.key(of: payment.id, operation: operation.name, ordinal: ordinal),
            amountMinor: operation.amount?.minorUnits, status: "planned", machine: Attempt(), lookups: 0,
            createdAt: now
        )
        try tx.insert(attempt)
        try carry(attempt, due: now, in: tx, at: now)
        return attempt
    }

    /// The parcel that carries an attempt to its gateway.
    func carry(_ attempt: AttemptRecord, due: Instant, in tx: Tx, at now: Instant) throws {
        try tx.insert(
            ParcelRecord(
                id: desk.ids.new(at: now), stream: "payment:\(attempt.payment)", destination: "gateway",
                kind: "attempt",
                body: attempt.id.text, dueAt: due, createdAt: now))
        tx.ring(.outbox)
    }
}
