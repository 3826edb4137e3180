// SPDX-License-Identifier: Apache-2.0
package import Logging
package import Quantities
import Synchronization

/// All state of Amptill, in a SQLite file, in memory, or in PostgreSQL. One text of SQL serves them all.
///
/// Closures are synchronous and run on threads of the store, so a network call inside a transaction does not
/// compile. A closure may run again after a conflict: it touches nothing but `tx` and values made before.
package final class Store: Sendable {
    private let engine: any Engine
    private let doorbell: Doorbell
    private let teller: Teller

    /// Opens a database and brings its schema up to date.
    ///
    /// Throws `databaseLocked` if another process writes to the file, and `newerSchema` if a newer release
    /// made it.
    package static func open(
        _ location: DatabaseLocation, migrations: [Migration] = Migration.product,
        options: StoreOptions = StoreOptions()
    ) async throws -> Store {
        let doorbell = Doorbell()
        let engine: any Engine
        switch location {
        case .memory:
            engine = try await SQLiteEngine.open(nil, migrations, options, doorbell)
        case .file(let path):
            engine = try await SQLiteEngine.open(path, migrations, options, doorbell)
        case .postgres(let url, let schema):
            engine = try await PostgresEngine.open(url, schema: schema, migrations, options, doorbell)
        }
        return Store(engine, doorbell, options.teller)
    }

    private init(_ engine: any Engine, _ doorbell: Doorbell, _ teller: Teller) {
        self.engine = engine
        self.doorbell = doorbell
        self.teller = teller
    }

    deinit {
        engine.stop()
        doorbell.close()
    }

    /// Runs `body` in a transaction and returns after it is durable. Any error undoes everything it did.
    ///
    /// `body` runs once, or again after a conflict. A caller that is cancelled before its turn never runs.
    package func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (Tx) throws -> Value
    ) async throws -> Value {
        try await perform(isReadOnly: false, body)
    }

    /// Runs `body` on one unchanging snapshot; it cannot write.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Tx) throws -> Value
    ) async throws -> Value {
        try await perform(isReadOnly: true, body)
    }

    /// A transaction known in full, which may be joined with others into one flush. Every statement must be
    /// repeatable (ids made by us, `ON CONFLICT DO NOTHING`) and take no contended locks.
    package func append(_ statements: [Statement]) async throws {
        guard !statements.isEmpty else { return }
        try await engine.append(statements)
    }

    /// From now on every transaction writes events about what it changes, dated by this clock (api.md §3.11).
    ///
    /// Without a clock a store tells nothing: a tool that copies rows is not news.
    package func tellEvents(by clock: @escaping @Sendable () -> Instant) { teller.set(clock) }

    /// Hints about changed objects from now on, of all nodes, in the order of their commits on each node.
    package func changes() -> AsyncStream<Change> { doorbell.changes() }

    /// One element whenever work for a topic may be waiting.
    package func bell(_ topic: Topic) -> AsyncStream<Void> { doorbell.bell(topic) }

    /// Finishes what waits, refuses the rest with `unavailable`, and lets go of the database.
    package func close() async {
        await engine.close()
        doorbell.close()
    }

    /// In a rehearsal every transaction is undone at its end, as if it had failed, and gives its value all the same.
    @TaskLocal package static var isRehearsal = false

    private struct Rehearsed: Error {}

    private func perform<Value: Sendable>(
        isReadOnly: Bool, _ body: @escaping @Sendable (Tx) throws -> Value
    ) async throws -> Value {
        let box = ResultBox<Value>()
        let isUndone = Self.isRehearsal && !isReadOnly
        let job = Job(isReadOnly: isReadOnly) { tx in
            box.put(try body(tx))
            tx.writeTold()
            if isUndone { throw Rehearsed() }
        }
        do {
            try await engine.perform(job)
        } catch is Rehearsed {}
        return box.take()
    }
}

/// What a job's closure returned, on its way back to the caller.
private final class ResultBox<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func put(_ new: Value) { value.withLock { $0 = new } }

    func take() -> Value {
        guard let value = value.withLock({ $0 }) else {
            preconditionFailure("a job that succeeded has run its closure")
        }
        return value
    }
}

/// Where a database is.
package enum DatabaseLocation: Hashable, Sendable {
    /// In memory, gone with the store; for tests.
    case memory
    /// A SQLite file.
    case file(String)
    /// A PostgreSQL address; `schema` is made if it is missing, and nil means the server's default.
    case postgres(url: String, schema: String? = nil)

    /// Reads the text of `--database`: a `postgres://` address, `:memory:`, or else the path of a file.
    ///
    /// Throws `unavailable` for the address of another kind of database and for no text at all.
    package init(_ text: String) throws(StoreError) {
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            self = .postgres(url: text)
        } else if text == ":memory:" {
            self = .memory
        } else if text.isEmpty || text.contains("://") {
            throw .unavailable("\"\(text)\" is neither a postgres:// address nor the path of a file")
        } else {
            self = .file(text)
        }
    }
}

/// How a store works; the defaults are right for a server.
package struct StoreOptions: Sendable {
    /// Whether this process may write.
    package enum Access: Hashable, Sendable {
        /// The server. A file is locked against other writers.
        case readWrite
        /// `audit` and `export`: works beside a running server, takes no lock and changes no schema.
        case readOnly
    }

    /// Whether this process may write.
    package var access: Access
    /// Connections to PostgreSQL for transactions and reads. Eight was best on two cores (swift.md §4.2).
    package var connections: Int
    /// How many callers may wait; the next one gets `busy`.
    package var queueLimit: Int
    /// Called around every COMMIT of a transaction that may write.
    package var commitHook: (@Sendable (CommitMoment) -> Void)?
    /// What seals secrets. Without it a process that only reads can read all else.
    package var keys: InstallationKeys?
    /// Where troubles of connections are written; never values.
    package var log: Logger
    /// Who writes down what happens.
    let teller = Teller()

    /// The defaults, or what differs from them. Without keys of yours the secrets cannot be read again by anybody else.
    package init(
        access: Access = .readWrite, connections: Int = 8, queueLimit: Int = 4096,
        commitHook: (@Sendable (CommitMoment) -> Void)? = nil,
        keys: InstallationKeys? = .random(),
        log: Logger = Logger(label: "amptill.storage")
    ) {
        self.access = access
        self.connections = connections
        self.queueLimit = queueLimit
        self.commitHook = commitHook
        self.keys = keys
        self.log = log
    }
}
