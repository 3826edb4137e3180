// SPDX-License-Identifier: Apache-2.0
import Quantities
import Storage
import Synchronization

/// Remembers what a request with an `Idempotency-Key` was answered, so that its repeat has no second effect
/// (api.md §1).
package final class IdempotentAnswers: Sendable {
    private let desk: Desk
    /// This process; a request of another one that never ended died with it.
    private let process: String
    /// Keys whose first request runs here now.
    private let running = Mutex<Set<String>>([])
    /// After this time a request of another process is taken for dead. Requests take milliseconds; and if it lives
    /// after all, the verbs themselves do nothing twice.
    private static let patience = Elapsed.seconds(5)

    package init(desk: Desk) {
        self.desk = desk
        process = desk.ids.secret()
    }

    /// An answer as it was given.
    package struct Answer: Sendable, Hashable {
        package let status: Int64
        package let headers: [String: String]
        package let body: [UInt8]

        package init(status: Int64, headers: [String: String], body: [UInt8]) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// What a key means for a request.
    package enum Claim: Sendable, Hashable {
        /// It is the first: do it, then call `remember` or `forget`.
        case first
        /// It is a repeat: answer the same.
        case repeated(Answer)
        /// The key was used for another body.
        case reused
        /// The first one still runs.
        case running
    }

    /// Claims a key for a request with this body.
    package func claim(_ scope: String, requestHash: String) async throws -> Claim {
        guard running.withLock({ $0.insert(scope).inserted }) else { return .running }
        do {
            let claim = try await look(scope, requestHash)
            if claim != .first { release(scope) }
            return claim
        } catch {
            release(scope)
            throw error
        }
    }

    /// Keeps the answer for repeats.
    package func remember(_ answer: Answer, for scope: String, requestHash: String) async throws {
        defer { release(scope) }
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            try tx.save(
                IdempotencyRecord(
                    scope: scope, requestHash: requestHash, status: answer.status, headers: answer.headers,
                    body: answer.body, startedAt: now))
        }
    }

    /// The request had no effect: its repeat is a first request again.
    package func forget(_ scope: String) async throws {
        defer { release(scope) }
        try await desk.store.transaction { tx in try tx.forgetIdempotency(scope) }
    }

    private func look(_ scope: String, _ hash: String) async throws -> Claim {
        let now = desk.clock.now
        let patience = Elapsed(nanoseconds: Self.patience.nanoseconds * desk.clock.rate)
        let new = IdempotencyRecord(
            scope: scope, requestHash: hash, headers: ["process": process], startedAt: now)
        return try await desk.store.transaction { tx in
            if try tx.insertIfAbsent(new) { return .first }
            guard let known = try tx.lockIdempotency(scope) else { return .running }
            guard known.requestHash == hash else { return .reused }
            if let status = known.status {
                return .repeated(
                    Answer(status: status, headers: known.headers ?? [:], body: known.body ?? []))
            }
            // Ours would be in `running`; another process's may still run somewhere else.
            let isOurs = known.headers?["process"] == self.process
            guard isOurs || now - known.startedAt >= patience else { return .running }
            try tx.save(new)
            return .first
        }
    }

    private func release(_ scope: String) { _ = running.withLock { $0.remove(scope) } }
}
