// SPDX-License-Identifier: Apache-2.0

/// Brings what is secret under the key that seals now: what older releases kept in clear, and what another key sealed. Runs
/// at each start, before anybody else may; each value is a statement of its own, and a start that is cut short goes on at
/// the next.
struct SecretsAtRest {
    let keys: InstallationKeys

    /// The records with secrets. A test looks for others.
    static let types: [any Record.Type] = [
        GatewayAccountRecord.self, WebhookEndpointRecord.self, CommandRecord.self,
    ]
    /// Secrets of the installation itself.
    private static let names = ["operator_cookie_secret"]
    /// A known text under the key: it tells a wrong key before anything else is tried.
    private static let check = InstallationKeys.Place(
        table: "installation", column: "value", row: "installation_key")

    /// What to do with the secrets of this schema; nil for a schema without any, e.g. of a test.
    init?(_ keys: InstallationKeys?, _ migrations: [Migration]) throws(StoreError) {
        guard migrations.contains(where: { $0.name == "secrets-and-mail" }) else { return nil }
        guard let keys else { throw .noKey }
        self.keys = keys
    }

    /// Returns whether something was kept in another way before.
    ///
    /// Throws `wrongKey` if the database was sealed with a key that is not among ours; nothing is changed then.
    func bringUpToDate(_ connection: any Connection) throws -> Bool {
        try checkKey(connection)
        var isChanged = false
        for type in Self.types where try reseal(type, connection) { isChanged = true }
        for name in Self.names where try reseal(name, connection) { isChanged = true }
        // Last: while it is sealed with an older key, that key is still needed.
        if try reseal(Self.check.row, connection) { isChanged = true }
        return isChanged
    }

    private func checkKey(_ connection: any Connection) throws {
        _ = try connection.run(
            "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            [.text(Self.check.row), .text(keys.sealed("amptill", for: Self.check))])
        guard let value = try value(of: Self.check.row, connection) else { return }
        _ = try keys.opened(value, for: Self.check)
    }

    private func value(of name: String, _ connection: any Connection) throws -> String? {
        try connection.rows("SELECT value FROM installation WHERE name = $1", [.text(name)]).first?
            .text("value")
    }

    private func reseal(_ name: String, _ connection: any Connection) throws -> Bool {
        guard let value = try value(of: name, connection), !keys.isCurrent(value) else { return false }
        let place = InstallationKeys.Place(table: "installation", column: "value", row: name)
        _ = try connection.run(
            "UPDATE installation SET value = $1 WHERE name = $2",
            [.text(try current(value, for: place)), .text(name)])
        return true
    }

    private func reseal<R: Record>(_ type: R.Type, _ connection: any Connection) throws -> Bool {
        var isChanged = false
        let filter = type.secretRows.text.isEmpty ? "" : " WHERE " + type.secretRows.text
        let columns = type.secretColumns.map(quoted).joined(separator: ", ")
        for row in try connection.rows(SQL(raw: "SELECT id, \(columns) FROM \(quoted(R.table))\(filter)"), [])
        {
            for column in type.secretColumns {
                guard let value = try row.optionalText(column), !keys.isCurrent(value) else { continue }
                let place = InstallationKeys.Place(table: R.table, column: column, row: try row.text("id"))
                let update = "UPDATE \(quoted(R.table)) SET \(quoted(column)) = $1 WHERE id = $2"
                _ = try connection.run(
                    SQL(raw: update), [.text(try current(value, for: place)), .text(place.row)])
                isChanged = true
            }
        }
        return isChanged
    }

    private func current(_ value: String, for place: InstallationKeys.Place) throws -> String {
        let clear = InstallationKeys.isSealed(value) ? try keys.opened(value, for: place) : value
        return keys.sealed(clear, for: place)
    }
}
