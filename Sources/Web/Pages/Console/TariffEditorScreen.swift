// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Where a version is written: text on one side; what the driver sees, what the linter finds, and what past sessions
/// would have cost on the other. Works by its buttons; a little script presses Preview while somebody types.
package struct TariffEditorScreen: Sendable {
    /// The fields of a simple price, as they were typed.
    package struct Simple: Hashable, Sendable {
        /// Decimal texts; empty for nothing.
        package var energy = ""
        /// Once per session.
        package var session = ""
        /// Per minute after charging.
        package var idle = ""
        /// Minutes that are free.
        package var grace = ""
        /// The most that idle time costs.
        package var cap = ""

        /// Empty fields.
        package init() {}
    }

    /// What past sessions would have cost.
    package struct Comparison: Hashable, Sendable {
        /// One session under both prices.
        package struct Row: Hashable, Sendable {
            /// Which.
            package var session: SessionID
            /// As it was charged.
            package var before: Money
            /// Under the draft.
            package var after: Money

            /// One session under both prices.
            package init(session: SessionID, before: Money, after: Money) {
                self.session = session
                self.before = before
                self.after = after
            }
        }

        /// How many sessions were priced again.
        package var sessions: Int
        /// How many of them become cheaper.
        package var cheaper: Int
        /// How many of them become dearer.
        package var dearer: Int
        /// What they were charged.
        package var before: Money
        /// What they would have cost.
        package var after: Money
        /// Those whose price changes most.
        package var largest: [Row]
        /// Whether there were more than are priced at once.
        package var isCut: Bool

        /// What past sessions would have cost.
        package init(
            sessions: Int, cheaper: Int, dearer: Int, before: Money, after: Money, largest: [Row],
            isCut: Bool = false
        ) {
            self.sessions = sessions
            self.cheaper = cheaper
            self.dearer = dearer
            self.before = before
            self.after = after
            self.largest = largest
            self.isCut = isCut
        }
    }

    /// What surrounds it.
    package var frame: ConsoleFrame
    /// The tariff that gets a version; nil while it is made.
    package var tariff: TariffID?
    /// Its name, typed or kept.
    package var name: String
    /// The code of its currency.
    package var currency: String
    /// The version as text.
    package var text: String
    /// From when it is valid, as the field says it.
    package var starts = ""
    /// The fields of a simple price.
    package var simple = Simple()
    /// What the linter found.
    package var findings: [ShownFinding] = []
    /// What a driver would see; nil while the text cannot be read.
    package var box: PriceBox?
    /// The site whose taxes are in the box.
    package var taxedBy: String?
    /// What past sessions would have cost, if that was asked.
    package var comparison: Comparison?
    /// What keeps it from being saved.
    package var problem: String?

    /// An editor of a text.
    package init(frame: ConsoleFrame, tariff: TariffID?, name: String, currency: String, text: String) {
        self.frame = frame
        self.tariff = tariff
        self.name = name
        self.currency = currency
        self.text = text
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let headline = tariff == nil ? words(.newTariff) : "\(name): \(words(.newVersion))"
        var head = PageHead(title: headline)
        head.isEditor = true
        let back: SiteURL = tariff.map { .tariff($0) } ?? .list(.tariffs)
        let gaps: Gaps = [
            "backURL": back.path, "backName": tariff == nil ? words(.tariffs) : name, "headline": headline,
            "action": tariff.map { SiteURL.editTariff($0, from: nil).path } ?? SiteURL.newTariff.path,
            "isNew": tariff == nil ? true : nil, "name": name, "currency": currency, "text": text,
            "isSimpleOpen": tariff == nil ? true : nil, "simple": simple.gaps(words),
            "starts": starts,
            "startsLabel": words(.startsLabel, ["zone": shown.zoneName(at: frame.now)]),
            "problem": problem, "findings": ShownFinding.gaps(findings, words),
            "box": box?.gaps(shown), "taxedBy": taxedBy.map { words(.taxedBy, ["site": $0]) },
            "comparison": comparison?.gaps(shown),
        ]
        return frame.page(head, .tariffEditor, gaps, at: .list(.tariffs), shown)
    }
}

extension TariffEditorScreen.Simple {
    fileprivate func gaps(_ words: Words) -> [Gaps] {
        let fields: [(String, Word, String)] = [
            ("energy", .simpleEnergy, energy), ("session", .simpleSession, session),
            ("idle", .simpleIdle, idle), ("grace", .simpleGrace, grace), ("cap", .simpleCap, cap),
        ]
        return fields.map { id, word, value in
            ["id": id, "label": words(word), "value": value.isEmpty ? false as Any : value]
        }
    }
}

extension TariffEditorScreen.Comparison {
    fileprivate func gaps(_ shown: Shown) -> Gaps {
        let words = shown.words
        guard sessions > 0 else {
            return ["sentence": words(.compareNone), "hasSums": false, "note": false, "largest": false]
        }
        let sums: [(Word, Money)] = [
            (.compareBefore, before), (.compareAfter, after), (.compareDifference, after - before),
        ]
        return [
            "sentence": words(
                .compareSentence,
                [
                    "count": String(sessions), "cheaper": String(cheaper), "dearer": String(dearer),
                ]),
            "hasSums": true,
            "sums": sums.map { word, amount -> Gaps in
                ["name": words(word), "value": shown.money(amount)]
            },
            "note": isCut ? words(.compareCut) : false as Any,
            "largest": largest.isEmpty ? false as Any : table(shown).gaps.values,
        ]
    }

    private func table(_ shown: Shown) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.compareLargest),
            columns: [
                .init(words(.sessions)), .init(words(.compareBefore), isNumber: true),
                .init(words(.compareAfter), isNumber: true),
                .init(words(.compareDifference), isNumber: true),
            ],
            rows: largest.map { row in
                [
                    .link(row.session.text, .session(row.session)), .text(shown.money(row.before)),
                    .text(shown.money(row.after)), .text(shown.money(row.after - row.before)),
                ]
            }, empty: "")
    }
}
