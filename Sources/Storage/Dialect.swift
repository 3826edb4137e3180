// SPDX-License-Identifier: Apache-2.0

/// What the two engines say differently. Everything else is one text for both.
///
/// | macro | SQLite | PostgreSQL |
/// |---|---|---|
/// | `{{json}}` | `TEXT` | `JSON`: keeps order and escaped U+0000, which `JSONB` refuses |
/// | `{{bytes}}` | `BLOB` | `BYTEA` |
/// | `{{for update}}` | nothing: there is one writer | `FOR UPDATE` |
/// | `{{skip locked}}` | nothing | `SKIP LOCKED` |
/// | `{{for update skip locked}}` | nothing | `FOR UPDATE SKIP LOCKED` |
/// | `{{by key}}` | `WITHOUT ROWID`: rows lie in the order of their key | nothing |
/// | `{{collate}}` | nothing: text compares as bytes | `COLLATE "C"` |
/// | `{{tables}}` | the names of all tables, from `sqlite_master` | the same from `pg_tables` |
/// | `{{texts $n}}` | the texts of a JSON array, from `json_each` | the same from `json_array_elements_text` |
/// | `{{insert only T}}` | triggers that let no row of `T` be changed or removed | the same |
package enum Dialect: String, Sendable, CaseIterable {
    case sqlite, postgres

    /// The text as this engine reads it. A macro nobody knows is left alone and refused by the engine.
    func expand(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        var expanded = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}")
        {
            expanded += rest[..<open.lowerBound]
            let name = String(rest[open.upperBound..<close.lowerBound])
            expanded += words[name] ?? texts(name) ?? insertOnly(name) ?? "{{\(name)}}"
            rest = rest[close.upperBound...]
        }
        return expanded + rest
    }

    /// A list as one value: a place for each element would make a new statement for each length.
    private func texts(_ macro: String) -> String? {
        guard macro.hasPrefix("texts ") else { return nil }
        let place = macro.dropFirst("texts ".count)
        return switch self {
        case .sqlite: "SELECT value FROM json_each(\(place))"
        case .postgres: "SELECT json_array_elements_text(CAST(CAST(\(place) AS TEXT) AS JSON))"
        }
    }

    /// Ledger entries and documents are written once: a correction is a new row that names the old one.
    private func insertOnly(_ macro: String) -> String? {
        guard macro.hasPrefix("insert only ") else { return nil }
        let table = macro.dropFirst("insert only ".count)
        switch self {
        case .sqlite:
            return ["update", "delete"].map { verb in
                """
                CREATE TRIGGER \(table)_no_\(verb) BEFORE \(verb) ON \(table)
                BEGIN SELECT RAISE(ABORT, '\(table) is written once'); END;
                """
            }.joined(separator: "\n")
        case .postgres:
            return """
                CREATE FUNCTION \(table)_is_written_once() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '\(table) is written once'; END $$;
                CREATE TRIGGER \(table)_no_change BEFORE UPDATE OR DELETE ON \(table)
                FOR EACH ROW EXECUTE FUNCTION \(table)_is_written_once();
                CREATE TRIGGER \(table)_no_truncate BEFORE TRUNCATE ON \(table)
                FOR EACH STATEMENT EXECUTE FUNCTION \(table)_is_written_once();
                """
        }
    }

    private var words: [String: String] {
        switch self {
        case .sqlite:
            [
                "json": "TEXT", "bytes": "BLOB", "for update": "", "skip locked": "",
                "for update skip locked": "", "collate": "", "by key": "WITHOUT ROWID",
                "tables":
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
            ]
        case .postgres:
            [
                "json": "JSON", "bytes": "BYTEA", "for update": "FOR UPDATE", "skip locked": "SKIP LOCKED",
                "for update skip locked": "FOR UPDATE SKIP LOCKED", "collate": "COLLATE \"C\"", "by key": "",
                "tables":
                    "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
            ]
        }
    }
}
