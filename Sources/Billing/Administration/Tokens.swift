// SPDX-License-Identifier: Apache-2.0
import Charging
package import Quantities
package import Storage

/// Cards and app tokens that identify a driver to a station.
package struct Tokens: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What a token is made of.
    package struct Wish: Sendable, Hashable {
        package var kind: TokenKind
        package var uid: String
        package var account: AccountID?
        package var status: AccountStatus?
        package var validUntil: Instant?
        package var masterPass: Bool?
        package var limits: TokenLimits?
        /// Words of the client's own.
        package var metadata: [String: String]?

        package init(
            kind: TokenKind, uid: String, account: AccountID? = nil, status: AccountStatus? = nil,
            validUntil: Instant? = nil, masterPass: Bool? = nil, limits: TokenLimits? = nil
        ) {
            self.kind = kind
            self.uid = uid
            self.account = account
            self.status = status
            self.validUntil = validUntil
            self.masterPass = masterPass
            self.limits = limits
        }
    }

    /// A new token. The same UID in other letters is the same token (charging.md, C23).
    package func create(_ wish: Wish, by author: Author) async throws -> TokenRecord {
        let now = desk.clock.now
        guard wish.kind != .payment else {
            throw AdministrationRefusal.invalid(
                field: "/kind", "Tokens of this kind are made for guests only.")
        }
        return try await desk.store.transaction { tx in
            try author.check(AccountRecord.self, wish.account, field: "/account", in: tx)
            let folded = PresentedToken.folded(wish.uid)
            guard !folded.isEmpty else {
                throw AdministrationRefusal.invalid(field: "/uid", "A UID has at least one character.")
            }
            guard try tx.token(knownAs: folded, of: author.organisation) == nil else {
                throw AdministrationRefusal.tokenAlreadyBound
            }
            var token = TokenRecord(
                id: desk.ids.new(at: now), organisation: author.organisation, kind: wish.kind, uid: wish.uid,
                folded: folded, account: wish.account, status: wish.status ?? .active,
                validUntil: wish.validUntil, masterPass: wish.masterPass ?? false,
                limits: try Self.checked(wish.limits), createdAt: now)
            token.metadata = wish.metadata
            try tx.insert(token)
            try author.note("token.created", token.id, with: desk, in: tx, at: now)
            return token
        }
    }

    /// What may be changed of a token; nil leaves it as it is.
    package struct Changes: Sendable, Hashable {
        package var account: AccountID?
        package var status: AccountStatus?
        package var validUntil: Instant?
        package var masterPass: Bool?
        /// All three at once; an empty one lifts every limit.
        package var limits: TokenLimits?
        /// All words at once.
        package var metadata: [String: String]?

        package init() {}
    }

    /// Changes a token, if it still has the version that was read.
    package func change(
        _ id: TokenID, _ changes: Changes, version: Int64, by author: Author
    ) async throws -> TokenRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var token = try author.lock(TokenRecord.self, id, "token", version: version, in: tx)
            guard token.kind != .payment else {
                throw AdministrationRefusal.invalidState("payment", allowed: ["rfid", "app"])
            }
            try author.check(AccountRecord.self, changes.account, field: "/account", in: tx)
            token.account = changes.account ?? token.account
            token.status = changes.status ?? token.status
            token.validUntil = changes.validUntil ?? token.validUntil
            token.masterPass = changes.masterPass ?? token.masterPass
            token.metadata = changes.metadata ?? token.metadata
            if let limits = try Self.checked(changes.limits) { token.limits = limits.isEmpty ? nil : limits }
            try tx.update(&token)
            try author.note("token.changed", id, with: desk, in: tx, at: now)
            return token
        }
    }

    /// Another text by which a reader tells the card; a person has tried it (charging.md §10).
    package func confirm(_ uid: String, for id: TokenID, by author: Author) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            let token = try author.lock(TokenRecord.self, id, "token", in: tx)
            let folded = PresentedToken.folded(uid)
            guard token.kind == .rfid, !folded.isEmpty else {
                throw AdministrationRefusal.invalid(field: "/uid", "Only cards have other texts.")
            }
            if let known = try tx.token(knownAs: folded, of: author.organisation) {
                guard known.id == id else { throw AdministrationRefusal.tokenAlreadyBound }
                return
            }
            try tx.insert(
                TokenAliasRecord(
                    organisation: author.organisation, folded: folded, token: id, uid: uid,
                    confirmedBy: author.name, createdAt: now))
            try author.note("token.alias_confirmed", id, with: desk, in: tx, at: now)
        }
    }

    /// That text is not the card's any more.
    package func forget(_ uid: String, of id: TokenID, by author: Author) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            _ = try author.lock(TokenRecord.self, id, "token", in: tx)
            guard try tx.removeAlias(PresentedToken.folded(uid), of: id) else { return }
            try author.note("token.alias_forgotten", id, with: desk, in: tx, at: now)
        }
    }

    private static func checked(_ limits: TokenLimits?) throws -> TokenLimits? {
        guard let limits else { return nil }
        for (name, minor) in [
            ("session", limits.sessionMinor), ("day", limits.dayMinor), ("month", limits.monthMinor),
        ] {
            if let minor, minor <= 0 {
                throw AdministrationRefusal.invalid(field: "/limits/\(name)", "A limit is above zero.")
            }
        }
        return limits
    }
}
