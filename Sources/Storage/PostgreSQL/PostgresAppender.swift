// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Statements that one caller wants stored together, and the caller.
final class PostgresAppend: Sendable {
    /// The statements, in order.
    let statements: [Statement]
    private let continuation: Mutex<CheckedContinuation<Void, any Error>?>

    init(_ statements: [Statement], _ continuation: CheckedContinuation<Void, any Error>) {
        self.statements = statements
        self.continuation = Mutex(continuation)
    }

    /// Resumes the caller, once.
    func finish(_ result: Result<Void, any Error>) {
        let continuation = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        continuation?.resume(with: result)
    }
}

/// Joins appends into groups: many callers, one pipeline, one flush of the server's log.
///
/// A pipeline without BEGIN is one transaction up to its Sync. If one of them cannot be stored, all is undone and
/// each append runs alone. All of that may be repeated, as every statement of an append may.
final class PostgresAppender {
    /// How many appends share one flush at most.
    private static let groupLimit = 128

    private let session: PostgresSession

    init(_ session: PostgresSession) { self.session = session }

    /// Works until the mailbox is closed.
    func work(through mailbox: Mailbox<PostgresAppend>) {
        var waiting = Gathering(from: mailbox, limit: Self.groupLimit, siblings: 4)
        while case .items(let appends) = waiting.take() {
            do {
                try storeAtLast(appends.flatMap(\.statements))
                for append in appends { append.finish(.success(())) }
            } catch StoreError.unavailable(let why) {
                // The database is away for each of them: to wait for it one by one would take minutes.
                for append in appends { append.finish(.failure(StoreError.unavailable(why))) }
            } catch {
                for append in appends { append.finish(Result { try storeAtLast(append.statements) }) }
            }
        }
    }

    /// Tries a few times, as long as trying again may help.
    private func storeAtLast(_ statements: [Statement]) throws {
        var attempts = 1
        while true {
            do {
                return try store(statements)
            } catch StoreError.conflict where attempts <= 5 {
                attempts += 1
            } catch StoreError.unavailable where attempts <= 5 {
                attempts += 1
            }
        }
    }

    private func store(_ statements: [Statement]) throws {
        let connection = try session.connected()
        do {
            for statement in statements { try connection.later(statement.sql, statement.values) }
            try connection.flushLater()
        } catch {
            // A value that cannot be sent leaves others in the pipeline: they must not be stored without it.
            connection.abandon()
            if ["0A000", "26000"].contains(connection.lastState) { connection.forgetStatements() }
            throw error
        }
    }
}
