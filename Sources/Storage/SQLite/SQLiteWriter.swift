// SPDX-License-Identifier: Apache-2.0
import Logging

/// The loop of the writer: takes what waits, runs it as one group, commits once, tells everybody.
final class SQLiteWriter {
    private let connection: SQLiteConnection
    private let mailbox: Mailbox<Job>
    /// Held as long as the writer works.
    private let lock: FileLock?
    private let options: StoreOptions
    private let doorbell: Doorbell

    /// What became of a job inside a group that is not committed yet.
    private struct Done {
        let job: Job
        let tx: Tx
        let outcome: Result<Void, any Error>

        var hasWritten: Bool {
            if case .success = outcome { !job.isReadOnly } else { false }
        }
    }

    init(
        _ connection: SQLiteConnection, _ mailbox: Mailbox<Job>, _ lock: FileLock?, _ options: StoreOptions,
        _ doorbell: Doorbell
    ) {
        self.connection = connection
        self.mailbox = mailbox
        self.lock = lock
        self.options = options
        self.doorbell = doorbell
    }

    /// Works until the mailbox is closed.
    func work() {
        var hasWritten = false
        var waiting = Gathering(from: mailbox, limit: SQLiteEngine.groupLimit, siblings: 8)
        while true {
            switch waiting.take(idleAfter: hasWritten ? .seconds(1) : nil) {
            case .items(let jobs):
                run(jobs.filter { $0.start() })
                hasWritten = true
            case .idle:
                // Now, so that a busy hour does not pay for it.
                checkpoint()
                hasWritten = false
            case .closed:
                checkpoint()
                lock?.unlock()
                return
            }
        }
    }

    /// Runs what came together in one transaction of the database. What goes well, and nearly everything does, needs no
    /// savepoint, for which SQLite would copy every page that a job touches. Only if a job fails are they all undone and
    /// run once more, each with one.
    private func run(_ jobs: [Job]) {
        guard jobs.count > 1 else { return jobs.forEach(runAlone) }
        do {
            for done in try commit(jobs, apart: false) ?? commit(jobs, apart: true) ?? [] { finish(done) }
        } catch {
            // Nothing of the group is stored. Alone, each job gets its own outcome.
            options.log.warning(
                "a group of \(jobs.count) transactions was undone", metadata: ["error": "\(error)"])
            jobs.forEach(runAlone)
        }
    }

    /// The outcomes of a group, stored; nil if one of them failed and had to be kept apart from the others.
    private func commit(_ jobs: [Job], apart: Bool) throws -> [Done]? {
        try connection.say("BEGIN IMMEDIATE")
        do {
            var group: [Done] = []
            for job in jobs {
                if apart { try connection.say("SAVEPOINT job") }
                let done = outcome(of: job)
                // Disk full and I/O errors end the whole transaction: what follows would run outside of it.
                guard connection.isInTransaction else {
                    throw done.tx.failure ?? StoreError.unavailable("SQLite ended the transaction")
                }
                if case .failure = done.outcome {
                    guard apart else {
                        try connection.say("ROLLBACK")
                        return nil
                    }
                    try connection.say("ROLLBACK TO job")
                }
                if apart { try connection.say("RELEASE job") }
                group.append(done)
            }
            try end(writing: group.contains { $0.hasWritten })
            return group
        } catch {
            if connection.isInTransaction { try connection.say("ROLLBACK") }
            throw error
        }
    }

    private func runAlone(_ job: Job) {
        do {
            try connection.say("BEGIN IMMEDIATE")
            let done = outcome(of: job)
            do {
                try done.outcome.get()
                try end(writing: done.hasWritten)
            } catch {
                if connection.isInTransaction { try connection.say("ROLLBACK") }
                throw error
            }
            finish(done)
        } catch {
            job.finish(.failure(error))
        }
    }

    private func outcome(of job: Job) -> Done {
        connection.refusesWrites = job.isReadOnly
        defer { connection.refusesWrites = false }
        let tx = Tx(
            on: connection, keys: options.keys, teller: job.isReadOnly ? nil : options.teller)
        let outcome = Result { try job.body(tx) }
        return Done(job: job, tx: tx, outcome: tx.failure.map { .failure($0) } ?? outcome)
    }

    private func end(writing: Bool) throws {
        guard writing else { return try connection.say("ROLLBACK") }
        options.commitHook?(.before)
        try connection.say("COMMIT")
        options.commitHook?(.after)
    }

    private func finish(_ done: Done) {
        if case .success = done.outcome { doorbell.publish(done.tx.changes, done.tx.topics) }
        done.job.finish(done.outcome)
    }

    private func checkpoint() {
        do {
            try connection.checkpoint()
        } catch {
            // The next one will do: nothing depends on it but the size of the log.
            options.log.debug("no checkpoint", metadata: ["error": "\(error)"])
        }
    }
}
