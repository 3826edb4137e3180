// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage
import Tariffs

/// How much money a question is about: estimated gross at the EVSE's tariff of that time (charging.md §8). Shown beside a
/// question and never posted.
struct Stake {
    let desk: Desk

    /// What a session would cost: under its own quote if it has one; nil where nobody can reckon it.
    func session(_ session: SessionRecord, as folded: Session? = nil, in tx: Tx) throws -> Money? {
        let folded = folded ?? session.folded
        if let bill = try session.bill.flatMap({ try tx.find(BillRecord.self, $0) }),
            let quote = try tx.find(QuoteRecord.self, bill.quote)
        {
            return try RateSession(zones: desk.zones).ifPossible(folded, under: quote)?.gross
        }
        guard let evse = try session.evse.flatMap({ try tx.find(EVSERecord.self, $0) }) else { return nil }
        return try priced(folded.usage(), at: evse, on: session.startedAt, in: tx)
    }

    /// What an orphan's energy may be: above the start of the session that it probably ends, else above the last register
    /// that the EVSE's sessions told; nil if neither is known or believable.
    func orphan(
        _ report: TransactionReport, at station: StationRecord, _ candidates: [SessionRecord], in tx: Tx,
        at now: Instant
    ) throws -> Money? {
        let evses = try tx.evses(of: station.id)
        let place = evses.first { $0.id == candidates.first?.evse } ?? (evses.count == 1 ? evses.first : nil)
        guard let stop = report.stopRegister, let evse = place else { return nil }
        let last = try tx.sessions(of: evse.id, startedBefore: now, limit: 1).first
        guard let before = candidates.first?.folded.startRegister ?? last?.folded.endRegister, stop > before,
            stop - before <= Self.mostBelievable
        else { return nil }
        let at = report.facts.compactMap(\.measuredAt).max() ?? now
        let usage = Usage(intervals: [Usage.Interval(from: at, to: at, .charging, energy: stop - before)])
        return try priced(usage, at: evse, on: min(at, now), in: tx)
    }

    /// More than any vehicle takes.
    private static let mostBelievable = Energy(wattHours: 1_000_000)

    private func priced(
        _ usage: Usage, at evse: EVSERecord, on instant: Instant, in tx: Tx
    ) throws -> Money? {
        let place = try Place(of: evse, in: tx)
        guard
            let (version, _) = try place.knownTariffVersion(at: instant, in: tx)
                ?? place.knownTariffVersion(at: desk.clock.now, in: tx)
        else { return nil }
        let tariff = try QuoteSession.snapshot(of: version, at: place.site)
        let first = usage.intervals.map(\.start).min() ?? instant
        let last = usage.intervals.map(\.end).max() ?? first
        let zone = try desk.zones.rules(of: place.site.timeZone, from: first, to: last)
        // A refusal of the rater means that nobody can reckon it.
        return try? Rater(policy: .lineHalfUp1).rate(usage, under: tariff, in: zone).gross
    }
}
