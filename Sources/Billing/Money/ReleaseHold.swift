// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
package import Quantities
import Storage

/// Gives a hold back: nothing was owed, or the start failed for good.
package struct ReleaseHold: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Ends a checkout that will not charge: the bill is cancelled and every hold of it is on its way back.
    package func cancel(_ id: CheckoutID) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            guard let checkout = try tx.lock(CheckoutRecord.self, id: id),
                var bill = try tx.lock(BillRecord.self, id: checkout.bill)
            else { throw CheckoutRefusal.unknownCheckout }
            if bill.status == "cancelled" { return }
            if bill.status == "running", let session = bill.session {
                _ = try RequestRemoteStop(desk: desk).ask(session, because: .requested, in: tx, at: now)
                return
            }
            guard ["quoted", "funding", "funded", "starting"].contains(bill.status) else {
                throw CheckoutRefusal.invalidState(
                    bill.status, allowed: ["quoted", "funding", "funded", "starting"])
            }
            try bill.apply(.cancel, with: desk, in: tx, at: now)
            try tx.update(&bill)
            try releaseAll(of: bill.id, in: tx, at: now)
            tx.note(.checkout, id.text)
        }
    }

    /// Every payment of a bill that still holds something.
    func releaseAll(of bill: BillID, in tx: Tx, at now: Instant) throws {
        for payment in try tx.payments(of: bill) where !payment.isOver {
            try release(payment.id, in: tx, at: now)
        }
    }

    /// One payment: a wallet's reservation ends here and now, a card's by a void.
    func release(_ id: PaymentID, in tx: Tx, at now: Instant) throws {
        guard var payment = try tx.lock(PaymentRecord.self, id: id), !payment.isOver else { return }
        // On its way already; or its capture decides first, and what is undue then goes back.
        guard ![.voiding, .voidUnknown, .capturing, .captureUnknown].contains(payment.machine.state) else {
            return
        }
        let neverSent = payment.status == "created"
        try payment.apply(.void)
        if payment.source == .wallet { try payment.apply(.voidOk) }
        try tx.update(&payment)
        if payment.status == "voided" { return try released(id, in: tx, at: now) }
        guard !neverSent, payment.status == "voiding" else { return }
        try PlanAttempt(desk: desk)(.void, of: payment, in: tx, at: now)
    }

    /// It is confirmed: the reservation in the books is gone too.
    func released(_ id: PaymentID, in tx: Tx, at now: Instant) throws {
        guard var payment = try tx.lock(PaymentRecord.self, id: id), payment.releasedAt == nil else { return }
        payment.releasedAt = now
        try tx.update(&payment)
        if payment.source == .wallet, let id = payment.wallet,
            var wallet = try tx.lock(WalletRecord.self, id: id)
        {
            wallet.pending -= payment.amountMinor
            try tx.update(&wallet)
        }
        try Books(desk: desk).void(payment, in: tx, at: now)
        if let bill = try payment.bill.flatMap({ try tx.find(BillRecord.self, $0) }),
            let checkout = bill.checkout
        {
            tx.note(.checkout, checkout.text)
        }
    }
}
