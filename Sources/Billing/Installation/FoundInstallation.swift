// SPDX-License-Identifier: Apache-2.0

import Digests
package import Quantities
import Storage

/// The first start on an empty database: one test organisation, its operator's key, and the Sandbox as its gateway.
///
/// Later starts change nothing; a key given by the environment must then be one of the keys that are known.
package struct FoundInstallation: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What a start found or made.
    package struct Founded: Hashable, Sendable {
        package var organisation: OrganisationID
        /// The operator's key, if it was made now and nobody has seen it: to be printed once.
        package var newKey: String?
    }

    /// Why the given key cannot be.
    package enum Refusal: Error, Hashable, CustomStringConvertible {
        case tooShort
        case isAnother

        package var description: String {
            switch self {
            case .tooShort: "the operator key needs at least 24 characters"
            case .isAnother: "this installation has another operator key; remove the setting or use that key"
            }
        }
    }

    /// - Parameter given: the operator key of the environment, or nil to make one.
    package func callAsFunction(operatorKey given: String?) async throws -> Founded {
        if let given, given.utf8.count < 24 { throw Refusal.tooShort }
        let now = desk.clock.now
        let made = APIKey.make(live: false, from: desk.ids.secret())
        let webhookSecret = desk.ids.secret()
        let gatewaySecret = desk.ids.secret()
        return try await desk.store.transaction { tx in
            if let organisation = try tx.organisations().first {
                if let given, try !tx.isOperatorKey(hash: APIKey.hash(given)) { throw Refusal.isAnother }
                return Founded(organisation: organisation.id, newKey: nil)
            }
            let organisation = Self.first(id: desk.ids.new(at: now), at: now)
            try tx.insert(organisation)
            let key = given ?? made
            try tx.insert(
                APIKeyRecord(
                    id: desk.ids.new(at: now), organisation: organisation.id, scope: .operator,
                    name: "First operator",
                    secretHash: APIKey.hash(key), hint: APIKey.hint(key), createdAt: now))
            try tx.insert(
                GatewayAccountRecord(
                    id: desk.ids.new(at: now), organisation: organisation.id, kind: "sandbox",
                    name: "Sandbox",
                    secret: gatewaySecret, webhookSecret: webhookSecret, baseUrl: "", createdAt: now))
            return Founded(organisation: organisation.id, newKey: given == nil ? key : nil)
        }
    }

    private static func first(id: OrganisationID, at now: Instant) -> OrganisationRecord {
        OrganisationRecord(
            id: id, kind: .test, name: "My charging company", legalName: "My charging company",
            address: PostalAddress(street: "", postalCode: "", city: "", country: "DE"), currency: .eur,
            timeZone: "Europe/Berlin", country: "DE", policy: OrganisationPolicy(), createdAt: now)
    }
}

/// API keys as they look and as they are kept: `amp_test_…` or `amp_live_…`, 26 random characters and a check sum, so
/// that a leaked key can be recognised; only the SHA-256 is stored (api.md §2).
package enum APIKey {
    /// A new key from 128 random bits in base 32.
    package static func make(live: Bool, from secret: String) -> String {
        let body = (live ? "amp_live_" : "amp_test_") + secret
        return body + checkSum(of: body)
    }

    /// What is stored.
    package static func hash(_ key: String) -> String { SHA256Digest.hex(of: Array(key.utf8)) }

    /// What lists show: enough to recognise a key, too little to use it.
    package static func hint(_ key: String) -> String { key.prefix(9) + "…" + key.suffix(4) }

    /// Whether a text looks like one of our keys and was typed correctly.
    package static func isWellFormed(_ key: String) -> Bool {
        guard key.hasPrefix("amp_test_") || key.hasPrefix("amp_live_"), key.utf8.count == 9 + 26 + 4 else {
            return false
        }
        return checkSum(of: String(key.dropLast(4))) == key.suffix(4)
    }

    private static func checkSum(of body: String) -> String {
        String(SHA256Digest.hex(of: Array(body.utf8)).prefix(4))
    }
}
