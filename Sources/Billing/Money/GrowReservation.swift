// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Storage

/// A wallet's part in a session grows, in one transaction with the check that it is there (payments.md §7, I6).
struct GrowReservation {
    let desk: Desk

    /// The payment with as much of `total` as the wallet has.
    func callAsFunction(
        _ given: PaymentRecord, to total: Money, in tx: Tx, at now: Instant
    ) throws -> PaymentRecord {
        guard let id = given.wallet, var wallet = try tx.lock(WalletRecord.self, id: id),
            var payment = try tx.lock(PaymentRecord.self, id: given.id), payment.canCapture
        else { return given }
        let available = max(0, wallet.posted - wallet.pending - wallet.floor)
        let growth = min(available, total.minorUnits - payment.amountMinor)
        guard growth > 0 else { return payment }
        let amount = Money(minorUnits: payment.amountMinor + growth, currency: payment.currency)
        payment.firstHoldMinor = payment.firstHoldMinor ?? payment.amountMinor
        payment.raises += 1
        try payment.apply(.adjust(amount))
        try payment.apply(.adjusted(amount))
        try tx.update(&payment)
        wallet.pending += growth
        try tx.update(&wallet)
        try Books(desk: desk).adjust(payment, to: amount, in: tx, at: now)
        tx.note(.wallet, id.text)
        return payment
    }

    /// While it runs: in steps of the policy, as available permits.
    func step(_ payment: PaymentRecord, by step: Int64, in tx: Tx, at now: Instant) throws -> PaymentRecord {
        try self(
            payment, to: payment.hold + Money(minorUnits: step, currency: payment.currency), in: tx, at: now)
    }
}
