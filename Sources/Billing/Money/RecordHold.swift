// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
import Quantities
import Storage

/// A hold was approved: it is reserved in the books, the bill is funded, and the charger is asked to start.
///
/// A hold that is too small, of a card with an open debt, or for an EVSE that another guest was faster at is given back
/// before anything starts (payments.md §3.2 footnote 1, §6.4, §6.5).
struct RecordHold {
    let desk: Desk

    func callAsFunction(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id) else { return }
        try Books(desk: desk).reserve(
            .holdPlaced(
                payment.hold, at: try Books(desk: desk).clearingName(of: payment, in: tx),
                about: Dimensions(session: bill.session, payment: payment.id)),
            Books.Entry(
                organisation: payment.organisation, cause: payment.id.text, occurredAt: now, now: now), in: tx
        )
        if bill.session == nil, let why = try reasonToRefuse(payment, for: bill, in: tx) {
            return try giveBack(payment, because: why, in: tx, at: now)
        }
        try bill.apply(.funded, with: desk, in: tx, at: now)
        try tx.update(&bill)
        // The session was over before the bank had answered: its bill has waited for this.
        if ["rated", "settling"].contains(bill.status) {
            return try CollectBill(desk: desk).again(id, in: tx, at: now)
        }
        guard bill.status == "funded",
            let checkout = try bill.checkout.flatMap({ try tx.find(CheckoutRecord.self, $0) })
        else { return }
        if checkout.autoStart { try StartSession(desk: desk).start(checkout.id, in: tx, at: now) }
    }

    /// Nil if nothing stands against it.
    private func reasonToRefuse(
        _ payment: PaymentRecord, for bill: BillRecord, in tx: Tx
    ) throws -> OwnDecline? {
        if let fingerprint = payment.fingerprint,
            try !tx.openDebts(fingerprint: fingerprint, of: payment.organisation).isEmpty
        {
            return .outstandingDebt
        }
        let quote = try tx.find(QuoteRecord.self, bill.quote)
        let policy = try tx.policy(of: bill.organisation)
        if let quote, payment.amountMinor < min(policy.holdMinimum, quote.holdMinor) {
            return .holdTooSmall
        }
        guard let checkout = try bill.checkout.flatMap({ try tx.find(CheckoutRecord.self, $0) }) else {
            return nil
        }
        let others = try tx.liveCheckouts(of: checkout.evse, since: checkout.createdAt - .hours(24))
            .filter { $0.id != checkout.id }
        for other in others {
            let status = try tx.find(BillRecord.self, other.bill)?.status ?? ""
            guard ["funded", "starting", "running"].contains(status) else { continue }
            return .evseTaken
        }
        return nil
    }

    private func giveBack(
        _ payment: PaymentRecord, because why: OwnDecline, in tx: Tx, at now: Instant
    ) throws {
        guard var refused = try tx.lock(PaymentRecord.self, id: payment.id) else { return }
        refused.decline = DeclineShown(why.decline)
        try tx.update(&refused)
        try ReleaseHold(desk: desk).release(payment.id, in: tx, at: now)
        guard let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id) else { return }
        if bill.status == "funding" {
            try bill.apply(.funded, with: desk, in: tx, at: now)
            try bill.apply(.unfunded, with: desk, in: tx, at: now)
            try tx.update(&bill)
        }
    }
}
