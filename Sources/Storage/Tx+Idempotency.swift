// SPDX-License-Identifier: Apache-2.0
package import Quantities

/// What a request with an `Idempotency-Key` was answered, or that it still runs (api.md §1).
package struct IdempotencyRecord: Record, Hashable {
    package static let table = "idempotency"

    /// Organisation, kind of credential, method, path and key, hashed.
    package var scope: String
    /// SHA-256 of the body.
    package var requestHash: String
    /// The HTTP status; nil while the first request runs.
    package var status: Int64?
    /// The answer's headers; while the request runs, which process runs it.
    package var headers: [String: String]?
    /// The answer's body.
    package var body: [UInt8]?
    /// When the first request began.
    package var startedAt: Instant

    package init(
        scope: String, requestHash: String, status: Int64? = nil, headers: [String: String]? = nil,
        body: [UInt8]? = nil, startedAt: Instant
    ) {
        self.scope = scope
        self.requestHash = requestHash
        self.status = status
        self.headers = headers
        self.body = body
        self.startedAt = startedAt
    }
}

extension Tx {
    /// What is known of a key, locked.
    package func lockIdempotency(_ scope: String) throws -> IdempotencyRecord? {
        try all(IdempotencyRecord.self, where: "scope = $1 {{for update}}", [.text(scope)]).first
    }

    /// Writes what is known of a key.
    package func save(_ record: IdempotencyRecord) throws { try upsert(record, on: ["scope"]) }

    /// Forgets a key whose request had no effect.
    package func forgetIdempotency(_ scope: String) throws {
        _ = try delete(IdempotencyRecord.self, where: "scope = $1", [.text(scope)])
    }

    /// Forgets the bodies of answers given before an instant; says how many keys were forgotten.
    package func forgetIdempotency(before instant: Instant) throws -> Int {
        try delete(IdempotencyRecord.self, where: "started_at < $1", [.int(instant.nanoseconds)])
    }
}
