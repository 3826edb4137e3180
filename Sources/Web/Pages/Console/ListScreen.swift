// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A list of the console: sessions, stations, tariffs, payments or questions.
package struct ListScreen: Sendable {
    /// What is listed.
    package enum Rows: Sendable {
        /// Sessions, newest first.
        case sessions([SessionRow])
        /// Stations, and where they connect.
        case stations([StationRow], socket: String)
        /// Tariffs, newest first.
        case tariffs([TariffRow])
        /// Payments, newest first.
        case payments([PaymentRow])
        /// Questions for a person, oldest first.
        case work([WorkRow])
    }

    /// A choice above the list, kept in the address.
    package struct Filter: Hashable, Sendable {
        /// The value of `?status=`; nil for all.
        package var status: String?
        /// Whether it is chosen.
        package var isCurrent: Bool

        /// A choice above the list.
        package init(status: String?, isCurrent: Bool) {
            self.status = status
            self.isCurrent = isCurrent
        }
    }

    /// Fields above the list of sessions, kept in the address.
    package struct Search: Hashable, Sendable {
        /// The code of a charging point.
        package var point: String
        /// The first day.
        package var from: String
        /// The last day.
        package var to: String
        /// The state that is chosen besides.
        package var status: String

        /// Fields above the list of sessions.
        package init(point: String, from: String, to: String, status: String) {
            self.point = point
            self.from = from
            self.to = to
            self.status = status
        }

        var gaps: Gaps { ["point": point, "from": from, "to": to, "status": status] }

        /// What the filters keep of it.
        var query: String {
            [("point", point), ("from", from), ("to", to)].filter { !$0.1.isEmpty }
                .map { "&\($0.0)=\(Query.encoded($0.1))" }.joined()
        }
    }

    /// What surrounds it.
    package var frame: ConsoleFrame
    /// What is listed.
    package var rows: Rows
    /// Fields above the list; nil for lists without.
    package var search: Search?
    /// Choices above the list.
    package var filters: [Filter]
    /// The query of the next page, e.g. `starting_after=ses_01…`; nil on the last one.
    package var olderQuery: String?

    /// A list of the console.
    package init(frame: ConsoleFrame, rows: Rows, filters: [Filter] = [], olderQuery: String? = nil) {
        self.frame = frame
        self.rows = rows
        self.filters = filters
        self.olderQuery = olderQuery
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let (list, headline, table) = content(shown)
        let address = SiteURL.list(list)
        let gaps: Gaps = [
            "headline": headline, "table": table.gaps,
            "filters": filters.isEmpty
                ? nil
                : ["items": filters.map { $0.gaps(at: address, keeping: search?.query ?? "", shown) }]
                    as Gaps,
            "search": search?.gaps, "action": address.path,
            "older": olderQuery.map { "\(address.path)?\($0)" },
            "create": list == .tariffs
                ? ["url": SiteURL.newTariff.path, "name": shown.words(.newTariff)] as Gaps : nil,
        ]
        return frame.page(PageHead(title: headline), .list, gaps, at: address, shown)
    }

    private func content(_ shown: Shown) -> (SiteURL.ConsoleList, String, ConsoleTable) {
        let words = shown.words
        switch rows {
        case .sessions(let rows):
            return (.sessions, words(.sessions), SessionRow.table(rows, shown, now: frame.now))
        case .stations(let rows, let socket):
            return (.stations, words(.stations), StationRow.table(rows, socket: socket, shown))
        case .tariffs(let rows): return (.tariffs, words(.tariffs), TariffRow.table(rows, shown))
        case .payments(let rows): return (.payments, words(.payments), PaymentRow.table(rows, shown))
        case .work(let rows): return (.work, words(.work), WorkRow.table(rows, shown, now: frame.now))
        }
    }
}

extension ListScreen.Filter {
    fileprivate func gaps(at address: SiteURL, keeping rest: String, _ shown: Shown) -> Gaps {
        [
            "url": "\(address.path)?status=\(status ?? "")\(rest)",
            "name": status.map { shown.status($0) } ?? shown.words(.all), "current": isCurrent,
        ]
    }
}

/// A payment as a line of the console's lists.
package struct PaymentRow: Hashable, Sendable {
    /// Which.
    package var id: PaymentID
    /// Its state, as the machine names it; `in doubt` if an outcome is unknown.
    package var status: String
    /// What was paid with, e.g. `visa 4242`.
    package var instrument: String
    /// Which gateway, or a wallet.
    package var gateway: String
    /// The gateway's own name of it.
    package var reference: String?
    /// When it began.
    package var createdAt: Instant
    /// What was reserved.
    package var reserved: Money
    /// What was taken.
    package var captured: Money
    /// When the rest was released.
    package var releasedAt: Instant?
    /// What it pays.
    package var session: SessionID?

    /// A payment: the values every payment has; the others are set afterwards.
    package init(
        id: PaymentID, status: String, createdAt: Instant, reserved: Money, captured: Money
    ) {
        self.id = id
        self.status = status
        self.createdAt = createdAt
        self.reserved = reserved
        self.captured = captured
        instrument = "–"
        gateway = "–"
    }

    static func table(_ rows: [PaymentRow], _ shown: Shown) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.payments),
            columns: [
                .init(words(.columnWhen), isShort: true), .init(words(.columnPayment)),
                .init(words(.columnState)),
                .init(words(.columnGateway)), .init(words(.columnReserved), isNumber: true),
                .init(words(.columnCaptured), isNumber: true), .init(words(.columnReleased), isNumber: true),
            ],
            rows: rows.map { row in
                let when = shown.dateAndClock(row.createdAt)
                let rest = row.reserved - row.captured
                return [
                    row.session.map { .link(when, .session($0)) } ?? .text(when),
                    .text(row.instrument, detail: row.id.text),
                    .state(shown.status(row.status), Tone(status: row.status)),
                    .text(row.gateway, detail: row.reference), .text(shown.money(row.reserved)),
                    .text(shown.money(row.captured)),
                    .text(
                        row.releasedAt == nil ? "–" : shown.money(rest),
                        detail: row.releasedAt.map { shown.dateAndClock($0) }),
                ]
            }, empty: words(.noPayments))
    }
}
