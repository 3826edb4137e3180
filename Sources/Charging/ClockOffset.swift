// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// By how much a station's clock is wrong: the median of (received − measured) over its last nine live messages
/// (charging.md §7). A station of which nothing is known counts as right.
package struct ClockOffset: Hashable, Sendable, Codable {
    /// How many messages count.
    private static let count = 9
    /// How far a delay may be from the median without telling anything new.
    private static let noise = Elapsed.seconds(60)

    /// The delays that differed, oldest first, in nanoseconds; at most nine.
    private var delays: [Int64]

    /// A clock of which nothing is known.
    package init() { delays = [] }

    /// How much later our clock is; zero while fewer than five messages say otherwise.
    package var median: Elapsed {
        let all = delays + Array(repeating: 0, count: Self.count - delays.count)
        return Elapsed(nanoseconds: all.sorted()[Self.count / 2])
    }

    /// Learns from a message that came as it happened; says whether that was anything new, so that a right clock costs
    /// no writing.
    package mutating func learn(measuredAt: Instant, receivedAt: Instant) -> Bool {
        // A clock that has lost its time has no offset.
        guard measuredAt >= .oldestOnAnyClock else { return false }
        let delay = receivedAt - measuredAt
        let distance = delay > median ? delay - median : median - delay
        let isSettled = delays.isEmpty || delays.count == Self.count
        if distance <= Self.noise, isSettled { return false }
        delays.append(delay.nanoseconds)
        if delays.count > Self.count { delays.removeFirst() }
        return true
    }
}

extension Instant {
    /// 2020-01-01T00:00:00Z: a clock that shows an earlier time has lost it.
    package static let oldestOnAnyClock = Instant(seconds: 1_577_836_800)
}
