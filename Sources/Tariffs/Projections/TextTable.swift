// SPDX-License-Identifier: Apache-2.0

/// A table of texts for a terminal, its columns as wide as their longest text.
struct TextTable {
    /// The names of the columns.
    var header: [String]
    /// As many texts in each as there are columns.
    var rows: [[String]]
    /// Columns of numbers.
    var rightAligned: Set<Int> = []
    /// Rows that want to be seen.
    var emphasised: Set<Int> = []

    /// The lines of the table; bold header and emphasised rows if a terminal reads it.
    func text(isColoured: Bool) -> String {
        let style = TerminalStyle(isColoured: isColoured)
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).enumerated().map { column, cell in
                rightAligned.contains(column)
                    ? cell.0.leftPadded(cell.1) : cell.0.rightPadded(cell.1)
            }.joined(separator: "  ").trimmingEnd
        }
        var text = style.bold(line(header)) + "\n"
        text += String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, widths.count - 1)) + "\n"
        for (index, row) in rows.enumerated() {
            text += (emphasised.contains(index) ? style.bold(line(row)) : line(row)) + "\n"
        }
        return text
    }
}

/// Escape sequences of a terminal, or none.
struct TerminalStyle {
    /// Whether a terminal reads it.
    let isColoured: Bool

    /// Heavier.
    func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    /// Lighter.
    func faint(_ text: String) -> String { isColoured && !text.isEmpty ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}

extension String {
    /// With blanks before it.
    func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

    /// With blanks behind it.
    func rightPadded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// Without blanks at its end.
    var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
