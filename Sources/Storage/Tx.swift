// SPDX-License-Identifier: Apache-2.0

/// A transaction that is running. It cannot leave its thread, and nothing inside can wait for the network.
///
/// Once a statement has failed the whole transaction fails, even if the error was caught: PostgreSQL is so by
/// nature, and SQLite is made so, because half a transaction is never what anybody meant.
package final class Tx {
    private let connection: any Connection
    /// The first statement's failure.
    private(set) var failure: StoreError?
    /// What changed, for whoever watches; told after COMMIT.
    private(set) var changes: [Change] = []
    /// The doorbells to ring after COMMIT.
    private(set) var topics: Set<Topic> = []
    /// Writes down what happens; nil on a snapshot, and in a store that was given no clock.
    let telling: Telling?

    init(on connection: any Connection, teller: Teller? = nil) {
        self.connection = connection
        telling = teller?.begin()
    }

    /// Says that an object changed. Watchers hear of it after COMMIT, as a hint to read it again.
    package func note(_ kind: Change.Kind, _ id: String, version: Int64? = nil) {
        let change = Change(kind: kind, id: id, version: version)
        if !changes.contains(change) { changes.append(change) }
    }

    /// Wakes the workers of a topic after COMMIT, on every node.
    package func ring(_ topic: Topic) { topics.insert(topic) }

    /// The rows of a statement.
    func rows(_ sql: SQL, _ values: [SQLValue]) throws -> [Row] {
        try guarded { () throws(StoreError) in try connection.rows(sql, values) }
    }

    /// Runs a statement and says how many rows it changed.
    func run(_ sql: SQL, _ values: [SQLValue]) throws -> Int {
        try guarded { () throws(StoreError) in try connection.run(sql, values) }
    }

    /// Runs a statement without waiting for it: it travels with the next read or with COMMIT, which report
    /// its error.
    func later(_ sql: SQL, _ values: [SQLValue]) {
        guard failure == nil else { return }
        do throws(StoreError) {
            try connection.later(sql, values)
        } catch {
            failure = error
        }
    }

    private func guarded<Value>(_ work: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        if let failure { throw failure }
        do throws(StoreError) {
            return try work()
        } catch {
            failure = error
            throw error
        }
    }
}
