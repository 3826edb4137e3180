// SPDX-License-Identifier: Apache-2.0

/// How fast one station is read: 500 messages at once, then 20 a second; never more than 32 that wait for us.
///
/// Nothing is refused: the socket is read more slowly, so a replay of a long night passes (charging.md §1, Limits).
package actor ReadingPace {
    /// How much a station may say.
    package struct Limits: Sendable {
        /// Messages at once.
        var bucket: Int
        /// Time until one more message is allowed.
        var refill: Duration
        /// Messages read and not yet dealt with.
        var waiting: Int

        package init(bucket: Int, refill: Duration, waiting: Int) {
            self.bucket = bucket
            self.refill = refill
            self.waiting = waiting
        }

        /// What every station may say.
        package static let standard = Limits(bucket: 500, refill: .milliseconds(50), waiting: 32)
    }

    private let limits: Limits
    private var tokens: Int
    private var filledAt: ContinuousClock.Instant
    private var waiting = 0
    private var hasEnded = false
    private var reader: CheckedContinuation<Void, Never>?

    package init(_ limits: Limits = .standard) {
        self.limits = limits
        tokens = limits.bucket
        filledAt = .now
    }

    /// Called by the one reader after each message: returns when the next may be read.
    package func read() async throws {
        waiting += 1
        refill()
        tokens -= 1
        if tokens < 0 { try await ContinuousClock().sleep(until: filledAt + limits.refill * -tokens) }
        guard waiting >= limits.waiting, !hasEnded else { return }
        await withCheckedContinuation { reader = $0 }
    }

    /// Called for each message that was dealt with.
    package func done() {
        waiting -= 1
        guard waiting < limits.waiting, let reader else { return }
        self.reader = nil
        reader.resume()
    }

    /// Called when nothing is dealt with any more: the reader is let go.
    package func end() {
        hasEnded = true
        reader?.resume()
        reader = nil
    }

    private func refill() {
        let passed = ContinuousClock.now - filledAt
        guard passed >= limits.refill else { return }
        let earned = Int(passed / limits.refill)
        filledAt += limits.refill * earned
        tokens = min(limits.bucket, tokens + earned)
    }
}
