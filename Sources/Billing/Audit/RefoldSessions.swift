// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage
import Tariffs

/// I18 on live data: a final session, folded again from the facts that are stored, has the energy and the price that were
/// billed (charging.md §2). What came after it was final is no part of it.
struct RefoldSessions: Sendable {
    let desk: Desk

    /// So many are read in one transaction: an audit beside a running server holds none for long.
    private static let batch = 200

    func callAsFunction(
        _ span: Invariants.Span, progress: @Sendable (Int) -> Void
    ) async throws -> Invariants.Finding {
        var offenders: [String] = []
        var last: SessionID?
        var done = 0
        while true {
            let (count, next, wrong) = try await desk.store.read { [last] tx in
                let sessions = try tx.finalSessions(
                    from: span.from, to: span.to, after: last, limit: Self.batch)
                let wrong = try sessions.filter { try !isAsFolded($0, in: tx) }.map(\.id.text)
                return (sessions.count, sessions.last?.id, wrong)
            }
            offenders += wrong
            done += count
            guard let next, count == Self.batch else { break }
            last = next
            progress(done)
        }
        return Invariants.Finding(
            id: "I18", rule: "A final session folded again has the energy and the price that were billed.",
            offenders: offenders)
    }

    /// What an EVSE can deliver bounds what is believed, and may have been changed or told since; without any bound the
    /// same facts must prove the same. A fold by older rules proves nothing about this build's.
    private func isAsFolded(_ session: SessionRecord, in tx: Tx) throws -> Bool {
        guard session.energy == session.folded.energy else { return false }
        guard session.folded.rulesVersion == SessionRules.version else { return true }
        let facts = try tx.facts(of: session.id)
        let rules = try AddFacts.rules(of: session, in: tx)
        var unbounded = rules
        unbounded.powerMax = nil
        return try fits(Session(folding: facts, under: rules), session, in: tx)
            || fits(Session(folding: facts, under: unbounded), session, in: tx)
    }

    private func fits(_ folded: Session, _ session: SessionRecord, in tx: Tx) throws -> Bool {
        guard folded.energy == session.energy else { return false }
        guard let bill = try session.bill.flatMap({ try tx.find(BillRecord.self, $0) }), bill.ratedAt != nil
        else { return true }
        return try bill.charges(for: folded, zones: desk.zones, in: tx)
    }
}

extension BillRecord {
    /// Whether it comes to what a session costs under the bill's frozen quote.
    func charges(for session: Session, zones: any ZoneReader, in tx: Tx) throws -> Bool {
        guard let quote = try tx.find(QuoteRecord.self, quote) else { return false }
        let gross = try RateSession(zones: zones)(session, under: quote).gross.minorUnits
        return totalMinor == (["zero_rated", "cancelled"].contains(status) ? 0 : gross)
    }
}
