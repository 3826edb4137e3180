// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
import Quantities
import Storage

/// Reserves part of a prepaid balance for a session: checked and written in one transaction, so that two sessions cannot
/// spend the same money (I6).
struct ReserveWallet {
    let desk: Desk

    /// The wallet's row is held by the caller, who made sure that it has this much.
    func callAsFunction(
        _ hold: Money, from given: WalletRecord, for bill: BillRecord, session: SessionID?, in tx: Tx,
        at now: Instant
    ) throws {
        var wallet = given
        wallet.pending += hold.minorUnits
        try tx.update(&wallet)
        var payment = PaymentRecord(
            id: desk.ids.new(at: now), organisation: bill.organisation, bill: bill.id, wallet: wallet.id,
            purpose: .session, source: .wallet, status: "created", machine: Payment(),
            currency: hold.currency, amountMinor: hold.minorUnits, capturedMinor: 0, createdAt: now,
            authorizedAt: now)
        try payment.apply(.authorize)
        try payment.apply(.approved(Payment.Authorization(amount: hold)))
        try tx.insert(payment)
        try Books(desk: desk).reserve(
            .walletReserved(
                hold, about: Dimensions(session: session, payment: payment.id, wallet: wallet.id)),
            Books.Entry(
                organisation: bill.organisation, cause: payment.id.text, occurredAt: now, now: now), in: tx)
    }
}
