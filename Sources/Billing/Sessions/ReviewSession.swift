// SPDX-License-Identifier: Apache-2.0

import Charging
package import Quantities
package import Storage

/// A person decides about a session in review: the decision becomes a fact of the session, which is folded, priced and
/// booked like any other (charging.md §8). It names the person and the reason (I30).
package struct ReviewSession: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What was decided, with what the decision needs.
    package struct Verdict: Sendable, Hashable {
        package var decision: WorkDecision
        package var reason: String
        package var energy: Energy?
        package var register: Energy?
        package var account: AccountID?

        package init(
            _ decision: WorkDecision, because reason: String, energy: Energy? = nil, register: Energy? = nil,
            account: AccountID? = nil
        ) {
            self.decision = decision
            self.reason = reason
            self.energy = energy
            self.register = register
            self.account = account
        }
    }

    package func callAsFunction(
        _ id: SessionID, _ verdict: Verdict, by author: Author
    ) async throws -> SessionRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            try decide(id, verdict, by: author, in: tx, at: now)
        }
    }

    /// The same inside a transaction. All questions about the session are answered by it.
    func decide(
        _ id: SessionID, _ verdict: Verdict, by author: Author, in tx: Tx, at now: Instant
    ) throws -> SessionRecord {
        let session = try author.lock(SessionRecord.self, id, "session", in: tx)
        guard session.finalAt == nil, session.status == .inReview || session.status == .ended else {
            throw AdministrationRefusal.invalidState(session.status.rawValue, allowed: ["in_review"])
        }
        guard let judgement = verdict.decision.judgement(register: verdict.register, energy: verdict.energy)
        else { throw verdict.decision.incomplete }
        try verdict.decision.check(energy: verdict.energy, register: verdict.register, for: session)
        let judged = try AddFacts(desk: desk, at: now)([.judged(judgement, at: now)], to: id, in: tx)
        if verdict.decision != .waive, judged.bill == nil {
            try BillAccount(desk: desk)(judged, account: verdict.account, by: author, in: tx, at: now)
        }
        if verdict.decision == .billAsMeasured { try markMeter(of: judged, by: author, in: tx, at: now) }
        try close(id, verdict, by: author, in: tx, at: now)
        try author.note(
            "session.reviewed.\(verdict.decision.rawValue)", id, because: verdict.reason, with: desk, in: tx,
            at: now)
        _ = try SettleSession(desk: desk).settle(id, isDecided: true, in: tx, at: now)
        guard let settled = try tx.find(SessionRecord.self, id) else { throw SessionRefusal.isGone(id) }
        return settled
    }

    /// Whoever bills samples that count from zero as measured has said that those of this station do: it is not asked about
    /// again (charging.md §6 rule 5).
    private func markMeter(
        of session: SessionRecord, by author: Author, in tx: Tx, at now: Instant
    ) throws {
        var rules = try AddFacts.rules(of: session, in: tx)
        guard session.folded.flags.contains(.twoScales), !rules.meter.countsFromZero else { return }
        rules.meter.countsFromZero = true
        let explained = Session(folding: try tx.factsToFold(of: session.id), under: rules)
        guard !explained.flags.contains(.twoScales),
            var station = try tx.lock(StationRecord.self, id: session.station)
        else { return }
        var meter = station.meter ?? StationMeter()
        meter.countsFromZero = true
        station.meter = meter
        try tx.update(&station)
        try author.note("station.counts_from_zero", station.id, with: desk, in: tx, at: now)
    }

    private func close(
        _ id: SessionID, _ verdict: Verdict, by author: Author, in tx: Tx, at now: Instant
    ) throws {
        for item in try tx.lockOpenWorkItems(about: id)
        where WorkReason(rawValue: item.reason)?.isReview == true {
            try item.close(as: verdict.decision, because: verdict.reason, by: author, in: tx, at: now)
        }
    }
}

extension WorkItemRecord {
    /// Answered; who and why are kept with it.
    @discardableResult
    func close(
        as decision: WorkDecision, because reason: String?, by author: Author, in tx: Tx, at now: Instant
    ) throws -> WorkItemRecord {
        var item = self
        item.state = "closed"
        item.decision = decision.rawValue
        item.decidedBy = author.name
        item.note = reason
        item.closedAt = now
        item.defaultAt = nil
        try tx.update(&item)
        tx.note(.workItem, item.id.text)
        return item
    }
}

/// Bills a session without a payer to an account, at the price that was valid when it began: as much as its wallet has is
/// reserved, and without enough the whole is owed.
struct BillAccount {
    let desk: Desk

    func callAsFunction(
        _ session: SessionRecord, account: AccountID?, by author: Author, in tx: Tx, at now: Instant
    ) throws {
        try author.check(AccountRecord.self, account, field: "/account", in: tx)
        guard let station = try tx.find(StationRecord.self, session.station) else {
            throw AdministrationRefusal.notFound("station")
        }
        let shown = try session.folded.token.flatMap {
            try tx.token(knownAs: $0.folded, of: session.organisation)
        }
        guard let payer = account ?? session.account ?? shown?.account else {
            throw AdministrationRefusal.invalid(field: "/account", "Nobody is known to pay: name an account.")
        }
        var session = session
        let evses = try tx.evses(of: station.id)
        if session.evse == nil, evses.count == 1 { session.evse = evses[0].id }
        guard session.evse != nil else {
            throw AdministrationRefusal.invalid(
                field: "/decision", "Nobody knows at which EVSE it was, so it has no price.")
        }
        var billed = session
        billed.account = payer
        let fund = FundFromAccount(visit: StationVisit(desk: desk, station: station, frame: nil, now: now))
        (billed, _) = try fund(billed, answer: TokenAnswer(status: .accepted), mayOwe: true, in: tx)
        guard billed.bill != nil else {
            throw AdministrationRefusal.invalid(
                field: "/decision", "Nobody published a price for this EVSE then.")
        }
        try EndSession(desk: desk, at: now)(session.id, in: tx)
    }
}
