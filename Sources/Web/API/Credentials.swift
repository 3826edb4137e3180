// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import Hummingbird
import Quantities
import Storage

/// Finds out who is calling: a key, a guest's token, or nobody.
struct Credentials: Sendable {
    let desk: Desk

    /// What comes before a guest's secret in a token.
    static let guestPrefix = "gst_"

    /// The caller of a request. No credential at all is `anonymous`; a wrong one is refused.
    func caller(of request: Request) async throws -> Caller {
        guard let field = request.headers[.authorization] else { return .anonymous }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Problem(.unauthenticated, "Send Authorization: Bearer <key>.")
        }
        let text = String(parts[1]).trimmingBlanks
        if text.hasPrefix(Self.guestPrefix) {
            return .guest(try await guest(secret: String(text.dropFirst(Self.guestPrefix.count))))
        }
        return try await text.hasPrefix(DriverToken.prefix) ? driver(text) : key(text)
    }

    /// The key with this secret, if it works now.
    func key(_ secret: String) async throws -> Caller {
        let now = desk.clock.now
        let hash = APIKey.hash(secret)
        let found = try await desk.store.read { tx -> (APIKeyRecord, OrganisationRecord)? in
            guard let key = try tx.apiKey(secretHash: hash),
                let organisation = try tx.find(OrganisationRecord.self, key.organisation)
            else { return nil }
            return (key, organisation)
        }
        guard let (key, organisation) = found else {
            throw Problem(.unauthenticated, "This key is not known.")
        }
        if key.revokedAt != nil { throw Problem(.keyRevoked, "The key \(key.hint) was revoked.") }
        if let expiresAt = key.expiresAt, expiresAt <= now {
            throw Problem(.keyExpired, "The key \(key.hint) expired at \(expiresAt.iso8601).")
        }
        return .key(key, organisation)
    }

    private func driver(_ secret: String) async throws -> Caller {
        let now = desk.clock.now
        let hash = APIKey.hash(secret)
        let found = try await desk.store.read { tx -> (DriverTokenRecord, OrganisationRecord)? in
            guard let token = try tx.driverToken(secretHash: hash),
                let organisation = try tx.find(OrganisationRecord.self, token.organisation)
            else { return nil }
            return (token, organisation)
        }
        guard let (token, organisation) = found else {
            throw Problem(.unauthenticated, "This driver token is not known.")
        }
        guard token.expiresAt > now else {
            throw Problem(.keyExpired, "The driver token expired at \(token.expiresAt.iso8601).")
        }
        return .driver(token, organisation)
    }

    private func guest(secret: String) async throws -> CheckoutRecord {
        guard let checkout = try await desk.store.read({ tx in try tx.checkout(secret: secret) }) else {
            throw Problem(.unauthenticated, "This guest token is not known.")
        }
        return checkout
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmingBlanks: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
