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

    func callAsFunction(of station: StationRecord, in tx: Tx, at now: Instant) throws {
        for session in try tx.openSessions(at: station.id) {
            let heardAt = max(station.lastSeenAt ?? session.lastFactAt, session.lastFactAt)
            guard now - heardAt > Self.blip, session.folded.mayBeIdle else { continue }
            let isRight = session.folded.flags.isDisjoint(with: [.noClock, .clockOffset])
            let fact = Fact(
                .state(.suspendedByStation), measuredAt: isRight ? heardAt : nil, receivedAt: heardAt)
            try AddFacts(desk: desk, at: now)([fact], to: session.id, in: tx)
        }
    }
}
