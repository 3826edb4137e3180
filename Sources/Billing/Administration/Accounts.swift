// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage

/// The parties that pay.
package struct Accounts: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What an account is made of, or what is to be changed of it; nil leaves it as it is.
    package struct Wish: Sendable, Hashable {
        package var kind: AccountKind?
        package var name: String?
        package var email: String?
        package var funding: AccountFunding?
        package var status: AccountStatus?
        /// Fleet accounts only, minor units of the organisation's currency.
        package var creditLimit: Money?
        /// How many sessions it may have at once.
        package var sessionsAtOnce: Int64?
        /// Where its invoices go.
        package var invoiceAddress: PostalAddress?
        package var vatID: String?
        /// How long it may take to pay an invoice, days.
        package var paymentTermDays: Int64?
        package var metadata: [String: String]?

        package init() {}
    }

    /// A new account. One that pays from a wallet gets its wallet in the organisation's currency (decided.md, Tokens).
    package func create(_ wish: Wish, by author: Author) async throws -> AccountRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let organisation = try tx.find(OrganisationRecord.self, author.organisation) else {
                throw AdministrationRefusal.notFound("organisation")
            }
            let kind = wish.kind ?? .personal
            try Self.check(wish, kind, organisation)
            var account = AccountRecord(
                id: desk.ids.new(at: now), organisation: organisation.id, kind: kind, name: wish.name ?? "",
                email: wish.email, funding: wish.funding, status: wish.status ?? .active,
                creditLimitMinor: wish.creditLimit?.minorUnits, createdAt: now)
            account.sessionsAtOnce = wish.sessionsAtOnce
            account.invoiceAddress = wish.invoiceAddress
            account.vatId = wish.vatID
            account.paymentTermDays = wish.paymentTermDays
            account.metadata = wish.metadata
            try tx.insert(account)
            if account.funding == .wallet {
                try Wallets.make(organisation.currency, for: account, with: desk, in: tx, at: now)
            }
            try author.note("account.created", account.id, with: desk, in: tx, at: now)
            return account
        }
    }

    /// Changes an account, if it still has the version that was read. Its kind never changes.
    package func change(
        _ id: AccountID, _ wish: Wish, version: Int64, by author: Author
    ) async throws -> AccountRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var account = try author.lock(AccountRecord.self, id, "account", version: version, in: tx)
            guard let organisation = try tx.find(OrganisationRecord.self, author.organisation) else {
                throw AdministrationRefusal.notFound("organisation")
            }
            if let kind = wish.kind, kind != account.kind {
                throw AdministrationRefusal.invalid(field: "/kind", "The kind of an account never changes.")
            }
            try Self.check(wish, account.kind, organisation)
            account.name = wish.name ?? account.name
            account.email = wish.email ?? account.email
            account.funding = wish.funding ?? account.funding
            account.status = wish.status ?? account.status
            account.creditLimitMinor = wish.creditLimit?.minorUnits ?? account.creditLimitMinor
            account.sessionsAtOnce = wish.sessionsAtOnce ?? account.sessionsAtOnce
            account.invoiceAddress = wish.invoiceAddress ?? account.invoiceAddress
            account.vatId = wish.vatID ?? account.vatId
            account.paymentTermDays = wish.paymentTermDays ?? account.paymentTermDays
            account.metadata = wish.metadata ?? account.metadata
            try tx.update(&account)
            if account.funding == .wallet, try tx.wallets(of: id).isEmpty {
                try Wallets.make(organisation.currency, for: account, with: desk, in: tx, at: now)
            }
            try author.note("account.changed", id, with: desk, in: tx, at: now)
            tx.note(.account, id.text)
            return account
        }
    }

    private static func check(_ wish: Wish, _ kind: AccountKind, _ organisation: OrganisationRecord) throws {
        guard let limit = wish.creditLimit else { return }
        guard kind == .fleet else {
            throw AdministrationRefusal.invalid(
                field: "/credit_limit", "Only fleet accounts have a credit limit.")
        }
        guard limit.currency == organisation.currency else {
            throw AdministrationRefusal.currencyMismatch(limit.currency, organisation.currency)
        }
        guard !limit.isNegative else {
            throw AdministrationRefusal.invalid(
                field: "/credit_limit/amount", "A credit limit is not negative.")
        }
    }
}
