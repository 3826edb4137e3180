// SPDX-License-Identifier: Apache-2.0

import Accounting
import Charging
import Payments
package import Quantities
import Storage
import Tariffs

/// Step 7, Settlement: prices an ended session, books what the driver owes, asks for the money.
///
/// One transaction; the world hears of it through the outbox. Safe to repeat: a settled session is left alone.
package struct SettleSession: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What came of it.
    package enum Outcome: Hashable, Sendable {
        /// Facts may still come; look again then.
        case notYet(Instant)
        /// Settled before, or not ended.
        case nothingToDo
        /// A person must look.
        case inReview
        /// Nothing is charged.
        case nothingCharged
        /// The bill is made and the money asked for.
        case billed(Money)
    }

    package func callAsFunction(_ id: SessionID) async throws -> Outcome {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in try settle(id, in: tx, at: now) }
    }

    /// Without waiting for more: the hold is about to run out, and what is proven by the last reading is charged
    /// (payments.md §6.3). What is in doubt still waits for a person: doubtful energy is never captured.
    func now(_ id: SessionID) async throws -> Outcome {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard var session = try tx.lock(SessionRecord.self, id: id), session.finalAt == nil,
                session.status == .ended
            else { return .nothingToDo }
            let questions = session.folded.questions
            guard questions.isEmpty else {
                return try review(&session, because: questions.map(\.rawValue), in: tx, at: now)
            }
            return try finish(&session, in: tx, at: now)
        }
    }

    /// The same inside a transaction. A person who has decided is not kept waiting for the quiet time: what the station
    /// tells later is a correction.
    func settle(_ id: SessionID, isDecided: Bool = false, in tx: Tx, at now: Instant) throws -> Outcome {
        guard var session = try tx.lock(SessionRecord.self, id: id), session.finalAt == nil,
            [.ended, .inReview].contains(session.status)
        else { return .nothingToDo }
        if isDecided { return try finish(&session, in: tx, at: now) }
        switch try finality(of: session, in: tx, at: now) {
        case .notYet(let later):
            try putOff(&session, to: later, in: tx, at: now)
            try tx.update(&session)
            return .notYet(later)
        case .review(let flags):
            return try review(&session, because: flags.map(\.rawValue).sorted(), in: tx, at: now)
        case .final:
            return try finish(&session, in: tx, at: now)
        }
    }

    /// Whether facts may still come: then the session is looked at again later. The caller saves it.
    func isPutOff(_ session: inout SessionRecord, in tx: Tx, at now: Instant) throws -> Bool {
        guard case .notYet(let later) = try finality(of: session, in: tx, at: now) else { return false }
        try putOff(&session, to: later, in: tx, at: now)
        return true
    }

    private func putOff(
        _ session: inout SessionRecord, to later: Instant, in tx: Tx, at now: Instant
    ) throws {
        session.dueAt = later
        try AskStation(desk: desk).whatIsMissing(&session, in: tx, at: now)
    }

    private func finality(of session: SessionRecord, in tx: Tx, at now: Instant) throws -> Session.Finality {
        guard let organisation = try tx.find(OrganisationRecord.self, session.organisation) else {
            return .final
        }
        let policy = organisation.policy
        let station = try tx.find(StationRecord.self, session.station)
        let holds = try session.bill.map { try tx.payments(of: $0) } ?? []
        return session.folded.finality(
            at: now, lastFactAt: session.lastFactAt, isStationOnline: station?.connectedAt != nil,
            quiet: Session.Quiet(
                complete: policy.quiet, incomplete: policy.quietIncomplete, offline: policy.quietOffline),
            isDrained: session.drainedAt.map { $0 >= session.lastFactAt } ?? false,
            captureBefore: holds.filter(\.canCapture).compactMap(\.captureBefore).min())
    }

    private func finish(_ session: inout SessionRecord, in tx: Tx, at now: Instant) throws -> Outcome {
        guard let billID = session.bill, var bill = try tx.lock(BillRecord.self, id: billID),
            let quote = try tx.find(QuoteRecord.self, bill.quote)
        else { return try finishWithoutPayer(&session, in: tx, at: now) }
        let rated = try RateSession(zones: desk.zones)(session.folded, under: quote)
        session.status = .final
        session.finalAt = now
        session.dueAt = nil
        try Questions(desk: desk).answered(by: session, in: tx, at: now)
        try Questions(desk: desk).noteLostClock(of: session, rated, under: quote, in: tx, at: now)
        let due = try tx.policy(of: session.organisation).due(rated, for: session.folded)
        var live = LiveBill(rated, quote: quote, at: now)
        live.cost = due
        live.remember(session.live)
        try TellCost(desk: desk).ended(&live, of: session, in: tx, at: now)
        session.live = live
        bill.rated = try rated.stored
        bill.ratedAt = now
        let outcome = try owe(due, rated, for: &bill, session: session, in: tx, at: now)
        try tx.update(&bill)
        try tx.update(&session)
        tx.note(.session, session.id.text)
        try CollectBill(desk: desk).again(bill.id, in: tx, at: now)
        return outcome
    }

    private func owe(
        _ due: Money, _ rated: Rated, for bill: inout BillRecord, session: SessionRecord, in tx: Tx,
        at now: Instant
    ) throws -> Outcome {
        guard due.isPositive else {
            bill.totalMinor = 0
            try bill.apply(.zero, with: desk, in: tx, at: now)
            try ReleaseHold(desk: desk).releaseAll(of: bill.id, in: tx, at: now)
            return .nothingCharged
        }
        bill.totalMinor = due.minorUnits
        try bill.apply(.rate, with: desk, in: tx, at: now)
        let site = try tx.find(SiteRecord.self, session.site)
        let owed = SessionOwed(rated, country: site?.taxProfile.country ?? "", session: session.id)
        let posting: Posting
        switch bill.fundedBy {
        case .invoice:
            posting = try .fleetSessionOwed(incomes: owed.incomes, session: session.id)
            try bill.apply(.collect, with: desk, in: tx, at: now)
        default: posting = try owed.posting()
        }
        try Books(desk: desk).post(
            posting,
            Books.Entry(
                organisation: session.organisation, cause: bill.id.text, occurredAt: session.endedAt ?? now,
                now: now),
            in: tx)
        return .billed(due)
    }

    private func finishWithoutPayer(
        _ session: inout SessionRecord, in tx: Tx, at now: Instant
    ) throws -> Outcome {
        guard session.energy > .zero, session.folded.judgement != .waived else {
            session.status = .final
            session.finalAt = now
            session.dueAt = nil
            try Questions(desk: desk).answered(by: session, in: tx, at: now)
            try tx.update(&session)
            tx.note(.session, session.id.text)
            return .nothingCharged
        }
        return try review(&session, because: ["unpaid_energy"], in: tx, at: now)
    }

    private func review(
        _ session: inout SessionRecord, because reasons: [String], in tx: Tx, at now: Instant
    ) throws -> Outcome {
        session.status = .inReview
        session.dueAt = nil
        try tx.update(&session)
        if let id = session.bill, var bill = try tx.lock(BillRecord.self, id: id) {
            try bill.apply(.review, with: desk, in: tx, at: now)
            try tx.update(&bill)
        }
        try Questions(desk: desk).ask(reasons, about: session, in: tx, at: now)
        tx.note(.session, session.id.text)
        return .inReview
    }
}
