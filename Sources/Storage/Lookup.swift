// SPDX-License-Identifier: Apache-2.0
package import Quantities

/// Rows of one table that meet a condition.
struct Lookup<Row: Record> {
    let condition: SQL
    let values: [SQLValue]
    let order: SQL
    let limit: Int?

    init(where condition: SQL, _ values: [SQLValue], orderBy order: SQL = "", limit: Int? = nil) {
        self.condition = condition
        self.values = values
        self.order = order
        self.limit = limit
    }

    /// The row with an id.
    static func id(_ id: String) -> Lookup { Lookup(where: "id = $1", [.text(id)]) }

    /// Whether the rows are held until the transaction ends.
    var isHeld: Bool { condition.text.hasSuffix("{{for update}}") }

    var statement: Statement {
        var text = "SELECT * FROM \(quoted(Row.table))"
        if !condition.text.isEmpty { text += " WHERE " + condition.text }
        if !order.text.isEmpty { text += " ORDER BY " + order.text }
        if limit != nil { text += " LIMIT $\(values.count + 1)" }
        return Statement(SQL(raw: text), values + (limit.map { [.int(Int64($0))] } ?? []))
    }
}

/// Something that a transaction will look up. What is known beforehand is asked in one go (`Tx.foresee`), which over a
/// socket is most of what a look-up costs.
package struct Question: Hashable, Sendable {
    let statement: Statement
    /// The tables that it is about.
    let tables: [String]

    private init<Row: Record>(_ lookup: Lookup<Row>, and others: [String] = []) {
        self.init(lookup.statement, tables: [Row.table] + others)
    }

    private init(_ statement: Statement, tables: [String]) {
        self.statement = statement
        self.tables = tables
    }

    /// `Tx.find`.
    package static func row<Row: Record>(_ type: Row.Type, _ id: some CustomStringConvertible) -> Question {
        Question(Lookup<Row>.id(id.description))
    }

    /// `Tx.lockSession` by the station's number, the station's name, or the content of a 1.6 start.
    package static func session(number: Int64, at station: StationID) -> Question {
        Question(Lookup<SessionRecord>.session(number: number, at: station))
    }

    package static func session(named name: String, at station: StationID) -> Question {
        Question(Lookup<SessionRecord>.session(named: name, at: station))
    }

    package static func session(startKey: String, at station: StationID) -> Question {
        Question(Lookup<SessionRecord>.session(startKey: startKey, at: station))
    }

    /// `Tx.evse(number:of:)`.
    package static func evse(number: Int64, of station: StationID) -> Question {
        Question(Lookup<EVSERecord>.evse(number: number, of: station))
    }

    /// `Tx.openSessions(at:evse:)`.
    package static func openSessions(at station: StationID, evse number: Int64) -> Question {
        Question(.openSessions(at: station, evse: number), tables: [SessionRecord.table, EVSERecord.table])
    }

    /// `Tx.nextNumber`: taken from its series even if nobody asks for it afterwards.
    package static func nextNumber(of series: String, for owner: String) -> Question {
        Question(.nextNumber(of: series, for: owner), tables: ["number_series"])
    }

    /// `Tx.lockStartCommand`.
    package static func startCommand(token folded: String, at station: StationID) -> Question {
        Question(Lookup<CommandRecord>.start(token: folded, at: station))
    }

    /// `Tx.lockCommand(remoteStart:at:)`.
    package static func command(remoteStart: Int64, at station: StationID) -> Question {
        Question(Lookup<CommandRecord>.remoteStart(remoteStart, at: station))
    }

    /// `Tx.token(knownAs:at:)`.
    package static func token(knownAs folded: String, at station: StationID) -> Question {
        Question(Lookup<TokenRecord>.known(as: folded, at: station), and: [TokenAliasRecord.table])
    }
}

extension Lookup<SessionRecord> {
    static func session(number: Int64, at station: StationID) -> Self {
        Lookup(where: "station = $1 AND number = $2 {{for update}}", [.text(station.text), .int(number)])
    }

    static func session(named name: String, at station: StationID) -> Self {
        Lookup(where: "station = $1 AND name = $2 {{for update}}", [.text(station.text), .text(name)])
    }

    static func session(startKey: String, at station: StationID) -> Self {
        Lookup(
            where: "station = $1 AND start_key = $2 {{for update}}", [.text(station.text), .text(startKey)])
    }
}

extension Lookup<EVSERecord> {
    static func evse(number: Int64, of station: StationID) -> Self {
        Lookup(where: "station = $1 AND number = $2", [.text(station.text), .int(number)])
    }
}

extension Lookup<CommandRecord> {
    static func start(token folded: String, at station: StationID) -> Self {
        Lookup(
            where: "station = $1 AND kind = 'start' AND token = $2 {{for update}}",
            [.text(station.text), .text(folded)])
    }

    static func remoteStart(_ number: Int64, at station: StationID) -> Self {
        Lookup(
            where: "station = $1 AND remote_start = $2 {{for update}}", [.text(station.text), .int(number)])
    }
}

/// A token by its own text or by one that was confirmed for it; its own counts first, so two rows may be found.
extension Lookup<TokenRecord> {
    static func known(as folded: String, of organisation: OrganisationID) -> Self {
        Lookup(
            where: """
                id IN (SELECT id FROM token WHERE organisation = $1 AND folded = $2
                    UNION ALL SELECT token FROM token_alias WHERE organisation = $1 AND folded = $2)
                """, [.text(organisation.text), .text(folded)])
    }

    static func known(as folded: String, at station: StationID) -> Self {
        Lookup(
            where: """
                id IN (SELECT id FROM token
                        WHERE organisation = (SELECT organisation FROM station WHERE id = $1) AND folded = $2
                    UNION ALL SELECT token FROM token_alias
                        WHERE organisation = (SELECT organisation FROM station WHERE id = $1) AND folded = $2)
                """, [.text(station.text), .text(folded)])
    }
}
