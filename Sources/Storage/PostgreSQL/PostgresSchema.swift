// SPDX-License-Identifier: Apache-2.0

/// The schema of a PostgreSQL database.
struct PostgresSchema {
    private let address: PostgresAddress
    private let migrator: Migrator

    init(_ address: PostgresAddress, _ migrator: Migrator) {
        self.address = address
        self.migrator = migrator
    }

    /// Applies what is missing, each step in a transaction of its own; several nodes that start together wait
    /// for each other.
    func bringUpToDate(_ connection: PostgresConnection) throws {
        // Other nodes may have much to do before they let us in, and so may we.
        try connection.script("SET statement_timeout = 0; SET lock_timeout = 0")
        connection.patience = .seconds(24 * 3600)
        let name = address.schema ?? "public"
        // Ends with the connection.
        _ = try connection.rows("SELECT pg_advisory_lock(7361, hashtext($1))", [.text(name)])
        if let schema = address.schema {
            try connection.script("CREATE SCHEMA IF NOT EXISTS \(quoted(schema))")
        }
        try connection.script(Migrator.table + ";" + PostgresBell.table)
        for migration in try migrator.missing(applied: connection.rows(Migrator.applied, [])) {
            try connection.script("BEGIN")
            do {
                try connection.script(migration.sql)
                _ = try connection.run(Migrator.note, migrator.noted(migration))
                try connection.script("COMMIT")
            } catch {
                if !connection.isBroken { try connection.script("ROLLBACK") }
                throw error
            }
        }
    }

    /// For those who may not change it: throws unless the schema is exactly the one we know.
    func check(_ connection: PostgresConnection) throws {
        try migrator.refuseMissing(migrator.missing(applied: connection.rows(Migrator.applied, [])))
    }
}
