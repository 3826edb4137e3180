// SPDX-License-Identifier: Apache-2.0
package import Quantities
import Synchronization

/// The sockets of this node. Decides and changes without waiting, so two connections never both count (C5).
package final class ConnectionRegistry: Sendable {
    private struct Entry {
        let line: StationLine
        let epoch: UInt64
    }

    private struct State {
        var entries: [StationID: Entry] = [:]
        var epoch: UInt64 = 0
    }

    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    package init() {
        // One ring is as good as many: whoever hears it looks for everything there is.
        (arrivals, arrival) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Stations that are connected here and now.
    package var connectedStations: [StationID] { state.withLock { Array($0.entries.keys) } }

    /// How many stations are connected here.
    package var count: Int { state.withLock { $0.entries.count } }

    /// When the station was last heard by this node; nil if it is not connected here.
    package func lastSeen(_ station: StationID) -> Instant? {
        state.withLock { $0.entries[station]?.line.lastSeenAt }
    }

    /// Which of the station's connections this one is, counted over this node; rises with every new one.
    package func epoch(of station: StationID) -> UInt64? {
        state.withLock { $0.entries[station]?.epoch }
    }

    /// Rings when a station has connected: commands may wait for it. For one listener.
    var bell: AsyncStream<Void> { arrivals }

    func line(to station: StationID) -> StationLine? {
        state.withLock { $0.entries[station]?.line }
    }

    /// The new connection counts from now on; the old one, if any, is handed back to be closed.
    func enter(_ line: StationLine, of station: StationID) -> StationLine? {
        let old = state.withLock { state in
            state.epoch += 1
            return state.entries.updateValue(Entry(line: line, epoch: state.epoch), forKey: station)?.line
        }
        arrival.yield()
        return old
    }

    /// A connection that was replaced leaves without taking the new one with it. Whether it was the present one.
    func leave(_ line: StationLine, of station: StationID) -> Bool {
        state.withLock { state in
            guard state.entries[station]?.line === line else { return false }
            state.entries[station] = nil
            return true
        }
    }
}
