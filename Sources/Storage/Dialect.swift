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
/// | `{{collate}}` | nothing: text compares as bytes | `COLLATE "C"` |
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
            expanded += words[name] ?? "{{\(name)}}"
            rest = rest[close.upperBound...]
        }
        return expanded + rest
    }

    private var words: [String: String] {
        switch self {
        case .sqlite:
            [
                "json": "TEXT", "bytes": "BLOB", "for update": "", "skip locked": "",
                "for update skip locked": "", "collate": "",
            ]
        case .postgres:
            [
                "json": "JSON", "bytes": "BYTEA", "for update": "FOR UPDATE", "skip locked": "SKIP LOCKED",
                "for update skip locked": "FOR UPDATE SKIP LOCKED", "collate": "COLLATE \"C\"",
            ]
        }
    }
}
