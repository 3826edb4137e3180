// SPDX-License-Identifier: Apache-2.0

// The Sandbox keeps its own books in tables of its own, never in one transaction with ours: it stands for another
// company's computer.
extension Tx {
    /// What the Sandbox stored under a name.
    package func sandboxObject(_ kind: String, _ name: String) throws -> String? {
        try rows("SELECT body FROM sandbox_object WHERE kind = $1 AND name = $2", [.text(kind), .text(name)])
            .first?.text("body")
    }

    /// Stores under a name, over what was there.
    package func saveSandboxObject(_ kind: String, _ name: String, _ body: String) throws {
        _ = try run(
            """
            INSERT INTO sandbox_object (kind, name, body) VALUES ($1, $2, $3)
            ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body
            """,
            [.text(kind), .text(name), .text(body)])
    }

    /// Forgets what is stored under a name.
    package func deleteSandboxObject(_ kind: String, _ name: String) throws {
        _ = try run("DELETE FROM sandbox_object WHERE kind = $1 AND name = $2", [.text(kind), .text(name)])
    }

    /// Everything of a kind, by name.
    package func sandboxObjects(_ kind: String) throws -> [(name: String, body: String)] {
        try rows("SELECT name, body FROM sandbox_object WHERE kind = $1 ORDER BY name", [.text(kind)])
            .map { (try $0.text("name"), try $0.text("body")) }
    }

    /// At most so many of a kind, by name: those after one name and before another.
    package func sandboxObjects(_ kind: String, after: String?, before: String?, limit: Int) throws
        -> [(name: String, body: String)]
    {
        // Names sort as bytes; the last character of Unicode stands behind every name.
        try rows(
            """
            SELECT name, body FROM sandbox_object
            WHERE kind = $1 AND name {{collate}} > $2 AND name {{collate}} < $3 ORDER BY name {{collate}} LIMIT $4
            """,
            [.text(kind), .text(after ?? ""), .text(before ?? "\u{10FFFF}"), .int(Int64(limit))]
        ).map { (try $0.text("name"), try $0.text("body")) }
    }
}
