// SPDX-License-Identifier: Apache-2.0

import Charging
package import Quantities
import Storage
import Tariffs

/// "What would last month have cost?": rates past sessions again under a draft, with the one rating function, and shows the
/// difference. Nothing is stored and nobody is charged.
package struct CompareTariff: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Which sessions are rated again.
    package struct Window: Hashable, Sendable {
        /// When they ended: from the first instant, before the second.
        package var from: Instant
        package var to: Instant
        /// Only at this site, if given.
        package var site: SiteID?

        package init(from: Instant, to: Instant, site: SiteID? = nil) {
            self.from = from
            self.to = to
            self.site = site
        }
    }

    /// One session under both prices.
    package struct Compared: Hashable, Sendable {
        package let session: SessionID
        package let before: Money
        package let after: Money
        package var difference: Money { after - before }
    }

    /// What it comes to.
    package struct Comparison: Hashable, Sendable {
        package fileprivate(set) var sessions = 0
        /// Sessions in another currency than the draft's; they are left out.
        package fileprivate(set) var otherCurrency = 0
        package fileprivate(set) var cheaper = 0
        package fileprivate(set) var dearer = 0
        package fileprivate(set) var before: Money
        package fileprivate(set) var after: Money
        /// The sessions whose price changes most, at most `Comparison.shown`.
        package fileprivate(set) var largest: [Compared] = []
        /// Whether there were more sessions than are rated at once.
        package fileprivate(set) var isCut = false

        package static let shown = 20
    }

    /// The most sessions that are rated at once; a few seconds of work.
    package static let limit = 20_000
    private static let step = 200

    /// - Parameter draft: OCPI JSON of a tariff; it need not be published.
    package func callAsFunction(
        _ draft: TariffBook.Draft, in window: Window, by author: Author
    ) async throws -> Comparison {
        let tariff = try Tariff.decode(ocpi: draft.document).0
        var comparison = Comparison(before: .zero(tariff.currency), after: .zero(tariff.currency))
        var filter = ListFilter()
        filter.equal["status"] = [SessionStatus.final.rawValue]
        if let site = window.site { filter.equal["site"] = [site.text] }
        filter.from["ended_at"] = window.from
        filter.to["ended_at"] = window.to
        filter.limit = Self.step
        // Page by page, so that no long reading stands in the way of those who charge.
        while true {
            let wanted = filter
            let (rows, hasMore) = try await desk.store.read { tx in
                let page = try tx.page(of: SessionRecord.self, for: author.organisation, wanted)
                return (
                    try page.rows.compactMap { try past($0, in: tx) }, page.hasMore ? page.rows.last?.id : nil
                )
            }
            for past in rows { try compare(past, under: tariff, &comparison) }
            guard let last = hasMore else { return comparison }
            guard comparison.sessions < Self.limit else {
                comparison.isCut = true
                return comparison
            }
            filter.after = last.text
        }
    }

    /// A session that was charged for, with where it was.
    private struct Past: Sendable {
        var session: SessionRecord
        var site: SiteRecord
        var total: Money
    }

    private func past(_ session: SessionRecord, in tx: Tx) throws -> Past? {
        guard let bill = try session.bill.flatMap({ try tx.find(BillRecord.self, $0) }), bill.rated != nil,
            let total = bill.totalMinor, bill.status != "zero_rated",
            let site = try tx.find(SiteRecord.self, session.site)
        else { return nil }
        return Past(
            session: session, site: site, total: Money(minorUnits: total, currency: bill.currency))
    }

    private func compare(_ past: Past, under tariff: Tariff, _ comparison: inout Comparison) throws {
        guard past.total.currency == tariff.currency else {
            comparison.otherCurrency += 1
            return
        }
        let usage = past.session.folded.usage(asOf: nil)
        let first = usage.intervals.map(\.start).min() ?? past.session.startedAt
        let last = usage.intervals.map(\.end).max() ?? first
        let zone = try desk.zones.rules(of: past.site.timeZone, from: first, to: last)
        let taxed = try tariff.taxed(
            by: past.site.taxProfile.profile, mode: past.site.taxProfile.included ? .included : .excluded)
        let rated = try Rater(policy: .lineHalfUp1).rate(usage, under: taxed, in: zone)
        comparison.add(Compared(session: past.session.id, before: past.total, after: rated.gross))
    }
}

extension CompareTariff.Comparison {
    fileprivate mutating func add(_ compared: CompareTariff.Compared) {
        sessions += 1
        before += compared.before
        after += compared.after
        let difference = compared.difference
        if difference.isNegative { cheaper += 1 }
        if difference.isPositive { dearer += 1 }
        guard !difference.isZero else { return }
        largest.append(compared)
        largest.sort { $0.difference.minorUnits.magnitude > $1.difference.minorUnits.magnitude }
        if largest.count > Self.shown { largest.removeLast() }
    }
}
