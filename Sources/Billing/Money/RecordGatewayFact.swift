// SPDX-License-Identifier: Apache-2.0

import Accounting
package import Payments
package import Quantities
package import Storage

/// A gateway told something about a payment, in answer to a call or by webhook: the one way it becomes state.
///
/// Facts may come twice, in any order and before our own call has returned; the machine decides what is news (I18, I19).
package struct RecordGatewayFact: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    package func callAsFunction(_ fact: GatewayFact, of id: PaymentID, in tx: Tx, at now: Instant) throws {
        guard var payment = try tx.lockPayment(id) else { return }
        let before = payment.machine
        payment.learn(fact, at: now)
        let effects: [Payment.Effect]
        do {
            effects = try payment.apply(fact.event, order: fact.order)
        } catch let refusal as Payment.Refusal {
            // A fact is never refused for good: it is kept, and a person decides.
            try tx.update(&payment)
            return try askAPerson(payment, "\(refusal)", in: tx, at: now)
        }
        try tx.update(&payment)
        if let saved = fact.saved { try SaveMethod(desk: desk).keep(saved, from: payment, in: tx, at: now) }
        try carryOut(effects, for: payment, in: tx, at: now)
        guard payment.machine != before else { return }
        try follow(payment, after: before, in: tx, at: now)
        try note(payment, in: tx)
    }

    /// What a new state means for books, bill and debt.
    private func follow(_ payment: PaymentRecord, after before: Payment, in tx: Tx, at now: Instant) throws {
        switch payment.machine.state {
        case .authorized where [.adjusting, .adjustUnknown].contains(before.state):
            try RaiseHold(desk: desk).decided(payment, before: before, in: tx, at: now)
        case .authorized where before.state != .authorized:
            try authorized(payment, in: tx, at: now)
        case .captured where before.state != .captured:
            let amount = payment.machine.captured ?? payment.hold
            let isUndue = Self.wasOver(before.state)
            try RecordCapture(desk: desk)(amount, of: payment.id, isUndue: isUndue, in: tx, at: now)
        case .captureFailed where before.state == .captured:
            try ReverseCapture(desk: desk)(payment.id, in: tx, at: now)
        case .captureFailed where before.state != .captureFailed:
            try captureFailed(payment, in: tx, at: now)
        case .voided where before.state != .voided, .expired where before.state != .expired:
            try ReleaseHold(desk: desk).released(payment.id, in: tx, at: now)
            try lost(payment, in: tx, at: now)
        case .declined where before.state != .declined: try lost(payment, in: tx, at: now)
        default: return
        }
    }

    /// States in which nobody wanted the money any more: what is captured then is given back (footnote 8).
    private static func wasOver(_ state: Payment.State) -> Bool {
        [.declined, .voided, .expired, .voiding, .voidUnknown].contains(state)
    }

    private func authorized(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        if payment.purpose == .setUp { return }
        if payment.purpose == .session, payment.clientKey != ChargeMethod.remainderKey {
            return try RecordHold(desk: desk)(payment, in: tx, at: now)
        }
        // Debts, top-ups and remainders are wanted whole and at once.
        guard var whole = try tx.lock(PaymentRecord.self, id: payment.id), whole.canCapture else { return }
        try whole.apply(.capture(whole.hold))
        try tx.update(&whole)
        try PlanAttempt(desk: desk)(.capture(whole.hold), of: whole, in: tx, at: now)
    }

    /// A capture did not happen. If the hold still stands it is asked for again, otherwise the ladder goes on without it.
    private func captureFailed(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let bill = payment.bill else { return try lost(payment, in: tx, at: now) }
        let tries = try tx.attempts(of: payment.id).count { $0.operation == "capture" }
        if payment.canCapture, tries < 3 { return try CollectBill(desk: desk).again(bill, in: tx, at: now) }
        try ReleaseHold(desk: desk).release(payment.id, in: tx, at: now)
        try lost(payment, in: tx, at: now)
    }

    /// A source is gone: the bill is unfunded, or the next rung of the ladder is taken.
    private func lost(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        switch payment.purpose {
        case .debt: try PayDebt(desk: desk).gaveUp(payment, in: tx, at: now)
        case .topUp, .setUp: return
        case .session: try unfund(payment, in: tx, at: now)
        }
    }

    private func unfund(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id) else { return }
        if ["rated", "settling"].contains(bill.status) {
            return try CollectBill(desk: desk).again(id, in: tx, at: now)
        }
        let standing = try tx.payments(of: id).contains { $0.id != payment.id && !$0.isOver }
        guard !standing, !["quoted", "cancelled"].contains(bill.status) else { return }
        try bill.apply(.unfunded, with: desk, in: tx, at: now)
        try tx.update(&bill)
        // Footnote 7: who charges on nothing is stopped at once.
        if bill.status == "running", let session = bill.session {
            _ = try RequestRemoteStop(desk: desk).ask(session, because: .unfunded, in: tx, at: now)
        }
    }

    private func carryOut(
        _ effects: [Payment.Effect], for payment: PaymentRecord, in tx: Tx, at now: Instant
    ) throws {
        for effect in effects {
            try tx.open(
                WorkItemRecord(
                    id: desk.ids.new(at: now), organisation: payment.organisation, reason: effect.reason,
                    object: payment.id.text, detail: "the gateway told something that does not fit",
                    currency: payment.currency,
                    amountMinor: payment.amountMinor, state: "open", openedAt: now))
            // Footnote 7: a hold nobody waits for is given back at once; the machine itself is over.
            if effect == .voidOrphan {
                try PlanAttempt(desk: desk)(.void, of: payment, in: tx, at: now)
            }
        }
    }

    private func askAPerson(_ payment: PaymentRecord, _ why: String, in tx: Tx, at now: Instant) throws {
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: payment.organisation, reason: "payment_surprise",
                object: payment.id.text, detail: why, currency: payment.currency,
                amountMinor: payment.amountMinor, state: "open", openedAt: now))
    }

    private func note(_ payment: PaymentRecord, in tx: Tx) throws {
        tx.note(.payment, payment.id.text)
        guard let bill = try payment.bill.flatMap({ try tx.find(BillRecord.self, $0) }) else { return }
        if let checkout = bill.checkout { tx.note(.checkout, checkout.text) }
        if let session = bill.session { tx.note(.session, session.text) }
    }
}
