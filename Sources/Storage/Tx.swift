// SPDX-License-Identifier: Apache-2.0

/// A transaction that is running. It cannot leave its thread, and nothing inside can wait for the network.
///
/// Once a statement has failed the whole transaction fails, even if the error was caught: PostgreSQL is so by
/// nature, and SQLite is made so, because half a transaction is never what anybody meant.
package final class Tx {
    private let connection: any Connection
    /// What this transaction has read or written of single rows, by table and id.
    private var known: [String: Known] = [:]
    /// What was looked up before somebody asked, with the tables it is from.
    private var foreseen: [Statement: (rows: [Row], tables: [String])] = [:]
    /// The first statement's failure.
    private(set) var failure: StoreError?
    /// What changed, for whoever watches; told after COMMIT.
    private(set) var changes: [Change] = []
    /// The doorbells to ring after COMMIT.
    private(set) var topics: Set<Topic> = []
    /// The events that are written at the end (`writeTold`).
    var told: [Told] = []
    /// Writes down what happens; nil on a snapshot, and in a store that was given no clock.
    let telling: Telling?

    /// What seals and opens secrets; nil where this process was given no key.
    let keys: InstallationKeys?

    init(on connection: any Connection, keys: InstallationKeys?, teller: Teller? = nil) {
        self.connection = connection
        self.keys = keys
        telling = teller?.begin()
    }

    /// Says that an object changed. Watchers hear of it after COMMIT, as a hint to read it again.
    package func note(_ kind: Change.Kind, _ id: String, version: Int64? = nil) {
        let change = Change(kind: kind, id: id, version: version)
        if !changes.contains(change) { changes.append(change) }
    }

    /// Wakes the workers of a topic after COMMIT, on every node.
    package func ring(_ topic: Topic) { topics.insert(topic) }

    /// Looks up what will be asked for, in one round trip where there is one. Each answer is good for one look-up, and
    /// only until something is written that it may be about.
    package func foresee(_ questions: [Question]) throws {
        let answers = try guarded { () throws(StoreError) in
            try connection.rows(ofEach: questions.map(\.statement))
        }
        for (question, rows) in zip(questions, answers) {
            foreseen[question.statement] = (rows, question.tables)
        }
    }

    /// The rows of a statement.
    func rows(_ sql: SQL, _ values: [SQLValue]) throws -> [Row] {
        if !foreseen.isEmpty, let answer = foreseen.removeValue(forKey: Statement(sql, values)) {
            return answer.rows
        }
        return try guarded { () throws(StoreError) in try connection.rows(sql, values) }
    }

    /// Runs a statement and says how many rows it changed. `forgets`: whether it may change rows that are known.
    func run(_ sql: SQL, _ values: [SQLValue], forgets: Bool = true) throws -> Int {
        if forgets { forget() }
        return try guarded { () throws(StoreError) in try connection.run(sql, values) }
    }

    /// Runs a statement without waiting for it: it travels with the next read or with COMMIT, which report
    /// its error.
    func later(_ sql: SQL, _ values: [SQLValue], forgets: Bool = true) {
        if forgets { forget() }
        guard failure == nil else { return }
        do throws(StoreError) {
            try connection.later(sql, values)
        } catch {
            failure = error
        }
    }

    /// Writes rows without waiting for them: `row` stands between `head` and `tail` once for each, and its `$n` are the
    /// values of that row. Some at a time, by powers of two: a statement for each number of rows would fill what keeps
    /// prepared statements.
    func later(_ head: SQL, row: SQL, _ rows: [[SQLValue]], tail: SQL = "") {
        var rest = rows[...]
        while let width = rest.first?.count {
            let count = [32, 16, 8, 4, 2].first { $0 <= rest.count } ?? 1
            let rows = row.repeated(count, width: width).text
            later(
                SQL(raw: "\(head.text) \(rows) \(tail.text)"), rest.prefix(count).flatMap { $0 },
                forgets: false)
            rest = rest.dropFirst(count)
        }
    }

    private func forget() {
        known = [:]
        foreseen = [:]
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

extension Tx {
    /// A row as this transaction knows it.
    private struct Known {
        let record: any Record
        /// What its columns hold, in the order of its plan; nil if that is not known.
        let values: [SQLValue]?
        /// Whether nobody else can change it until this transaction ends.
        let isHeld: Bool
    }

    /// The row that this transaction has seen; nil if it has to be read. Every verb asks for the rows it needs by their
    /// ids, so one message asks for its session several times.
    func recall<R: Record>(_ type: R.Type, _ id: String, held: Bool) -> R? {
        guard let row = known[R.table + id], row.isHeld || !held else { return nil }
        return row.record as? R
    }

    /// A row of a table was written: what was looked up there may be old.
    func forgetForeseen(in table: String) {
        if !foreseen.isEmpty { foreseen = foreseen.filter { !$0.value.tables.contains(table) } }
    }

    /// Keeps a row for as long as the transaction lasts.
    func remember(_ record: some Record, _ id: String, held: Bool, values: [SQLValue]? = nil) {
        let key = type(of: record).table + id
        if !held, known[key]?.isHeld == true { return }
        known[key] = Known(record: record, values: values, isHeld: held)
    }

    /// What the columns of a row hold that nobody else can change; nil if that is not known.
    func recallValues<R: Record>(_ type: R.Type, _ id: String) -> [SQLValue]? {
        guard let row = known[R.table + id], row.isHeld else { return nil }
        return row.values
    }
}
