// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A tariff as a line of the console's list.
package struct TariffRow: Hashable, Sendable {
    /// Which.
    package var id: TariffID
    /// What the operator calls it.
    package var name: String
    /// The prices of a session that starts now, in words; nil if no version is in force.
    package var priceNow: String?
    /// How many versions there are, and how many of them are drafts.
    package var versions: (count: Int, drafts: Int) { (versionCount, draftCount) }
    private var versionCount: Int
    private var draftCount: Int
    /// Names of the sites, stations and points that use it.
    package var uses: [String]
    /// Whether it is no longer offered.
    package var isArchived: Bool

    /// A tariff with what its line shows.
    package init(
        id: TariffID, name: String, priceNow: String?, versions: (count: Int, drafts: Int), uses: [String],
        isArchived: Bool = false
    ) {
        self.id = id
        self.name = name
        self.priceNow = priceNow
        (versionCount, draftCount) = versions
        self.uses = uses
        self.isArchived = isArchived
    }

    static func table(_ rows: [TariffRow], _ shown: Shown) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.tariffs),
            columns: [
                .init(words(.columnName)), .init(words(.columnPriceNow)), .init(words(.columnState)),
                .init(words(.columnUsed)),
            ],
            rows: rows.map { row in
                let (count, drafts) = row.versions
                let detail = drafts > 0 ? "\(drafts) × \(words(.tariffDraft))" : nil
                return [
                    .link(row.name, .tariff(row.id), detail: "\(count) × \(words(.columnVersion))"),
                    .text(row.priceNow ?? words(.noPublishedVersion)),
                    .state(row.state(words), row.tone, detail: detail),
                    .text(
                        row.uses.isEmpty ? "–" : row.uses.prefix(3).joined(separator: ", "),
                        detail: row.uses.count > 3 ? "+ \(row.uses.count - 3)" : nil),
                ]
            }, empty: words(.noTariffs), emptyLink: (words(.newTariff), .newTariff))
    }

    private func state(_ words: Words) -> String {
        isArchived
            ? words(.tariffArchived) : priceNow == nil ? words(.tariffDraft) : words(.tariffInForce)
    }

    private var tone: Tone { isArchived ? .plain : priceNow == nil ? .warn : .good }
}

/// What the linter found, as the console shows it.
package struct ShownFinding: Hashable, Sendable {
    /// How much it matters.
    package enum Severity: String, Hashable, Sendable {
        /// Keeps the tariff from being published, is probably not meant, or is worth knowing.
        case error, warning, info
    }

    /// The rule's id.
    package var code: String
    /// How much it matters.
    package var severity: Severity
    /// The place in the tariff.
    package var path: String
    /// One sentence.
    package var message: String

    /// What the linter found.
    package init(code: String, severity: Severity, path: String, message: String) {
        self.code = code
        self.severity = severity
        self.path = path
        self.message = message
    }

    /// The gaps of `findings.mustache`; nil if there is nothing to remark.
    static func gaps(_ findings: [ShownFinding], _ words: Words) -> Gaps? {
        guard !findings.isEmpty else { return nil }
        return [
            "items": findings.map { finding -> Gaps in
                let (word, tone): (Word, Tone) =
                    switch finding.severity {
                    case .error: (.findingError, .bad)
                    case .warning: (.findingWarning, .warn)
                    case .info: (.findingInfo, .plain)
                    }
                return [
                    "code": finding.code, "severity": finding.severity.rawValue, "tone": tone.rawValue,
                    "word": words(word), "message": finding.message,
                    "path": finding.path.isEmpty ? false as Any : finding.path,
                ]
            }
        ]
    }
}
