// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Whether what is known of a session is how it stands now (charging.md §8, Replay).
extension SessionRecord {
    /// After how long news are old.
    static let late = Elapsed.minutes(2)
    /// For how long after it came a station may be telling what it has kept, or be silent about it.
    private static let replay = Elapsed.minutes(15)

    /// Up to when its meter was read, by the clock that it is billed by. A status says nothing about that: it overtakes what
    /// the station has kept, and may be of the next vehicle.
    var meteredUpTo: Instant { max(folded.registers.last?.at ?? startedAt, startedAt) }

    /// How late its start was told: a clock that is slow, or a start while the station was away.
    private var lag: Elapsed { createdAt - startedAt }

    /// Whether its station may still tell what happened before it came: nothing was measured since, and either it came just
    /// now, or old news of a session whose clock is right are still coming. Later than that it is the clock that is slow.
    func mayBeReplayed(by station: StationRecord, at now: Instant) -> Bool {
        guard let connectedAt = station.connectedAt else { return false }
        let slow = lag > Self.late && createdAt < connectedAt ? lag : .zero
        guard meteredUpTo + slow < connectedAt else { return false }
        return now - connectedAt < Self.replay || lag <= Self.late && now - lastFactAt < Self.late
    }

    /// Whether it had ended before its station came to tell it.
    func endedBefore(_ station: StationRecord) -> Bool {
        guard let endedAt, let connectedAt = station.connectedAt, endedAt < connectedAt - Self.late else {
            return false
        }
        return lag <= Self.late || lastFactAt - connectedAt < Self.replay
    }
}
