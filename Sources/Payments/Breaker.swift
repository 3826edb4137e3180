// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Leaves a gateway account alone for a while after it has not answered several times (payments.md §5.1).
package struct Breaker: Hashable, Sendable {
    /// How many doubts or refused connections in a row open it.
    package static let threshold = 5
    /// How long it stays open.
    package static let pause = Elapsed.seconds(30)

    private var failures = 0
    private var openUntil: Instant?

    package init() {}

    /// Until when nothing is sent; nil if it may be.
    package func isOpen(at now: Instant) -> Instant? {
        guard let openUntil, now < openUntil else { return nil }
        return openUntil
    }

    /// A call that ended in doubt, or did not even connect. After the pause one failure more opens it again.
    package mutating func failed(at now: Instant) {
        failures += 1
        if failures >= Self.threshold { openUntil = now + Self.pause }
    }

    /// Any answer that means something, even a refusal.
    package mutating func answered() {
        failures = 0
        openUntil = nil
    }
}
