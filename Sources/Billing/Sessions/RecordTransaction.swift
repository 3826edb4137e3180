// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Finds or begins the session a message is about, adds its facts, and answers.
///
/// Whatever is wrong with it, energy that flowed is kept (C34, C44): a stop of an unknown transaction is answered and
/// becomes a work item, a refused token gets its status and a positive number.
struct RecordTransaction {
    let visit: StationVisit

    func callAsFunction(_ report: TransactionReport, in tx: Tx) throws -> StationReply {
        let known = try known(report, in: tx).flatMap {
            $0.isNamed(by: report) ? $0 : try retire($0, in: tx)
        }
        if let known, let reply = try repeated(of: known, in: tx) { return reply }
        guard var session = try known ?? begin(report, in: tx) else {
            return try KeepOrphan(visit: visit)(report, in: tx)
        }
        if known == nil, !report.isEnd {
            try AddFacts(visit: visit).first(report.facts, of: session, in: tx)
        } else {
            session = try AddFacts(visit: visit)(report.facts, to: session.id, in: tx)
        }
        try askAboutLack(of: report, session, in: tx)
        let isPlaced = try place(&session, by: report, in: tx)
        let (paid, token) = try FindPayer(visit: visit)(report, for: session, isPlaced: isPlaced, in: tx)
        if report.isEnd || paid.folded.endedAt != nil {
            try EndSession(desk: visit.desk, at: visit.now)(paid.id, in: tx)
        }
        let answer = TransactionAnswer(number: paid.number, token: token, cost: paid.live?.cost)
        return StationReply(
            answer: .transaction(answer), session: paid.id, isPriced: paid.bill != nil,
            isOpen: paid.folded.endedAt == nil)
    }

    /// A station that counts anew after a reset gives a name of 2.x a second time: the session that had it keeps everything
    /// but the name, and ends if nothing has ended it. Nil, so that the start begins a session of its own.
    private func retire(_ session: SessionRecord, in tx: Tx) throws -> SessionRecord? {
        visit.running?.forget(session.id)
        if session.isOpen { try CloseSession(desk: visit.desk, now: visit.now)(session.id, in: tx) }
        guard var retired = try tx.lock(SessionRecord.self, id: session.id) else { return nil }
        retired.name = nil
        try tx.update(&retired)
        return nil
    }

    /// What is left of a message whose kind nobody can read is kept; whether it was the start or the end is for a person
    /// (charging.md §3).
    private func askAboutLack(of report: TransactionReport, _ session: SessionRecord, in tx: Tx) throws {
        guard let lack = report.lack, let frame = visit.frame, visit.message != nil else { return }
        try tx.open(
            WorkItemRecord(
                id: visit.desk.ids.new(at: visit.now), organisation: session.organisation,
                reason: WorkReason.uninterpreted.rawValue, object: frame.text, station: session.station,
                detail: "\(visit.station.ocppIdentity): \(lack)",
                facts: [WorkFact("session", session.id.text)], message: .transaction(report), state: "open",
                openedAt: visit.now))
    }

    /// The session that the message is about, if it has begun.
    private func known(_ report: TransactionReport, in tx: Tx) throws -> SessionRecord? {
        switch report.reference {
        case .number(let number): try tx.lockSession(number: number, at: visit.station.id)
        case .named(let name): try tx.lockSession(named: name, at: visit.station.id)
        case .new:
            try tx.lockSession(startKey: report.startKey, at: visit.station.id)
        }
    }

    /// Nil for a number of 1.6 that we never gave, or gave to another station (C36).
    private func begin(_ report: TransactionReport, in tx: Tx) throws -> SessionRecord? {
        let begin = BeginSession(visit: visit)
        switch report.reference {
        case .number, .named(""): return nil
        case .named(let name): return try begin(report, name: name, startKey: nil, in: tx)
        case .new:
            return try begin(report, name: nil, startKey: report.startKey, in: tx)
        }
    }

    /// The first answer once more, if this very message was answered within a day. What was never part of a session is
    /// answered anew: it changes nothing either (`KeepOrphan`).
    private func repeated(of session: SessionRecord, in tx: Tx) throws -> StationReply? {
        guard let message = visit.message,
            let first = try tx.answeredFrame(
                message.id, sha256: message.sha256, of: session.id, since: visit.now - .hours(24)),
            let answer = first.answer
        else { return nil }
        return StationReply(
            answer: answer, session: session.id, isPriced: session.bill != nil, repeats: first.id)
    }

    /// The EVSE and the number of our request may come in any event of 2.x, once (C43). Its power bounds the energy, so
    /// the session is folded again. Says whether the EVSE was new.
    private func place(_ session: inout SessionRecord, by report: TransactionReport, in tx: Tx) throws -> Bool
    {
        guard session.finalAt == nil else { return false }
        var isPlaced = false
        let before = session
        if session.remoteStart == nil { session.remoteStart = report.remoteStartID }
        if session.evse == nil, let number = report.evse,
            let evse = try tx.evse(number: Int64(number), of: visit.station.id)
        {
            session.evse = evse.id
            session.folded = Session(
                folding: try tx.facts(of: session.id), under: try AddFacts.rules(of: session, in: tx))
            session.energy = session.folded.energy
            isPlaced = true
        }
        if session != before { try tx.update(&session) }
        return isPlaced
    }
}

extension SessionRecord {
    /// Whether a message that names this session is about it. A start well after everything that is known of a session that
    /// has begun is another's.
    fileprivate func isNamed(by report: TransactionReport) -> Bool {
        guard case .named = report.reference, report.isStart, folded.isStartTold == true,
            folded.flags.isDisjoint(with: [.noClock, .clockOffset]),
            let began = report.facts.first?.measuredAt, !isToldAgain(by: report)
        else { return true }
        return began - toldUpTo <= Self.late
    }

    /// Whether a start with another time may be the one that is known, made anew by a station that got no answer: it answers
    /// the same request, or it shows the same token and nothing has come of the first.
    private func isToldAgain(by report: TransactionReport) -> Bool {
        if let request = report.remoteStartID { return request == remoteStart }
        guard let token = report.token, endedAt == nil, folded.token?.folded == token.folded else {
            return false
        }
        return toldUpTo - startedAt <= Self.late
    }

    /// When the newest thing happened that is known of it.
    private var toldUpTo: Instant { max(folded.latestAt ?? startedAt, startedAt) }
}

extension TransactionReport {
    /// What is looked up for nearly every report of this kind, whoever began the session.
    func questions(at station: StationID) -> [Question] {
        var questions: [Question] = []
        switch reference {
        case .number(let number): questions.append(.session(number: number, at: station))
        case .named(let name): questions.append(.session(named: name, at: station))
        case .new: questions.append(.session(startKey: startKey, at: station))
        }
        guard isStart else { return questions }
        // A start that is told again wastes a number, which nothing forbids.
        questions.append(.nextNumber(of: BeginSession.numbers, for: station.text))
        if let evse {
            questions.append(.evse(number: Int64(evse), of: station))
            questions.append(.openSessions(at: station, evse: Int64(evse)))
        }
        if let remoteStartID { questions.append(.command(remoteStart: remoteStartID, at: station)) }
        if let token {
            questions.append(.startCommand(token: token.folded, at: station))
            questions.append(.token(knownAs: token.folded, at: station))
        }
        return questions
    }

    /// Whether it tells an end.
    var isEnd: Bool {
        facts.contains { if case .ended = $0.kind { true } else { false } }
    }

    /// Two 1.6 starts are one when connector, token, register and time are the same (charging.md §4).
    var startKey: String {
        let start = facts.first { if case .started = $0.kind { true } else { false } }
        var register = "-"
        if case .started(let energy?)? = start?.kind { register = String(energy.milliwattHours) }
        let time = start?.measuredAt.map { String($0.nanoseconds) } ?? "-"
        return [String(evse ?? 0), token?.folded ?? "-", register, time].joined(separator: "|")
    }
}
