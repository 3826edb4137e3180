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

    func callAsFunction(_ amount: Money, of id: PaymentID, in tx: Tx, at now: Instant) throws {
        guard var payment = try tx.lock(PaymentRecord.self, id: id), payment.capturedAt == nil else { return }
        if payment.source == .wallet { try payment.apply(.captured(amount)) }
        payment.capturedMinor = amount.minorUnits
        payment.capturedAt = now
        payment.releasedAt = amount.minorUnits < payment.amountMinor ? now : nil
        try tx.update(&payment)
        if let wallet = payment.wallet {
            try debit(amount, from: wallet, reserved: payment.amountMinor, in: tx)
        }
        try Books(desk: desk).postReserved(amount, of: payment, in: tx, at: now)
        try settle(payment, in: tx, at: now)
    }

    private func debit(_ amount: Money, from id: WalletID, reserved: Int64, in tx: Tx) throws {
        guard var wallet = try tx.lock(WalletRecord.self, id: id) else { return }
        wallet.posted -= amount.minorUnits
        wallet.pending -= reserved
        try tx.update(&wallet)
    }

    private func settle(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id) else { return }
        try bill.apply(.paid, with: desk, in: tx, at: now)
        bill.settledAt = now
        try tx.update(&bill)
        try IssueReceipt(desk: desk)(for: bill, paidBy: payment, in: tx, at: now)
        if let session = bill.session { tx.note(.session, session.text) }
        if let checkout = bill.checkout { tx.note(.checkout, checkout.text) }
    }
}
