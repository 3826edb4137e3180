// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
import Quantities
import Storage

/// Step 9, Receipt: the money is confirmed. Books it as received, settles the bill and issues the receipt.
///
/// The same transaction does all three, so a paid bill without a receipt cannot exist (I31).
package struct RecordCapture: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// - Parameter isUndue: nobody wanted it any more: it is booked, and all of it goes back (footnote 8).
    func callAsFunction(
        _ amount: Money, of id: PaymentID, isUndue: Bool = false, in tx: Tx, at now: Instant
    ) throws {
        guard var payment = try tx.lock(PaymentRecord.self, id: id), payment.capturedAt == nil else { return }
        if payment.source == .wallet { try payment.apply(.captured(amount)) }
        payment.capturedMinor = amount.minorUnits
        payment.capturedAt = now
        payment.releasedAt = amount.minorUnits < payment.amountMinor ? now : nil
        try tx.update(&payment)
        if isUndue { return try giveBack(payment, in: tx, at: now) }
        switch payment.purpose {
        case .session: try session(payment, in: tx, at: now)
        case .debt: try PayDebt(desk: desk).paid(payment, in: tx, at: now)
        case .topUp: try TopUpWallet(desk: desk).received(payment, in: tx, at: now)
        case .setUp: return
        }
        tx.note(.payment, id.text)
    }

    private func session(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        if payment.source == .wallet, let wallet = payment.wallet {
            try debit(payment.captured, from: wallet, reserved: payment.amountMinor, in: tx)
        }
        try Books(desk: desk).postCapture(payment, in: tx, at: now)
        guard let id = payment.bill else { return }
        try CollectBill(desk: desk).again(id, in: tx, at: now)
    }

    private func debit(_ amount: Money, from id: WalletID, reserved: Int64, in tx: Tx) throws {
        guard var wallet = try tx.lock(WalletRecord.self, id: id) else { return }
        wallet.posted -= amount.minorUnits
        wallet.pending -= reserved
        try tx.update(&wallet)
        tx.note(.wallet, id.text)
    }

    private func giveBack(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        try Books(desk: desk).void(payment, in: tx, at: now)
        try RefundUndue(desk: desk).received(payment, in: tx, at: now)
        if let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id) {
            // In most states that is a question for a person, and the money is on its way back already.
            try bill.apply(.paid, with: desk, in: tx, at: now, unlessIn: ["rated", "settling", "in_debt"])
            try tx.update(&bill)
        }
    }
}

/// Captured money was taken back by the gateway, days later or at once (T8, F8): the bill is unpaid again.
struct ReverseCapture {
    let desk: Desk

    func callAsFunction(_ id: PaymentID, in tx: Tx, at now: Instant) throws {
        guard var payment = try tx.lock(PaymentRecord.self, id: id), payment.capturedAt != nil else { return }
        let amount = payment.captured
        payment.capturedMinor = 0
        payment.capturedAt = nil
        try tx.update(&payment)
        let account = try payment.gatewayAccount.flatMap { try tx.find(GatewayAccountRecord.self, $0) }
        let entry = Books.Entry(
            organisation: payment.organisation, cause: "\(id):\(payment.version)", occurredAt: now, now: now)
        let bill = try payment.bill.flatMap { try tx.lock(BillRecord.self, id: $0) }
        if payment.purpose == .topUp {
            return try TopUpWallet(desk: desk).reversed(amount, payment, entry, in: tx, at: now)
        }
        try Books(desk: desk).post(
            try .captureReversed(
                amount, at: account?.name ?? "External",
                about: Dimensions(session: bill?.session, payment: id)), entry, in: tx)
        guard var bill else { return }
        try bill.apply(.reverse, with: desk, in: tx, at: now)
        try tx.update(&bill)
        try OpenDebt(desk: desk)(
            amount, for: bill, fingerprint: payment.fingerprint, cause: entry.cause, in: tx, at: now)
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: payment.organisation, reason: "capture_reversed",
                object: id.text, detail: "the gateway took back \(amount)", currency: payment.currency,
                amountMinor: amount.minorUnits, state: "open", openedAt: now))
    }
}
