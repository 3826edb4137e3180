// SPDX-License-Identifier: Apache-2.0
import Foundation

/// One step of the schema. Its text never changes once it was released.
package struct Migration: Hashable, Sendable {
    /// 1, 2, 3, … without gaps.
    package let number: Int
    /// What it brings, e.g. `first-kilowatt-hour`.
    package let name: String
    /// The statements, with macros (see `Dialect`).
    package let sql: String

    /// A step of the schema.
    package init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }
}

extension Migration {
    /// A step whose text was embedded by the build, e.g. `PackageResources._001_first_kilowatt_hour_sql`.
    package init(number: Int, name: String, embedded bytes: [UInt8]) {
        self.init(number: number, name: name, sql: String(decoding: bytes, as: UTF8.self))
    }
}

/// Brings a schema up to date at the start; the same rules for both engines.
struct Migrator {
    /// The steps this release knows, in order.
    let known: [Migration]

    init(_ known: [Migration]) {
        precondition(
            known.map(\.number) == Array(1..<(known.count + 1)),
            "migrations are numbered 1, 2, 3, … without gaps")
        self.known = known
    }

    /// The engine's own table of what was applied. The text itself is kept: it tells an operator more than a
    /// hash.
    static let table = """
        CREATE TABLE IF NOT EXISTS schema_migration (
            number BIGINT PRIMARY KEY,
            name TEXT NOT NULL,
            sql TEXT NOT NULL,
            applied_at BIGINT NOT NULL
        )
        """
    /// Reads what was applied.
    static let applied: SQL = "SELECT number, name, sql FROM schema_migration ORDER BY number"
    /// Notes a step. `$4` is nanoseconds UTC.
    static let note: SQL =
        "INSERT INTO schema_migration (number, name, sql, applied_at) VALUES ($1, $2, $3, $4)"

    /// The steps that are missing, after a check of those that were applied.
    ///
    /// Throws `newerSchema` if the database knows steps that we do not, and `failed` if a released text was
    /// changed.
    func missing(applied rows: [Row]) throws -> [Migration] {
        for row in rows {
            let number = Int(try row.int("number"))
            guard number <= known.count else {
                throw StoreError.newerSchema(
                    found: Int(try rows.map { try $0.int("number") }.max() ?? 0), known: known.count)
            }
            guard try row.text("sql") == known[number - 1].sql else {
                throw StoreError.failed(
                    state: "schema",
                    message: "migration \(number) (\(try row.text("name"))) was changed after it was applied")
            }
        }
        return Array(known.dropFirst(rows.count))
    }

    /// For those who may not change the schema.
    func refuseMissing(_ missing: [Migration]) throws {
        guard missing.isEmpty else {
            throw StoreError.failed(
                state: "schema", message: "the schema is older than this release: run `amptill migrate` first"
            )
        }
    }

    /// The values of `note`.
    func noted(_ migration: Migration) -> [SQLValue] {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let nanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        return [
            .int(Int64(migration.number)), .text(migration.name), .text(migration.sql), .int(nanoseconds),
        ]
    }
}
