// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One tariff: what drivers see, where it is used, and its versions.
package struct TariffScreen: Sendable {
    /// A version as a line.
    package struct Version: Hashable, Sendable {
        /// How far it has come.
        package enum State: Hashable, Sendable {
            /// Not published.
            case draft
            /// Published, and it begins later.
            case published
            /// Sessions that start now start under it.
            case inForce
            /// A newer one is in force.
            case past
        }
        /// Which.
        package var id: TariffVersionID
        /// From 1.
        package var number: Int64
        /// How far it has come.
        package var state: State
        /// From when sessions may start under it.
        package var startsAt: Instant
        /// The hash of its content.
        package var hash: String
        /// What the linter found in it; shown for drafts.
        package var findings: [ShownFinding]

        /// A version as a line.
        package init(
            id: TariffVersionID, number: Int64, state: State, startsAt: Instant, hash: String,
            findings: [ShownFinding] = []
        ) {
            self.id = id
            self.number = number
            self.state = state
            self.startsAt = startsAt
            self.hash = hash
            self.findings = findings
        }
    }

    /// Something whose tariff it is.
    package struct Use: Hashable, Sendable {
        /// What kind of thing it is.
        package enum Kind: Hashable, Sendable {
            /// A site, for all its points that name no other.
            case site
            /// A station.
            case station
            /// A charging point.
            case point
        }
        /// What kind of thing it is.
        package var kind: Kind
        /// Its name.
        package var name: String

        /// Something whose tariff it is.
        package init(_ kind: Kind, _ name: String) {
            self.kind = kind
            self.name = name
        }
    }

    /// What surrounds it.
    package var frame: ConsoleFrame
    /// The tariff.
    package var row: TariffRow
    /// What a driver sees who starts now; nil if no version is in force.
    package var box: PriceBox?
    /// The site whose taxes are in the box.
    package var taxedBy: String?
    /// Where it is used.
    package var uses: [Use]
    /// The newest first.
    package var versions: [Version]
    /// Why something was refused.
    package var problem: String?

    /// One tariff.
    package init(frame: ConsoleFrame, row: TariffRow, uses: [Use], versions: [Version]) {
        self.frame = frame
        self.row = row
        self.uses = uses
        self.versions = versions
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let state: (Word, Tone) =
            row.isArchived
            ? (.tariffArchived, .plain) : box == nil ? (.tariffDraft, .warn) : (.tariffInForce, .good)
        let gaps: Gaps = [
            "listURL": SiteURL.list(.tariffs).path, "headline": row.name,
            "status": words(state.0), "tone": state.1.rawValue, "facts": [String](),
            "box": box?.gaps(shown), "taxedBy": taxedBy.map { words(.taxedBy, ["site": $0]) },
            "uses": uses.map { use -> Gaps in
                let kind: Word =
                    switch use.kind {
                    case .site: .usedAtSite
                    case .station: .usedAtStation
                    case .point: .usedAtPoint
                    }
                return ["name": words(kind), "value": use.name]
            },
            "versions": table(shown).gaps, "problem": problem,
            "editURL": SiteURL.editTariff(row.id, from: versions.first?.id).path,
            "publishURL": SiteURL.publishTariff(row.id).path,
            "archiveURL": row.isArchived ? nil : SiteURL.archiveTariff(row.id).path,
            "drafts": versions.filter { $0.state == .draft }.map { version -> Gaps in
                [
                    "id": version.id.text,
                    "name": "\(words(.columnVersion)) \(version.number): \(words(.tariffDraft))",
                    "findings": ShownFinding.gaps(version.findings, words) ?? false as Any,
                ]
            },
        ]
        return frame.page(PageHead(title: row.name), .tariff, gaps, at: .list(.tariffs), shown)
    }

    private func table(_ shown: Shown) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.versions),
            columns: [
                .init(words(.columnVersion)), .init(words(.columnState)),
                .init(words(.columnFrom), isShort: true), .init(words(.columnHash)),
                .init(words(.columnAction)),
            ],
            rows: versions.map { version in
                let (word, tone) = version.state.shown
                return [
                    .text(String(version.number)), .state(words(word), tone),
                    .text(shown.dateAndClock(version.startsAt)),
                    .text(String(version.hash.dropFirst(7).prefix(12))),
                    .link(words(.editFrom), .editTariff(row.id, from: version.id)),
                ]
            }, empty: words(.noPublishedVersion))
    }
}

extension TariffScreen.Version.State {
    fileprivate var shown: (Word, Tone) {
        switch self {
        case .draft: (.tariffDraft, .warn)
        case .published: (.tariffPublished, .busy)
        case .inForce: (.tariffInForce, .good)
        case .past: (.tariffPast, .plain)
        }
    }
}
