// SPDX-License-Identifier: Apache-2.0

/// PostgreSQL behind a `Store`: a pool of threads with one connection each, one more for `append`, and one
/// for the doorbell.
///
/// **Isolation.** Transactions run at READ COMMITTED with rows locked by `FOR UPDATE` and writes checked by
/// version: whoever waits for a lock then sees the newest row, so a hot row makes callers wait instead of
/// failing. With REPEATABLE READ each of them would fail with 40001 and run again. Reads run at REPEATABLE
/// READ: one snapshot.
final class PostgresEngine: Engine {
    private let jobs: Mailbox<Job>
    private let appends: Mailbox<PostgresAppend>
    private let crew: Crew
    private let bell: PostgresBell?
    private let isReadOnly: Bool

    /// Connects, and brings the schema up to date under an advisory lock.
    static func open(
        _ url: String, schema: String?, _ migrations: [Migration], _ options: StoreOptions,
        _ doorbell: Doorbell
    ) async throws -> PostgresEngine {
        let isReadOnly = options.access == .readOnly
        let address = PostgresAddress(url: url, schema: schema, isReadOnly: isReadOnly)
        let migrator = Migrator(migrations)
        let crew = Crew()
        let secrets = try isReadOnly ? nil : SecretsAtRest(options.keys, migrations)
        try await crew.start("postgres schema") { () throws in
            let connection = try PostgresConnection(address, until: .now + .seconds(10))
            let tables = PostgresSchema(address, migrator)
            if isReadOnly { try tables.check(connection) } else { try tables.bringUpToDate(connection) }
            // The lock of the schema is held until the connection ends, so nodes that start together take turns.
            _ = try secrets?.bringUpToDate(connection)
            return {}
        }
        let bell = try isReadOnly ? nil : PostgresBell(address, doorbell, options.log)
        if let bell {
            try await crew.start("postgres bell") { () throws in
                let listening = try bell.listen()
                return { bell.work(listening) }
            }
        }
        let engine = PostgresEngine(options, crew, bell, isReadOnly: isReadOnly)
        engine.startWorkers(address, options, doorbell)
        return engine
    }

    private init(_ options: StoreOptions, _ crew: Crew, _ bell: PostgresBell?, isReadOnly: Bool) {
        jobs = Mailbox(limit: options.queueLimit)
        appends = Mailbox(limit: options.queueLimit)
        self.crew = crew
        self.bell = bell
        self.isReadOnly = isReadOnly
    }

    private func startWorkers(_ address: PostgresAddress, _ options: StoreOptions, _ doorbell: Doorbell) {
        for number in 1...max(1, options.connections) {
            crew.start("postgres \(number)") { [jobs, bell] in
                PostgresWorker(PostgresSession(address, options.log), options, doorbell, bell).work(
                    through: jobs)
            }
        }
        guard !isReadOnly else { return }
        // One: two would share what comes between them, and flush twice as often.
        crew.start("postgres append") { [appends] in
            PostgresAppender(PostgresSession(address, options.log)).work(through: appends)
        }
    }

    func perform(_ job: Job) async throws {
        guard job.isReadOnly || !isReadOnly else {
            throw StoreError.failed(state: "25006", message: "opened for reading only")
        }
        try await job.run(through: jobs)
    }

    func append(_ statements: [Statement]) async throws {
        guard !isReadOnly else {
            throw StoreError.failed(state: "25006", message: "opened for reading only")
        }
        try await withCheckedThrowingContinuation { continuation in
            let append = PostgresAppend(statements, continuation)
            do throws(StoreError) {
                try appends.put(append)
            } catch {
                append.finish(.failure(error))
            }
        }
    }

    func stop() {
        jobs.close()
        appends.close()
        bell?.close()
    }

    func close() async {
        stop()
        await crew.join()
    }
}
