// SPDX-License-Identifier: Apache-2.0

/// Numbers of documents: gapless per series, a series per kind and year (receipts.md §3).
package enum Numbering {
    /// The series of receipts of a year, e.g. `R-2026`.
    package static func receiptSeries(year: Int) -> String { "R-\(year)" }

    /// The series of credit notes of a year, e.g. `CN-2026`.
    package static func invoiceSeries(year: Int) -> String { "I-\(year)" }

    /// The series of credit notes of a year.
    package static func creditNoteSeries(year: Int) -> String { "CN-\(year)" }

    /// The label of a number, e.g. `R-2026-000123`; longer numbers keep all their digits.
    package static func label(_ series: String, _ number: Int64) -> String {
        let digits = String(number)
        return "\(series)-" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    }
}
