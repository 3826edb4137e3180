// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Why a session that nobody ended is closed by us (charging.md §5; C70).
package enum Stuck: String, Hashable, Sendable, Codable, CaseIterable {
    /// The station booted (1.6) and said nothing of it for 5 minutes afterwards.
    case rebooted
    /// The connector has been free for 10 minutes, online, without a reading.
    case vacated
    /// No fact for 12 hours although the station is online, or for 72 hours while it is not.
    case silent
}

extension Session {
    /// What is known of the place where a session runs.
    package struct Surroundings: Hashable, Sendable {
        /// Whether the station is connected.
        package var isOnline: Bool
        /// When it last booted, if its version loses transactions by that (1.6).
        package var bootedAt: Instant?
        /// Since when its connector is free; nil if it is not.
        package var freeSince: Instant?

        package init(isOnline: Bool, bootedAt: Instant? = nil, freeSince: Instant? = nil) {
            self.isOnline = isOnline
            self.bootedAt = bootedAt
            self.freeSince = freeSince
        }
    }

    /// Why this running session should be closed by us at `now`; nil while it may well go on.
    ///
    /// - Parameter lastFactAt: when its last fact was received, by our clock.
    package func stuck(at now: Instant, lastFactAt: Instant, _ surroundings: Surroundings) -> Stuck? {
        guard endedAt == nil else { return nil }
        if let booted = surroundings.bootedAt, booted > lastFactAt, now - booted >= .minutes(5) {
            return .rebooted
        }
        if surroundings.isOnline, let free = surroundings.freeSince,
            now - max(free, lastFactAt) >= .minutes(10)
        {
            return .vacated
        }
        return now - lastFactAt >= (surroundings.isOnline ? .hours(12) : .hours(72)) ? .silent : nil
    }
}
