// SPDX-License-Identifier: Apache-2.0

import Charging
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
    /// or the server died, was away for nobody knows how long: nothing is noted.
    func callAsFunction(of before: StationRecord, in tx: Tx, at now: Instant) throws {
        guard before.connectedAt == nil, let lastSeenAt = before.lastSeenAt else { return }
        for session in try tx.openSessions(at: before.id) {
            let heardAt = max(lastSeenAt, session.lastFactAt)
            guard now - heardAt > Self.blip, session.folded.mayBeIdle,
                let measuredAt = session.stationTime(of: heardAt)
            else { continue }
            let fact = Fact(.state(.suspendedByStation), measuredAt: measuredAt, receivedAt: heardAt)
            try AddFacts(desk: desk, at: now)([fact], to: session.id, in: tx)
        }
    }
}

extension SessionRecord {
    /// What the clock by which its station's times are read showed then; nil if it can be read at no other time than ours.
    func stationTime(of instant: Instant) -> Instant? {
        if folded.flags.contains(.noClock) { return nil }
        guard folded.flags.contains(.clockOffset) else { return instant }
        guard let offset = clockOffset, offset > .minutes(2) || offset < .zero - .minutes(2) else {
            return nil
        }
        return instant - offset
    }
}
