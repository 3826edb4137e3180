// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Finds out who pays for a session: the guest whose start we asked for, or the account of the token that began it.
///
/// It goes by the fold, not by the message: whoever stops pays nothing, and an end that comes before its start waits for
/// it (C39, C43). So the order of the messages decides about nobody's money.
struct FindPayer {
    let visit: StationVisit

    /// The session with its payer, saved, and what to tell the station about the token in this message.
    /// `isPlaced` says that this message told on which EVSE it is.
    func callAsFunction(
        _ report: TransactionReport, for session: SessionRecord, isPlaced: Bool, in tx: Tx
    ) throws -> (session: SessionRecord, token: TokenAnswer?) {
        guard session.bill == nil, session.finalAt == nil,
            report.mayTellPayer || isPlaced || session.token == nil
        else {
            return (session, try answer(report, about: session, in: tx))
        }
        if session.checkout == nil, let command = try command(of: report, for: session, in: tx) {
            return try JoinCheckout(visit: visit)(command, session: session, presented: report.token, in: tx)
        }
        // Before the start is known nobody can tell whether a token begins or ends.
        guard session.folded.isStartTold == true,
            let payer = session.folded.token ?? (report.isEnd ? nil : report.token)
        else {
            return (session, try answer(report, about: session, in: tx))
        }
        let check = try CheckToken(desk: visit.desk)(
            payer, at: visit.station, starting: session.id, in: tx, now: visit.now)
        var found = session
        found.token = check.token?.id
        found.account = check.token?.account
        found.tokenMasked = payer.masked
        let fund = FundFromAccount(visit: visit)
        let isToldLate =
            (report.isStart && report.offline) || session.createdAt - session.startedAt > .minutes(2)
        let answer: TokenAnswer
        switch check.answer.status {
        case .accepted:
            (found, answer) = try fund(found, answer: check.answer, mayOwe: isToldLate, in: tx)
        case .blocked, .expired, .concurrent, .noCredit:
            // An offline start of a known account cannot be refused any more: it is billed to it (F49).
            if isToldLate, found.account != nil { found = try fund.withoutReservation(found, in: tx) }
            answer = check.answer
            if found != session { try tx.update(&found) }
        case .invalid:
            answer = check.answer
            if found != session { try tx.update(&found) }
        }
        if answer.status != .accepted, isToldLate, found.bill != nil { try stop(&found, in: tx) }
        guard let presented = report.token else { return (found, nil) }
        let isPayer = presented.folded == payer.folded
        return (found, isPayer && !report.isEnd ? answer : try self.answer(report, about: found, in: tx))
    }

    /// F49: whoever may not charge and does is asked to stop; a replay itself starts nothing (C47), so only while it runs.
    private func stop(_ session: inout SessionRecord, in tx: Tx) throws {
        guard session.endedAt == nil, visit.station.connectedAt != nil else { return }
        _ = try RequestRemoteStop(desk: visit.desk).ask(
            session.id, because: .notAllowed, in: tx, at: visit.now)
        session = try tx.find(SessionRecord.self, session.id) ?? session
    }

    /// The start we asked for: by number in 2.x, by our one-time token on its EVSE in 1.6 (charging.md §9, Correlation).
    private func command(
        of report: TransactionReport, for session: SessionRecord, in tx: Tx
    ) throws -> CommandRecord? {
        if let number = report.remoteStartID,
            let command = try tx.lockCommand(remoteStart: number, at: visit.station.id)
        {
            return command
        }
        guard let token = report.token,
            let command = try tx.lockStartCommand(token: token.folded, at: visit.station.id)
        else { return nil }
        let isThere = session.evse == nil || command.evse == nil || session.evse == command.evse
        return isThere ? command : nil
    }

    /// What to say of the token in a message of a session whose payer is known, or cannot be known yet.
    ///
    /// Whoever began it, the same group and the master pass may stop it (C24; UC C16); a token that pays for this very
    /// session is still good when its balance is reserved for it (C30).
    private func answer(
        _ report: TransactionReport, about session: SessionRecord, in tx: Tx
    ) throws -> TokenAnswer? {
        guard let presented = report.token else { return nil }
        let check = try CheckToken(desk: visit.desk)(
            presented, at: visit.station, starting: session.id, in: tx, now: visit.now)
        guard let token = check.token else { return check.answer }
        let isOwn = token.id == session.token
        let isGroup = token.account != nil && token.account == session.account
        let mayStop = !report.isStart && (isOwn || isGroup || token.masterPass)
        let paysHere = isOwn && session.bill != nil && check.answer.status != .blocked
        guard mayStop || paysHere else { return check.answer }
        return TokenAnswer(status: .accepted, group: check.answer.group, expiresAt: check.answer.expiresAt)
    }
}

extension TransactionReport {
    /// Whether it may tell something new about who pays: a start, or a token that does not stop.
    fileprivate var mayTellPayer: Bool {
        guard !isEnd else { return false }
        return token != nil || remoteStartID != nil || isStart
    }

    /// Whether it tells a start.
    var isStart: Bool {
        facts.contains { if case .started = $0.kind { true } else { false } }
    }
}
