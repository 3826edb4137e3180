// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One session with everything that happened around it in one list (experience.md §2).
package struct SessionScreen: Sendable {
    /// One thing that happened.
    package struct Entry: Hashable, Sendable {
        /// Who or what it came from.
        package enum Source: String, CaseIterable, Hashable, Sendable {
            /// A message of the station.
            case charger
            /// A meter value.
            case reading
            /// What we decided or asked for.
            case decision
            /// A call to a gateway, or its answer.
            case payment
            /// A posting.
            case ledger
            /// A receipt or another document.
            case document
        }

        /// When it was known.
        package var at: Instant
        /// Who or what it came from.
        package var source: Source
        /// What happened.
        package var title: String
        /// More about it.
        package var detail: String?
        /// Money that it moved.
        package var amount: Money?
        /// The message or request as it was, without secrets.
        package var raw: String?
        /// What else shows it.
        package var url: SiteURL?

        /// One thing that happened.
        package init(
            at: Instant, _ source: Source, _ title: String, detail: String? = nil, amount: Money? = nil
        ) {
            self.at = at
            self.source = source
            self.title = title
            self.detail = detail
            self.amount = amount
        }
    }

    /// What surrounds it.
    package var frame: ConsoleFrame
    /// The session.
    package var row: SessionRow
    /// What is reserved, if anything.
    package var hold: Money?
    /// What was taken.
    package var captured: Money?
    /// Who owns the next step, and when it happens; nil when nothing is open.
    package var nextStep: String?
    /// Why its station was asked to stop, in words; nil if it was not.
    package var stopReason: String?
    /// In order of time.
    package var entries: [Entry]
    /// How its amount came about; nil before it is priced.
    package var breakdown: Breakdown?
    /// Which price, fixed when.
    package var proof: String?
    /// Power over time.
    package var chart: PowerChart
    /// Whether it can be stopped.
    package var canStop: Bool

    /// One session: what every session has; the others are set afterwards.
    package init(frame: ConsoleFrame, row: SessionRow, entries: [Entry], canStop: Bool) {
        self.frame = frame
        self.row = row
        self.entries = entries
        self.canStop = canStop
        chart = PowerChart(points: [])
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let headline = "\(row.code) · \(shown.dateAndClock(row.startedAt))"
        let gaps: Gaps = [
            "listURL": SiteURL.list(.sessions).path, "headline": headline,
            "status": shown.status(row.status), "tone": Tone(status: row.status).rawValue,
            "facts": [row.payer.shown(words), row.place, row.id.text], "next": nextStep,
            "stopReason": stopReason.map { words(.askedToStop, ["reason": $0]) },
            "tiles": tiles(shown), "stopURL": canStop ? SiteURL.stopSession(row.id).path : nil,
            "hasEntries": !entries.isEmpty, "entries": entries.map { $0.gaps(shown) },
            "lanes": [
                Word.sourceCharger, .sourceReading, .sourceDecision, .sourcePayment, .sourceLedger,
            ].map { ["name": words($0)] as Gaps },
            "breakdown": breakdown.map { breakdown -> Gaps in
                var gaps = breakdown.gaps(shown)
                gaps["proof"] = proof ?? " "
                return gaps
            }, "chart": chart.gaps(shown),
        ]
        let head = PageHead(title: headline, address: .session(row.id))
        return frame.page(head, .timeline, gaps, at: .list(.sessions), shown)
    }

    private func tiles(_ shown: Shown) -> [Gaps] {
        let words = shown.words
        let duration = shown.duration((row.endedAt ?? frame.now) - row.startedAt)
        return [
            [
                "name": words(.columnTotal), "value": row.text(.cost, shown, now: frame.now),
                "note": shown.status(row.status),
            ],
            [
                "name": words(.energy), "value": shown.energy(row.energy),
                "note": row.endedAt == nil ? shown.power(row.power) : " ",
            ],
            [
                "name": words(.columnDuration), "value": duration,
                "note": shown.clock(row.startedAt) + (row.endedAt.map { "–" + shown.clock($0) } ?? "–"),
            ],
            [
                "name": words(.columnCaptured), "value": captured.map { shown.money($0) } ?? "–",
                "note": hold.map { "\(words(.reserved)) \(shown.money($0))" } ?? " ",
            ],
        ]
    }
}

extension SessionScreen.Entry {
    fileprivate func gaps(_ shown: Shown) -> Gaps {
        [
            "instant": at.iso8601, "clock": shown.clockWithSeconds(at), "source": source.rawValue,
            "sourceName": shown.words(source.word), "title": title, "detail": detail ?? false as Any,
            "amount": amount.map { shown.money($0) } ?? false as Any, "raw": raw ?? false as Any,
            "url": url?.path ?? false as Any,
        ]
    }
}

extension SessionScreen.Entry.Source {
    fileprivate var word: Word {
        switch self {
        case .charger: .sourceCharger
        case .reading: .sourceReading
        case .decision: .sourceDecision
        case .payment: .sourcePayment
        case .ledger: .sourceLedger
        case .document: .sourceDocument
        }
    }
}
