// SPDX-License-Identifier: Apache-2.0

extension Tx {
    /// Adds a row. That it exists already is told at the latest at COMMIT.
    package func insert<R: Record>(_ record: R) throws {
        let (plan, values) = try planned(record)
        later(plan.insert, try sealed(values, of: record, plan), forgets: false)
        forgetForeseen(in: R.table)
        if let id = plan.id { remember(record, shown(values[id]), held: true, values: values) }
        try tell(record, new: true)
    }

    /// Adds a row unless one with such a key exists; says whether it was added.
    package func insertIfAbsent<R: Record>(_ record: R) throws -> Bool {
        let (plan, values) = try planned(record)
        let kept = try sealed(values, of: record, plan)
        guard try run(plan.insertIfAbsent, kept, forgets: false) == 1 else { return false }
        forgetForeseen(in: R.table)
        try tell(record, new: true)
        return true
    }

    /// Writes a changed row and raises its version, here and there.
    ///
    /// Throws `staleVersion` if somebody else changed it since it was read.
    package func update<R: VersionedRecord>(_ record: inout R) throws {
        var raised = record
        raised.version += 1
        let (plan, values) = try planned(raised)
        try recall(record)
        guard let id = plan.id, plan.version != nil else {
            preconditionFailure("\(R.self) needs the properties id and version")
        }
        let name = shown(values[id])
        let places = places(plan, to: values, from: recallValues(R.self, name))
        let update = plan.update(R.self, places)
        let kept = try sealed(values, of: raised, plan)
        let changed = places.map { kept[$0] }
        let arguments = changed + [values[id], .int(record.version)]
        if let held = recall(R.self, name, held: true) {
            // Nobody else changes it meanwhile: the outcome is known, and needs no waiting for.
            guard held.version == record.version else {
                throw StoreError.staleVersion(table: R.table, id: name)
            }
            later(update, arguments, forgets: false)
        } else if try run(update, arguments, forgets: false) != 1 {
            throw StoreError.staleVersion(table: R.table, id: name)
        }
        forgetForeseen(in: R.table)
        remember(raised, name, held: true, values: values)
        record = raised
        try tell(raised, new: false)
    }

    /// The columns that differ: indexes of others are left alone.
    private func places(_ plan: RecordPlan, to values: [SQLValue], from known: [SQLValue]?) -> [Int] {
        plan.columns.indices.filter { place in
            place != plan.id && (known.map { $0[place] != values[place] } ?? true)
        }
    }

    /// Adds a row, or writes all other columns over the one with the same values in `keys` (column names).
    package func upsert<R: Record>(_ record: R, on keys: [String]) throws {
        let (plan, values) = try planned(record)
        later(plan.upsert(R.table, on: keys), try sealed(values, of: record, plan))
    }

    /// The row with this id.
    package func find<R: Record>(_ type: R.Type, _ id: some CustomStringConvertible) throws -> R? {
        let id = id.description
        if let record = recall(type, id, held: false) { return record }
        guard let record = try all(Lookup<R>.id(id)).first else { return nil }
        remember(record, id, held: false)
        return record
    }

    /// The row with this id, held until the transaction ends: nobody else changes it meanwhile.
    package func lock<R: Record>(_ type: R.Type, id: some CustomStringConvertible) throws -> R? {
        let id = id.description
        if let record = recall(type, id, held: true) { return record }
        return try all(type, where: "id = $1 {{for update}}", [.text(id)]).first
    }

    /// Reads rows at once that are looked for by their ids one by one afterwards.
    package func foresee<R: Record>(_ type: R.Type, ids: [some CustomStringConvertible]) throws {
        let text = "SELECT * FROM \(quoted(R.table)) WHERE id IN ({{texts $1}})"
        for row in try rows(SQL(raw: text), [.text(Self.list(ids))]) {
            remember(
                try RowDecoder.decode(type, from: opened(row, as: type)), try row.text("id"), held: false)
        }
    }

    /// Ids as one value, for `{{texts $n}}`.
    static func list(_ ids: [some CustomStringConvertible]) throws -> String {
        try ColumnWriter.text(of: ids.map(\.description))
    }

    /// Removes the row with this id; says whether there was one.
    package func delete<R: Record>(_ type: R.Type, id: some CustomStringConvertible) throws -> Bool {
        try delete(type, where: "id = $1", [.text(id.description)]) == 1
    }

    /// All rows of the table, in the order of their ids.
    package func all<R: Record>(_ type: R.Type, limit: Int? = nil) throws -> [R] {
        try all(type, where: "", orderBy: "id", limit: limit)
    }

    /// How many rows the table has.
    package func count<R: Record>(_ type: R.Type) throws -> Int64 { try count(type, where: "") }

    /// The rows that meet a condition.
    func all<R: Record>(
        _ type: R.Type, where condition: SQL, _ values: [SQLValue] = [], orderBy order: SQL = "",
        limit: Int? = nil
    ) throws -> [R] {
        try all(Lookup<R>(where: condition, values, orderBy: order, limit: limit))
    }

    /// The same, of a condition with a name.
    func all<R: Record>(_ lookup: Lookup<R>) throws -> [R] {
        let type = R.self
        writeTold(before: type)
        let statement = lookup.statement
        let rows = try rows(statement.sql, statement.values)
        let records = try rows.map { kept in
            let row = try opened(kept, as: type)
            let record = try RowDecoder.decode(type, from: row)
            try refuseClear(record, in: kept)
            if lookup.isHeld, let id = row.columns.index(of: "id") {
                remember(
                    record, shown(row.values[id]), held: true,
                    values: RecordPlan.known(type)?.values(of: row))
            }
            return record
        }
        remember(records)
        return records
    }

    /// How many rows meet a condition.
    func count<R: Record>(_ type: R.Type, where condition: SQL, _ values: [SQLValue] = []) throws -> Int64 {
        writeTold(before: type)
        let filter = condition.text.isEmpty ? "" : " WHERE " + condition.text
        return try rows(SQL(raw: "SELECT COUNT(*) AS n FROM \(quoted(R.table))" + filter), values)[0].int("n")
    }

    /// Whether a row meets a condition.
    func exists<R: Record>(_ type: R.Type, where condition: SQL, _ values: [SQLValue] = []) throws -> Bool {
        writeTold(before: type)
        let filter = condition.text.isEmpty ? "" : " WHERE " + condition.text
        return try !rows(SQL(raw: "SELECT 1 AS one FROM \(quoted(R.table))\(filter) LIMIT 1"), values).isEmpty
    }

    /// Removes the rows that meet a condition; says how many.
    func delete<R: Record>(_ type: R.Type, where condition: SQL, _ values: [SQLValue] = []) throws -> Int {
        precondition(!condition.text.isEmpty, "a table is never emptied by accident")
        writeTold(before: type)
        return try run(SQL(raw: "DELETE FROM \(quoted(R.table)) WHERE \(condition.text)"), values)
    }

    /// Whoever looks for events finds those of this transaction, too.
    private func writeTold<R: Record>(before type: R.Type) {
        if type == EventRecord.self || type == ParcelRecord.self { writeTold() }
    }

    private func planned<R: Record>(_ record: R) throws -> (RecordPlan, [SQLValue]) {
        let (properties, values) = try RowEncoder.encode(record)
        return (RecordPlan.plan(of: R.self, properties), values)
    }

    private func shown(_ value: SQLValue) -> String {
        if case .text(let text) = value { text } else { "\(value)" }
    }
}

extension Statement {
    /// Adds a row unless one with such a key exists; may be repeated, so it fits `Store.append`.
    package static func insertIfAbsent<R: Record>(_ record: R) throws -> Statement {
        precondition(R.secretColumns.isEmpty, "a transaction seals, a statement does not")
        let (properties, values) = try RowEncoder.encode(record)
        return Statement(RecordPlan.plan(of: R.self, properties).insertIfAbsent, values)
    }
}
