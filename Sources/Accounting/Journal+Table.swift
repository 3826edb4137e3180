// SPDX-License-Identifier: Apache-2.0

import Quantities

extension Journal {
    /// The journal as an accountant reads it: event, account, debit, credit. Widths follow the content.
    package var table: String {
        let rows =
            [["event", "account", "debit", "credit"]]
            + posted.flatMap { posted in
                posted.posting.transaction.entries.enumerated().map { index, entry in
                    [
                        index == 0 ? Self.words(of: posted.posting.template) : "", entry.account.name,
                        entry.amount.isNegative ? "" : entry.amount.decimal,
                        entry.amount.isNegative ? (-entry.amount).decimal : "",
                    ]
                }
            }
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let line =
                Self.left(row[0], widths[0]) + "  " + Self.left(row[1], widths[1]) + "  "
                + Self.right(row[2], widths[2]) + "  " + Self.right(row[3], widths[3])
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    /// `SessionOwed` → `session owed`.
    private static func words(of template: String) -> String {
        template.reduce(into: "") { words, letter in
            if letter.isUppercase, !words.isEmpty { words += " " }
            words += letter.lowercased()
        }
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: width - text.count)
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: width - text.count) + text
    }
}
