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
        guard var payment = try tx.lock(PaymentRecord.self, id: id) else { return }
        let before = payment.machine
        payment.learn(fact, at: now)
        let effects = try payment.apply(fact.event)
        try tx.update(&payment)
        try carryOut(effects, for: payment, in: tx, at: now)
        guard payment.machine != before else { return }
        switch payment.status {
        case "authorized": try RecordHold(desk: desk)(payment, in: tx, at: now)
        case "captured":
            let amount = payment.machine.captured ?? payment.hold
            try RecordCapture(desk: desk)(amount, of: payment.id, in: tx, at: now)
        case "voided", "expired": try ReleaseHold(desk: desk).released(payment.id, in: tx, at: now)
        case "declined": try unfund(payment, in: tx, at: now)
        default: break
        }
        try note(payment, in: tx)
    }

    private func unfund(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id) else { return }
        let standing = try tx.payments(of: id).contains { $0.id != payment.id && !$0.isOver }
        guard !standing else { return }
        try bill.apply(.unfunded, with: desk, in: tx, at: now)
        try tx.update(&bill)
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
        }
    }

    private func note(_ payment: PaymentRecord, in tx: Tx) throws {
        guard let bill = try payment.bill.flatMap({ try tx.find(BillRecord.self, $0) }) else { return }
        if let checkout = bill.checkout { tx.note(.checkout, checkout.text) }
        if let session = bill.session { tx.note(.session, session.text) }
    }
}
