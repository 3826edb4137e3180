// SPDX-License-Identifier: Apache-2.0
package import Quantities

extension Tx {
    /// The credential whose secret has this hash.
    package func apiKey(secretHash hash: String) throws -> APIKeyRecord? {
        try all(APIKeyRecord.self, where: "secret_hash = $1", [.text(hash)]).first
    }

    /// The driver's token whose secret has this hash.
    package func driverToken(secretHash hash: String) throws -> DriverTokenRecord? {
        try all(DriverTokenRecord.self, where: "secret_hash = $1", [.text(hash)]).first
    }

    /// Forgets drivers' tokens that have expired.
    package func forgetDriverTokens(before instant: Instant) throws {
        _ = try delete(DriverTokenRecord.self, where: "expires_at < $1", [.int(instant.nanoseconds)])
    }

    /// Whether this is the hash of an operator's key that works.
    package func isOperatorKey(hash: String) throws -> Bool {
        try apiKey(secretHash: hash).map { $0.scope == .operator && $0.revokedAt == nil } ?? false
    }

    /// Gateway accounts of an organisation, oldest first.
    package func gatewayAccounts(of organisation: OrganisationID) throws -> [GatewayAccountRecord] {
        try all(
            GatewayAccountRecord.self, where: "organisation = $1", [.text(organisation.text)],
            orderBy: "created_at, id")
    }

    /// What was done to an object, oldest first.
    package func audit(of object: String, for organisation: OrganisationID, limit: Int) throws
        -> [AuditRecord]
    {
        try all(
            AuditRecord.self, where: "organisation = $1 AND object = $2",
            [.text(organisation.text), .text(object)], orderBy: "at, id", limit: limit)
    }

    /// Whether the installation has an organisation that moves real money.
    package func hasLiveOrganisation() throws -> Bool {
        try exists(OrganisationRecord.self, where: "kind = 'live'")
    }
}
