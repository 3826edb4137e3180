// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A table of docs/specs/payments.md: the first one after a heading.
struct SpecTable {
    let columns: [String]
    /// By the first cell of each row.
    let rows: [String: [String]]
    /// The first cells in their order.
    let names: [String]

    init(under heading: String) throws {
        let lines = try Self.page().split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "## \(heading)") else {
            throw SpecError.noHeading(heading)
        }
        let table = lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
            .map { line in
                line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                    .map { $0.trimmingCharacters(in: .whitespaces) }
            }
        guard let head = table.first else { throw SpecError.noHeading(heading) }
        columns = Array(head.dropFirst())
        // "(T)" beside a state says that it is final for commands.
        let named = table.dropFirst(2).map { row in
            (row[0].hasSuffix(" (T)") ? String(row[0].dropLast(4)) : row[0], Array(row.dropFirst()))
        }
        names = named.map(\.0)
        rows = Dictionary(uniqueKeysWithValues: named)
    }

    /// A cell without the number of its footnote.
    static func plain(_ cell: String) -> String {
        let footnotes = "⁰¹²³⁴⁵⁶⁷⁸⁹"
        let text = cell.filter { !footnotes.contains($0) }
        return text == "–" ? "-" : text
    }

    static func page() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/specs/payments.md"), encoding: .utf8)
    }

    enum SpecError: Error { case noHeading(String) }
}
