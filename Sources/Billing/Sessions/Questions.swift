// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage
import Tariffs

/// Opens and closes the questions about a session, with the money at stake and the facts beside each (charging.md §8).
struct Questions {
    let desk: Desk

    /// Asks for each reason once; `more` is what there is to know besides the session.
    func ask(
        _ reasons: [String], about session: SessionRecord, with more: [WorkFact] = [], in tx: Tx,
        at now: Instant
    ) throws {
        let stake = try Stake(desk: desk).session(session, in: tx)
        for reason in reasons {
            let work = WorkReason(rawValue: reason)
            try tx.open(
                WorkItemRecord(
                    id: desk.ids.new(at: now), organisation: session.organisation, reason: reason,
                    object: session.id.text, station: session.station,
                    detail: "\(session.energy) on \(try Self.identity(of: session, in: tx))",
                    facts: Self.facts(of: session) + more, currency: stake?.currency,
                    amountMinor: stake?.minorUnits,
                    state: "open", openedAt: now, defaultAt: work?.patience.map { now + $0 }))
        }
        if !reasons.isEmpty { tx.note(.workItem, session.id.text) }
    }

    /// Without a usable clock nobody can price time: it was given away, and a person may know better (charging.md §7).
    /// Only if the tariff has a price for time at all.
    func noteLostClock(
        of session: SessionRecord, _ rated: Rated, under quote: QuoteRecord, in tx: Tx, at now: Instant
    ) throws {
        guard session.folded.flags.contains(.noClock), session.folded.judgement == nil else { return }
        let tariff = try Tariff.decode(ocpi: quote.tariff).0
        let pricesTime = tariff.elements.flatMap(\.components).contains {
            [.time, .parking].contains($0.dimension) && $0.price > .zero
        }
        if pricesTime { try ask([WorkReason.noClock.rawValue], about: session, in: tx, at: now) }
    }

    /// The session is final: what was asked about it is answered, by a person's judgement or by later messages.
    func answered(by session: SessionRecord, in tx: Tx, at now: Instant) throws {
        for var item in try tx.lockOpenWorkItems(about: session.id)
        where WorkReason(rawValue: item.reason)?.isReview == true {
            item.state = "closed"
            item.decision = "resolved"
            item.decidedBy = "server"
            item.note = "The station's later messages answered it."
            item.closedAt = now
            try tx.update(&item)
            tx.note(.workItem, item.id.text)
        }
    }

    /// What is shown beside a question.
    static func facts(of session: SessionRecord) -> [WorkFact] {
        let folded = session.folded
        var facts = [WorkFact("energy_wh", String(session.energy.wattHours))]
        if let start = folded.startRegister {
            facts.append(WorkFact("start_register_wh", String(start.wattHours)))
        }
        if let end = folded.endRegister { facts.append(WorkFact("end_register_wh", String(end.wattHours))) }
        facts.append(WorkFact("started_at", session.startedAt.iso8601))
        if let end = session.endedAt { facts.append(WorkFact("ended_at", end.iso8601)) }
        if let token = session.tokenMasked { facts.append(WorkFact("token", token)) }
        if let reason = folded.stopReason { facts.append(WorkFact("stop_reason", reason)) }
        let flags = folded.flags.sorted().map(\.rawValue)
        if !flags.isEmpty { facts.append(WorkFact("flags", flags.joined(separator: ", "))) }
        return facts
    }

    private static func identity(of session: SessionRecord, in tx: Tx) throws -> String {
        try tx.find(StationRecord.self, session.station)?.ocppIdentity ?? session.station.text
    }
}
