// SPDX-License-Identifier: Apache-2.0

import Accounting
import Digests
import Storage

/// Searches everything that is kept for card numbers; there must be none (I29, payments.md §11).
package struct FindCards: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Where some were found, and how often; never the numbers.
    package struct Finding: Hashable, Sendable, Comparable {
        package let place: String
        package let count: Int

        package static func < (left: Finding, right: Finding) -> Bool { left.place < right.place }
    }

    /// The database, and each form of the exported journal.
    package func callAsFunction() async throws -> [Finding] {
        var findings = try await desk.store.read { tx in
            var counts: [String: Int] = [:]
            try tx.forEachText { table, column, bytes in
                if CardNumbers.areIn(bytes) { counts["database \(table).\(column)", default: 0] += 1 }
            }
            return counts.map { Finding(place: $0.key, count: $0.value) }
        }
        let organisations = try await desk.store.read { tx in try tx.organisations() }
        for organisation in organisations {
            for format in JournalExport.allCases {
                let text = try await ExportJournal(desk: desk)(organisation.id, as: format)
                findings += Self.lines(text, in: "export \(organisation.id) \(format)")
            }
        }
        return findings.sorted()
    }

    /// The lines of a text, such as a log, that hold some.
    package static func lines(_ text: String, in place: String) -> [Finding] {
        let count = text.split(whereSeparator: \.isNewline).count { CardNumbers.areIn(String($0)) }
        return count == 0 ? [] : [Finding(place: place, count: count)]
    }
}
