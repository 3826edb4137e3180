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

    /// A new key.
    package func create(
        _ scope: KeyScope, name: String, expiresAt: Instant? = nil, by author: Author
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
            let text = APIKey.make(live: organisation.kind == .live, from: secret)
            let key = APIKeyRecord(
                id: desk.ids.new(at: now), organisation: organisation.id, scope: scope, name: name,
                secretHash: APIKey.hash(text), hint: APIKey.hint(text), createdAt: now, expiresAt: expiresAt)
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
            let key = APIKeyRecord(
                id: desk.ids.new(at: now), organisation: old.organisation, scope: old.scope, name: old.name,
                secretHash: APIKey.hash(text), hint: APIKey.hint(text), createdAt: now,
                expiresAt: old.expiresAt)
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

    /// What the console signs its cookies with: made once an installation, never shown.
    package func consoleSecret() async throws -> String {
        let fresh = desk.ids.secret()
        return try await desk.store.transaction { tx in
            try tx.installationValue("operator_cookie_secret", orSet: fresh)
        }
    }
}
