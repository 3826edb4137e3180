// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
import Quantities
import Storage
import Tariffs

/// Asks for the money of a rated bill, one rung of the ladder after the other (payments.md §6.5): raise the hold, capture
/// it, charge the remainder without the driver if they agreed, and what is left is a debt or given away.
///
/// Every rung that needs a gateway ends here; its fact comes back through `again`. A capture never exceeds the authorised
/// amount (decided.md), and all captures together never the bill (I15).
struct CollectBill {
    let desk: Desk

    /// Goes on collecting a bill that is rated and not yet paid.
    func again(_ id: BillID, in tx: Tx, at now: Instant) throws {
        guard var bill = try tx.lock(BillRecord.self, id: id) else { return }
        guard Self.known.contains(bill.status) else { return try early(&bill, in: tx, at: now) }
        let payments = try tx.payments(of: id)
        let collected = try payments.filter(\.isCollected).map { try tx.kept(of: $0) }.sum(in: bill.currency)
        // What was charged later by decision is paid by a debt of its own, beside the bill.
        let beside = try tx.debts(of: id).filter { $0.isLateCharge && $0.status == "paid" }.map(\.amount)
        let rest = bill.total + beside.sum(in: bill.currency) - collected - bill.waived
        // An invoiced bill is paid with its invoice, and by nothing else.
        if bill.fundedBy == .invoice { return }
        guard rest.isPositive else { return try settle(&bill, tooMuch: -rest, payments, in: tx, at: now) }
        guard ["rated", "settling"].contains(bill.status) else { return }
        if payments.contains(where: { $0.isUnderWay }) { return }
        if let hold = payments.last(where: { $0.canCapture }) {
            return try take(rest, from: hold, of: &bill, in: tx, at: now)
        }
        try Remainder(desk: desk)(rest, of: bill, after: payments, in: tx, at: now)
    }

    /// States in which it is known what is owed, if anything.
    private static let known: Set = [
        "rated", "settling", "in_debt", "written_off", "settled", "zero_rated", "cancelled",
    ]

    /// Money came before anybody knew what is owed: a person is told, and the rating will find it.
    private func early(_ bill: inout BillRecord, in tx: Tx, at now: Instant) throws {
        try bill.apply(.paid, with: desk, in: tx, at: now, unlessIn: [])
        try tx.update(&bill)
    }

    private func take(
        _ rest: Money, from hold: PaymentRecord, of bill: inout BillRecord, in tx: Tx, at now: Instant
    ) throws {
        var payment = hold
        if rest > payment.hold {
            if payment.source == .wallet {
                payment = try GrowReservation(desk: desk)(payment, to: rest, in: tx, at: now)
            } else if try RaiseHold(desk: desk).atTheEnd(payment, to: rest, of: bill, in: tx, at: now) {
                return
            }
        }
        if bill.status == "rated" {
            try bill.apply(.collect, with: desk, in: tx, at: now)
            try tx.update(&bill)
        }
        let amount = min(rest, payment.hold)
        guard var locked = try tx.lock(PaymentRecord.self, id: payment.id) else { return }
        try locked.apply(.capture(amount))
        try tx.update(&locked)
        switch locked.source {
        case .wallet: try RecordCapture(desk: desk)(amount, of: locked.id, in: tx, at: now)
        case .external: return
        case .card: try PlanAttempt(desk: desk)(.capture(amount), of: locked, in: tx, at: now)
        }
    }

    /// Everything is there: debts are closed, the receipt is issued, and what is too much goes back.
    private func settle(
        _ bill: inout BillRecord, tooMuch: Money, _ payments: [PaymentRecord], in tx: Tx, at now: Instant
    ) throws {
        if ["rated", "settling", "in_debt", "written_off"].contains(bill.status) {
            try bill.apply(.paid, with: desk, in: tx, at: now)
            bill.settledAt = now
            try tx.update(&bill)
            try IssueReceipt(desk: desk)(for: bill, paidBy: payments.filter(\.isCollected), in: tx, at: now)
        }
        if tooMuch.isPositive, let last = payments.last(where: \.isCollected) {
            try RefundUndue(desk: desk).overpaid(tooMuch, by: last, in: tx, at: now)
        }
        if let session = bill.session { tx.note(.session, session.text) }
        if let checkout = bill.checkout { tx.note(.checkout, checkout.text) }
    }
}

/// What no hold covers: small amounts are given away, the rest is charged without the driver or becomes a debt.
struct Remainder {
    let desk: Desk

    func callAsFunction(
        _ rest: Money, of bill: BillRecord, after payments: [PaymentRecord], in tx: Tx, at now: Instant
    ) throws {
        let organisation = try tx.find(OrganisationRecord.self, bill.organisation)
        let policy = organisation?.policy.collection ?? CollectingPolicy()
        let smallest =
            payments.compactMap { $0.machine.authorization?.capabilities?.minimumCharge }.max() ?? 0
        if rest.minorUnits < max(policy.smallRemainder, smallest) {
            return try waive(
                rest, of: bill, because: "too small to be asked for", isBroken: false, in: tx, at: now)
        }
        if bill.fundedBy == .external {
            // A terminal's limit is the most it may cost; nobody else can be asked (payments.md §2).
            return try waive(
                rest, of: bill, because: "more than the terminal took", isBroken: true, in: tx, at: now)
        }
        let chargeable = try chargeable(rest, of: bill, after: payments, in: tx)
        if chargeable < rest {
            return try waive(
                rest - chargeable, of: bill, because: "more than the hold and its published bound",
                isBroken: true,
                in: tx, at: now)
        }
        if try ChargeMethod(desk: desk).remainder(rest, of: bill, after: payments, in: tx, at: now) { return }
        guard var bill = try tx.lock(BillRecord.self, id: bill.id) else { return }
        try bill.apply(.short, with: desk, in: tx, at: now)
        try tx.update(&bill)
        try OpenDebt(desk: desk)(
            rest, for: bill, fingerprint: payments.compactMap(\.fingerprint).last, cause: bill.id.text,
            in: tx,
            at: now)
    }

    /// A session never costs more than its funding plus the published overshoot (I25), and a guest's time and idle fees
    /// stop at the hold (payments.md §6.2). Without any hold, e.g. after it expired, the whole rest stays owed.
    private func chargeable(
        _ rest: Money, of bill: BillRecord, after payments: [PaymentRecord], in tx: Tx
    ) throws -> Money {
        let held = payments.filter {
            $0.purpose == .session && $0.isCollected && $0.clientKey != ChargeMethod.remainderKey
        }
        guard let hold = held.map(\.captured).max(), let quote = try tx.find(QuoteRecord.self, bill.quote)
        else {
            return rest
        }
        var most = min(bill.total, hold + quote.margin)
        if bill.account == nil, let rated = try bill.ratedBill {
            let timed = rated.lines.filter { [.time, .parking].contains($0.kind) }.map(\.amount)
                .sum(in: bill.currency)
            most = min(most, max(hold, bill.total - timed))
        }
        let collected = try payments.filter(\.isCollected).map { try tx.kept(of: $0) }.sum(in: bill.currency)
        return max(.zero(bill.currency), min(rest, most - collected))
    }

    /// Gives part of a bill away, and goes on with what is left (T14).
    private func waive(
        _ amount: Money, of given: BillRecord, because why: String, isBroken: Bool, in tx: Tx, at now: Instant
    ) throws {
        guard var bill = try tx.lock(BillRecord.self, id: given.id) else { return }
        let cause = bill.waivedMinor == 0 ? bill.id.text : "\(bill.id):\(bill.waivedMinor)"
        try Books(desk: desk).post(
            try .goodwillGranted(amount, about: Dimensions(session: bill.session)),
            Books.Entry(organisation: bill.organisation, cause: cause, occurredAt: now, now: now), in: tx)
        bill.waivedMinor += amount.minorUnits
        try tx.update(&bill)
        if isBroken {
            try tx.open(
                WorkItemRecord(
                    id: desk.ids.new(at: now), organisation: bill.organisation, reason: "hold_exceeded",
                    object: bill.id.text, detail: "\(amount) is billed to nobody: \(why)",
                    currency: amount.currency, amountMinor: amount.minorUnits, state: "open", openedAt: now))
        }
        try CollectBill(desk: desk).again(bill.id, in: tx, at: now)
    }
}

extension Tx {
    /// What was taken by a payment and is not on its way back because nobody owed it.
    func kept(of payment: PaymentRecord) throws -> Money {
        let undue = try refunds(of: payment.id).filter { $0.kind == .undue && $0.machine.counts }
        return payment.captured - undue.map(\.amount).sum(in: payment.currency)
    }
}

extension BillRecord {
    /// Applies an event unless the bill is in one of these states; one that its state refuses is no error here.
    mutating func apply(
        _ event: Bill.Event, with desk: Desk, in tx: Tx, at now: Instant, unlessIn states: Set<String>
    ) throws {
        guard !states.contains(status) else { return }
        do {
            try apply(event, with: desk, in: tx, at: now)
        } catch is Bill.Refusal {
            return
        }
    }
}
