// SPDX-License-Identifier: Apache-2.0

import Charging
import Logging
import Quantities
import Storage

/// A station of 1.6 comes back: what its vehicles did meanwhile it will not tell, for it queues no status. From when it was
/// last heard nobody can prove that a vehicle was idle, until the next status says so (charging.md §12; C67). Stations of
/// 2.x tell all states of an outage.
struct NoteOutage {
    let desk: Desk

    /// A line that is away for less tells the status that it missed when it is back (1.6 §4.9).
    private static let blip = Elapsed.minutes(2)

    /// `before` is the station as it was before it came back. One whose line nobody saw break, because a new line took its place
    /// or the server died, was away for nobody knows how long: nothing is noted. No session may keep its station, or another
    /// session, from coming in: each has a transaction of its own, and what fails is logged.
    func callAsFunction(of before: StationRecord, at now: Instant) async {
        guard before.connectedAt == nil, let lastSeenAt = before.lastSeenAt, now - lastSeenAt > Self.blip
        else {
            return
        }
        do {
            let open = try await desk.store.read { tx in
                try tx.evses(of: before.id).flatMap { try tx.openSessions(of: $0.id) }
            }
            for session in open { await note(session.id, heardAt: lastSeenAt, now: now) }
        } catch {
            desk.log.error("outage not noted", metadata: ["station": "\(before.id)", "error": "\(error)"])
        }
    }

    private func note(_ id: SessionID, heardAt lastSeenAt: Instant, now: Instant) async {
        do {
            try await desk.store.transaction { tx in
                guard let session = try tx.find(SessionRecord.self, id), session.isOpen,
                    session.folded.mayBeIdle
                else { return }
                let heardAt = max(lastSeenAt, session.lastFactAt)
                guard now - heardAt > Self.blip, let measuredAt = session.stationTime(of: heardAt) else {
                    return
                }
                let fact = Fact(.state(.suspendedByStation), measuredAt: measuredAt, receivedAt: heardAt)
                try AddFacts(desk: desk, at: now)([fact], to: id, in: tx)
            }
        } catch {
            desk.log.error("outage not noted", metadata: ["session": "\(id)", "error": "\(error)"])
        }
    }
}

extension SessionRecord {
    /// What the clock by which its station's times are read showed then; nil if it can be read at no other time than ours.
    func stationTime(of instant: Instant) -> Instant? {
        if folded.flags.contains(.noClock) { return nil }
        guard folded.flags.contains(.clockOffset) else { return instant }
        let shift = SessionRules(powerMax: nil, clockOffset: clockOffset ?? .zero).clockShift
        return shift == .zero ? nil : instant - shift
    }
}
