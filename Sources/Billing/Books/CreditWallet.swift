// SPDX-License-Identifier: Apache-2.0

import Accounting
package import Quantities
package import Storage

/// The operator puts money into a prepaid balance: goodwill, with a reason and a name (T14 as wallet credit, I30).
package struct CreditWallet: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why nothing was credited.
    package enum Refusal: Error, Hashable {
        case unknownWallet(WalletID)
        case currencyMismatch(Currency, Currency)
        case notPositive
    }

    /// The wallet as it is now. `cause` makes a repeat harmless: the same cause credits once.
    package func callAsFunction(
        _ amount: Money, to id: WalletID, because reason: String, actor: String, cause: String
    ) async throws -> WalletRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            try self(amount, to: id, because: reason, actor: actor, cause: cause, in: tx, at: now)
        }
    }

    /// The same in the caller's transaction.
    func callAsFunction(
        _ amount: Money, to id: WalletID, because reason: String, actor: String, cause: String, in tx: Tx,
        at now: Instant
    ) throws -> WalletRecord {
        guard var wallet = try tx.lock(WalletRecord.self, id: id) else { throw Refusal.unknownWallet(id) }
        guard amount.isPositive else { throw Refusal.notPositive }
        guard amount.currency == wallet.currency else {
            throw Refusal.currencyMismatch(amount.currency, wallet.currency)
        }
        guard try !tx.isPosted("GoodwillGranted", cause: cause, of: wallet.organisation) else {
            return wallet
        }
        wallet.posted += amount.minorUnits
        try tx.update(&wallet)
        try Books(desk: desk).post(
            try .goodwillCredited(amount, about: Dimensions(wallet: wallet.id)),
            Books.Entry(
                organisation: wallet.organisation, cause: cause, actor: actor, occurredAt: now, now: now),
            in: tx)
        try tx.insert(
            AuditRecord(
                id: desk.ids.new(at: now), organisation: wallet.organisation, actor: actor,
                action: "wallet.credit", object: id.text, reason: reason, at: now))
        tx.note(.wallet, id.text)
        return wallet
    }
}
