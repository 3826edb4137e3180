// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage

/// Prepaid balances.
package struct Wallets: Sendable {
    let desk: Desk
    /// Nobody gives more than this at once by an honest request: a hundred thousand of the major unit.
    private static let largestCredit: Int64 = 100_000

    package init(desk: Desk) { self.desk = desk }

    /// One more wallet of an account, in a currency it has none in.
    package func create(_ currency: Currency, for id: AccountID, by author: Author) async throws
        -> WalletRecord
    {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let account = try author.lock(AccountRecord.self, id, "account", in: tx)
            if let wallet = try tx.lockWallet(of: id, in: currency) { return wallet }
            let wallet = try Self.make(currency, for: account, with: desk, in: tx, at: now)
            try author.note("wallet.created", wallet.id, with: desk, in: tx, at: now)
            return wallet
        }
    }

    /// Lets a wallet reload by itself on a saved card, within its caps, or not any more (payments.md §7).
    ///
    /// - Parameter version: the one that was read.
    package func reload(
        _ id: WalletID, _ reload: WalletReload?, version: Int64, by author: Author
    ) async throws -> WalletRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var wallet = try author.lock(WalletRecord.self, id, "wallet", version: version, in: tx)
            if let reload { try Self.check(reload, for: wallet, in: tx) }
            wallet.reload = reload
            try tx.update(&wallet)
            try author.note("wallet.reload_changed", id, with: desk, in: tx, at: now)
            tx.note(.wallet, id.text)
            return wallet
        }
    }

    private static func check(_ reload: WalletReload, for wallet: WalletRecord, in tx: Tx) throws {
        guard reload.amountMinor > 0, reload.thresholdMinor >= 0 else {
            throw AdministrationRefusal.invalid(
                field: "/auto_reload/amount/amount", "A reload is of something.")
        }
        guard reload.amountMinor <= reload.capPerDayMinor, reload.capPerDayMinor <= reload.capPerMonthMinor
        else {
            throw AdministrationRefusal.invalid(
                field: "/auto_reload/cap_per_day/amount",
                "One reload fits into the day's cap, and that into the month's.")
        }
        guard let id = reload.method else { return }
        guard let method = try tx.find(PaymentMethodRecord.self, id), method.account == wallet.account,
            method.status == "usable"
        else {
            throw AdministrationRefusal.invalid(
                field: "/auto_reload/payment_method", "The account has no such card.")
        }
    }

    /// What a credit led to.
    package struct Credited: Sendable, Hashable {
        package let wallet: WalletRecord
        package let transaction: TransactionID
    }

    /// The operator gives a driver of theirs money, once per `cause`; see ``CreditWallet``.
    package func credit(
        _ amount: Money, to id: WalletID, because reason: String, cause: String, by author: Author
    ) async throws -> Credited {
        let (largest, _) = Self.largestCredit.multipliedReportingOverflow(
            by: amount.currency.minorUnitsPerMajor)
        let maximum = Money(minorUnits: largest, currency: amount.currency)
        guard amount <= maximum else { throw AdministrationRefusal.amountTooLarge(maximum: maximum) }
        let owner = try await desk.store.read { tx in try tx.find(WalletRecord.self, id)?.organisation }
        guard owner == author.organisation else { throw AdministrationRefusal.notFound("wallet") }
        let wallet = try await CreditWallet(desk: desk)(
            amount, to: id, because: reason, actor: author.name, cause: cause)
        let row = try await desk.store.read { tx in
            try tx.transaction("GoodwillGranted", cause: cause, of: author.organisation)
        }
        guard let row else { throw StoreError.foreignKeyViolation }
        return Credited(wallet: wallet, transaction: row.id)
    }

    /// An empty wallet's row.
    @discardableResult
    static func make(
        _ currency: Currency, for account: AccountRecord, with desk: Desk, in tx: Tx, at now: Instant
    ) throws -> WalletRecord {
        let wallet = WalletRecord(
            id: desk.ids.new(at: now), organisation: account.organisation, account: account.id,
            currency: currency,
            posted: 0, pending: 0, floor: 0, createdAt: now)
        try tx.insert(wallet)
        return wallet
    }
}
