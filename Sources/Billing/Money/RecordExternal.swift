// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
package import Quantities
package import Storage

/// A payment that happened elsewhere: a terminal, OCPP 2.1's DirectPayment, an OCPI payments partner. We make no calls;
/// their facts decide (payments.md §5.2, T16).
package struct RecordExternal: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What a terminal says at the end (OCPP 2.1 NotifySettlement).
    package enum Settlement: Hashable, Sendable {
        case settled(Money)
        case cancelled
        case failed
    }

    /// It approved an amount for a session; the bill is funded by it, and the session stops at it.
    ///
    /// - Parameters:
    ///   - reference: the payment service provider's name; the same one is recorded once.
    ///   - terminal: the name of its clearing account.
    func approved(
        _ amount: Money, reference: String, terminal: GatewayAccountID?, for bill: BillRecord, in tx: Tx,
        at now: Instant
    ) throws -> PaymentRecord {
        if let same = try tx.payments(of: bill.id).first(where: { $0.gatewayReference == reference }) {
            return same
        }
        var payment = PaymentRecord(
            id: desk.ids.new(at: now), organisation: bill.organisation, bill: bill.id,
            gatewayAccount: terminal,
            purpose: .session, source: .external, status: "created", machine: Payment(),
            currency: amount.currency,
            amountMinor: amount.minorUnits, capturedMinor: 0, gatewayReference: reference, createdAt: now,
            authorizedAt: now)
        try payment.apply(.external(Payment.Authorization(amount: amount, reference: reference)))
        try tx.insert(payment)
        let books = Books(desk: desk)
        try books.reserve(
            .terminalApproved(
                amount, at: try books.clearingName(of: payment, in: tx),
                about: Dimensions(session: bill.session, payment: payment.id)),
            Books.Entry(organisation: bill.organisation, cause: payment.id.text, occurredAt: now, now: now),
            in: tx)
        return payment
    }

    /// What became of it; told twice it counts once.
    package func callAsFunction(_ settlement: Settlement, of id: PaymentID) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in try settled(settlement, of: id, in: tx, at: now) }
    }

    func settled(_ settlement: Settlement, of id: PaymentID, in tx: Tx, at now: Instant) throws {
        let event: Payment.Event =
            switch settlement {
            case .settled(let amount): .captured(amount)
            case .cancelled: .voidOk
            case .failed: .capFailed
            }
        try RecordGatewayFact(desk: desk)(GatewayFact(payment: id, event: event), of: id, in: tx, at: now)
    }
}

extension RecordExternal {
    /// A session that a terminal pays for: its bill, funded and running.
    package func begin(
        _ session: SessionRecord, under quote: QuoteRecord, approved amount: Money, reference: String,
        terminal: GatewayAccountID?, in tx: Tx, at now: Instant
    ) throws -> BillRecord {
        var bill = BillRecord(
            id: desk.ids.new(at: now), organisation: session.organisation, quote: quote.id,
            session: session.id,
            currency: quote.currency, status: "quoted", machine: Bill(), createdAt: now)
        bill.source = .external
        try tx.insert(bill)
        _ = try approved(amount, reference: reference, terminal: terminal, for: bill, in: tx, at: now)
        for event: Bill.Event in [.fund, .funded, .start, .on] {
            try bill.apply(event, with: desk, in: tx, at: now)
        }
        try tx.update(&bill)
        return bill
    }
}
