// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging

/// SQLite behind a `Store`: one writer and two readers, each on its own thread.
///
/// The writer joins what waits into groups with one COMMIT, so that many callers share one flush. There is
/// only one writer, so nothing conflicts, nothing waits for a row, and `FOR UPDATE` is empty.
final class SQLiteEngine: Engine {
    /// How many jobs share one COMMIT at most.
    static let groupLimit = 256

    private let writes: Mailbox<Job>?
    private let reads: Mailbox<Job>
    private let crew: Crew

    /// Opens the file, or memory for nil, and brings its schema up to date.
    static func open(
        _ path: String?, _ migrations: [Migration], _ options: StoreOptions, _ doorbell: Doorbell
    ) async throws -> SQLiteEngine {
        let isReadOnly = options.access == .readOnly
        guard path != nil || !isReadOnly else {
            throw StoreError.unavailable("there is nothing to read in memory")
        }
        if !isReadOnly, let path { try makePrivate(path) }
        let lock = try isReadOnly ? nil : path.map { path throws(StoreError) in try FileLock(path) }
        let writes = isReadOnly ? nil : Mailbox<Job>(limit: options.queueLimit)
        // Memory has one connection: shared-cache databases have table locks and no WAL.
        let reads = path == nil ? writes ?? Mailbox(limit: 0) : Mailbox<Job>(limit: options.queueLimit)
        let crew = Crew()
        let migrator = Migrator(migrations)
        do {
            let secrets = try isReadOnly ? nil : SecretsAtRest(options.keys, migrations)
            if let writes {
                try await crew.start("sqlite writer") { () throws in
                    let connection = try SQLiteConnection(path, .writer)
                    try SQLiteSchema(migrator).bringUpToDate(connection)
                    // What lay there in clear is in the log too until it is cut.
                    if try secrets?.bringUpToDate(connection) == true { try connection.checkpoint() }
                    return SQLiteWriter(connection, writes, lock, options, doorbell).work
                }
            }
            for number in 1...2 where path != nil {
                try await crew.start("sqlite reader \(number)") { () throws in
                    let connection = try SQLiteConnection(path, isReadOnly ? .visitor : .reader)
                    if isReadOnly { try SQLiteSchema(migrator).check(connection) }
                    return SQLiteReader(
                        connection, reads, keys: options.keys, secondsPerRead: isReadOnly ? nil : 30
                    ).work
                }
            }
        } catch {
            writes?.close()
            reads.close()
            await crew.join()
            lock?.unlock()
            throw error
        }
        return SQLiteEngine(writes, reads, crew)
    }

    /// Makes a new file that only its owner can read: it holds keys of gateways. Its log and index take after
    /// it.
    private static func makePrivate(_ path: String) throws(StoreError) {
        let made = Foundation.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard made >= 0 || errno == EEXIST else {
            throw .unavailable("\(path): \(String(cString: strerror(errno)))")
        }
        if made >= 0 { Foundation.close(made) }
    }

    private init(_ writes: Mailbox<Job>?, _ reads: Mailbox<Job>, _ crew: Crew) {
        self.writes = writes
        self.reads = reads
        self.crew = crew
    }

    func perform(_ job: Job) async throws {
        if job.isReadOnly { return try await job.run(through: reads) }
        guard let writes else { throw StoreError.failed(state: "25006", message: "opened for reading only") }
        try await job.run(through: writes)
    }

    func append(_ statements: [Statement]) async throws {
        try await perform(
            Job(isReadOnly: false) { tx in
                for statement in statements { _ = try tx.run(statement.sql, statement.values) }
            })
    }

    func stop() {
        writes?.close()
        reads.close()
    }

    func close() async {
        stop()
        await crew.join()
    }
}

/// The schema of a SQLite file.
struct SQLiteSchema {
    private let migrator: Migrator

    init(_ migrator: Migrator) { self.migrator = migrator }

    /// Applies what is missing, each step in a transaction of its own.
    func bringUpToDate(_ connection: SQLiteConnection) throws {
        try connection.script(Migrator.table)
        for migration in try migrator.missing(applied: connection.rows(Migrator.applied, [])) {
            try connection.script("BEGIN IMMEDIATE")
            do {
                try connection.script(migration.sql)
                _ = try connection.run(Migrator.note, migrator.noted(migration))
                try connection.script("COMMIT")
            } catch {
                if connection.isInTransaction { try connection.script("ROLLBACK") }
                throw error
            }
        }
    }

    /// For those who may not change it: throws unless the schema is exactly the one we know.
    func check(_ connection: SQLiteConnection) throws {
        try migrator.refuseMissing(migrator.missing(applied: connection.rows(Migrator.applied, [])))
    }
}

/// The loop of a reader.
final class SQLiteReader {
    private let connection: SQLiteConnection
    private let mailbox: Mailbox<Job>
    private let keys: InstallationKeys?
    private let secondsPerRead: Int64?

    init(
        _ connection: SQLiteConnection, _ mailbox: Mailbox<Job>, keys: InstallationKeys?,
        secondsPerRead: Int64?
    ) {
        self.connection = connection
        self.mailbox = mailbox
        self.keys = keys
        self.secondsPerRead = secondsPerRead
    }

    /// Works until the mailbox is closed.
    func work() {
        while case .items(let jobs) = mailbox.take(upTo: 1) {
            for job in jobs where job.start() { job.finish(Result { try read(job) }) }
        }
    }

    private func read(_ job: Job) throws {
        connection.limit(seconds: secondsPerRead)
        try connection.say("BEGIN")
        let tx = Tx(on: connection, keys: keys)
        let outcome = Result { try job.body(tx) }
        connection.limit(seconds: nil)
        if connection.isInTransaction { try connection.say("ROLLBACK") }
        if let failure = tx.failure { throw failure }
        try outcome.get()
    }
}
