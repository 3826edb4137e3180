// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Begins a session, and finds out who pays for it: a guest whose start we asked for, or the account of a token.
struct BeginSession {
    let visit: StationVisit

    /// The new session, saved, with what to tell the station about its token.
    func callAsFunction(
        _ report: TransactionReport, name: String?, startKey: String?, in tx: Tx
    ) throws -> (session: SessionRecord, token: TokenAnswer?) {
        let evse = try report.evse.flatMap { try tx.evse(number: Int64($0), of: visit.station.id) }
        if let evse { try closeOthers(on: evse, in: tx) }
        let startedAt = report.facts.first?.measuredAt ?? visit.now
        let session = SessionRecord(
            id: visit.desk.ids.new(at: visit.now), organisation: visit.station.organisation,
            site: visit.station.site,
            station: visit.station.id, evse: evse?.id,
            number: try tx.nextNumber(of: "ocpp-transaction", for: visit.station.id.text), name: name,
            startKey: startKey, remoteStart: report.remoteStartID, tokenMasked: report.token?.masked,
            status: .running,
            folded: Session(folding: [], under: SessionRules(powerMax: evse?.powerMax)), energy: .zero,
            startedAt: startedAt, lastFactAt: visit.now, createdAt: visit.now)
        try tx.insert(session)
        return try findPayer(report, for: session, in: tx)
    }

    /// Ties the session to a guest's checkout or to a token's account.
    func findPayer(
        _ report: TransactionReport, for session: SessionRecord, in tx: Tx
    ) throws -> (session: SessionRecord, token: TokenAnswer?) {
        if let command = try command(of: report, in: tx) {
            return try JoinCheckout(visit: visit)(command, session: session, presented: report.token, in: tx)
        }
        guard let presented = report.token else { return (session, nil) }
        let check = try CheckToken(desk: visit.desk)(presented, at: visit.station, in: tx, now: visit.now)
        var session = session
        session.token = check.token?.id
        session.account = check.token?.account
        guard check.answer.status == .accepted else {
            try tx.update(&session)
            return (session, check.answer)
        }
        return try FundFromAccount(visit: visit)(session, answer: check.answer, in: tx)
    }

    /// The start we asked for: by number in 2.x, by our one-time token in 1.6 (charging.md §9, Correlation).
    private func command(of report: TransactionReport, in tx: Tx) throws -> CommandRecord? {
        if let number = report.remoteStartID,
            let command = try tx.lockCommand(remoteStart: number, at: visit.station.id)
        {
            return command
        }
        guard let token = report.token else { return nil }
        return try tx.lockStartCommand(token: token.folded, at: visit.station.id)
    }

    /// A new start on an EVSE means that the old session has ended, told or not (C32). Both are kept.
    private func closeOthers(on evse: EVSERecord, in tx: Tx) throws {
        for other in try tx.openSessions(of: evse.id) {
            let fact = Fact(
                .ended(register: nil, reason: "closed_by_server"), measuredAt: nil, receivedAt: visit.now)
            try AddFacts(visit: visit)([fact], to: other.id, in: tx)
            try EndSession(visit: visit)(other.id, stoppedBy: nil, in: tx)
        }
    }
}

extension PresentedToken {
    /// The token as people may see it: its last four characters.
    var masked: String { "•••• " + uid.suffix(4) }
}
