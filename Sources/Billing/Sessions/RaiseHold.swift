// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
import Quantities
import Storage

/// Asks the gateway for a larger hold (payments.md §6.2, §6.5): while the session runs in time before its stop, and at its
/// end if it cost more. Declined once, never again in this session; in doubt, the old amount counts (F9, F10).
struct RaiseHold {
    let desk: Desk

    /// In steps, within the driver's own limit and the policy's ceiling.
    func whileRunning(
        _ payment: PaymentRecord, of bill: BillRecord, under quote: QuoteRecord, in tx: Tx, at now: Instant
    ) throws {
        guard let rules = try rules(for: payment, of: bill, in: tx) else { return }
        let hold = Hold(amount: payment.hold, margin: quote.margin)
        guard let total = hold.raised(rules) else { return }
        try ask(for: total, payment, in: tx, at: now)
    }

    /// To what the session cost. Whether it was asked for: then the gateway's answer goes on with collecting.
    func atTheEnd(
        _ payment: PaymentRecord, to total: Money, of bill: BillRecord, in tx: Tx, at now: Instant
    ) throws -> Bool {
        guard let rules = try rules(for: payment, of: bill, in: tx) else { return false }
        let wanted = min(total, min(rules.ceiling, rules.limit ?? rules.ceiling))
        guard wanted > payment.hold else { return false }
        try ask(for: wanted, payment, in: tx, at: now)
        return true
    }

    /// Nil if this hold cannot be raised, or not any more.
    private func rules(for payment: PaymentRecord, of bill: BillRecord, in tx: Tx) throws -> Hold.Raise? {
        guard payment.source == .card, payment.machine.state == .authorized,
            payment.machine.authorization?.capabilities?.canIncrement == true,
            let organisation = try tx.find(OrganisationRecord.self, bill.organisation)
        else { return nil }
        let policy = organisation.policy
        let tried = try tx.attempts(of: payment.id).filter { $0.operation == "adjust" }
        let wasDeclined = tried.contains { [.declined, .rejected, .withdrawn].contains($0.machine.state) }
        guard payment.raises < policy.collection.raisesMost, !wasDeclined else { return nil }
        let limit = try bill.checkout.flatMap { try tx.find(CheckoutRecord.self, $0) }?.limitMinor
        func money(_ minor: Int64) -> Money { Money(minorUnits: minor, currency: bill.currency) }
        return Hold.Raise(
            first: money(payment.firstHoldMinor ?? payment.amountMinor),
            least: money(policy.collection.raiseLeast),
            step: policy.holdStep, ceiling: money(policy.collection.raiseMaximum), limit: limit.map(money))
    }

    private func ask(for total: Money, _ given: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard var payment = try tx.lock(PaymentRecord.self, id: given.id),
            payment.machine.state == .authorized
        else { return }
        payment.firstHoldMinor = payment.firstHoldMinor ?? payment.amountMinor
        payment.raises += 1
        try payment.apply(.adjust(total))
        try tx.update(&payment)
        try PlanAttempt(desk: desk)(.adjust(total), of: payment, in: tx, at: now)
    }

    /// The gateway said yes or no: the books follow (T1b), and a bill that waited for it is collected.
    func decided(_ payment: PaymentRecord, before: Payment, in tx: Tx, at now: Instant) throws {
        if let old = before.authorization?.amount, payment.hold != old {
            try Books(desk: desk).adjust(payment, to: payment.hold, in: tx, at: now)
        }
        guard let id = payment.bill, let bill = try tx.find(BillRecord.self, id) else { return }
        if ["rated", "settling"].contains(bill.status) {
            try CollectBill(desk: desk).again(id, in: tx, at: now)
        }
        if ["cancelled", "zero_rated"].contains(bill.status) {
            try ReleaseHold(desk: desk).release(payment.id, in: tx, at: now)
        }
    }
}
