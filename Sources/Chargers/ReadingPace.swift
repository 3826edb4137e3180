// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How fast one station is read: 500 messages at once, then 20 a second; never more than 32 that wait for us.
///
/// Nothing is refused: the socket is read more slowly, so a replay of a long night passes (charging.md §1, Limits).
package final class ReadingPace: Sendable {
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

    private struct State {
        var tokens: Int
        var filledAt: ContinuousClock.Instant
        var waiting = 0
        var hasEnded = false
        var reader: CheckedContinuation<Void, Never>?
    }

    private let limits: Limits
    /// A lock and no actor: every message passes here twice, and nothing in here waits.
    private let state: Mutex<State>

    package init(_ limits: Limits = .standard) {
        self.limits = limits
        state = Mutex(State(tokens: limits.bucket, filledAt: .now))
    }

    /// Called by the one reader after each message: returns when the next may be read.
    package func read() async throws {
        let (pause, mustWait) = state.withLock { state -> (ContinuousClock.Instant?, Bool) in
            state.waiting += 1
            refill(&state)
            state.tokens -= 1
            let pause = state.tokens < 0 ? state.filledAt + limits.refill * -state.tokens : nil
            return (pause, isFull(state))
        }
        if let pause { try await ContinuousClock().sleep(until: pause) }
        guard mustWait || pause != nil else { return }
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                // Something may have been dealt with since.
                guard isFull(state) else { return false }
                state.reader = continuation
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    /// Called for each message that was dealt with.
    package func done() {
        letGo { state in
            state.waiting -= 1
            return state.waiting < limits.waiting
        }
    }

    /// Called when nothing is dealt with any more: the reader is let go.
    package func end() {
        letGo { state in
            state.hasEnded = true
            return true
        }
    }

    private func letGo(_ change: (inout State) -> Bool) {
        let reader: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard change(&state) else { return nil }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    private func isFull(_ state: State) -> Bool { state.waiting >= limits.waiting && !state.hasEnded }

    private func refill(_ state: inout State) {
        let passed = ContinuousClock.now - state.filledAt
        guard passed >= limits.refill else { return }
        let earned = Int(passed / limits.refill)
        state.filledAt += limits.refill * earned
        state.tokens = min(limits.bucket, state.tokens + earned)
    }
}
