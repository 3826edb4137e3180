// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage

/// Credentials: made, rolled and revoked. A secret is told once and only its hash is kept.
package struct Keys: Sendable {
    let desk: Desk
    /// How long a rolled key still works.
    private static let overlap = Elapsed.hours(24)

    package init(desk: Desk) { self.desk = desk }

    /// A key with its secret, which is told now and never again.
    package struct Issued: Sendable, Hashable {
        package let key: APIKeyRecord
        package let secret: String
    }

    /// What narrows a key; nil narrows nothing (api.md §2).
    package struct Limits: Sendable, Hashable {
        package var sites: [SiteID]?
        package var refundLimit: Money?
        package var allowedIPs: [String]?

        package init() {}
    }

    /// A new key.
    package func create(
        _ scope: KeyScope, name: String, expiresAt: Instant? = nil, limits: Limits = Limits(),
        by author: Author
    ) async throws -> Issued {
        let now = desk.clock.now
        let secret = desk.ids.secret()
        return try await desk.store.transaction { tx in
            guard let organisation = try tx.find(OrganisationRecord.self, author.organisation) else {
                throw AdministrationRefusal.notFound("organisation")
            }
            if let expiresAt, expiresAt <= now {
                throw AdministrationRefusal.invalid(field: "/expires_at", "This time has passed.")
            }
            try check(limits, of: scope, by: author, in: tx)
            let text = APIKey.make(live: organisation.kind == .live, from: secret)
            var key = APIKeyRecord(
                id: desk.ids.new(at: now), organisation: organisation.id, scope: scope, name: name,
                secretHash: APIKey.hash(text), hint: APIKey.hint(text), createdAt: now, expiresAt: expiresAt)
            key.narrow(to: limits)
            try tx.insert(key)
            try author.note("key.created", key.id, with: desk, in: tx, at: now)
            return Issued(key: key, secret: text)
        }
    }

    /// A new key like an old one, which still works for 24 hours.
    package func roll(_ id: APIKeyID, by author: Author) async throws -> Issued {
        let now = desk.clock.now
        let secret = desk.ids.secret()
        return try await desk.store.transaction { tx in
            var old = try author.lock(APIKeyRecord.self, id, "key", in: tx)
            guard old.revokedAt == nil else {
                throw AdministrationRefusal.invalidState("revoked", allowed: ["active"])
            }
            guard let organisation = try tx.find(OrganisationRecord.self, author.organisation) else {
                throw AdministrationRefusal.notFound("organisation")
            }
            let text = APIKey.make(live: organisation.kind == .live, from: secret)
            var key = APIKeyRecord(
                id: desk.ids.new(at: now), organisation: old.organisation, scope: old.scope, name: old.name,
                secretHash: APIKey.hash(text), hint: APIKey.hint(text), createdAt: now,
                expiresAt: old.expiresAt)
            (key.sites, key.refundLimit, key.allowedIps) = (old.sites, old.refundLimit, old.allowedIps)
            // A program that gets a new key speaks as it did before.
            key.apiVersion = old.apiVersion
            try tx.insert(key)
            old.expiresAt = min(old.expiresAt ?? now + Self.overlap, now + Self.overlap)
            try tx.update(&old)
            try author.note("key.rolled", id, with: desk, in: tx, at: now)
            return Issued(key: key, secret: text)
        }
    }

    /// The key works no more, from now on.
    package func revoke(_ id: APIKeyID, by author: Author) async throws -> APIKeyRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var key = try author.lock(APIKeyRecord.self, id, "key", in: tx)
            guard key.revokedAt == nil else { return key }
            key.revokedAt = now
            try tx.update(&key)
            try author.note("key.revoked", id, with: desk, in: tx, at: now)
            return key
        }
    }

    private func check(_ limits: Limits, of scope: KeyScope, by author: Author, in tx: Tx) throws {
        if scope == .siteHost, limits.sites?.isEmpty != false {
            throw AdministrationRefusal.invalid(field: "/sites", "A host's key names the host's sites.")
        }
        for (index, site) in (limits.sites ?? []).enumerated() {
            try author.check(SiteRecord.self, site, field: "/sites/\(index)", in: tx)
        }
        for (index, network) in (limits.allowedIPs ?? []).enumerated()
        where !PrivateAddress.isNetwork(network) {
            throw AdministrationRefusal.invalid(
                field: "/allowed_ips/\(index)", "\"\(network.prefix(60))\" is no address or network.")
        }
        if let limit = limits.refundLimit, limit.isNegative {
            throw AdministrationRefusal.invalid(field: "/refund_limit/amount", "A limit is not negative.")
        }
    }

    /// A credential for one driver's own things, for a short time.
    package func mintDriverToken(
        for account: AccountID, lasting time: Elapsed, by author: Author
    ) async throws -> (token: String, record: DriverTokenRecord) {
        let now = desk.clock.now
        let text = DriverToken.prefix + desk.ids.secret()
        return try await desk.store.transaction { tx in
            guard try tx.find(AccountRecord.self, account)?.organisation == author.organisation else {
                throw AdministrationRefusal.invalid(field: "/account", "There is no \(account).")
            }
            try tx.forgetDriverTokens(before: now)
            let record = DriverTokenRecord(
                secretHash: APIKey.hash(text), organisation: author.organisation, account: account,
                madeBy: author.name, createdAt: now, expiresAt: now + time)
            try tx.insert(record)
            try author.note("driver_token.made", account, with: desk, in: tx, at: now)
            return (text, record)
        }
    }

    /// What the console signs its cookies with: made once an installation, never shown.
    package func consoleSecret() async throws -> String {
        let fresh = desk.ids.secret()
        return try await desk.store.transaction { tx in
            try tx.installationSecret("operator_cookie_secret", orSet: fresh)
        }
    }
}

/// Tokens of drivers.
package enum DriverToken {
    /// What comes before the secret.
    package static let prefix = "drt_"
}

extension APIKeyRecord {
    fileprivate mutating func narrow(to limits: Keys.Limits) {
        (sites, refundLimit, allowedIps) = (limits.sites, limits.refundLimit, limits.allowedIPs)
    }
}
