// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// A person says what a stop without a session belongs to (charging.md §8, `orphan_stop`).
struct AdoptOrphan {
    let desk: Desk

    /// Its facts are added to a session of the same station. One that is final is not edited: the difference becomes a
    /// question of its own.
    func attach(
        _ item: WorkItemRecord, to id: SessionID?, because reason: String, by author: Author, in tx: Tx,
        at now: Instant
    ) throws {
        let orphan = try orphan(item, in: tx)
        guard let target = try id ?? orphan.candidates(in: tx).first?.id else {
            throw AdministrationRefusal.invalid(field: "/session", "No session fits: name one.")
        }
        let session = try author.lock(SessionRecord.self, target, "session", in: tx)
        guard session.station == orphan.station.id else {
            throw AdministrationRefusal.invalid(field: "/session", "This session is of another station.")
        }
        let told = try AddFacts(desk: desk, at: now)(orphan.report.facts, to: target, in: tx)
        if told.finalAt == nil { try EndSession(desk: desk, at: now)(target, in: tx) }
        try author.note("session.stop_attached", target, because: reason, with: desk, in: tx, at: now)
    }

    /// A session is made of the stop and of the register at the start that a person read off. It took no time that
    /// anybody knows, so energy alone is billed.
    func bill(
        _ item: WorkItemRecord, _ answer: DecideWorkItem.Answer, by author: Author, in tx: Tx, at now: Instant
    ) throws {
        let orphan = try orphan(item, in: tx)
        guard let register = answer.register, let stop = orphan.report.stopRegister, register >= .zero,
            register <= stop
        else {
            throw AdministrationRefusal.invalid(
                field: "/register_wh", "A start register is needed, not above the stop's.")
        }
        let visit = StationVisit(desk: desk, station: orphan.station, frame: nil, now: now)
        let evses = try tx.evses(of: orphan.station.id)
        let place = orphan.report.evse ?? (evses.count == 1 ? Int(evses[0].number) : nil)
        let started = Fact(
            .started(register: register), measuredAt: orphan.endedAt, receivedAt: now, order: now.nanoseconds)
        let report = TransactionReport(
            reference: .new, evse: place, connector: orphan.report.connector, token: orphan.report.token,
            facts: [started], offline: true)
        let session = try BeginSession(visit: visit)(
            report, name: nil, startKey: nil, closesOthers: false, in: tx)
        try AddFacts(desk: desk, at: now)([started] + orphan.report.facts, to: session.id, in: tx)
        try EndSession(desk: desk, at: now)(session.id, in: tx)
        let verdict = ReviewSession.Verdict(
            .billFromRegister, because: answer.reason ?? "", register: register, account: answer.account)
        _ = try ReviewSession(desk: desk).decide(session.id, verdict, by: author, in: tx, at: now)
    }

    private func orphan(_ item: WorkItemRecord, in tx: Tx) throws -> Orphan {
        guard case .transaction(let report)? = item.message,
            let station = try item.station.flatMap({ try tx.find(StationRecord.self, $0) })
        else {
            throw AdministrationRefusal.invalidState("unreadable", allowed: ["waive"])
        }
        return Orphan(report, at: station, receivedAt: item.openedAt)
    }
}
