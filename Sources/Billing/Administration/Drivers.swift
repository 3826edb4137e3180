// SPDX-License-Identifier: Apache-2.0

package import Quantities
package import Storage

/// The people who charge on an account: made, changed, handed out and erased (compliance.md, GD-1, GD-2).
///
/// Nothing of the books, the documents and the sessions names a person: erasing one leaves every cent and every byte of
/// them as they are.
package struct Drivers: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What is told of a person; nil leaves it as it is.
    package struct Wish: Sendable, Hashable {
        package var name: String?
        package var email: String?
        package var language: String?
        /// Words of the client's own.
        package var metadata: [String: String]?

        package init() {}
    }

    package func create(_ wish: Wish, of id: AccountID, by author: Author) async throws -> DriverRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let account = try author.lock(AccountRecord.self, id, "account", in: tx)
            var driver = DriverRecord(
                id: desk.ids.new(at: now), organisation: account.organisation, account: id, name: wish.name,
                email: wish.email, language: wish.language, createdAt: now)
            driver.metadata = wish.metadata
            try tx.insert(driver)
            try author.note("driver.created", driver.id, with: desk, in: tx, at: now)
            return driver
        }
    }

    package func change(
        _ id: DriverID, _ wish: Wish, version: Int64, by author: Author
    ) async throws -> DriverRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var driver = try author.lock(DriverRecord.self, id, "driver", version: version, in: tx)
            guard driver.erasedAt == nil else {
                throw AdministrationRefusal.invalidState("erased", allowed: ["known"])
            }
            driver.name = wish.name ?? driver.name
            driver.email = wish.email ?? driver.email
            driver.language = wish.language ?? driver.language
            driver.metadata = wish.metadata ?? driver.metadata
            try tx.update(&driver)
            try author.note("driver.changed", id, with: desk, in: tx, at: now)
            return driver
        }
    }

    /// Forgets a person: name, e-mail, language, words about them. If nobody else charges on their personal account, its own name and
    /// e-mail go too, its cards and tokens lose the text by which a reader knows them, and nobody speaks for it any more.
    /// Safe to repeat.
    package func erase(_ id: DriverID, by author: Author) async throws -> DriverRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let seen = try tx.find(DriverRecord.self, id), seen.organisation == author.organisation
            else { throw AdministrationRefusal.notFound("driver") }
            let account = try author.lock(AccountRecord.self, seen.account, "account", in: tx)
            var driver = try author.lock(DriverRecord.self, id, "driver", in: tx)
            if driver.erasedAt != nil { return driver }
            if let address = driver.email { try tx.forgetRecipient(address) }
            driver.name = nil
            driver.email = nil
            driver.language = nil
            driver.metadata = nil
            driver.erasedAt = now
            try tx.update(&driver)
            let others = try tx.drivers(of: account.id).filter { $0.id != id && $0.erasedAt == nil }
            if account.kind == .personal, others.isEmpty { try forget(account, in: tx) }
            try author.note("driver.erased", id, with: desk, in: tx, at: now)
            return driver
        }
    }

    private func forget(_ given: AccountRecord, in tx: Tx) throws {
        var account = given
        if let address = account.email { try tx.forgetRecipient(address) }
        account.name = ""
        account.email = nil
        account.invoiceAddress = nil
        account.vatId = nil
        account.metadata = nil
        try tx.update(&account)
        try tx.forgetDriverTokens(of: account.id)
        for var token in try tx.tokens(of: account.id) {
            // It stays as a row, so that sessions keep their pseudonym; no reader's text leads to it.
            token.uid = "erased-\(token.id)"
            token.folded = token.uid
            token.status = .blocked
            token.metadata = nil
            try tx.update(&token)
            try tx.forgetAliases(of: token.id)
        }
        for method in try tx.methods(of: account.id) {
            guard var method = try tx.lock(PaymentMethodRecord.self, id: method.id) else { continue }
            method.detach()
            try tx.update(&method)
        }
        for session in try tx.sessions(paidBy: account.id) where session.tokenMasked != nil {
            guard var session = try tx.lock(SessionRecord.self, id: session.id) else { continue }
            session.tokenMasked = nil
            try tx.update(&session)
        }
    }

    /// Everything that is known of a person and their account, from one moment.
    package struct Export: Sendable {
        package let driver: DriverRecord
        package let account: AccountRecord
        package let tokens: [TokenRecord]
        package let methods: [PaymentMethodRecord]
        package let wallets: [WalletRecord]
        package let sessions: [SessionRecord]
        package let documents: [DocumentRecord]
    }

    package func export(_ id: DriverID, by author: Author) async throws -> Export {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let driver = try tx.find(DriverRecord.self, id),
                driver.organisation == author.organisation,
                let account = try tx.find(AccountRecord.self, driver.account)
            else { throw AdministrationRefusal.notFound("driver") }
            try author.note("driver.exported", id, with: desk, in: tx, at: now)
            return Export(
                driver: driver, account: account, tokens: try tx.tokens(of: account.id),
                methods: try tx.methods(of: account.id), wallets: try tx.wallets(of: account.id),
                sessions: try tx.sessions(paidBy: account.id), documents: try tx.documents(for: account.id))
        }
    }
}
