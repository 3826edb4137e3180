// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How often callers may call (api.md §1, Rate limits). Limits are configuration; the defaults are the design's.
package struct RateLimits: Sendable, Hashable {
    /// A bucket of tokens: a call takes one, and they come back with time.
    package struct Bucket: Sendable, Hashable {
        /// How many calls may come at once.
        package var burst: Int64
        /// How many tokens come back in a minute.
        package var perMinute: Int64

        package init(burst: Int64, perMinute: Int64) {
            self.burst = burst
            self.perMinute = perMinute
        }
    }

    /// Of one key.
    package var key = Bucket(burst: 200, perMinute: 3000)
    /// Of one guest token.
    package var guest = Bucket(burst: 20, perMinute: 120)
    /// Of one address without a credential.
    package var anonymous = Bucket(burst: 10, perMinute: 60)
    /// New checkouts of one address.
    package var checkouts = Bucket(burst: 6, perMinute: 6)

    package init() {}

    /// So high that nobody meets them; for demonstrations and tests.
    package static var relaxed: RateLimits {
        var limits = RateLimits()
        let wide = Bucket(burst: 1_000_000, perMinute: 1_000_000)
        (limits.key, limits.guest, limits.anonymous, limits.checkouts) = (wide, wide, wide, wide)
        return limits
    }
}

/// Counts calls in memory; each node counts for itself.
final class RateLimiter: Sendable {
    private struct Level {
        /// Tokens left, in thousandths.
        var thousandths: Int64
        var at: ContinuousClock.Instant
    }

    /// What a call was answered with.
    struct Verdict: Sendable {
        let isAllowed: Bool
        /// How many calls the bucket holds.
        let limit: Int64
        /// How many are left.
        let remaining: Int64
        /// Seconds until the bucket is full again.
        let resetSeconds: Int64
        /// Seconds until one more call is possible; 0 if it is now.
        let retrySeconds: Int64
    }

    private let levels = Mutex<[String: Level]>([:])

    /// Takes a token from the bucket of `name`.
    func take(_ name: String, of bucket: RateLimits.Bucket, at now: ContinuousClock.Instant = .now) -> Verdict
    {
        levels.withLock { levels in
            if levels.count > 50_000 { levels = levels.filter { now - $0.value.at < .seconds(120) } }
            let full = bucket.burst * 1000
            var level = levels[name] ?? Level(thousandths: full, at: now)
            let passed = max(0, Self.milliseconds(now - level.at))
            // A minute has 60,000 ms, so that perMinute tokens come back: thousandths = ms × perMinute / 60.
            let back = (min(passed, 3_600_000) * bucket.perMinute) / 60
            level = Level(thousandths: min(full, level.thousandths + back), at: now)
            let isAllowed = level.thousandths >= 1000
            if isAllowed { level.thousandths -= 1000 }
            levels[name] = level
            let missing = isAllowed ? 0 : 1000 - level.thousandths
            return Verdict(
                isAllowed: isAllowed, limit: bucket.burst, remaining: level.thousandths / 1000,
                resetSeconds: Self.seconds(for: full - level.thousandths, bucket),
                retrySeconds: isAllowed ? 0 : max(1, Self.seconds(for: missing, bucket)))
        }
    }

    /// How long so many thousandths take to come back, rounded up.
    private static func seconds(for thousandths: Int64, _ bucket: RateLimits.Bucket) -> Int64 {
        (thousandths * 60 + bucket.perMinute * 1000 - 1) / (bucket.perMinute * 1000)
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
