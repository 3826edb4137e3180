// SPDX-License-Identifier: Apache-2.0

/// How fast one station is read: 500 messages at once, then 20 a second.
///
/// Nothing is refused: the socket is read more slowly, so a replay of a long night passes (charging.md §1, Limits). No more
/// is read while a message waits, so only what one reading brought waits for us.
package struct ReadingPace {
    /// How much a station may say.
    package struct Limits: Sendable {
        /// Messages at once.
        var bucket: Int
        /// Time until one more message is allowed.
        var refill: Duration

        package init(bucket: Int, refill: Duration) {
            self.bucket = bucket
            self.refill = refill
        }

        /// What every station may say.
        package static let standard = Limits(bucket: 500, refill: .milliseconds(50))
    }

    private let limits: Limits
    private var tokens: Int
    private var filledAt: ContinuousClock.Instant

    package init(_ limits: Limits = .standard, at now: ContinuousClock.Instant = .now) {
        self.limits = limits
        tokens = limits.bucket
        filledAt = now
    }

    /// Called for each message: until when the next one is not read, or nil if it may be read at once.
    package mutating func pause(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        refill(now)
        tokens -= 1
        return tokens < 0 ? filledAt + limits.refill * -tokens : nil
    }

    private mutating func refill(_ now: ContinuousClock.Instant) {
        let passed = now - filledAt
        guard passed >= limits.refill else { return }
        let earned = Int(passed / limits.refill)
        filledAt += limits.refill * earned
        tokens = min(limits.bucket, tokens + earned)
    }
}
