// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The statements of one record type, put together once.
struct RecordPlan: Sendable {
    /// The properties in the order of the columns; a type always encodes them in this order.
    let properties: [String]
    /// The columns.
    let columns: [String]
    /// The place of `id`, if there is one.
    let id: Int?
    /// The place of `version`, if there is one.
    let version: Int?
    /// Adds a row.
    let insert: SQL
    /// Adds a row unless one with such a key exists.
    let insertIfAbsent: SQL
    private let quotedColumns: [String]

    /// The plan of a type, made from the first record of it.
    static func plan(of type: any Record.Type, _ properties: [String]) -> RecordPlan {
        let key = ObjectIdentifier(type)
        if let plan = plans.withLock({ $0[key] }) {
            precondition(plan.properties == properties, "\(type) encodes other properties than before")
            return plan
        }
        let plan = RecordPlan(type.table, properties)
        plans.withLock { $0[key] = plan }
        return plan
    }

    /// Changes some columns of the row with the id of the last placeholder but one, if it has the version of the last.
    func update<R: Record>(_ type: R.Type, _ places: [Int]) -> SQL {
        let key = Update(type: ObjectIdentifier(type), places: places)
        if let known = Self.updates.withLock({ $0[key] }) { return known }
        let update = written(R.table, places)
        Self.updates.withLock { $0[key] = update }
        return update
    }

    /// Which columns of which type are changed. The same few are changed again and again.
    private struct Update: Hashable {
        let type: ObjectIdentifier
        let places: [Int]
    }

    private static let updates = Mutex<[Update: SQL]>([:])

    private func written(_ table: String, _ places: [Int]) -> SQL {
        let changes = places.enumerated()
            .map { "\(quotedColumns[$0.element]) = $\($0.offset + 1)" }.joined(separator: ", ")
        return SQL(
            raw: "UPDATE \(quoted(table)) SET \(changes) WHERE id = $\(places.count + 1)"
                + " AND version = $\(places.count + 2)")
    }

    /// The plan of a type, if a record of it was written before.
    static func known(_ type: any Record.Type) -> RecordPlan? {
        plans.withLock { $0[ObjectIdentifier(type)] }
    }

    /// What a row holds, in the order of the columns; nil if it lacks one.
    func values(of row: Row) -> [SQLValue]? {
        var values: [SQLValue] = []
        values.reserveCapacity(columns.count)
        for column in columns {
            guard let index = row.columns.index(of: column) else { return nil }
            values.append(row.values[index])
        }
        return values
    }

    /// Adds a row, or changes all other columns of the one with the same values in `keys`.
    func upsert(_ table: String, on keys: [String]) -> SQL {
        let rest = columns.filter { !keys.contains($0) }.map { "\(quoted($0)) = excluded.\(quoted($0))" }
        let target = keys.map(quoted).joined(separator: ", ")
        let action = rest.isEmpty ? "NOTHING" : "UPDATE SET " + rest.joined(separator: ", ")
        return SQL(raw: "\(insert.text) ON CONFLICT (\(target)) DO \(action)")
    }

    private static let plans = Mutex<[ObjectIdentifier: RecordPlan]>([:])

    private init(_ table: String, _ properties: [String]) {
        self.properties = properties
        columns = properties.map(snakeCase)
        id = columns.firstIndex(of: "id")
        version = columns.firstIndex(of: "version")
        let names = columns.map(quoted).joined(separator: ", ")
        let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        insert = SQL(raw: "INSERT INTO \(quoted(table)) (\(names)) VALUES (\(places))")
        insertIfAbsent = SQL(raw: insert.text + " ON CONFLICT DO NOTHING")
        quotedColumns = columns.map(quoted)
    }
}

/// A name as both engines take it, even if it is a word of SQL (`number`, `last`, `order`).
func quoted(_ name: String) -> String { "\"\(name)\"" }
