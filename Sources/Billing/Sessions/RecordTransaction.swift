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
        guard let found = try session(of: report, in: tx) else { return try keepOrphan(report, in: tx) }
        var token = found.token
        if !found.isNew, let presented = report.token {
            token = try answerLater(presented, for: found.session, in: tx)
        }
        var session = try AddFacts(visit: visit)(report.facts, to: found.session.id, in: tx)
        if session.evse == nil, let number = report.evse,
            let evse = try tx.evse(number: Int64(number), of: visit.station.id)
        {
            session.evse = evse.id
            try tx.update(&session)
        }
        if report.isEnd { try EndSession(visit: visit)(session.id, stoppedBy: report.token, in: tx) }
        let answer = TransactionAnswer(number: session.number, token: token, cost: session.live?.cost)
        return StationReply(answer: .transaction(answer), session: session.id)
    }

    private struct Found {
        var session: SessionRecord
        var isNew: Bool
        var token: TokenAnswer?
    }

    private func session(of report: TransactionReport, in tx: Tx) throws -> Found? {
        switch report.reference {
        case .number(let number):
            return try tx.lockSession(number: number, at: visit.station.id).map {
                Found(session: $0, isNew: false)
            }
        case .named(let name):
            if let session = try tx.lockSession(named: name, at: visit.station.id) {
                return try adopted(report, by: session, in: tx)
            }
            return try begin(report, name: name, startKey: nil, in: tx)
        case .new:
            let key = report.startKey(at: visit.station)
            if let session = try tx.lockSession(startKey: key, at: visit.station.id) {
                let check = try report.token.map {
                    try CheckToken(desk: visit.desk)($0, at: visit.station, in: tx, now: visit.now)
                }
                return Found(session: session, isNew: true, token: repeatedStart(check?.answer, of: session))
            }
            return try begin(report, name: nil, startKey: key, in: tx)
        }
    }

    /// A repeated start hears the token's present status; a token that pays for this very session is still good (C30).
    private func repeatedStart(_ answer: TokenAnswer?, of session: SessionRecord) -> TokenAnswer? {
        guard let answer else { return nil }
        let paysHere = session.bill != nil && [.noCredit, .expired, .concurrent].contains(answer.status)
        return paysHere
            ? TokenAnswer(status: .accepted, group: answer.group, expiresAt: answer.expiresAt) : answer
    }

    private func begin(
        _ report: TransactionReport, name: String?, startKey: String?, in tx: Tx
    ) throws -> Found {
        let begun = try BeginSession(visit: visit)(report, name: name, startKey: startKey, in: tx)
        return Found(session: begun.session, isNew: true, token: begun.token)
    }

    /// A 2.x session whose token comes with a later message than its first (C43) finds its payer now.
    private func adopted(_ report: TransactionReport, by session: SessionRecord, in tx: Tx) throws -> Found {
        guard session.bill == nil, session.token == nil, report.token != nil, report.isStartOrUpdate else {
            return Found(session: session, isNew: false)
        }
        let (session, token) = try BeginSession(visit: visit).findPayer(report, for: session, in: tx)
        return Found(session: session, isNew: true, token: token)
    }

    /// In later messages the token is who stops; the same token or the same group may (C24).
    private func answerLater(
        _ presented: PresentedToken, for session: SessionRecord, in tx: Tx
    ) throws -> TokenAnswer {
        let check = try CheckToken(desk: visit.desk)(presented, at: visit.station, in: tx, now: visit.now)
        guard let token = check.token, session.token != nil else { return check.answer }
        let sameGroup = token.account != nil && token.account == session.account
        guard token.id == session.token || sameGroup else { return check.answer }
        return TokenAnswer(status: .accepted, group: check.answer.group, expiresAt: check.answer.expiresAt)
    }

    private func keepOrphan(_ report: TransactionReport, in tx: Tx) throws -> StationReply {
        try tx.open(
            WorkItemRecord(
                id: visit.desk.ids.new(at: visit.now), organisation: visit.station.organisation,
                reason: report.isEnd ? "orphan_stop" : "orphan_reading", object: visit.frame.text,
                detail: "\(visit.station.ocppIdentity) \(report.orphanText)", state: "open",
                openedAt: visit.now))
        var token: TokenAnswer?
        if let presented = report.token {
            token = try CheckToken(desk: visit.desk)(presented, at: visit.station, in: tx, now: visit.now)
                .answer
        }
        return StationReply(
            answer: .transaction(TransactionAnswer(number: report.answerableNumber, token: token)))
    }
}

extension TransactionReport {
    /// Whether it tells an end.
    var isEnd: Bool {
        facts.contains { if case .ended = $0.kind { true } else { false } }
    }

    /// What it tells of a transaction that nobody began, e.g. `stopped a transaction that nobody began, at 4817.345 kWh`.
    fileprivate var orphanText: String {
        let registers = facts.compactMap { fact -> Energy? in
            switch fact.kind {
            case .ended(let register, _): register
            case .reading(let reading) where reading.measurand == .importRegister:
                Energy(milliwattHours: reading.value)
            default: nil
            }
        }
        let what = isEnd ? "stopped" : "metered"
        let place = registers.last.map { ", at \($0.kilowattHoursText) kWh" } ?? ""
        return "\(what) a transaction that nobody began\(place)"
    }

    /// Whether the token in it is the one that charges, not the one that stops.
    var isStartOrUpdate: Bool { !isEnd }

    /// Two 1.6 starts are one when connector, token, register and time are the same (charging.md §4).
    func startKey(at station: StationRecord) -> String {
        let start = facts.first { if case .started = $0.kind { true } else { false } }
        var register = "-"
        if case .started(let energy?)? = start?.kind { register = String(energy.milliwattHours) }
        let time = start?.measuredAt.map { String($0.nanoseconds) } ?? "-"
        return [String(evse ?? 0), token?.folded ?? "-", register, time].joined(separator: "|")
    }
}
