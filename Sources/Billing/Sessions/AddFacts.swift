// SPDX-License-Identifier: Apache-2.0

import Charging
package import Quantities
import Storage

/// Adds facts to a session and folds it anew. A fact it already has changes nothing.
struct AddFacts {
    let visit: StationVisit

    /// Returns the session as it is now, saved.
    @discardableResult
    func callAsFunction(_ facts: [Fact], to id: SessionID, in tx: Tx) throws -> SessionRecord {
        guard var session = try tx.lock(SessionRecord.self, id: id) else { throw SessionRefusal.isGone(id) }
        var news = 0
        for (index, fact) in facts.enumerated() {
            var placed = fact
            placed.order = visit.now.nanoseconds + Int64(index)
            if try tx.insert(placed, key: placed.contentKey, of: id, frame: visit.frame) { news += 1 }
        }
        guard news > 0 else { return session }
        if session.finalAt != nil { return try keepLate(session, in: tx) }
        try refold(&session, in: tx)
        session.lastFactAt = visit.now
        if session.status == .ended { session.dueAt = visit.now }
        try tx.update(&session)
        tx.note(.session, id.text)
        return session
    }

    /// A final session is never edited: what comes later is a question for a person (charging.md §5, Correction).
    private func keepLate(_ session: SessionRecord, in tx: Tx) throws -> SessionRecord {
        let shadow = try fold(session, in: tx)
        guard shadow.energy != session.energy else { return session }
        try tx.open(
            WorkItemRecord(
                id: visit.desk.ids.new(at: visit.now), organisation: session.organisation,
                reason: "late_fact",
                object: session.id.text,
                detail:
                    "after the bill was final the station's readings give \(shadow.energy), not \(session.energy)",
                state: "open", openedAt: visit.now))
        return session
    }

    private func fold(_ session: SessionRecord, in tx: Tx) throws -> Session {
        let powerMax = try session.evse.flatMap { try tx.find(EVSERecord.self, $0) }?.powerMax
        return Session(folding: try tx.facts(of: session.id), under: SessionRules(powerMax: powerMax))
    }

    private func refold(_ session: inout SessionRecord, in tx: Tx) throws {
        let folded = try fold(session, in: tx)
        session.folded = folded
        session.energy = folded.energy
        session.startedAt = folded.startedAt ?? session.startedAt
        session.endedAt = folded.endedAt
        if folded.endedAt != nil, [.starting, .running].contains(session.status) { session.status = .ended }
    }
}

/// Why a session refused something.
package enum SessionRefusal: Error, Hashable {
    /// No such session.
    case isGone(SessionID)
    /// It has ended already.
    case hasEnded(SessionID)
    /// Its station is not connected.
    case stationOffline(StationID)
}
