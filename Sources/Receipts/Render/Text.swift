// SPDX-License-Identifier: Apache-2.0

extension Document {
    /// The document as plain text, for e-mails and terminals; lines of at most 76 columns where words allow it.
    package var text: String {
        var lines = [title, String(repeating: "=", count: title.count), "", seller] + sellerLines
        for section in sections { lines += Self.text(of: section) }
        lines += ["", columns[0], String(repeating: "-", count: columns[0].count)]
        for row in rows {
            let price = [row.quantity, row.unitPrice].filter { !$0.isEmpty }.joined(separator: " × ")
            lines.append(Self.aligned(price.isEmpty ? row.what : "\(row.what): \(price)", row.amount))
            lines += row.notes.map { "  \($0)" }
        }
        lines.append("")
        lines += totals.map { Self.aligned($0.label, $0.amount) }
        for section in closing { lines += Self.text(of: section) }
        if let help { lines += ["", help] }
        if let link { lines += ["", linkLabel, link] }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let width = 76

    private static func text(of section: Section) -> [String] {
        ["", section.title, String(repeating: "-", count: section.title.count)]
            + section.fields.map { "\($0.label): \($0.value)" }
    }

    /// The amount at the right edge, at least one blank after what it is for.
    private static func aligned(_ left: String, _ right: String) -> String {
        left + String(repeating: " ", count: max(1, width - left.count - right.count)) + right
    }
}
