// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The loop of one connection of the pool: takes a job, runs it, commits, tells its caller.
final class PostgresWorker {
    /// How often a closure is run again after it met another transaction (40001, 40P01).
    private static let retryLimit = 5

    private let session: PostgresSession
    private let options: StoreOptions
    private let doorbell: Doorbell
    private let bell: PostgresBell?

    init(_ session: PostgresSession, _ options: StoreOptions, _ doorbell: Doorbell, _ bell: PostgresBell?) {
        self.session = session
        self.options = options
        self.doorbell = doorbell
        self.bell = bell
    }

    /// Works until the mailbox is closed.
    func work(through mailbox: Mailbox<Job>) {
        while case .items(let jobs) = mailbox.take(upTo: 1) {
            for job in jobs where job.start() { job.finish(Result { try run(job) }) }
        }
    }

    private func run(_ job: Job) throws {
        var retries = 0
        while true {
            let connection = try session.connected()
            do {
                return try attempt(job, on: connection)
            } catch {
                guard retries < Self.retryLimit, mayRetry(connection) else {
                    throw connection.isBroken && connection.hasSentCommit ? StoreError.outcomeUnknown : error
                }
                retries += 1
                if !connection.isBroken {
                    // Jitter, so that two that met do not meet again.
                    usleep(.random(in: 0...(2_000 << UInt32(retries))))
                }
            }
        }
    }

    private func attempt(_ job: Job, on connection: PostgresConnection) throws {
        connection.begin(readOnly: job.isReadOnly)
        let tx = Tx(
            on: connection, keys: options.keys, teller: job.isReadOnly ? nil : options.teller)
        do {
            try job.body(tx)
            if let failure = tx.failure { throw failure }
            if job.isReadOnly { return connection.rollback() }
            bell?.record(tx.changes, in: tx)
            options.commitHook?(.before)
            try connection.commit()
            options.commitHook?(.after)
        } catch {
            connection.rollback()
            throw tx.failure ?? error
        }
        doorbell.publish(tx.changes, tx.topics)
        bell?.ring(tx.topics, hasChanges: !tx.changes.isEmpty)
    }

    /// Whether the closure may run again: nothing of it can have been committed.
    private func mayRetry(_ connection: PostgresConnection) -> Bool {
        if connection.isBroken { return !connection.hasSentCommit }
        switch connection.lastState {
        case "40001", "40P01": return true
        case "0A000", "26000":
            // A plan no longer fits its tables, or is gone: prepare everything anew.
            connection.forgetStatements()
            return true
        default: return false
        }
    }
}
