// SPDX-License-Identifier: Apache-2.0

/// SQLite or PostgreSQL: what stands behind a `Store`.
protocol Engine: Sendable {
    /// Runs a job in a transaction of its own and returns after COMMIT.
    func perform(_ job: Job) async throws
    /// Runs statements in one transaction that may be joined with others.
    func append(_ statements: [Statement]) async throws
    /// Refuses new jobs; what waits is still done.
    func stop()
    /// Stops, and waits for everything to end.
    func close() async
}

/// One connection to a database; confined to the thread that opened it.
protocol Connection: AnyObject {
    /// The rows of a statement.
    func rows(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) -> [Row]
    /// The rows of several statements, asked at once; nothing where asking one by one costs no more.
    func rows(ofEach statements: [Statement]) throws(StoreError) -> [[Row]]
    /// How many rows a statement changed.
    func run(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) -> Int
    /// A statement whose outcome is told at the next `rows` or `run`, or at COMMIT.
    func later(_ sql: SQL, _ values: [SQLValue]) throws(StoreError)
}

/// When the commit hook is called. Crash tests end the process there.
package enum CommitMoment: Sendable, Hashable {
    /// The transaction is written and COMMIT has not been sent.
    case before
    /// COMMIT is confirmed and the callers have not been told.
    case after
}
