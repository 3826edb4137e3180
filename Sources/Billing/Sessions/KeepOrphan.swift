// SPDX-License-Identifier: Apache-2.0

import Charging
import Digests
import Foundation
import Quantities
import Storage

/// Keeps a message about a transaction that nobody began: it is answered, and a person decides what it is (C34, C35).
struct KeepOrphan {
    let visit: StationVisit

    /// How far from the message the session that it belongs to may have begun (charging.md §8).
    static let reach = Elapsed.hours(24)

    /// The same stop told again asks nothing new; of readings one question per transaction is enough.
    func callAsFunction(_ report: TransactionReport, in tx: Tx) throws -> StationReply {
        let reason = report.isEnd ? "orphan_stop" : "orphan_reading"
        let object = "\(visit.station.id)#\(report.orphanKey)"
        if try !tx.wasAsked(reason, about: object, of: visit.station.organisation) {
            let candidates = try Orphan(report, at: visit.station, receivedAt: visit.now).candidates(in: tx)
            let stake = try Stake(desk: visit.desk)
                .orphan(report, at: visit.station, candidates, in: tx, at: visit.now)
            var facts = report.orphanFacts
            facts += candidates.prefix(5).map { WorkFact("candidate", $0.id.text) }
            try tx.open(
                WorkItemRecord(
                    id: visit.desk.ids.new(at: visit.now), organisation: visit.station.organisation,
                    reason: reason, object: object, station: visit.station.id,
                    detail: "\(visit.station.ocppIdentity) \(report.orphanText)", facts: facts,
                    message: .transaction(report), currency: stake?.currency, amountMinor: stake?.minorUnits,
                    state: "open", openedAt: visit.now))
        }
        var token: TokenAnswer?
        if let presented = report.token {
            token = try CheckToken(desk: visit.desk)(presented, at: visit.station, in: tx, now: visit.now)
                .answer
        }
        return StationReply(
            answer: .transaction(TransactionAnswer(number: report.answerableNumber, token: token)))
    }
}

/// A stop that belongs to no session we know.
struct Orphan {
    let report: TransactionReport
    let station: StationRecord
    let receivedAt: Instant

    init(_ report: TransactionReport, at station: StationRecord, receivedAt: Instant) {
        self.report = report
        self.station = station
        self.receivedAt = receivedAt
    }

    /// When it says that it ended; the time of receipt if it says nothing believable.
    var endedAt: Instant {
        let told = report.facts.first { if case .ended = $0.kind { true } else { false } }?.measuredAt
        guard let told, told <= receivedAt + .minutes(2), told > receivedAt - .hours(24 * 400) else {
            return receivedAt
        }
        return told
    }

    /// The sessions that it may end: same station, begun within a day of it, no start register above its own, no stop of
    /// the station's own; with the same token first, then the newest.
    func candidates(in tx: Tx) throws -> [SessionRecord] {
        let near = try tx.sessions(
            at: station.id, startedFrom: endedAt - KeepOrphan.reach, to: endedAt + KeepOrphan.reach, limit: 50
        )
        let mine = report.token?.folded
        return near.filter { session in
            let isOpen = session.endedAt == nil || session.folded.flags.contains(.closedByServer)
            guard let start = session.folded.startRegister, let stop = report.stopRegister else {
                return isOpen
            }
            return isOpen && start <= stop
        }.sorted { left, right in
            let fits = (left.folded.token?.folded == mine, right.folded.token?.folded == mine)
            return fits.0 == fits.1 ? left.startedAt > right.startedAt : fits.0
        }
    }
}

extension TransactionReport {
    /// The register that it ends with, if it tells one that a meter can show.
    var stopRegister: Energy? {
        facts.compactMap { fact -> Energy? in
            switch fact.kind {
            case .ended(let register, _): register
            case .reading(let reading) where reading.measurand == .importRegister && reading.phase == nil:
                Energy(milliwattHours: reading.value)
            default: nil
            }
        }.last { $0 >= .zero }
    }

    /// What tells one orphan from another: the transaction's number, and for a stop what it says.
    fileprivate var orphanKey: String {
        let name =
            switch reference {
            case .new: "new"
            case .number(let number): String(number)
            case .named(let name): name
            }
        guard isEnd || name.isEmpty && isStart else { return name }
        let content = facts.map(\.contentKey).sorted().joined(separator: "\n")
        return "\(name)-\(SHA256Digest.hex(of: Array(content.utf8)).prefix(12))"
    }

    /// What a person needs to know of it.
    fileprivate var orphanFacts: [WorkFact] {
        var shown: [WorkFact] = []
        if case .number(let number) = reference { shown.append(WorkFact("transaction", String(number))) }
        if let register = stopRegister {
            shown.append(WorkFact("stop_register_wh", String(register.wattHours)))
        }
        if let at = facts.compactMap(\.measuredAt).max() { shown.append(WorkFact("ended_at", at.iso8601)) }
        if let token { shown.append(WorkFact("token", token.masked)) }
        return shown
    }

    /// What it tells of a transaction that nobody began, e.g. `stopped a transaction that nobody began, at 4817.345 kWh`.
    fileprivate var orphanText: String {
        let what = isEnd ? "stopped" : "metered"
        let place = stopRegister.map { ", at \($0.kilowattHoursText) kWh" } ?? ""
        return "\(what) a transaction that nobody began\(place)"
    }
}
