// SPDX-License-Identifier: Apache-2.0

package import Quantities
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The one clock. Doors, workers and the Sandbox read it, so that a test can let it run fast or jump.
///
/// It never runs backwards: a system clock that is set back makes it stand still until that moment comes again (F65).
package final class WallClock: Sendable {
    private struct Face {
        var origin: Instant
        var since: Int64
        var latest: Instant
    }

    /// How many seconds pass here in one second outside; at least 1.
    package let rate: Int64
    private let isFrozen: Bool
    private let face: Mutex<Face>

    /// A clock that starts at the system's time, or at `start` if that is later, and runs `rate` times as fast.
    package init(rate: Int64 = 1, notBefore start: Instant? = nil) {
        precondition(rate >= 1, "a clock runs at least as fast as time itself")
        self.rate = rate
        isFrozen = false
        let now = Self.system(CLOCK_REALTIME)
        let origin = max(Instant(nanoseconds: now), start ?? .epoch)
        face = Mutex(Face(origin: origin, since: Self.system(CLOCK_MONOTONIC), latest: origin))
    }

    /// A clock that stands still until it is told to advance; for simulations that can be repeated.
    package init(frozenAt start: Instant) {
        rate = 1
        isFrozen = true
        face = Mutex(Face(origin: start, since: 0, latest: start))
    }

    /// The present instant.
    package var now: Instant {
        face.withLock { face in
            if isFrozen { return face.origin }
            let passed = Self.system(CLOCK_MONOTONIC) - face.since
            let reading = face.origin + Elapsed(nanoseconds: passed * rate)
            face.latest = max(face.latest, reading)
            return face.latest
        }
    }

    /// Jumps ahead; for tests of test organisations.
    package func advance(by step: Elapsed) {
        precondition(step >= .zero, "a clock never runs backwards")
        face.withLock { $0.origin = $0.origin + step }
    }

    /// How long to wait outside until `instant` has come here; zero if it has passed.
    package func wait(until instant: Instant) -> Duration {
        let left = max(0, (instant - now).nanoseconds)
        return .nanoseconds(left / rate)
    }

    private static func system(_ id: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(id, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
