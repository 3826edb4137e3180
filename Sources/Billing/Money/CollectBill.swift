// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
import Quantities
import Storage

/// Asks for the money of a rated bill: captures the hold, or debits the wallet at once.
///
/// A capture never exceeds the authorised amount (decided.md); a guest's rest is given away and a person is told.
struct CollectBill {
    let desk: Desk

    func callAsFunction(_ total: Money, for id: BillID, in tx: Tx, at now: Instant) throws {
        guard var bill = try tx.lock(BillRecord.self, id: id) else { return }
        guard var payment = try tx.payments(of: id).last(where: { $0.canCapture }) else {
            try bill.apply(.short, with: desk, in: tx, at: now)
            try Books(desk: desk).post(
                try .debtOpened(total, about: Dimensions(session: bill.session)),
                Books.Entry(organisation: bill.organisation, cause: id.text, occurredAt: now, now: now),
                in: tx)
            return try tx.update(&bill)
        }
        try bill.apply(.collect, with: desk, in: tx, at: now)
        try tx.update(&bill)
        let amount = min(total, payment.hold)
        if amount < total { try giveAway(total - amount, of: bill, in: tx, at: now) }
        try payment.apply(.capture(amount))
        try tx.update(&payment)
        switch payment.source {
        case .wallet: try RecordCapture(desk: desk)(amount, of: payment.id, in: tx, at: now)
        default: try PlanAttempt(desk: desk)(.capture(amount), of: payment, in: tx, at: now)
        }
    }

    /// What exceeds a guest's hold is billed to nobody; the published bound was broken, so a person must look.
    private func giveAway(_ rest: Money, of bill: BillRecord, in tx: Tx, at now: Instant) throws {
        try Books(desk: desk).post(
            try .goodwillGranted(rest, about: Dimensions(session: bill.session)),
            Books.Entry(organisation: bill.organisation, cause: bill.id.text, occurredAt: now, now: now),
            in: tx)
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: bill.organisation, reason: "hold_exceeded",
                object: bill.id.text,
                detail: "the session cost \(rest) more than its hold; it is billed to nobody",
                currency: rest.currency, amountMinor: rest.minorUnits, state: "open", openedAt: now))
    }
}
